//! `auto-init`: initialises a service instance with its recovery crypto units.
//!
//! Nothing is sent before every question is answered and every key is open. Part of the specification: TKE workflows 2.7,
//! 4.2.

mod administrators;

use hpcs_workstation::{MasterKeyRegister, Signer, Thresholds};

use super::cryptounit_thrhld_set::ask_threshold;
use super::{Command, Run, no_arguments};
use crate::carry::{Carrier, Delivery};
use crate::input::AnswerFlag;
use crate::inventory::Inventory;
use crate::session::Session;
use crate::targets::Targets;
use crate::{Failure, texts};
use administrators::Administrator;

pub(super) const COMMAND: Command = Command {
    name: "auto-init",
    aliases: &[],
    summary: "Initialize a service instance with recovery crypto units",
    details: "Installs administrators and sets signature thresholds in all crypto units of the service instance, makes a \
              random master key in the first recovery crypto unit, and carries it to all others: operational, recovery \
              and failover. All of them must be in imprint mode; they become the selected ones. Administrators come from \
              existing signature key files and from new ones, or from the signing service when one is set. Select their \
              keys with sigkey-sel before you sign other commands.\n\nNothing is sent before all questions are answered. When the command stops at a crypto unit, \
              nothing is undone: finish with cryptounit-admin-add, cryptounit-thrhld-set and auto-mk-recover, or \
              zeroize all crypto units and start again.",
    prompts: &[
        AnswerFlag::Instance,
        AnswerFlag::Yes,
        AnswerFlag::Signature,
        AnswerFlag::Revocation,
        AnswerFlag::Admins,
        AnswerFlag::Keynum,
        AnswerFlag::Key,
        AnswerFlag::Name,
    ],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let mut inventory = Inventory::read(session).await?;
    let instance = inventory.choose_instance(session, texts::INSTANCE_TO_INITIALIZE)?;
    if !press_enter(session)? {
        return Ok(());
    }
    inventory.select_instance(session, instance)?;
    let targets = Targets::of(session, &inventory, &inventory.units_of(instance)).await?;
    if targets.iter().any(|unit| !unit.authority.imprint_mode()) {
        return Err(Failure::new(texts::ALL_IN_IMPRINT_MODE));
    }
    let source = targets.first_recovery()?;
    session.console.say("");
    session.console.say(texts::ENTER_THRESHOLDS);
    session.console.say("");
    let signature = ask_threshold(session, texts::SIGNATURES_ON_COMMANDS, AnswerFlag::Signature)?;
    session.console.say("");
    let revocation = ask_threshold(session, texts::SIGNATURES_ON_REMOVAL, AnswerFlag::Revocation)?;
    let thresholds = Thresholds { signature, revocation };
    let administrators = administrators::ask(session, thresholds).await?;
    session.console.say("");
    install(session, &targets, thresholds, &administrators).await?;
    carry(session, &targets, source, &signers(&administrators, thresholds)).await?;
    session.console.ok(&texts::INITIALIZED);
    Ok(())
}

/// Waits for the enter key. An explicit no, which the variable can give, ends the command.
fn press_enter(session: &mut Session<'_>) -> Result<bool, Failure> {
    let answer = session.ask(texts::PRESS_ENTER, AnswerFlag::Yes)?;
    Ok(!matches!(answer.to_ascii_lowercase().as_str(), "n" | "no"))
}

/// Those who sign: as many as the signature threshold says.
fn signers(administrators: &[Administrator], thresholds: Thresholds) -> Vec<&Signer> {
    let count = usize::try_from(thresholds.signature).unwrap_or(usize::MAX);
    administrators.iter().take(count).map(|administrator| &administrator.key).collect()
}

/// Leads all units out of imprint mode, one administrator after the other in all units.
async fn install(
    session: &mut Session<'_>,
    targets: &Targets,
    thresholds: Thresholds,
    administrators: &[Administrator],
) -> Result<(), Failure> {
    for (number, administrator) in (1..).zip(administrators) {
        session.console.inform(&texts::installing(number, administrators.len()));
        let Administrator { name, key } = administrator;
        targets.each(async |_, unit| Ok(unit.client.add_administrator(name, key, &[]).await?)).await?;
    }
    session.console.inform(texts::SETTING_THRESHOLDS);
    let signers = signers(administrators, thresholds);
    targets.each(async |_, unit| Ok(unit.client.set_thresholds(thresholds, &signers).await?)).await
}

/// Makes the master key in the unit at position `source` and carries it to all others.
async fn carry(
    session: &mut Session<'_>,
    targets: &Targets,
    source: usize,
    signers: &[&Signer],
) -> Result<(), Failure> {
    let (Some(unit), Some(signer)) = (targets.iter().nth(source), signers.first()) else {
        return Err(Failure::new(texts::NO_RECOVERY_UNITS));
    };
    session.console.inform(texts::GENERATING_MASTER_KEY);
    let pattern = unit.client.random_master_key(signer).await;
    let pattern = pattern.map_err(|fault| targets.stopped_at(unit, fault.into()))?;
    let carrier = Carrier {
        source: &unit.client,
        register: MasterKeyRegister::Current,
        pattern,
        signers: signers.to_vec(),
        signer,
    };
    carrier.deliver(session, targets, &targets.all_but(source), Delivery::Current).await
}
