//! `cryptounit-mk-clrcur`: clears the current master key register.

use hpcs_workstation::SignedOperation;

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::session::Session;
use crate::signing::Signers;
use crate::targets::Targets;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-mk-clrcur",
    aliases: &[],
    summary: "Clear the current master key register of the selected crypto units",
    details: "Keys that the master key protects are unusable until the same master key is loaded again. One \
              administrator signs.",
    prompts: &[AnswerFlag::Yes],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    session.console.say(texts::CLEAR_CURRENT_WARNING);
    if !session.confirm(texts::CONTINUE)? {
        return Ok(());
    }
    let signers = Signers::collect(session, SignedOperation::SingleSignature, &targets).await?;
    targets.each(async |index, unit| Ok(unit.client.clear_current(signers.single(index)?).await?)).await?;
    session.console.ok(&[texts::CURRENT_CLEARED]);
    targets.show_current_registers(session).await
}
