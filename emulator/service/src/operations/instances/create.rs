//! An instance is made.

use std::collections::HashSet;

use hpcs_ep11::development_root;
use hpcs_names::InstanceId;

use super::{NewInstance, invalid};
use crate::decision::Change;
use crate::document::Factory;
use crate::operations::decided;
use crate::{
    CallEnv, Caller, Decision, Directory, Instance, InstanceSpec, Record, RecordKey, Refusal, Reply, UnitIds, View,
    instance_records, lay_out, stable_uuid,
};

/// Lays the instance out at the first free place, in imprint mode or as its document says.
pub(crate) fn create(view: &View, caller: &Caller, new: &NewInstance, env: &CallEnv<'_>) -> Decision {
    decided(try_create(view, caller, new, env))
}

fn try_create(view: &View, caller: &Caller, new: &NewInstance, env: &CallEnv<'_>) -> Result<Decision, Refusal> {
    let account = &caller.claims().account;
    let mut directory = view.directory().cloned().unwrap_or_default();
    let spec = spec(view, caller, new)?;
    let id = spec.id.unwrap_or_else(|| next_id(&mut directory));
    // An id is bound to its account for good: its log is.
    let before = view.instance_or_tombstone(id);
    if let Some(found) = before.filter(|found| !found.deleted || found.account != *account) {
        let fix = if found.account == *account { "delete it first" } else { "choose another id" };
        return Err(Refusal::AlreadyExists { field: "instance", why: format!("{id} is here already; {fix}") });
    }
    // Nobody could see a log of that name; an import that broke off may have left one.
    let dropped_logs = if directory.contains(id) { Vec::new() } else { vec![id] };
    let spec = InstanceSpec { id: Some(id), ..spec };
    let manufacturer = development_root();
    let created = new.document.as_ref().map_or(Ok(None), |document| document.created())?.unwrap_or(env.now);
    let laid_out = lay_out(&spec, UnitIds::OfInstance, created, env.root, &manufacturer)
        .map_err(|error| Refusal::InvalidArgument { field: "instance", why: error.to_string() })?;
    let (mut instance, units) = match &new.document {
        Some(document) => {
            document.agrees_with(&laid_out.0)?;
            document.apply(laid_out, &Factory { root: env.root, manufacturer: &manufacturer, exported: false })?
        }
        None => laid_out,
    };
    distinct_units(view, &instance)?;
    directory.enter(&mut instance, before);
    let records = instance_records(instance.clone(), units);
    let mut changes: Vec<_> = records.into_iter().map(|(key, record)| Change::put(key, record)).collect();
    changes.push(Change::put(RecordKey::Directory, Record::Directory(directory)));
    Ok(Decision { dropped_logs, ..Decision::changing(Reply::Instance(instance), changes) })
}

/// What is asked for, at the first free place.
fn spec(view: &View, caller: &Caller, new: &NewInstance) -> Result<InstanceSpec, Refusal> {
    let spec = InstanceSpec {
        number: view.free_number(),
        id: new.id,
        region: new.spec.region.clone(),
        plan: new.spec.plan,
        account: caller.claims().account.clone(),
        profile: new.spec.profile,
        operational: new.spec.operational,
        recovery: new.spec.recovery,
        failover: new.spec.failover,
    };
    let Some(document) = &new.document else { return Ok(spec) };
    let described = document.spec(spec.clone())?;
    if spec.id.is_some() && described.id != spec.id {
        return Err(invalid("id", "is not the id that was asked for"));
    }
    if described.account != spec.account {
        return Err(invalid("account", "is not the caller's"));
    }
    Ok(InstanceSpec { number: spec.number, ..described })
}

/// A document may name ids of units; no two units of the emulator have the same.
fn distinct_units(view: &View, made: &Instance) -> Result<(), Refusal> {
    let others = || view.instances().filter(|other| !other.deleted && other.id != made.id);
    for (index, card) in made.units.iter().enumerate() {
        if let Some(other) = others().find(|other| other.unit(card.id).is_some()) {
            let why = format!("is that of a unit of instance {}", other.id);
            return Err(invalid(format!("units[{index}].id"), why));
        }
    }
    Ok(())
}

/// The id that derives from the number of the next instance; numbers whose id someone asked for are passed over.
fn next_id(directory: &mut Directory) -> InstanceId {
    loop {
        let id = InstanceId(stable_uuid(&format!("instance/{}", directory.created)));
        if !directory.contains(id) {
            return id;
        }
        directory.created += 1;
    }
}

impl View {
    /// The smallest number that no instance has which is not deleted.
    fn free_number(&self) -> u32 {
        let taken: HashSet<u32> =
            self.instances().filter(|instance| !instance.deleted).map(|instance| instance.number).collect();
        (0..).find(|number| !taken.contains(number)).unwrap_or_default()
    }
}
