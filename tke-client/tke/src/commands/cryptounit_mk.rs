//! `cryptounit-mk`: shows both master key registers of the selected crypto units.

use super::{Command, Run, no_arguments};
use crate::Failure;
use crate::session::Session;
use crate::targets::Targets;

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-mk",
    aliases: &["cryptounit-mks"],
    summary: "Show the master key registers of the selected crypto units",
    details: "The verification pattern identifies a master key without revealing it. Also written cryptounit-mks.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    targets.show_registers(session).await
}
