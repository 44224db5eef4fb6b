//! Add domain administrator, 00000002.

use hpcs_ep11::AdminFunction;

use super::{Applied, Command, ImprintRule, Quorum};
use crate::{Administrator, Administrators, CallEnv, Trust, Unit, UnitRefusal};

/// Input: an administrator certificate. Output: all identifiers after the change, 32 bytes each.
///
/// Refusals: 33, 32/40, 32/138, 256/38, 261/39.
pub(super) struct AddAdministrator;

/// The largest certificate a module takes, bytes.
pub(crate) const MAX_CERTIFICATE: usize = 12288;

impl Command for AddAdministrator {
    const FUNCTION: AdminFunction = AdminFunction::ADD_ADMINISTRATOR;
    const NAME: &'static str = "add administrator";
    const IMPRINT: ImprintRule = ImprintRule::Unsigned;
    const SECURED: Quorum = Quorum::SignatureThreshold;
    type Input = Administrators;

    fn check(unit: &Unit, input: &[u8], _: Trust) -> Result<Administrators, UnitRefusal> {
        if input.is_empty() || input.len() > MAX_CERTIFICATE {
            return Err(UnitRefusal::INPUT_LENGTH);
        }
        unit.administrators.with(Administrator::from_certificate(input)?)
    }

    fn effect(unit: &Unit, administrators: Administrators, _: &mut CallEnv) -> Applied {
        let output = administrators.packed_ids();
        Ok((Unit { administrators, ..unit.clone() }, output))
    }
}
