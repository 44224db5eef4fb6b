//! `cryptounit-admin-rm`: removes an administrator.

use hpcs_workstation::SignedOperation;

use super::{Command, Run, cryptounit_admins, no_arguments};
use crate::input::AnswerFlag;
use crate::session::Session;
use crate::signing::Signers;
use crate::targets::Targets;
use crate::views::{self, AdministratorRow};
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-admin-rm",
    aliases: &[],
    summary: "Remove an administrator from the selected crypto units",
    details: "The list holds the administrators of all selected crypto units; one that a crypto unit does not have is \
              skipped there. In imprint mode no signature is needed; afterwards as many administrators sign as the \
              revocation signature threshold says, which may include the one to be removed.",
    prompts: &[AnswerFlag::Admin],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let mut targets = Targets::selected(session).await?;
    let installed = union(&targets).await?;
    if installed.is_empty() {
        return Err(Failure::new(texts::NO_ADMINISTRATORS_INSTALLED));
    }
    session.console.say("");
    session.console.write(&views::numbered_administrators(&installed, session.console.paint()));
    session.console.say("");
    let typed = session.ask(texts::ADMINISTRATOR_TO_REMOVE, AnswerFlag::Admin)?;
    let number: Option<usize> = typed.parse().ok();
    let chosen = number.and_then(|number| installed.get(number.checked_sub(1)?));
    let ski = chosen.ok_or_else(|| Failure::new(texts::invalid_admin_num(&typed)))?.ski;
    targets.retain(|unit| unit.authority.administrators.contains(&ski));
    let signers = Signers::collect(session, SignedOperation::RemoveAdministrator, &targets).await?;
    targets.each(async |index, unit| Ok(unit.client.remove_administrator(ski, &signers.of(index)).await?)).await?;
    session.console.ok(&[texts::ADMINISTRATOR_REMOVED]);
    Ok(())
}

/// The administrators of all units in the order in which they first appear.
async fn union(targets: &Targets) -> Result<Vec<AdministratorRow>, Failure> {
    let mut union: Vec<AdministratorRow> = Vec::new();
    for block in targets.read(cryptounit_admins::rows).await? {
        for row in block.units.into_iter().flat_map(|(_, rows)| rows) {
            if !union.iter().any(|known| known.ski == row.ski) {
                union.push(row);
            }
        }
    }
    Ok(union)
}
