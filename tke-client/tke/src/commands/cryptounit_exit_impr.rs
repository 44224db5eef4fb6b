//! `cryptounit-exit-impr`: leaves imprint mode with thresholds of 1. Deprecated in the plug-in, and kept for its runbooks.

use clap::{Arg, ArgAction, ArgMatches};
use hpcs_workstation::{SignedOperation, Thresholds};

use super::{Command, Run};
use crate::session::Session;
use crate::signing::Signers;
use crate::targets::Targets;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-exit-impr",
    aliases: &[],
    summary: "Leave imprint mode with signature thresholds of 1 (deprecated)",
    details: "Use cryptounit-thrhld-set, which sets thresholds that you choose. All selected crypto units must be in \
              imprint mode. One administrator signs.",
    prompts: &[],
    arguments: |parser| {
        parser.arg(Arg::new(LEGACY_LOCK).long(LEGACY_LOCK).action(ArgAction::SetTrue).help(
            "Turn off every later change of the thresholds, as the plug-in did up to version 0.0.11: only zeroizing \
             helps then",
        ))
    },
    run: Run::Session(|session, flags| Box::pin(run(session, flags))),
};

async fn run(session: &mut Session<'_>, flags: &ArgMatches) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    if targets.iter().any(|unit| !unit.authority.imprint_mode()) {
        return Err(Failure::new(texts::NOT_IN_IMPRINT_MODE));
    }
    let thresholds = Thresholds { signature: 1, revocation: 1 };
    let operation = SignedOperation::SetThresholds { new_signature: thresholds.signature };
    let signers = Signers::collect(session, operation, &targets).await?;
    let lock = flags.get_flag(LEGACY_LOCK);
    targets
        .each(async |index, unit| {
            let signers = signers.of(index);
            if lock {
                unit.client.lock_thresholds(thresholds, &signers).await?;
            } else {
                unit.client.set_thresholds(thresholds, &signers).await?;
            }
            Ok(())
        })
        .await?;
    session.console.ok(&[texts::LEFT_IMPRINT_MODE]);
    Ok(())
}

const LEGACY_LOCK: &str = "legacy-lock";
