//! `cryptounits`: all crypto units of all instances.

use super::{Command, Run, no_arguments};
use crate::Failure;
use crate::inventory::Inventory;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: "cryptounits",
    aliases: &[],
    summary: "List crypto units in the current resource group",
    details: "Shows all crypto units of all service instances and which of them are selected. Commands that change or \
              show crypto units work on the selected ones.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let inventory = Inventory::read(session).await?;
    inventory.show_header(session).await?;
    inventory.show_units(session);
    Ok(())
}
