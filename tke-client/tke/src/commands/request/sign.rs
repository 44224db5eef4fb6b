//! `request sign`: adds a signature.

use clap::{ArgMatches, Command as Clap};

use super::{file, show};
use crate::input::AnswerFlag;
use crate::session::{Session, with_keynum};
use crate::{Failure, texts};

pub(super) const NAME: &str = "sign";

pub(super) fn parser() -> Clap {
    Clap::new(NAME)
        .about("Add the signature of one key on this workstation")
        .long_about(
            "Add the signature of one key on this workstation. Shows the request first, as 'tke request show' does, \
             and asks whether to sign it.",
        )
        .arg(file::argument())
        .args([AnswerFlag::Keynum.argument(), AnswerFlag::Yes.argument()])
}

pub(super) async fn run(session: &mut Session<'_>, flags: &ArgMatches) -> Result<(), Failure> {
    session.require_key_files()?;
    for path in file::named(flags) {
        let mut request = file::read(&path)?;
        show::whole(session, &request).await;
        session.console.say("");
        let keys = session.show_signature_keys()?;
        if keys.is_empty() {
            return Err(Failure::new(texts::NO_SIGNATURE_KEYS.join("\n")));
        }
        session.console.say("");
        let typed = session.ask(texts::KEYNUM_TO_SIGN, AnswerFlag::Keynum)?;
        let entry = with_keynum(&keys, &typed, |key| key.keynum)?;
        if !session.confirm(texts::SIGN_REQUEST)? {
            return Ok(());
        }
        let key = session.unlock(entry, &texts::signing_password(&entry.name, entry.ski))?;
        request.sign(&entry.name, &key).await?;
        file::update(&path, request)?;
        session.console.ok(&[texts::REQUEST_SIGNED]);
    }
    Ok(())
}
