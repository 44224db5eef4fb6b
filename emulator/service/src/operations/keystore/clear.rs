//! All records of a keystore, and of all keystores of an instance: for whoever takes them away or elsewhere.

use hpcs_names::{InstanceId, KeystoreId};

use crate::decision::Change;
use crate::{RecordKey, View};

/// The records of a keystore, given those already in `view`; asked again until it names nothing new, all of them.
pub(crate) fn keystore_records(view: &View, instance: InstanceId, id: KeystoreId) -> Vec<RecordKey> {
    let filled = view.keystore(instance, id).into_iter().flat_map(|keystore| keystore.sizes.filled());
    let buckets: Vec<_> = filled.map(|(bucket, _)| bucket).collect();
    let keys = buckets.iter().flat_map(|bucket| view.key_bucket(instance, id, *bucket));
    let keys = keys.map(|key| RecordKey::StoredKey(instance, *key));
    let lists = buckets.iter().map(|bucket| RecordKey::KeyBucket(instance, id, *bucket));
    std::iter::once(RecordKey::Keystore(instance, id)).chain(lists).chain(keys).collect()
}

/// The same, as far as they are there.
pub(super) fn keystore_keys(view: &View, instance: InstanceId, id: KeystoreId) -> Vec<RecordKey> {
    let mut keys = keystore_records(view, instance, id);
    keys.retain(|key| view.contains(*key));
    keys
}

/// The records of all keystores of an instance, given those already in `view`.
pub fn instance_keystore_records(view: &View, instance: InstanceId) -> Vec<RecordKey> {
    let ids = view.keystores(instance).into_iter().flat_map(|keystores| keystores.ids());
    let records = ids.flat_map(|id| keystore_records(view, instance, id));
    [RecordKey::Keystores(instance), RecordKey::KeyTally(instance)].into_iter().chain(records).collect()
}

/// Takes all keystores of an instance away.
pub(crate) fn clear(view: &View, instance: InstanceId) -> impl Iterator<Item = Change> {
    let keys = instance_keystore_records(view, instance).into_iter();
    keys.filter(|key| view.contains(*key)).map(Change::delete)
}
