//! `auto-mk-recover`: copies the current master key of a recovery crypto unit to other crypto units.
//!
//! Part of the specification: TKE workflows 2.7, 4.6.

use hpcs_workstation::{CryptoUnitKind, DomainEntry, MasterKeyRegister};

use super::{Command, Run, no_arguments};
use crate::carry::{Carrier, Delivery};
use crate::input::AnswerFlag;
use crate::inventory::Inventory;
use crate::precheck::administered_alike;
use crate::session::Session;
use crate::signing::SigningPlan;
use crate::targets::{self, Target, Targets};
use crate::views::{self, Register, RegisterStatus, SourceRow};
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "auto-mk-recover",
    aliases: &["auto-recover"],
    summary: "Copy the master key of a recovery crypto unit to other crypto units",
    details: "For crypto units whose master key was cleared or that were zeroized, for new failover crypto units, and for \
              several service instances that are to have the same master key. The crypto units that receive it are the \
              selected ones when no numbers are entered. Source and receivers must have left imprint mode with the same \
              signature threshold and a common set of administrators among the selected signature keys: after zeroizing, \
              use cryptounit-admin-add and cryptounit-thrhld-set first. A crypto unit that holds the master key already \
              is left out; another master key is overwritten after a warning. Also written auto-recover.",
    prompts: &[AnswerFlag::Source, AnswerFlag::Units, AnswerFlag::Yes],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let inventory = Inventory::read(session).await?;
    let sources = sources(session, &inventory).await?;
    session.console.say("");
    session.console.write(&views::sources(&sources, session.console.paint()));
    session.console.say("");
    let typed = session.ask(texts::RECOVERY_SOURCE, AnswerFlag::Source)?;
    let wanted = typed.parse().ok();
    let source = sources.iter().find(|row| Some(row.number) == wanted);
    let source = source.ok_or_else(|| Failure::new(texts::invalid_unit(&typed)))?;
    let typed = session.ask(texts::RECOVERY_TARGETS, AnswerFlag::Units)?;
    let receivers = receivers(&inventory, &typed, source.number)?;
    let units: Vec<DomainEntry> =
        inventory.units.iter().filter(|unit| unit.number == source.number).chain(&receivers).cloned().collect();
    let all = Targets::of(session, &inventory, &units).await?;
    administered_alike(&all)?;
    let plan = SigningPlan::make_common(session, &all)?;
    let needy = needy(session, &all, source).await?;
    if needy.others && !session.confirm(texts::CONTINUE)? {
        return Ok(());
    }
    if !needy.positions.is_empty() {
        let signers = plan.unlock(session).await?;
        let exporter = all.iter().next().ok_or_else(|| Failure::new(texts::NO_SOURCE))?;
        let carrier = Carrier {
            source: &exporter.client,
            register: MasterKeyRegister::Current,
            pattern: source.pattern,
            signers: signers.of(SOURCE),
            signer: signers.single(SOURCE)?,
        };
        carrier.deliver(session, &all, &needy.positions, Delivery::Current).await?;
    }
    session.console.ok(&[]);
    all.without_first().show_current_registers(session).await
}

/// The recovery units that hold a master key.
async fn sources(session: &mut Session<'_>, inventory: &Inventory) -> Result<Vec<SourceRow>, Failure> {
    let recovery: Vec<DomainEntry> =
        inventory.units.iter().filter(|unit| unit.kind == CryptoUnitKind::Recovery).cloned().collect();
    let targets = Targets::of(session, inventory, &recovery).await?;
    let mut rows = Vec::new();
    for Target { label, client, .. } in targets.iter() {
        let Register { status, pattern } = targets::current_register(&client.domain_info().await?);
        if status == RegisterStatus::Valid {
            let (number, instance) = (label.number, client.instance());
            rows.push(SourceRow { number, instance, location: client.info().location.clone(), pattern });
        }
    }
    if rows.is_empty() { Err(Failure::new(texts::NO_SOURCE)) } else { Ok(rows) }
}

/// The units with these numbers, as typed, or the selected ones, in the order of their numbers; never the source.
fn receivers(inventory: &Inventory, typed: &str, source: u32) -> Result<Vec<DomainEntry>, Failure> {
    let numbers: Vec<u32> =
        typed.split_whitespace().map(|word| inventory.unit(word).map(|unit| unit.number)).collect::<Result<_, _>>()?;
    let wanted = |unit: &&DomainEntry| if numbers.is_empty() { unit.selected } else { numbers.contains(&unit.number) };
    let receivers: Vec<DomainEntry> =
        inventory.units.iter().filter(wanted).filter(|unit| unit.number != source).cloned().collect();
    if receivers.is_empty() { Err(Failure::new(texts::NO_UNITS_SELECTED)) } else { Ok(receivers) }
}

/// The units that do not hold the master key.
struct Needy {
    /// Where they stand among all units, of which the source is the first.
    positions: Vec<usize>,
    /// Whether one of them holds another master key.
    others: bool,
}

/// Looks at all units but the source, and says which hold the master key already and which hold another one.
async fn needy(session: &mut Session<'_>, all: &Targets, source: &SourceRow) -> Result<Needy, Failure> {
    let mut needy = Needy { positions: Vec::new(), others: false };
    for (index, unit) in all.iter().enumerate().skip(SOURCE + 1) {
        let current = targets::current_register(&unit.client.domain_info().await?);
        if current.status != RegisterStatus::Valid {
            needy.positions.push(index);
        } else if current.pattern.matches(&source.pattern) {
            session.console.inform(&texts::holds_the_key(unit.label.number));
        } else {
            session.console.say(&texts::holds_another_key(unit.label.number));
            needy.positions.push(index);
            needy.others = true;
        }
    }
    Ok(needy)
}

/// The position of the source among all units.
const SOURCE: usize = 0;
