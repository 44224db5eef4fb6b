//! Domain control points: set (00000011), add (00000012), delete (00000013).

use hpcs_ep11::{AdminFunction, ControlPoints};

use super::{Applied, CONTROL_POINT_QUORUM, Command, ImprintRule, Quorum};
use crate::{CallEnv, Trust, Unit, UnitRefusal};

/// Replaces the whole mask; the rules of adding and deleting both apply.
pub(super) struct Set;
/// Enables the points of the mask.
pub(super) struct Add;
/// Disables the points of the mask.
pub(super) struct Delete;

macro_rules! control_point_command {
    ($command:ident, $function:ident, $name:literal, $combine:expr) => {
        impl Command for $command {
            const FUNCTION: AdminFunction = AdminFunction::$function;
            const NAME: &'static str = $name;
            const IMPRINT: ImprintRule = ImprintRule::Refused;
            const SECURED: Quorum = CONTROL_POINT_QUORUM;
            type Input = ControlPoints;

            fn check(unit: &Unit, input: &[u8], _: Trust) -> Result<ControlPoints, UnitRefusal> {
                let mask = <[u8; 16]>::try_from(input).map_err(|_| UnitRefusal::CONTROL_POINT_LENGTH)?;
                let combine: fn(ControlPoints, ControlPoints) -> ControlPoints = $combine;
                check_change(unit.control_points, combine(unit.control_points, ControlPoints(mask)))
            }

            fn effect(unit: &Unit, next: ControlPoints, _: &mut CallEnv) -> Applied {
                Ok((Unit { control_points: next, ..unit.clone() }, next.0.to_vec()))
            }
        }
    };
}

control_point_command!(Set, SET_CONTROL_POINTS, "set control points", |_, mask| mask);
control_point_command!(Add, ADD_CONTROL_POINTS, "add control points", |old, mask| old.union(&mask));
control_point_command!(Delete, DELETE_CONTROL_POINTS, "delete control points", |old, mask| old.minus(&mask));

/// Input of all three: a mask of 16 bytes. Output: the mask in force.
///
/// # Errors
/// 33/44 (in the caller), 80/46, 80/47, 80/45, in this order.
fn check_change(old: ControlPoints, next: ControlPoints) -> Result<ControlPoints, UnitRefusal> {
    let (added, removed) = (next.minus(&old), old.minus(&next));
    if !added.is_empty() && !old.get(ControlPoints::ADD) {
        return Err(UnitRefusal::CONTROL_POINT_ADD);
    }
    if !removed.is_empty() && !old.get(ControlPoints::DELETE) {
        return Err(UnitRefusal::CONTROL_POINT_DELETE);
    }
    let enableable = ControlPoints::DEFINED.minus(&ControlPoints::NEVER_ENABLED);
    if !added.minus(&enableable).is_empty() {
        return Err(UnitRefusal::CONTROL_POINT_REJECTED);
    }
    Ok(next)
}
