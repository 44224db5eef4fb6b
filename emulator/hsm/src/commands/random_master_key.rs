//! Create random master key, 0000000A.

use hpcs_ep11::{AdminFunction, KeyPart, Permissions};

use super::{Applied, Command, ImprintRule, Quorum, permitted, secured, with_secured};
use crate::{CallEnv, MasterKey, Secured, Trust, Unit, UnitRefusal};

/// No input. Output: the verification pattern.
///
/// An empty current register is filled directly, without commit and set immediate. Refusals: 80/52, 80/53. The
/// specification gives no rule for input; it is refused with 33 as for the other commands without input.
pub(super) struct RandomMasterKey;

impl Command for RandomMasterKey {
    const FUNCTION: AdminFunction = AdminFunction::RANDOM_WK;
    const NAME: &'static str = "generate random master key";
    const IMPRINT: ImprintRule = ImprintRule::Refused;
    const SECURED: Quorum = Quorum::One;
    type Input = ();

    fn check(unit: &Unit, input: &[u8], _: Trust) -> Result<(), UnitRefusal> {
        super::no_input(input)?;
        permitted(unit, Permissions::WK_RANDOM, UnitRefusal::RANDOM_PROHIBITED)
    }

    fn effect(unit: &Unit, (): (), env: &mut CallEnv) -> Applied {
        let key = MasterKey::new(KeyPart::random(&mut env.rng));
        let output = unit.report_pattern(key.pattern()).0.to_vec();
        let secured = secured(unit)?.clone();
        let registers = secured.registers.fill_random(key)?;
        Ok((with_secured(unit, Secured { registers, ..secured }), output))
    }
}
