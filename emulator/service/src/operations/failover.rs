//! Assigning failover units to an instance.
//!
//! In the cloud the command `failover-enable` does it. The documents name no event for it: the units are new, and nothing
//! has happened in them. Part of the specification: TKE workflows 1.2, 4.7.

use hpcs_ep11::development_root;
use hpcs_names::InstanceId;

use super::{decided, instance_of, units_of};
use crate::decision::Change;
use crate::instance::lay_out_failover;
use crate::{CallEnv, Caller, CryptoUnitKind, Decision, Plan, Record, RecordKey, Refusal, Reply, View};

/// Gives the instance as many failover units as `total` says, in imprint mode. As many as it has already change nothing.
pub(crate) fn enable(view: &View, caller: &Caller, id: InstanceId, total: u32, env: &CallEnv<'_>) -> Decision {
    decided(try_enable(view, caller, id, total, env))
}

fn try_enable(
    view: &View,
    caller: &Caller,
    id: InstanceId,
    total: u32,
    env: &CallEnv<'_>,
) -> Result<Decision, Refusal> {
    let instance = instance_of(view, caller, id)?;
    let refused = |why: String| Err(Refusal::InvalidArgument { field: "failover", why });
    if instance.plan != Plan::Standard {
        return refused(format!("the plan {} has no failover crypto units", instance.plan.as_str()));
    }
    let present = instance.count(CryptoUnitKind::Failover);
    if total < present {
        return refused(format!("the instance has {present} failover crypto units, and they cannot be taken away"));
    }
    if total == present && total > 0 {
        return Ok(Decision::reply(Ok(Reply::CryptoUnits(instance.units.clone()))));
    }
    let units = units_of(view, instance)?;
    let added = lay_out_failover(instance, &units, total, env.root, &development_root())
        .map_err(|error| Refusal::InvalidArgument { field: "instance", why: error.to_string() })?;
    if added.iter().any(|(card, _)| view.crypto_unit(card.id).is_some()) {
        let why = "another instance has crypto units with the ids that the new ones would get".to_owned();
        return Err(Refusal::AlreadyExists { field: "failover", why });
    }
    let mut next = instance.clone();
    let mut changes = Vec::new();
    for (card, unit) in added {
        changes.push(Change::put(RecordKey::CryptoUnit(card.id), Record::CryptoUnit(unit)));
        next.units.push(card);
    }
    let listed = next.units.clone();
    changes.push(Change::put(RecordKey::Instance(id), Record::Instance(next)));
    Ok(Decision::changing(Reply::CryptoUnits(listed), changes))
}
