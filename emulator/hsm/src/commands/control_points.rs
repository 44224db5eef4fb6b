//! Domain control points: set (00000011), add (00000012), delete (00000013).

use std::marker::PhantomData;

use hpcs_ep11::{AdminFunction, ControlPoints, Permissions};

use super::{Applied, Command, ImprintRule, Quorum};
use crate::{CallEnv, Trust, Unit, UnitRefusal};

/// Input: a mask of 16 bytes. Output: the mask in force.
///
/// Refusals: 33/44, 80/46, 80/47, 80/45, in this order.
pub(super) struct Change<C>(PhantomData<C>);

/// Replaces the whole mask; the rules of adding and deleting both apply.
pub(super) struct Set;
/// Enables the points of the mask.
pub(super) struct Add;
/// Disables the points of the mask.
pub(super) struct Delete;

/// What becomes of the mask in force.
pub(super) trait Combine {
    const FUNCTION: AdminFunction;
    const NAME: &'static str;

    fn combine(old: ControlPoints, mask: ControlPoints) -> ControlPoints;
}

impl Combine for Set {
    const FUNCTION: AdminFunction = AdminFunction::SET_CONTROL_POINTS;
    const NAME: &'static str = "set control points";

    fn combine(_: ControlPoints, mask: ControlPoints) -> ControlPoints {
        mask
    }
}

impl Combine for Add {
    const FUNCTION: AdminFunction = AdminFunction::ADD_CONTROL_POINTS;
    const NAME: &'static str = "add control points";

    fn combine(old: ControlPoints, mask: ControlPoints) -> ControlPoints {
        old.union(&mask)
    }
}

impl Combine for Delete {
    const FUNCTION: AdminFunction = AdminFunction::DELETE_CONTROL_POINTS;
    const NAME: &'static str = "delete control points";

    fn combine(old: ControlPoints, mask: ControlPoints) -> ControlPoints {
        old.minus(&mask)
    }
}

impl<C: Combine> Command for Change<C> {
    const FUNCTION: AdminFunction = C::FUNCTION;
    const NAME: &'static str = C::NAME;
    const IMPRINT: ImprintRule = ImprintRule::Refused;
    const SECURED: Quorum = Quorum::OneIfPermitted(Permissions::CP_1SIGN);
    type Input = ControlPoints;

    fn check(unit: &Unit, input: &[u8], _: Trust) -> Result<ControlPoints, UnitRefusal> {
        let mask = <[u8; 16]>::try_from(input).map_err(|_| UnitRefusal::CONTROL_POINT_LENGTH)?;
        let old = unit.control_points;
        let next = C::combine(old, ControlPoints(mask));
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

    fn effect(unit: &Unit, next: ControlPoints, _: &mut CallEnv) -> Applied {
        Ok((Unit { control_points: next, ..unit.clone() }, next.0.to_vec()))
    }
}
