//! `cryptounit-thrhld-set`: sets the signature thresholds; in imprint mode this leaves it.

use hpcs_workstation::{SignedOperation, Thresholds};

use super::{Command, Run, cryptounit_thrhlds, no_arguments};
use crate::input::AnswerFlag;
use crate::session::Session;
use crate::signing::Signers;
use crate::targets::Targets;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-thrhld-set",
    aliases: &[],
    summary: "Set the signature thresholds of the selected crypto units",
    details: "Both values are from 1 to 8 and no more than the number of administrators; at least 2 enforces dual \
              control. In imprint mode as many administrators sign as the new signature threshold says, and the crypto \
              unit leaves imprint mode; afterwards as many as the current one says.",
    prompts: &[AnswerFlag::Signature, AnswerFlag::Revocation],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    let signature = ask(session, texts::NEW_SIGNATURE_THRESHOLD, AnswerFlag::Signature)?;
    session.console.say("");
    let revocation = ask(session, texts::NEW_REVOCATION_THRESHOLD, AnswerFlag::Revocation)?;
    let thresholds = Thresholds { signature, revocation };
    let operation = SignedOperation::SetThresholds { new_signature: signature };
    let signers = Signers::collect(session, operation, &targets).await?;
    targets.each(async |index, unit| Ok(unit.client.set_thresholds(thresholds, &signers.of(index)).await?)).await?;
    session.console.ok(&[texts::THRESHOLDS_SET]);
    cryptounit_thrhlds::show(session, &targets).await
}

/// Asks until the answer is a threshold.
fn ask(session: &mut Session<'_>, prompt: &str, flag: AnswerFlag) -> Result<u32, Failure> {
    loop {
        match session.ask(prompt, flag)?.parse() {
            Ok(value @ 1..=8) => return Ok(value),
            _ => session.console.say(texts::THRESHOLD_OUT_OF_RANGE),
        }
    }
}
