//! `failover-enable`: assigns failover crypto units to a service instance.
//!
//! Part of the specification: TKE workflows 4.7.

use hpcs_workstation::{CryptoUnitInfo, CryptoUnitKind, InstanceInfo};

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::inventory::Inventory;
use crate::session::Session;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "failover-enable",
    aliases: &[],
    summary: "Assign failover crypto units to a service instance",
    details: "All crypto units of one service instance must be selected. Failover crypto units are offered for the \
              standard plan in us-south, us-east and eu-es: from 2 up to as many as there are operational ones. They \
              cannot be taken away again. New ones are in imprint mode and not selected: initialize them like the \
              others, with the same key parts, or with cryptounit-admin-add, cryptounit-thrhld-set and auto-mk-recover.",
    prompts: &[AnswerFlag::Failover, AnswerFlag::Yes],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let inventory = Inventory::read(session).await?;
    let (instance, units) = inventory.selected_instance(|_| false)?;
    let offered = |info: &InstanceInfo| info.plan == PLAN && REGIONS.contains(&info.region.as_str());
    if let Some(info) = inventory.instance(instance).filter(|info| !offered(info)) {
        return Err(Failure::new(texts::failover_not_offered(info.region.as_str(), &info.plan)));
    }
    let count = |kind| u32::try_from(units.iter().filter(|unit| unit.kind == kind).count()).unwrap_or(u32::MAX);
    let (operational, present) = (count(CryptoUnitKind::Operational), count(CryptoUnitKind::Failover));
    session.console.say(&texts::failover_present(present, instance));
    if operational < LEAST {
        return Err(Failure::new(texts::FAILOVER_NEEDS_TWO));
    }
    if present >= operational {
        return Err(Failure::new(texts::FAILOVER_COMPLETE));
    }
    session.console.say(&texts::failover_possible(operational));
    let total = ask_total(session, present.saturating_add(1).max(LEAST), operational)?;
    session.console.say("");
    session.console.say(&texts::failover_billing(total));
    session.console.say("");
    let answer = session.ask(texts::CONTINUE_FAILOVER, AnswerFlag::Yes)?;
    if !matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    let assigned = inventory.service.enable_failover(instance, total).await?;
    let is_failover = |unit: &&CryptoUnitInfo| unit.kind == CryptoUnitKind::Failover;
    if let Some(unit) = assigned.iter().rev().find(is_failover) {
        session.console.inform(&texts::failover_region(instance, unit.location.region().as_str()));
    }
    session.console.inform(&texts::failover_assigned(total));
    session.console.inform(texts::GETTING_UNITS);
    let inventory = Inventory::read(session).await?;
    inventory.show_header(session).await?;
    inventory.show_units(session);
    session.console.say(texts::INITIALIZE_FAILOVER);
    Ok(())
}

/// Asks until the answer is a number of failover units that the instance can have.
fn ask_total(session: &mut Session<'_>, least: u32, most: u32) -> Result<u32, Failure> {
    loop {
        match session.ask(&texts::failover_total(most), AnswerFlag::Failover)?.parse() {
            Ok(total) if (least..=most).contains(&total) => return Ok(total),
            _ => session.console.say(&texts::number_between(least, most)),
        }
    }
}

/// The fewest that an instance has, when it has any.
const LEAST: u32 = 2;

/// The plan and the regions with failover units.
const PLAN: &str = "standard";
const REGIONS: [&str; 3] = ["us-south", "us-east", "eu-es"];
