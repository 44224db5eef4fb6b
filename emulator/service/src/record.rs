//! What the store keeps for the service, and what one decision sees of it.

use std::collections::HashMap;
use std::sync::Arc;

use hpcs_hsm::Unit;
use hpcs_names::{CryptoUnitId, InstanceId};

use crate::{ApiKeyDigest, Identity, Instance};

/// Names a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKey {
    /// The list of all instances.
    Directory,
    /// An instance.
    Instance(InstanceId),
    /// The state of a crypto unit.
    CryptoUnit(CryptoUnitId),
    /// The identity behind an API key.
    ApiKey(ApiKeyDigest),
}

/// The value of a record.
pub enum Record {
    /// Identifiers of all instances, ascending.
    Directory(Vec<InstanceId>),
    /// An instance and the cards of its crypto units; changes only when units are added or removed.
    Instance(Instance),
    /// The state of a crypto unit: registers, administrators, counter.
    CryptoUnit(Unit),
    /// Whom an API key stands for.
    ApiKey(Identity),
}

/// The records a decision may look at: those its operation asked for, as far as they exist.
#[derive(Default)]
pub struct View(HashMap<RecordKey, Arc<Record>>);

impl View {
    /// Adds a record.
    pub fn insert(&mut self, key: RecordKey, record: Arc<Record>) {
        self.0.insert(key, record);
    }

    /// Identifiers of all instances, ascending.
    pub fn directory(&self) -> &[InstanceId] {
        match self.get(RecordKey::Directory) {
            Some(Record::Directory(instances)) => instances,
            _ => &[],
        }
    }

    /// The instance, if it exists and was asked for.
    pub fn instance(&self, id: InstanceId) -> Option<&Instance> {
        match self.get(RecordKey::Instance(id)) {
            Some(Record::Instance(instance)) => Some(instance),
            _ => None,
        }
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

    fn get(&self, key: RecordKey) -> Option<&Record> {
        self.0.get(&key).map(Arc::as_ref)
    }
}
