//! `cryptounit-mk-clrnew`: clears the new master key register.

use hpcs_workstation::SignedOperation;

use super::{Command, Run, no_arguments};
use crate::session::Session;
use crate::signing::Signers;
use crate::targets::Targets;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-mk-clrnew",
    aliases: &[],
    summary: "Clear the new master key register of the selected crypto units",
    details: "The current master key stays. One administrator signs.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    let signers = Signers::collect(session, SignedOperation::SingleSignature, &targets).await?;
    targets.each(async |index, unit| Ok(unit.client.clear_new(signers.single(index)?).await?)).await?;
    session.console.ok(&[texts::NEW_CLEARED]);
    targets.show_new_registers(session).await
}
