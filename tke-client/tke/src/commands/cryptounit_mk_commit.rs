//! `cryptounit-mk-commit`: commits the new master key register.

use hpcs_workstation::SignedOperation;

use super::{Command, Run, no_arguments};
use crate::session::Session;
use crate::signing::Signers;
use crate::targets::Targets;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-mk-commit",
    aliases: &[],
    summary: "Commit the new master key register of the selected crypto units",
    details: "As many administrators sign as the signature threshold says.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    let signers = Signers::collect(session, SignedOperation::Commit, &targets).await?;
    targets
        .each(async |index, unit| {
            let pattern = unit.client.domain_info().await?.next;
            Ok(unit.client.commit(pattern, &signers.of(index)).await?)
        })
        .await?;
    session.console.ok(&[texts::COMMITTED]);
    targets.show_new_registers(session).await
}
