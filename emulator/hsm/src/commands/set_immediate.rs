//! Finalize pending master key, 0000000E: "set immediate".

use hpcs_ep11::AdminFunction;

use super::{Applied, Command, ImprintRule, Quorum, secured, with_secured};
use crate::{CallEnv, Registers, Secured, Trust, Unit, UnitRefusal};

/// Input: the verification pattern of the new register. Output: the pattern of what is now current.
///
/// The unit asks for no signature and verifies those present; clients sign with one. Refusals: 102/64, 101/48.
pub(super) struct SetImmediate;

impl Command for SetImmediate {
    const FUNCTION: AdminFunction = AdminFunction::FINALIZE_WK;
    const NAME: &'static str = "set immediate";
    const IMPRINT: ImprintRule = ImprintRule::Refused;
    const SECURED: Quorum = Quorum::None;
    type Input = Registers;

    fn check(unit: &Unit, pattern: &[u8], _: Trust) -> Result<Registers, UnitRefusal> {
        secured(unit)?.registers.clone().activate(pattern)
    }

    fn effect(unit: &Unit, registers: Registers, _: &mut CallEnv) -> Applied {
        let next = with_secured(unit, Secured { registers, ..secured(unit)?.clone() });
        let output = next.current_pattern().map(|pattern| pattern.0.to_vec()).unwrap_or_default();
        Ok((next, output))
    }
}
