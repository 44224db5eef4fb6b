//! What the store keeps for the service, and what one decision sees of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use hpcs_hsm::Unit;
use hpcs_names::{CryptoUnitId, InstanceId, KeystoreId, StoredKeyId};

use crate::keystore::{KeyBucket, KeyRecord, KeyTally, Keystore, Keystores};
use crate::{ApiKeyDigest, Identity, Instance, ServiceRoot};

/// Names a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKey {
    /// What the service as a whole keeps.
    Service,
    /// The list of all instances.
    Directory,
    /// What the last configuration brought.
    Configured,
    /// An instance.
    Instance(InstanceId),
    /// The state of a crypto unit.
    CryptoUnit(CryptoUnitId),
    /// The identity behind an API key.
    ApiKey(ApiKeyDigest),
    /// How far a sink has come; by the SHA-256 of its target.
    SinkPosition([u8; 32]),
    /// The list of an instance's keystores.
    Keystores(InstanceId),
    /// How many keys an instance has.
    KeyTally(InstanceId),
    /// A keystore.
    Keystore(InstanceId, KeystoreId),
    /// Which keys are in one of a keystore's buckets.
    KeyBucket(InstanceId, KeystoreId, u8),
    /// A key in a keystore.
    StoredKey(InstanceId, StoredKeyId),
}

/// The value of a record.
pub enum Record {
    /// The root of token keys and module keys.
    Service(ServiceRoot),
    /// All instances.
    Directory(Directory),
    /// The API keys of the last configuration; the next one replaces them.
    Configured(Vec<ApiKeyDigest>),
    /// An instance and the cards of its crypto units.
    Instance(Instance),
    /// The state of a crypto unit: registers, administrators, counter.
    CryptoUnit(Unit),
    /// Whom an API key stands for.
    ApiKey(Identity),
    /// How far a sink has come.
    SinkPosition(SinkPosition),
    /// The keystores of an instance.
    Keystores(Keystores),
    /// How many keys an instance has.
    KeyTally(KeyTally),
    /// A keystore.
    Keystore(Box<Keystore>),
    /// Ids of keys.
    KeyBucket(KeyBucket),
    /// A key.
    StoredKey(KeyRecord),
}

/// The list of instances.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// Every instance whose log is there, deleted ones too; ascending.
    pub instances: Vec<InstanceId>,
    /// Goes up with every instance that is made, and never down: the id of the next one follows from it, and each takes
    /// it as its [incarnation](Instance::incarnation). Numbers of configured instances are passed over.
    pub created: u32,
}

/// How far a sink has written the logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkPosition {
    /// Where the sink writes to, as the operator named it.
    pub target: String,
    /// Where each log goes on.
    pub positions: Vec<(InstanceId, LogPlace)>,
}

/// Where reading a log goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPlace {
    /// Which of the logs that the instance's id ever had: its [incarnation](Instance::incarnation). 0 stands for the one
    /// that is there.
    pub incarnation: u32,
    /// The next sequence; 0 stands for the first one that is kept.
    pub next: u64,
}

impl Directory {
    /// Adds a new instance, which gets its incarnation here. One that is there already, deleted, comes back and keeps
    /// what it had, because its log goes on.
    pub fn enter(&mut self, instance: &mut Instance, before: Option<&Instance>) {
        self.created += 1;
        match self.instances.binary_search(&instance.id) {
            Ok(_) => instance.incarnation = before.map_or(self.created, |before| before.incarnation),
            Err(at) => {
                self.instances.insert(at, instance.id);
                instance.incarnation = self.created;
            }
        }
    }

    /// Takes an instance out.
    pub fn remove(&mut self, id: InstanceId) {
        self.instances.retain(|other| *other != id);
    }

    /// Whether the instance is there, deleted or not.
    pub fn contains(&self, id: InstanceId) -> bool {
        self.instances.binary_search(&id).is_ok()
    }
}

/// The records a decision may look at: those its operation asked for, as far as they exist.
#[derive(Default)]
pub struct View(BTreeMap<RecordKey, Arc<Record>>);

impl View {
    /// Adds a record.
    pub fn insert(&mut self, key: RecordKey, record: Arc<Record>) {
        self.0.insert(key, record);
    }

    /// The list of instances; `None` before the first was made.
    pub fn directory(&self) -> Option<&Directory> {
        match self.get(RecordKey::Directory) {
            Some(Record::Directory(directory)) => Some(directory),
            _ => None,
        }
    }

    /// Identifiers of all instances, deleted ones too, ascending.
    pub fn instance_ids(&self) -> &[InstanceId] {
        self.directory().map_or(&[], |directory| &directory.instances)
    }

    /// The instance, if it exists, is not deleted, and was asked for.
    pub fn instance(&self, id: InstanceId) -> Option<&Instance> {
        self.instance_or_tombstone(id).filter(|instance| !instance.deleted)
    }

    /// The instance, deleted or not, if it was asked for.
    pub fn instance_or_tombstone(&self, id: InstanceId) -> Option<&Instance> {
        match self.get(RecordKey::Instance(id)) {
            Some(Record::Instance(instance)) => Some(instance),
            _ => None,
        }
    }

    /// All instances in the list that were asked for, deleted ones too.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.instance_ids().iter().filter_map(|id| self.instance_or_tombstone(*id))
    }

    /// The crypto unit, if it exists and was asked for.
    pub fn crypto_unit(&self, id: CryptoUnitId) -> Option<&Unit> {
        match self.get(RecordKey::CryptoUnit(id)) {
            Some(Record::CryptoUnit(unit)) => Some(unit),
            _ => None,
        }
    }

    /// The identity behind an API key, if the key exists and was asked for.
    pub fn identity(&self, digest: ApiKeyDigest) -> Option<&Identity> {
        match self.get(RecordKey::ApiKey(digest)) {
            Some(Record::ApiKey(identity)) => Some(identity),
            _ => None,
        }
    }

    /// The keystores of an instance, as far as they were asked for; none when none was ever made.
    pub fn keystores(&self, instance: InstanceId) -> Option<&Keystores> {
        match self.get(RecordKey::Keystores(instance)) {
            Some(Record::Keystores(keystores)) => Some(keystores),
            _ => None,
        }
    }

    /// How many keys an instance has, if it was asked for.
    pub fn key_tally(&self, instance: InstanceId) -> KeyTally {
        match self.get(RecordKey::KeyTally(instance)) {
            Some(Record::KeyTally(tally)) => *tally,
            _ => KeyTally::default(),
        }
    }

    /// The keystore, if it exists and was asked for.
    pub fn keystore(&self, instance: InstanceId, id: KeystoreId) -> Option<&Keystore> {
        match self.get(RecordKey::Keystore(instance, id)) {
            Some(Record::Keystore(keystore)) => Some(keystore),
            _ => None,
        }
    }

    /// Ids of the keys in a bucket, ascending, if it was asked for.
    pub fn key_bucket(&self, instance: InstanceId, keystore: KeystoreId, bucket: u8) -> &[StoredKeyId] {
        match self.get(RecordKey::KeyBucket(instance, keystore, bucket)) {
            Some(Record::KeyBucket(bucket)) => &bucket.keys,
            _ => &[],
        }
    }

    /// The key, if it exists and was asked for.
    pub fn stored_key(&self, instance: InstanceId, id: StoredKeyId) -> Option<&KeyRecord> {
        match self.get(RecordKey::StoredKey(instance, id)) {
            Some(Record::StoredKey(key)) => Some(key),
            _ => None,
        }
    }

    /// Whether a record was asked for and is there.
    pub(crate) fn contains(&self, key: RecordKey) -> bool {
        self.0.contains_key(&key)
    }

    fn get(&self, key: RecordKey) -> Option<&Record> {
        self.0.get(&key).map(Arc::as_ref)
    }
}
