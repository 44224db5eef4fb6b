//! `cryptounit-admin-add`: installs an administrator.

use hpcs_workstation::{SignedOperation, Signer, SigningService, check_administrator_name, check_key_name};

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::session::{Session, with_keynum};
use crate::signing::{Signers, SigningPlan};
use crate::targets::Targets;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-admin-add",
    aliases: &[],
    summary: "Add an administrator to the selected crypto units",
    details: "The administrator is one of the signature keys on this workstation, or a key of the signing service when \
              one is set. In imprint mode no signature is needed; afterwards as many administrators sign as the \
              signature threshold says.",
    prompts: &[AnswerFlag::Keynum, AnswerFlag::Key, AnswerFlag::Name],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    if let Some(service) = session.signing_service()? {
        return add_service_key(session, &service, &targets).await;
    }
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
    let signers = plan.unlock(session).await?;
    install(session, &targets, &entry.name, &key, &signers).await
}

/// The dialogue while a signing service holds the keys.
async fn add_service_key(
    session: &mut Session<'_>,
    service: &SigningService,
    targets: &Targets,
) -> Result<(), Failure> {
    let key = session.ask(texts::SERVICE_KEY, AnswerFlag::Key)?;
    check_key_name(&key)?;
    let name = session.ask(texts::SERVICE_KEY_ADMINISTRATOR, AnswerFlag::Name)?;
    check_administrator_name(&name)?;
    let token = session.ask_token(&key, texts::SERVICE_KEY_TOKEN)?;
    let plan = SigningPlan::make(session, SignedOperation::AddAdministrator, targets)?;
    let signer = service.signer(&key, token).await?;
    let signers = plan.unlock(session).await?;
    install(session, targets, &name, &signer, &signers).await
}

async fn install(
    session: &mut Session<'_>,
    targets: &Targets,
    name: &str,
    key: &Signer,
    signers: &Signers,
) -> Result<(), Failure> {
    targets.each(async |index, unit| Ok(unit.client.add_administrator(name, key, &signers.of(index)).await?)).await?;
    session.console.ok(&[texts::ADMINISTRATOR_ADDED]);
    Ok(())
}
