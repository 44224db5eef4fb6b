//! `cryptounit-thrhlds`: shows the signature thresholds of the selected crypto units.

use hpcs_workstation::{UnitClient, UnitError};

use super::{Command, Run, no_arguments};
use crate::Failure;
use crate::session::Session;
use crate::targets::Targets;
use crate::views::{self, ThresholdRow};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-thrhlds",
    aliases: &[],
    summary: "Show the signature thresholds of the selected crypto units",
    details: "A signature threshold of 0 means imprint mode: the crypto unit takes commands without signatures and \
              cannot hold a master key.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    show(session, &targets).await
}

/// Prints the thresholds of these units.
pub(super) async fn show(session: &mut Session<'_>, targets: &Targets) -> Result<(), Failure> {
    let blocks = targets.read(row).await?;
    session.console.write(&views::thresholds(&blocks, session.console.paint()));
    Ok(())
}

/// The thresholds of one unit.
pub(super) async fn row(unit: &UnitClient) -> Result<ThresholdRow, UnitError> {
    let thresholds = unit.attributes().await?.thresholds;
    Ok(ThresholdRow { signature: thresholds.signature, revocation: thresholds.revocation })
}
