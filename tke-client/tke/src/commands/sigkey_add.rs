//! `sigkey-add`: creates a signature key.

use super::{Command, Run, no_arguments};
use crate::input::{AnswerFlag, KeyOwner};
use crate::session::Session;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "sigkey-add",
    aliases: &[],
    summary: "Create a file containing a signature key",
    details: "The key lies on curve P-521. The password encrypts the file; nobody can restore a lost one.",
    prompts: &[AnswerFlag::Name],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(async { run(session) })),
};

fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    if session.signing_service_answers() {
        return Ok(());
    }
    session.console.write("\n\n");
    let name = session.ask(texts::ADMINISTRATOR_NAME, AnswerFlag::Name)?;
    let owner = KeyOwner::SignatureKey { keynum: None, name: &name };
    let password = session.answers.new_password(&mut session.console, texts::SIGNATURE_KEY_PASSWORD, owner)?;
    session.files.add_signature_key(&name, &password, &mut *session.rng)?;
    session.console.ok(&texts::SIGNATURE_KEY_CREATED);
    session.console.say("");
    session.show_signature_keys()?;
    Ok(())
}
