//! An instance is deleted.

use hpcs_names::InstanceId;

use crate::decision::Change;
use crate::operations::decided;
use crate::operations::keystore::clear::clear;
use crate::{Caller, Decision, Instance, Record, RecordKey, Refusal, Reply, View};

/// The crypto units go, keys included, and so do its keystores. The instance and its log stay as a memory that can be read, unless they are
/// purged; an instance that is a memory already can still be purged.
pub(crate) fn delete(view: &View, caller: &Caller, id: InstanceId, purge: bool) -> Decision {
    decided(try_delete(view, caller, id, purge))
}

fn try_delete(view: &View, caller: &Caller, id: InstanceId, purge: bool) -> Result<Decision, Refusal> {
    let own = |instance: &&Instance| instance.account == caller.claims().account;
    let reachable = |instance: &&Instance| purge || !instance.deleted;
    let instance = view.instance_or_tombstone(id).filter(own).filter(reachable).ok_or(Refusal::NoSuchInstance)?;
    let mut changes = Vec::new();
    if !instance.deleted {
        changes.extend(instance.units.iter().map(|card| Change::delete(RecordKey::CryptoUnit(card.id))));
    }
    changes.extend(clear(view, id));
    let mut dropped_logs = Vec::new();
    if purge {
        let mut directory = view.directory().cloned().unwrap_or_default();
        directory.remove(id);
        changes.push(Change::put(RecordKey::Directory, Record::Directory(directory)));
        changes.push(Change::delete(RecordKey::Instance(id)));
        dropped_logs.push(id);
    } else {
        let tombstone = Instance { deleted: true, sessions: Vec::new(), ..instance.clone() };
        changes.push(Change::put(RecordKey::Instance(id), Record::Instance(tombstone)));
    }
    Ok(Decision { erase: true, dropped_logs, ..Decision::changing(Reply::Deleted, changes) })
}
