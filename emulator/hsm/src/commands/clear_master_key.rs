//! Clear pending master key (0000001C), clear current master key (0000001B).

use std::marker::PhantomData;

use hpcs_ep11::AdminFunction;

use super::{Applied, Command, ImprintRule, Quorum, no_input, secured, with_secured};
use crate::{CallEnv, Registers, Secured, Trust, Unit, UnitRefusal};

/// No input, no output. Clearing an empty register succeeds. Refusal: 33.
pub(super) struct Clear<R>(PhantomData<R>);

/// The current master key register.
pub(super) struct Current;
/// The new master key register.
pub(super) struct New;

/// Which register is cleared.
pub(super) trait Cleared {
    const FUNCTION: AdminFunction;
    const NAME: &'static str;

    fn clear(registers: Registers) -> Registers;
}

impl Cleared for Current {
    const FUNCTION: AdminFunction = AdminFunction::CLEAR_CURRENT_WK;
    const NAME: &'static str = "clear current master key register";

    fn clear(registers: Registers) -> Registers {
        registers.clear_current()
    }
}

impl Cleared for New {
    const FUNCTION: AdminFunction = AdminFunction::CLEAR_NEXT_WK;
    const NAME: &'static str = "clear new master key register";

    fn clear(registers: Registers) -> Registers {
        registers.clear_new()
    }
}

impl<R: Cleared> Command for Clear<R> {
    const FUNCTION: AdminFunction = R::FUNCTION;
    const NAME: &'static str = R::NAME;
    const IMPRINT: ImprintRule = ImprintRule::Refused;
    const SECURED: Quorum = Quorum::One;
    type Input = ();

    fn check(_: &Unit, input: &[u8], _: Trust) -> Result<(), UnitRefusal> {
        no_input(input)
    }

    fn effect(unit: &Unit, (): (), _: &mut CallEnv) -> Applied {
        let secured = secured(unit)?.clone();
        let registers = R::clear(secured.registers);
        Ok((with_secured(unit, Secured { registers, ..secured }), Vec::new()))
    }
}
