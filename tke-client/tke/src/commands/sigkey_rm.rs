//! `sigkey-rm`: deletes a signature key.

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::session::{Session, with_keynum};
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "sigkey-rm",
    aliases: &[],
    summary: "Delete a file containing a signature key",
    details: "A selected key leaves the selection. Administrators that are installed with the key stay installed.",
    prompts: &[AnswerFlag::Keynum, AnswerFlag::Yes],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(async { run(session) })),
};

fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    if session.signing_service_answers() {
        return Ok(());
    }
    session.console.say("");
    let keys = session.show_signature_keys()?;
    if keys.is_empty() {
        return Ok(());
    }
    session.console.say("");
    let typed = session.ask(texts::SIGNATURE_KEY_TO_REMOVE, AnswerFlag::Keynum)?;
    let keynum = with_keynum(&keys, &typed, |key| key.keynum)?.keynum;
    if !session.confirm(texts::REMOVE_SIGNATURE_KEY)? {
        return Ok(());
    }
    session.files.remove_signature_key(keynum)?;
    session.console.ok(&[texts::SIGNATURE_KEY_REMOVED]);
    Ok(())
}
