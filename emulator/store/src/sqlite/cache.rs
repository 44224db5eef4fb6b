//! Records as they were decoded last.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Versioned;

/// Every record that was read or written since the opening. What was committed is in here before it is answered.
pub(super) struct Cache<K, R>(Mutex<Inner<K, R>>);

struct Inner<K, R> {
    records: HashMap<K, Versioned<R>>,
    /// Counts deletions and clearings: a reader that began before one must not bring back what it saw.
    forgotten: u64,
}

/// What a group of commits makes of a record; `None` when it is deleted.
pub(super) type Written<K, R> = HashMap<K, Option<Versioned<R>>>;

/// What is there of some keys, and what has to be read.
pub(super) struct Known<R> {
    /// In the order of the keys; `None` where it has to be read.
    pub(super) records: Vec<Option<Versioned<R>>>,
    /// What [`Cache::fill`] wants back.
    pub(super) forgotten: u64,
}

impl<K: Eq + Hash + Clone, R> Cache<K, R> {
    pub(super) fn new() -> Self {
        Cache(Mutex::new(Inner { records: HashMap::new(), forgotten: 0 }))
    }

    /// A panic while the lock was held cannot leave half a change: each one is a single map operation.
    fn lock(&self) -> MutexGuard<'_, Inner<K, R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records of these keys, as of one moment.
    pub(super) fn look(&self, keys: &[K]) -> Known<R> {
        let inner = self.lock();
        let records = keys.iter().map(|key| inner.records.get(key).cloned()).collect();
        Known { records, forgotten: inner.forgotten }
    }

    /// One record.
    pub(super) fn one(&self, key: &K) -> Option<Versioned<R>> {
        self.lock().records.get(key).cloned()
    }

    /// Remembers what was read from the file, unless something newer is known.
    pub(super) fn fill(&self, key: &K, record: &Versioned<R>, forgotten: u64) {
        let mut inner = self.lock();
        if inner.forgotten == forgotten {
            inner.records.entry(key.clone()).or_insert_with(|| record.clone());
        }
    }

    /// What a group has committed.
    pub(super) fn publish(&self, written: Written<K, R>) {
        let mut inner = self.lock();
        for (key, record) in written {
            match record {
                Some(record) => {
                    inner.records.insert(key, record);
                }
                None => {
                    inner.records.remove(&key);
                    inner.forgotten += 1;
                }
            }
        }
    }

    /// Forgets everything: what is committed has to be read again.
    pub(super) fn clear(&self) {
        let mut inner = self.lock();
        inner.records.clear();
        inner.forgotten += 1;
    }
}
