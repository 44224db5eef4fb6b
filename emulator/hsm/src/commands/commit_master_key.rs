//! Commit pending master key, 0000000D.

use hpcs_ep11::AdminFunction;

use super::{Applied, Command, ImprintRule, Quorum, secured, with_secured};
use crate::{CallEnv, Registers, Secured, Trust, Unit, UnitRefusal};

/// Input: the verification pattern of the new register. Output: the same pattern as the unit reports it.
///
/// Refusals: 102/50, 101/48.
pub(super) struct CommitMasterKey;

impl Command for CommitMasterKey {
    const FUNCTION: AdminFunction = AdminFunction::COMMIT_WK;
    const NAME: &'static str = "commit new master key register";
    const IMPRINT: ImprintRule = ImprintRule::Refused;
    const SECURED: Quorum = Quorum::SignatureThreshold;
    type Input = Registers;

    fn check(unit: &Unit, pattern: &[u8], _: Trust) -> Result<Registers, UnitRefusal> {
        secured(unit)?.registers.clone().commit(pattern)
    }

    fn effect(unit: &Unit, registers: Registers, _: &mut CallEnv) -> Applied {
        let next = with_secured(unit, Secured { registers, ..secured(unit)?.clone() });
        let output = next.new_pattern().map(|pattern| pattern.0.to_vec()).unwrap_or_default();
        Ok((next, output))
    }
}
