//! `cryptounit-mk-rotate`: has key storage rewrapped to the committed new master key, then sets it.
//!
//! Part of the specification: TKE workflows 2.6, 4.4.

use hpcs_workstation::{CryptoUnitKind, SignedOperation};

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::inventory::Inventory;
use crate::precheck::{Registers, administered_alike};
use crate::session::Session;
use crate::signing::{Signers, SigningPlan};
use crate::targets::Targets;
use crate::{Failure, rotation, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-mk-rotate",
    aliases: &[],
    summary: "Rotate the master key of a service instance to the committed new register",
    details: "Has key storage rewrapped to the master key in the new registers, and then sets it, as \
              cryptounit-mk-setimm does. All operational and failover crypto units of one service instance must be \
              selected; its recovery crypto units may be. All selected ones must have left imprint mode with the same \
              signature threshold, a common set of administrators among the selected signature keys, the same valid \
              master key and the same committed new one. One administrator signs.\n\n\
              When the command is interrupted after 'Master key rotation started.', run it again. After 'KMS CRK rewrap \
              successful', run cryptounit-mk-setimm on the crypto units whose new register is not empty; clearing the \
              new register then would lose the master key that key storage is wrapped under.",
    prompts: &[AnswerFlag::Yes],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    session.console.say(texts::ROTATION_EXPLAINED);
    if !session.confirm(texts::CONTINUE)? {
        return Ok(());
    }
    let inventory = Inventory::read(session).await?;
    // Recovery units may have been left out of the initialisation.
    let (instance, units) = inventory.selected_instance(|kind| kind == CryptoUnitKind::Recovery)?;
    let targets = Targets::of(session, &inventory, &units).await?;
    administered_alike(&targets)?;
    SigningPlan::make_common(session, &targets)?;
    let registers = Registers::read(&targets).await?;
    registers.current()?;
    registers.committed()?;
    let signers = Signers::collect(session, SignedOperation::SingleSignature, &targets).await?;
    rotation::finish(session, &inventory.service, instance, &targets, &signers).await
}
