//! `cryptounit-compare`: compares the configuration of the selected crypto units.

use hpcs_workstation::{UnitClient, UnitError};

use super::{Command, Run, no_arguments};
use crate::Failure;
use crate::commands::{cryptounit_admins, cryptounit_thrhlds};
use crate::session::Session;
use crate::targets::{self, Targets};
use crate::views::{self, ControlPointRow, UnitState};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-compare",
    aliases: &[],
    summary: "Compare the configuration of the selected crypto units",
    details: "Shows thresholds, administrators, both master key registers and control points, and says whether all of \
              them are the same. Verification patterns are compared by their first 28 bytes.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    let blocks = targets.read(state).await?;
    session.console.write(&views::compare(&blocks, session.console.paint()));
    Ok(())
}

async fn state(unit: &UnitClient) -> Result<UnitState, UnitError> {
    let info = unit.domain_info().await?;
    Ok(UnitState {
        thresholds: cryptounit_thrhlds::row(unit).await?,
        administrators: cryptounit_admins::rows(unit).await?,
        new: targets::new_register(&info),
        current: targets::current_register(&info),
        control_points: ControlPointRow::of(&unit.control_points().await?),
    })
}
