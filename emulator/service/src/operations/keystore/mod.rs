//! The nine documented actions on EP11 keystores and their keys, one file each.
//!
//! Each call of a known instance of the caller's account leaves one event of its action, whatever becomes of it. Governed
//! by the GREP11 API, section 8; names of methods are those of the actions.
//!
//! # Layout
//! - one file an action: its arguments, the records it reads, what it does.
//! - `scene`: what an action finds; `write`: what becomes of a key that comes in; `page`: listings in pieces.
//! - `rewrap`: stored keys during a rotation of the master key. `clear`: what goes with an instance.

pub(crate) mod clear;
mod create_keystore;
mod delete_key;
mod delete_keystore;
mod list_keys;
mod list_keys_by_attributes;
mod list_keys_by_ids;
mod list_keystores_by_attributes;
mod list_keystores_by_ids;
mod page;
pub(crate) mod rewrap;
mod scene;
mod store_new_key;
mod update_key;
mod write;

use bytes::Bytes;
use hpcs_audit::event::Target;
use hpcs_audit::{EventDraft, EventTime, Row};
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::{KeystoreId, StoredKeyId, Uuid};

pub use clear::instance_keystore_records;
pub use create_keystore::CreateKeystore;
pub use delete_key::DeleteKey;
pub use delete_keystore::DeleteKeystore;
pub use list_keys_by_attributes::ListKeysByAttributes;
pub use list_keys_by_ids::ListKeysByIds;
pub use list_keystores_by_attributes::ListKeystoresByAttributes;
pub use list_keystores_by_ids::ListKeystoresByIds;
pub use page::Page;
pub use store_new_key::StoreNewKey;
pub use update_key::UpdateKey;
pub use write::KeyWrite;

use super::call::{Call, serving_keys};
use crate::decision::Change;
use crate::keystore::{Attributes, Keystore, TransactionId};
use crate::{CallEnv, Caller, Decision, Instance, RecordKey, Refusal, Reply, Role, View, Who, trail};
use scene::Scene;

/// A call of the keystore interface.
pub struct KeystoreCall {
    /// Which action it is.
    pub action: &'static KeystoreAction,
    /// The rest.
    pub call: Call<KeystoreAsk>,
}

/// A documented action.
pub struct KeystoreAction {
    /// The name of its method: `StoreNewKey`.
    pub method: &'static str,
    /// Its row in the catalogue of events.
    pub row: &'static Row,
    /// Who may ask for it (sections 2.6 and 8.2).
    pub roles: &'static [Role],
}

/// The documented actions.
pub const ACTIONS: &[&KeystoreAction] = &[
    &create_keystore::ACTION,
    &delete_keystore::ACTION,
    &list_keystores_by_ids::ACTION,
    &list_keystores_by_attributes::ACTION,
    &store_new_key::ACTION,
    &update_key::ACTION,
    &delete_key::ACTION,
    &list_keys_by_ids::ACTION,
    &list_keys_by_attributes::ACTION,
];

/// Who may look at keys.
const EVERY_KEY_ROLE: &[Role] = &[Role::Reader, Role::ReaderPlus, Role::Writer, Role::Manager, Role::KeyOperator];

/// Who may write keys.
const KEY_WRITERS: &[Role] = &[Role::Writer, Role::Manager, Role::KeyOperator];

/// What a call of the keystore interface asks.
#[allow(missing_docs, reason = "each variant is the action of its name")]
pub enum KeystoreAsk {
    CreateKeystore(CreateKeystore),
    DeleteKeystore(DeleteKeystore),
    ListKeystoresByIds(ListKeystoresByIds),
    ListKeystoresByAttributes(ListKeystoresByAttributes),
    StoreNewKey(StoreNewKey),
    UpdateKey(UpdateKey),
    DeleteKey(DeleteKey),
    ListKeysByIds(ListKeysByIds),
    ListKeysByAttributes(ListKeysByAttributes),
}

/// The answer of a call.
pub enum KeystoreReply {
    /// A keystore.
    Keystore(Keystore),
    /// Keystores, and where the listing goes on; empty at its end.
    Keystores(Vec<Keystore>, Vec<u8>),
    /// A key.
    Key(StoredKey),
    /// Keys, and where the listing goes on; empty at its end.
    Keys(Vec<StoredKey>, Vec<u8>),
    /// It is gone.
    Deleted,
    /// The key is under the next master key too, if there is one and the key can be.
    Wrapped,
}

/// A key as its owner sees it.
pub struct StoredKey {
    /// Its id.
    pub id: StoredKeyId,
    /// The keystore that it is in.
    pub keystore: KeystoreId,
    /// 0 when it was stored, one more with each update.
    pub version: u64,
    /// The last write.
    pub transaction: TransactionId,
    /// Its attributes, with what the service says of the blobs.
    pub attributes: Attributes,
    /// The key's blob; during a rotation of the master key a second one, under the next.
    pub blobs: Vec<Bytes>,
    /// When it was stored.
    pub created: EventTime,
    /// When it was written last.
    pub updated: EventTime,
}

/// One action with its arguments.
trait Act {
    /// The records it looks at beside the instance and its units, given those already in `view`.
    fn reads(&self, view: &View, instance: &Instance) -> Vec<RecordKey>;

    /// The records its verdict rests on, of those it looks at.
    fn rests_on(&self, view: &View, instance: &Instance) -> Vec<RecordKey> {
        self.reads(view, instance)
    }

    /// What the event is about, as far as the arguments name it.
    fn concern(&self) -> Concern;

    /// Does it.
    fn carry_out(&self, scene: &Scene<'_>) -> Result<Done, ReturnValue>;
}

/// What an event is about: the keystore, if it is one, and the ids that it names; none for the instance.
#[derive(Default)]
struct Concern {
    keystore: Option<KeystoreId>,
    names: Vec<Uuid>,
}

/// What an action did.
struct Done {
    reply: KeystoreReply,
    changes: Vec<Change>,
    /// Whether key blobs were destroyed.
    erase: bool,
    /// What the event is about, when only the answer tells.
    concern: Option<Concern>,
}

impl Done {
    /// An answer that changes nothing.
    fn reply(reply: KeystoreReply) -> Self {
        Done { reply, changes: Vec::new(), erase: false, concern: None }
    }
}

impl KeystoreAsk {
    fn act(&self) -> &dyn Act {
        match self {
            KeystoreAsk::CreateKeystore(action) => action,
            KeystoreAsk::DeleteKeystore(action) => action,
            KeystoreAsk::ListKeystoresByIds(action) => action,
            KeystoreAsk::ListKeystoresByAttributes(action) => action,
            KeystoreAsk::StoreNewKey(action) => action,
            KeystoreAsk::UpdateKey(action) => action,
            KeystoreAsk::DeleteKey(action) => action,
            KeystoreAsk::ListKeysByIds(action) => action,
            KeystoreAsk::ListKeysByAttributes(action) => action,
        }
    }
}

impl KeystoreAction {
    /// The action of this method.
    pub fn find(method: &str) -> Option<&'static Self> {
        ACTIONS.iter().find(|action| action.method == method).copied()
    }
}

impl KeystoreCall {
    /// The records it looks at.
    pub(crate) fn reads(&self, view: &View, who: &Who) -> Vec<RecordKey> {
        let mut keys = self.call.reads(view, who);
        let instance = self.call.instance_id(view, who).and_then(|id| view.instance(id));
        if let (Some(instance), Ok(asked)) = (instance, &self.call.asked) {
            keys.extend(asked.act().reads(view, instance));
        }
        keys
    }
}

/// Decides a call. A call of a known instance of the caller's account leaves its event whatever becomes of it.
pub(crate) fn decide(
    view: &View,
    who: &Who,
    caller: Result<&Caller, Refusal>,
    call: &KeystoreCall,
    env: &CallEnv<'_>,
) -> Decision {
    let KeystoreCall { action, call } = call;
    let instance = match call.own_instance(view, who, &caller) {
        Ok(instance) => instance,
        Err(refusal) => return Decision::reply(Err(refusal)),
    };
    let asked = call.asked.as_ref();
    let mut concern = asked.map(|asked| asked.act().concern()).unwrap_or_default();
    let mut guards = vec![RecordKey::Instance(instance.id)];
    let done = caller.and_then(|caller| {
        let act = asked.map_err(Refusal::clone)?.act();
        guards.extend(serving_keys(instance));
        guards.extend(act.rests_on(view, instance));
        let scene = Scene::new(view, caller, instance, call, env)?;
        act.carry_out(&scene).map_err(|value| call.refused(value))
    });
    let (reply, changes, erase) = match done {
        Ok(done) => {
            concern = done.concern.unwrap_or(concern);
            (Ok(Reply::Keystore(done.reply)), done.changes, done.erase)
        }
        Err(refusal) => (Err(refusal), Vec::new(), false),
    };
    guards.retain(|key| changes.iter().all(|change| change.key != *key));
    let event = event(action, who, instance, call, &concern, reply.as_ref().err(), env);
    Decision { changes, guards, erase, event: Some(event), ..Decision::reply(reply) }
}

fn event(
    action: &KeystoreAction,
    who: &Who,
    instance: &Instance,
    call: &Call<KeystoreAsk>,
    concern: &Concern,
    refusal: Option<&Refusal>,
    env: &CallEnv<'_>,
) -> EventDraft {
    let id = concern.keystore.map_or_else(|| instance.crn(), |keystore| instance.keystore_crn(keystore));
    let names: Vec<_> = concern.names.iter().map(Uuid::to_string).collect();
    let name = if names.is_empty() { instance.id.to_string() } else { names.join(",") };
    let target = Target { id, name, alias: None };
    let method = format!("/hpcs.keystore.v1.Keystore/{}", action.method);
    trail::call_event(action.row, who, instance, target, method, refusal, call.correlation(who, instance, env))
}

#[cfg(test)]
mod tests;
