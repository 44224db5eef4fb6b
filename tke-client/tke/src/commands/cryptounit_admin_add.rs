//! `cryptounit-admin-add`: installs an administrator.

use hpcs_workstation::SignedOperation;

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::session::{Session, with_keynum};
use crate::signing::SigningPlan;
use crate::targets::Targets;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-admin-add",
    aliases: &[],
    summary: "Add an administrator to the selected crypto units",
    details: "The administrator is one of the signature keys on this workstation. In imprint mode no signature is \
              needed; afterwards as many administrators sign as the signature threshold says.",
    prompts: &[AnswerFlag::Keynum],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    session.require_key_files()?;
    let targets = Targets::selected(session).await?;
    session.console.say("");
    let keys = session.show_signature_keys()?;
    if keys.is_empty() {
        return Ok(());
    }
    session.console.say("");
    let typed = session.ask(texts::ADMINISTRATOR_TO_ADD, AnswerFlag::Keynum)?;
    let entry = with_keynum(&keys, &typed, |key| key.keynum)?;
    let plan = SigningPlan::make(session, SignedOperation::AddAdministrator, &targets)?;
    let key = session.unlock_for_certificate(entry)?;
    let signers = plan.unlock(session)?;
    targets
        .each(async |index, unit| Ok(unit.client.add_administrator(&entry.name, &key, &signers.of(index)).await?))
        .await?;
    session.console.ok(&[texts::ADMINISTRATOR_ADDED]);
    Ok(())
}
