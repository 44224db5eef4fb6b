//! `request sign`: adds a signature.

use std::path::Path;

use clap::{ArgMatches, Command as Clap};
use hpcs_workstation::{RequestFile, SigningService, check_administrator_name, check_key_name};

use super::{file, show};
use crate::input::AnswerFlag;
use crate::session::{Session, with_keynum};
use crate::{Failure, texts};

pub(super) const NAME: &str = "sign";

pub(super) fn parser() -> Clap {
    Clap::new(NAME)
        .about("Add the signature of one key on this workstation")
        .long_about(
            "Add the signature of one key on this workstation, or of the signing service when one is set. Shows the \
             request first, as 'tke request show' does, and asks whether to sign it.",
        )
        .arg(file::argument())
        .args([AnswerFlag::Keynum.argument(), AnswerFlag::Key.argument(), AnswerFlag::Yes.argument()])
}

pub(super) async fn run(session: &mut Session<'_>, flags: &ArgMatches) -> Result<(), Failure> {
    for path in file::named(flags) {
        let mut request = file::read(&path)?;
        show::whole(session, &request).await;
        session.console.say("");
        if let Some(service) = session.signing_service()? {
            sign_at(session, &service, &path, request).await?;
            continue;
        }
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

/// Signs with a key of the signing service. The token is the one in `SIGNSERVKEYS`, if it has one for the key.
async fn sign_at(
    session: &mut Session<'_>,
    service: &SigningService,
    path: &Path,
    mut request: RequestFile,
) -> Result<(), Failure> {
    let key = session.ask(texts::SERVICE_KEY, AnswerFlag::Key)?;
    check_key_name(&key)?;
    if !session.confirm(texts::SIGN_REQUEST)? {
        return Ok(());
    }
    let listed = session.files.signing_service_keys()?.into_iter().find(|entry| entry.key == key);
    let token = match listed.and_then(|entry| entry.token) {
        Some(token) => token,
        None => session.ask_token(&key, &texts::signing_token(&key))?,
    };
    let signer = service.signer(&key, token).await?;
    // The name beside a signature is for people; identifiers that are no administrator names are left out.
    let name = if check_administrator_name(&key).is_ok() { key.as_str() } else { "" };
    request.sign(name, &signer).await?;
    file::update(path, request)?;
    session.console.ok(&[texts::REQUEST_SIGNED]);
    Ok(())
}
