//! Clear pending master key, 0000001C.

use hpcs_ep11::AdminFunction;

use super::{Applied, Command, ImprintRule, Quorum, no_input, secured, with_secured};
use crate::{CallEnv, Secured, Trust, Unit, UnitRefusal};

/// No input, no output. Clearing an empty register succeeds. Refusal: 33.
pub(super) struct ClearNew;

impl Command for ClearNew {
    const FUNCTION: AdminFunction = AdminFunction::CLEAR_NEXT_WK;
    const NAME: &'static str = "clear new master key register";
    const IMPRINT: ImprintRule = ImprintRule::Refused;
    const SECURED: Quorum = Quorum::One;
    type Input = ();

    fn check(_: &Unit, input: &[u8], _: Trust) -> Result<(), UnitRefusal> {
        no_input(input)
    }

    fn effect(unit: &Unit, (): (), _: &mut CallEnv) -> Applied {
        let secured = secured(unit)?.clone();
        let registers = secured.registers.clear_new();
        Ok((with_secured(unit, Secured { registers, ..secured }), Vec::new()))
    }
}
