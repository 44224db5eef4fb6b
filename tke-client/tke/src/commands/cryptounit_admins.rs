//! `cryptounit-admins`: lists the administrators of the selected crypto units.

use hpcs_workstation::{UnitClient, UnitError};

use super::{Command, Run, no_arguments};
use crate::Failure;
use crate::session::Session;
use crate::targets::Targets;
use crate::views::{self, AdministratorRow};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-admins",
    aliases: &[],
    summary: "List the administrators of the selected crypto units",
    details: "Administrators are identified by the subject key identifier of their signature key. Names are only \
              shown.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    let blocks = targets.read(rows).await?;
    session.console.write(&views::administrators_or_none(blocks, session.console.paint()));
    Ok(())
}

/// The administrators of one unit in the order of their installation.
pub(super) async fn rows(unit: &UnitClient) -> Result<Vec<AdministratorRow>, UnitError> {
    let administrators = unit.administrators().await?;
    Ok(administrators.into_iter().map(|one| AdministratorRow { name: one.name, ski: one.ski }).collect())
}
