//! `sigkeys`: lists the signature keys of this workstation.

use super::{Command, Run, no_arguments};
use crate::Failure;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: "sigkeys",
    aliases: &[],
    summary: "List the signature keys on this workstation",
    details: "Shows which of them are selected to sign commands. A damaged file is named on standard error.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(async { run(session) })),
};

fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    if session.signing_service_answers() {
        return Ok(());
    }
    session.show_signature_keys()?;
    Ok(())
}
