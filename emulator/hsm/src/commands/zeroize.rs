//! Zeroize domain, 00000010: back to the factory state.

use hpcs_ep11::{AdminFunction, Permissions};

use super::{Applied, Command, ImprintRule, Quorum, no_input};
use crate::{CallEnv, Trust, Unit, UnitRefusal};

/// No input, no output. Drops keys, importer and administrators; thresholds, permissions and control points return to
/// their factory values, the domain instance advances, and the transaction counter restarts at 0.
///
/// Refusal: 33.
pub(super) struct Zeroize;

impl Command for Zeroize {
    const FUNCTION: AdminFunction = AdminFunction::ZEROIZE;
    const NAME: &'static str = "zeroize";
    const IMPRINT: ImprintRule = ImprintRule::Unsigned;
    const SECURED: Quorum = Quorum::OneIfPermitted(Permissions::ZERO_1SIGN);
    type Input = ();

    fn check(_: &Unit, input: &[u8], _: Trust) -> Result<(), UnitRefusal> {
        no_input(input)
    }

    fn effect(unit: &Unit, (): (), _: &mut CallEnv) -> Applied {
        Ok((unit.zeroized(), Vec::new()))
    }
}
