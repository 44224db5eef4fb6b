//! Whether a crypto unit would still take a request.

use hpcs_ep11::{AdminBlock, AdminFunction, AttributeList, SubjectKeyId};
use hpcs_workstation::{
    Administrator, PreparedCommand, RequestFile, SignedOperation, UnitAuthority, UnitClient, required, trusted_roots,
};

use crate::session::Session;
use crate::{Failure, targets, texts};

/// The present state of the crypto unit that a request is for.
#[derive(Default)]
pub(super) struct State {
    /// Whether the unit would take the request.
    pub(super) sentences: Vec<String>,
    /// The installed administrators, with the names in their certificates; none when the unit cannot be asked.
    pub(super) administrators: Vec<Administrator>,
}

/// Asks the crypto unit. When the server cannot be reached a sentence says so: a workstation that only signs may be
/// offline.
pub(super) async fn of(session: &mut Session<'_>, request: &RequestFile) -> State {
    match ask(session, request).await {
        Ok(state) => state,
        Err(failure) => State { sentences: vec![texts::unit_unknown(&failure)], ..State::default() },
    }
}

async fn ask(session: &mut Session<'_>, request: &RequestFile) -> Result<State, Failure> {
    let unit = client(session, request).await?;
    let known = session.files.module_keys()?;
    targets::warn_of_other_key(session, &known, &unit.module_key_entry());
    let report = unit.attributes().await?;
    let administrators = unit.administrators().await?;
    let command = request.command();
    let sentences = if report.domain != command.domain || report.module != command.module {
        vec![texts::UNIT_REPLACED.to_owned()]
    } else if report.counter >= command.counter {
        vec![texts::counter_moved(report.counter)]
    } else {
        let mut sentences = vec![texts::counter_stands(report.counter)];
        sentences.extend(about_signatures(request, &unit.authority().await?));
        sentences
    };
    Ok(State { sentences, administrators })
}

/// How many signatures count and how many the unit requires, and a warning for each that makes it refuse.
fn about_signatures(request: &RequestFile, authority: &UnitAuthority) -> Vec<String> {
    let installed = |ski: &SubjectKeyId| authority.administrators.contains(ski);
    let (counting, foreign): (Vec<_>, Vec<_>) =
        request.signatures().iter().map(|signature| signature.ski).partition(installed);
    let mut sentences = Vec::new();
    match operation(request.command()).map(|operation| required_by_unit(operation, authority)) {
        Some(Some(wanted)) => sentences.push(texts::signatures_wanted(counting.len(), wanted)),
        Some(None) => sentences.push(texts::REFUSED_IN_IMPRINT_MODE.to_owned()),
        None => {}
    }
    sentences.extend(foreign.into_iter().map(texts::signer_not_installed));
    sentences
}

/// How many signatures the unit itself requires; `None` when it refuses the command in its present mode.
///
/// [`required`] says how many the commands of this program give, which is one more where the real ones sign without need.
fn required_by_unit(operation: Operation, authority: &UnitAuthority) -> Option<usize> {
    let imprint_mode = authority.thresholds.signature == 0;
    match operation {
        Operation::SetImmediate | Operation::Signed(SignedOperation::Commit | SignedOperation::SingleSignature)
            if imprint_mode =>
        {
            None
        }
        Operation::SetImmediate => Some(0),
        Operation::Signed(operation) => Some(required(operation, authority)),
    }
}

/// A command as far as the number of signatures depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    /// Units ask for no signature, although this program gives one.
    SetImmediate,
    Signed(SignedOperation),
}

fn operation(command: &PreparedCommand) -> Option<Operation> {
    Some(Operation::Signed(match command.function {
        AdminFunction::FINALIZE_WK => return Some(Operation::SetImmediate),
        AdminFunction::ADD_ADMINISTRATOR => SignedOperation::AddAdministrator,
        AdminFunction::REMOVE_ADMINISTRATOR => SignedOperation::RemoveAdministrator,
        AdminFunction::SET_ATTRIBUTES => SignedOperation::SetThresholds { new_signature: new_threshold(command)? },
        AdminFunction::COMMIT_WK => SignedOperation::Commit,
        AdminFunction::CLEAR_NEXT_WK | AdminFunction::CLEAR_CURRENT_WK => SignedOperation::SingleSignature,
        AdminFunction::ZEROIZE => SignedOperation::Zeroize,
        _ => return None,
    }))
}

fn new_threshold(command: &PreparedCommand) -> Option<u32> {
    let block = AdminBlock::decode(&command.block).ok()?;
    AttributeList::decode(block.input).ok()?.get(AttributeList::SIGNATURE_THRESHOLD)
}

/// The crypto unit that the request is for.
///
/// # Errors
/// When the service does not have it, or its module cannot be verified.
pub(super) async fn client(session: &mut Session<'_>, request: &RequestFile) -> Result<UnitClient, Failure> {
    let service = session.service().await?;
    let units = service.crypto_units(request.instance()).await?;
    let info = units.iter().find(|info| info.id == request.unit());
    let info = info.ok_or_else(|| Failure::new(texts::unit_gone(request.unit())))?;
    Ok(UnitClient::connect(&service, request.instance(), info, &trusted_roots()).await?)
}

#[cfg(test)]
mod tests {
    use hpcs_ep11::Permissions;
    use hpcs_workstation::Thresholds;

    use super::*;

    fn authority(signature: u32) -> UnitAuthority {
        UnitAuthority {
            thresholds: Thresholds { signature, revocation: 1 },
            permissions: Permissions(0),
            administrators: vec![SubjectKeyId([1; 32])],
        }
    }

    #[test]
    fn units_require_no_signature_to_set_immediately() {
        assert_eq!(required_by_unit(Operation::SetImmediate, &authority(2)), Some(0));
        let single = Operation::Signed(SignedOperation::SingleSignature);
        assert_eq!(required_by_unit(single, &authority(2)), Some(1));
        assert_eq!(required_by_unit(Operation::Signed(SignedOperation::Commit), &authority(2)), Some(2));
    }

    #[test]
    fn units_in_imprint_mode_refuse_commands_on_master_keys() {
        for operation in [
            Operation::SetImmediate,
            Operation::Signed(SignedOperation::Commit),
            Operation::Signed(SignedOperation::SingleSignature),
        ] {
            assert_eq!(required_by_unit(operation, &authority(0)), None, "{operation:?}");
        }
        assert_eq!(required_by_unit(Operation::Signed(SignedOperation::Zeroize), &authority(0)), Some(0));
    }
}
