//! `cryptounit-mk-setimm`: makes the committed new master key the current one.

use hpcs_workstation::SignedOperation;

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::session::Session;
use crate::signing::Signers;
use crate::targets::Targets;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-mk-setimm",
    aliases: &[],
    summary: "Set the master key of the selected crypto units from the committed new register",
    details: "The new register becomes the current one and is empty afterwards; the previous master key is destroyed. \
              Key storage that was not rewrapped becomes unusable. One administrator signs.",
    prompts: &[AnswerFlag::Yes],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    session.console.say(texts::SET_IMMEDIATE_WARNING);
    if !session.confirm(texts::CONTINUE)? {
        return Ok(());
    }
    let signers = Signers::collect(session, SignedOperation::SingleSignature, &targets).await?;
    targets
        .each(async |index, unit| {
            let pattern = unit.client.domain_info().await?.next;
            Ok(unit.client.set_immediate(pattern, signers.single(index)?).await?)
        })
        .await?;
    session.console.ok(&[texts::SET_IMMEDIATE]);
    targets.show_registers(session).await
}
