//! Whether a crypto unit would still take a request.

use hpcs_ep11::{AdminBlock, AdminFunction, AttributeList};
use hpcs_workstation::{PreparedCommand, RequestFile, SignedOperation, UnitClient, required, trusted_roots};

use crate::session::Session;
use crate::{Failure, texts};

/// Sentences about the crypto unit's present state. When the server cannot be reached they say so: a workstation that
/// only signs may be offline.
pub(super) async fn of(session: &Session<'_>, request: &RequestFile) -> Vec<String> {
    match compare(session, request).await {
        Ok(sentences) => sentences,
        Err(failure) => vec![texts::unit_unknown(&failure)],
    }
}

async fn compare(session: &Session<'_>, request: &RequestFile) -> Result<Vec<String>, Failure> {
    let unit = client(session, request).await?;
    let report = unit.attributes().await?;
    let command = request.command();
    if report.domain != command.domain || report.module != command.module {
        return Ok(vec![texts::UNIT_REPLACED.to_owned()]);
    }
    if report.counter >= command.counter {
        return Ok(vec![texts::counter_moved(report.counter)]);
    }
    let mut sentences = vec![texts::counter_stands(report.counter)];
    if let Some(operation) = operation(command) {
        let wanted = required(operation, &unit.authority().await?);
        sentences.push(texts::signatures_wanted(request.signatures().len(), wanted));
    }
    let installed = unit.administrators().await?;
    for signature in request.signatures() {
        if !installed.iter().any(|administrator| administrator.ski == signature.ski) {
            sentences.push(texts::signer_not_installed(&signature.name));
        }
    }
    Ok(sentences)
}

/// What decides how many signatures the command needs.
fn operation(command: &PreparedCommand) -> Option<SignedOperation> {
    Some(match command.function {
        AdminFunction::ADD_ADMINISTRATOR => SignedOperation::AddAdministrator,
        AdminFunction::REMOVE_ADMINISTRATOR => SignedOperation::RemoveAdministrator,
        AdminFunction::SET_ATTRIBUTES => SignedOperation::SetThresholds { new_signature: new_threshold(command)? },
        AdminFunction::COMMIT_WK => SignedOperation::Commit,
        AdminFunction::FINALIZE_WK | AdminFunction::CLEAR_NEXT_WK | AdminFunction::CLEAR_CURRENT_WK => {
            SignedOperation::SingleSignature
        }
        AdminFunction::ZEROIZE => SignedOperation::Zeroize,
        _ => return None,
    })
}

fn new_threshold(command: &PreparedCommand) -> Option<u32> {
    let block = AdminBlock::decode(&command.block).ok()?;
    AttributeList::decode(block.input).ok()?.get(AttributeList::SIGNATURE_THRESHOLD)
}

/// The crypto unit that the request is for.
///
/// # Errors
/// When the service does not have it, or its module cannot be verified.
pub(super) async fn client(session: &Session<'_>, request: &RequestFile) -> Result<UnitClient, Failure> {
    let service = session.service().await?;
    let units = service.crypto_units(request.instance()).await?;
    let info = units.iter().find(|info| info.id == request.unit());
    let info = info.ok_or_else(|| Failure::new(texts::unit_gone(request.unit())))?;
    Ok(UnitClient::connect(&service, request.instance(), info, &trusted_roots()).await?)
}
