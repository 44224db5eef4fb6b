//! An instance is reset.

use hpcs_ep11::development_root;
use hpcs_hsm::Unit;
use hpcs_names::InstanceId;

use crate::decision::Change;
use crate::document::{Factory, InstanceDocument};
use crate::operations::keystore::clear::clear;
use crate::operations::{decided, instance_of, units_of};
use crate::{CallEnv, Caller, Decision, Instance, Record, RecordKey, Refusal, Reply, View};

/// Every crypto unit is as it was made, or as the document says. Modules stay what they are, so no key is generated; the
/// log goes on. Failover units that were added since stay: they were assigned to the instance, and are in imprint mode as
/// all others. No rotation of its master key is under way afterwards, unless the document says so. Keystores
/// go: no key in them could be used under another master key.
pub(crate) fn reset(
    view: &View,
    caller: &Caller,
    id: InstanceId,
    document: Option<&InstanceDocument>,
    env: &CallEnv<'_>,
) -> Decision {
    decided(try_reset(view, caller, id, document, env))
}

fn try_reset(
    view: &View,
    caller: &Caller,
    id: InstanceId,
    document: Option<&InstanceDocument>,
    env: &CallEnv<'_>,
) -> Result<Decision, Refusal> {
    let instance = instance_of(view, caller, id)?;
    let mut units: Vec<Unit> = units_of(view, instance)?.iter().map(Unit::as_manufactured).collect();
    if let Some(document) = document {
        let manufacturer = development_root();
        let factory = Factory { root: env.root, manufacturer: &manufacturer, exported: false };
        units = document.apply_to_existing(instance, &units, &factory)?;
    }
    let rotation = document.map_or(Ok(None), InstanceDocument::rotation)?;
    let cards = instance.units.iter().map(|card| RecordKey::CryptoUnit(card.id));
    let mut changes: Vec<_> = cards.zip(units).map(|(key, unit)| Change::put(key, Record::CryptoUnit(unit))).collect();
    changes.extend(clear(view, id));
    let next = Instance { rotation, sessions: Vec::new(), ..instance.clone() };
    if (&next.rotation, &next.sessions) != (&instance.rotation, &instance.sessions) {
        changes.push(Change::put(RecordKey::Instance(id), Record::Instance(next.clone())));
    }
    Ok(Decision { erase: true, ..Decision::changing(Reply::Instance(next), changes) })
}
