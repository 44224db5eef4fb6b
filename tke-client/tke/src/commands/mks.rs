//! `mks`: lists the master key parts of this workstation.

use super::{Command, Run, no_arguments};
use crate::Failure;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: "mks",
    aliases: &[],
    summary: "List the EP11 master key parts on this workstation",
    details: "The verification pattern identifies a key part without revealing it. Compare it with the custodian's \
              record before loading: files of several custodians may have had the same name. A damaged file is named \
              on standard error.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(async { run(session) })),
};

fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    session.show_key_parts()?;
    Ok(())
}
