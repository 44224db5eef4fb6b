//! Stored keys during a rotation of the master key: each gets a second blob under the next one (section 8.3, last
//! paragraph). The engine asks for it key by key once a rotation was started, in the name of who started it; no surface
//! does. Each key that is wrapped leaves an event of `updatekey`, and its version stays.
//!
//! What a password keeps closed stays as it is, because the service has no password: such keys get their second blob when
//! their owner updates them meanwhile, and are lost otherwise.

use hpcs_audit::catalogue::ep11::UPDATE_KEY;
use hpcs_audit::event::Target;
use hpcs_ep11::VerificationPattern;
use hpcs_hsm::functions::rewrap_stored;
use hpcs_hsm::{NewRegisterStatus, Unit};
use hpcs_names::{InstanceId, StoredKeyId, Uuid};

use crate::decision::Change;
use crate::keystore::{Entry, KeyRecord, StoredContent, wrapping_key_name};
use crate::operations::call::{serving_keys, units};
use crate::operations::instance_of;
use crate::{CallEnv, Caller, Decision, Instance, Record, RecordKey, Refusal, Reply, View, Who, trail};

/// The records that wrapping a key looks at.
pub(crate) fn reads(view: &View, instance: InstanceId, key: StoredKeyId) -> Vec<RecordKey> {
    let units = view.instance(instance).into_iter().flat_map(serving_keys);
    [RecordKey::Instance(instance), RecordKey::StoredKey(instance, key)].into_iter().chain(units).collect()
}

/// Wraps a key. Where there is nothing to wrap, nothing happens, and nothing is told.
pub(crate) fn decide(
    view: &View,
    who: &Who,
    caller: Result<&Caller, Refusal>,
    (instance, key): (InstanceId, StoredKeyId),
    env: &CallEnv<'_>,
) -> Decision {
    let done = Reply::Keystore(super::KeystoreReply::Wrapped);
    let instance = match caller.and_then(|caller| instance_of(view, caller, instance)) {
        Ok(instance) => instance,
        Err(refusal) => return Decision::reply(Err(refusal)),
    };
    let Some((record, task)) =
        view.stored_key(instance.id, key).and_then(|key| Some((key, task(view, instance, key)?)))
    else {
        return Decision::reply(Ok(done));
    };
    let path: [&[u8]; 4] = [b"rewrap", instance.id.0.as_bytes(), key.0.as_bytes(), &task.next.0];
    let mut randomness = hpcs_hsm::CallEnv { rng: env.seed.rng(&path) };
    let wrapped = rewrap_stored(task.unit, &task.first.blob, &mut randomness);
    let wrapped = wrapped.map_err(|value| Refusal::of_method(value, "RewrapKeyBlob"));
    let target = Target { id: instance.keystore_crn(record.keystore), name: key.to_string(), alias: None };
    let uri = format!("/v1/tke/{}/mk-rotation", instance.id);
    let made = || Uuid::from_digest(&env.seed.derive(&[&path[..], &[b"correlation"]].concat())).to_string();
    let correlation = who.origin.correlation.clone().unwrap_or_else(made);
    let event = trail::call_event(UPDATE_KEY, who, instance, target, uri, wrapped.as_ref().err(), correlation);
    let guards = [RecordKey::Instance(instance.id)].into_iter().chain(serving_keys(instance));
    let mut decision = Decision { event: Some(event), guards: guards.collect(), ..Decision::reply(Ok(done)) };
    match wrapped {
        Ok(blob) => {
            let next = Entry { wrapping_key: wrapping_key_name(task.next), blob: blob.into() };
            let StoredContent::Open(content) = &record.content else { return decision };
            let content = crate::keystore::KeyContent { entries: vec![task.first, next], ..content.clone() };
            let record = KeyRecord { content: StoredContent::Open(content), ..record.clone() };
            decision.changes.push(Change::put(RecordKey::StoredKey(instance.id, key), Record::StoredKey(record)));
        }
        Err(refusal) => {
            decision.guards.push(RecordKey::StoredKey(instance.id, key));
            decision.reply = Err(refusal);
        }
    }
    decision
}

/// What is to be wrapped, where, and under which master key.
struct Task<'a> {
    unit: &'a Unit,
    first: Entry,
    next: VerificationPattern,
}

/// What has to be done for a key; nothing when it is locked, or there already, or no rotation is under way.
fn task<'a>(view: &'a View, instance: &'a Instance, key: &KeyRecord) -> Option<Task<'a>> {
    let StoredContent::Open(content) = &key.content else { return None };
    let next = instance.rotation.as_ref()?.to;
    let holds = |unit: &&Unit| {
        let status = unit.status();
        status.new_register == NewRegisterStatus::FullCommitted
            && status.new_pattern.is_some_and(|pattern| pattern.matches(&next))
    };
    let unit = units(view, instance).find(holds)?;
    let content = content.clone().under(unit.current_pattern().map(wrapping_key_name));
    let mut entries = content.entries.into_iter();
    let first = entries.next()?;
    let there = entries.next().is_some_and(|second| second.wrapping_key == wrapping_key_name(next));
    (!there).then_some(Task { unit, first, next })
}
