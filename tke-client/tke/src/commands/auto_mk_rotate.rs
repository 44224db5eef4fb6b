//! `auto-mk-rotate`: rotates the master key of a service instance to a random one from a recovery crypto unit.
//!
//! Part of the specification: TKE workflows 2.7, 4.5.

use std::time::Duration;

use hpcs_workstation::MasterKeyRegister;

use super::{Command, Run, no_arguments};
use crate::carry::{Carrier, Delivery};
use crate::input::AnswerFlag;
use crate::inventory::Inventory;
use crate::precheck::{Registers, administered_alike};
use crate::session::Session;
use crate::signing::{Signers, SigningPlan};
use crate::targets::{self, Targets};
use crate::views::RegisterStatus;
use crate::{Failure, rotation, texts};

pub(super) const COMMAND: Command = Command {
    name: "auto-mk-rotate",
    aliases: &[],
    summary: "Rotate the master key of a service instance with recovery crypto units",
    details: "Makes a random master key in the new register of the first recovery crypto unit, loads and commits it in \
              all crypto units of the service instance, which become the selected ones, has key storage rewrapped, and \
              sets the new master key. All crypto units must have left imprint mode with the same signature threshold, \
              a common set of administrators among the selected signature keys, and the same valid master key. A value \
              in a new register is overwritten.\n\n\
              When the command is interrupted, the messages say what to do. Neither 'Delaying' nor 'KMS CRK rewrap \
              successful' seen: run auto-mk-rotate again. Only 'Delaying' seen: run cryptounit-mk-rotate, and never \
              auto-mk-rotate, which would replace the master key that a part of key storage is wrapped under already. \
              Both seen: run cryptounit-mk-setimm on the crypto units whose new register is not empty.",
    prompts: &[AnswerFlag::Instance, AnswerFlag::Delay],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let delay = delay(session)?;
    let mut inventory = Inventory::read(session).await?;
    let instance = inventory.choose_instance(session, texts::INSTANCE_TO_ROTATE)?;
    inventory.select_instance(session, instance)?;
    let targets = Targets::of(session, &inventory, &inventory.units_of(instance)).await?;
    let source = targets.first_recovery()?;
    administered_alike(&targets)?;
    let plan = SigningPlan::make_common(session, &targets)?;
    Registers::read(&targets).await?.current()?;
    let signers = plan.unlock(session).await?;
    load(session, &targets, source, &signers).await?;
    session.console.inform(texts::COMMITTING_MASTER_KEY);
    targets
        .each(async |index, unit| {
            let pattern = unit.client.domain_info().await?.next;
            Ok(unit.client.commit(pattern, &signers.of(index)).await?)
        })
        .await?;
    session.console.say(&texts::delaying(delay.as_secs()));
    tokio::time::sleep(delay).await;
    rotation::finish(session, &inventory.service, instance, &targets, &signers).await
}

/// Loads the new registers of all units with a random master key of the unit at position `source`.
async fn load(session: &mut Session<'_>, targets: &Targets, source: usize, signers: &Signers) -> Result<(), Failure> {
    let unit = targets.iter().nth(source).ok_or_else(|| Failure::new(texts::NO_RECOVERY_UNITS))?;
    let signer = signers.single(source)?;
    session.console.inform(texts::GENERATING_MASTER_KEY);
    let generate = async {
        // A unit makes no key while both registers are full.
        if targets::new_register(&unit.client.domain_info().await?).status != RegisterStatus::Empty {
            unit.client.clear_new(signer).await?;
        }
        unit.client.random_master_key(signer).await
    };
    let pattern = generate.await.map_err(|fault| targets.stopped_at(unit, fault.into()))?;
    let carrier = Carrier {
        source: &unit.client,
        register: MasterKeyRegister::New,
        pattern,
        signers: signers.of(source),
        signer,
    };
    carrier.deliver(session, targets, &targets.all_but(source), Delivery::New).await
}

/// How long to wait before key storage is rewrapped.
fn delay(session: &mut Session<'_>) -> Result<Duration, Failure> {
    let Some(given) = session.answers.unasked(AnswerFlag::Delay) else { return Ok(DELAY) };
    match given.trim().parse() {
        Ok(seconds @ 0..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err(Failure::new(texts::invalid_delay(&given))),
    }
}

/// What the plug-in waits.
const DELAY: Duration = Duration::from_secs(30);
