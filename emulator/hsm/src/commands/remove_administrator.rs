//! Remove domain administrator, 00000004.

use hpcs_ep11::{AdminFunction, SubjectKeyId};

use super::{Applied, Command, ImprintRule, Quorum};
use crate::{Administrators, CallEnv, Trust, Unit, UnitRefusal, UnitState};

/// Input: a subject key identifier. Output: the remaining identifiers.
///
/// Refusals: 32/32, and outside imprint mode 209/66. The administrator who is removed may sign. Firmware also defines
/// reasons 67 and 68 for the last administrators; they can never be reached, because 209/66 comes first.
pub(super) struct RemoveAdministrator;

impl Command for RemoveAdministrator {
    const FUNCTION: AdminFunction = AdminFunction::REMOVE_ADMINISTRATOR;
    const NAME: &'static str = "remove administrator";
    const IMPRINT: ImprintRule = ImprintRule::Unsigned;
    const SECURED: Quorum = Quorum::RevocationThreshold;
    type Input = Administrators;

    fn check(unit: &Unit, input: &[u8], _: Trust) -> Result<Administrators, UnitRefusal> {
        let id = <[u8; 32]>::try_from(input).map_err(|_| UnitRefusal::ADMINISTRATOR_NOT_FOUND)?;
        let remaining = unit.administrators.without(SubjectKeyId(id));
        if remaining.len() == unit.administrators.len() {
            return Err(UnitRefusal::ADMINISTRATOR_NOT_FOUND);
        }
        if let UnitState::Secured(secured) = unit.state() {
            let needed = secured.thresholds.signature.max(secured.thresholds.revocation);
            if remaining.len() < needed.into() {
                return Err(UnitRefusal::BELOW_THRESHOLD);
            }
        }
        Ok(remaining)
    }

    fn effect(unit: &Unit, administrators: Administrators, _: &mut CallEnv) -> Applied {
        let output = administrators.packed_ids();
        Ok((Unit { administrators, ..unit.clone() }, output))
    }
}
