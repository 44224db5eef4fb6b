//! `cryptounit-zeroize`: back to imprint mode, everything destroyed.

use hpcs_workstation::SignedOperation;

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::session::Session;
use crate::signing::Signers;
use crate::targets::Targets;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-zeroize",
    aliases: &[],
    summary: "Zeroize the selected crypto units",
    details: "Destroys both master key registers, removes all administrators and returns to imprint mode. In imprint \
              mode no signature is needed; afterwards one administrator of all crypto units that have left it signs.",
    prompts: &[AnswerFlag::Yes],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    if !session.confirm(texts::ZEROIZE)? {
        return Ok(());
    }
    let signers = Signers::collect(session, SignedOperation::Zeroize, &targets).await?;
    targets.each(async |index, unit| Ok(unit.client.zeroize(&signers.of(index)).await?)).await?;
    session.console.ok(&[texts::ZEROIZED]);
    Ok(())
}
