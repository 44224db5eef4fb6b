//! Records as they were decoded last.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Version, Versioned};

/// Every record that was read or written since the opening. What was committed is in here before it is answered.
pub(super) struct Cache<K, R>(Mutex<Inner<K, R>>);

struct Inner<K, R> {
    records: HashMap<K, Versioned<R>>,
    /// Counts deletions and clearings: a reader that began before one must not bring back what it saw.
    forgotten: u64,
    /// The newest version that was published: what is newer in the file belongs to a commit that is not yet in here, and
    /// one of its records alone would be of another moment than the others.
    published: Version,
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
    pub(super) fn new(published: Version) -> Self {
        Cache(Mutex::new(Inner { records: HashMap::new(), forgotten: 0, published }))
    }

    /// A panic while the lock was held cannot leave half a change: each one is a few map operations that do not panic.
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

    /// Remembers what was read from the file, unless something newer is known or about to be published.
    pub(super) fn fill(&self, key: &K, record: &Versioned<R>, forgotten: u64) {
        let mut inner = self.lock();
        if inner.forgotten == forgotten && record.version <= inner.published {
            inner.records.entry(key.clone()).or_insert_with(|| record.clone());
        }
    }

    /// What a group has committed, and the version given out last.
    pub(super) fn publish(&self, written: Written<K, R>, version: Version) {
        let mut inner = self.lock();
        inner.published = version;
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

    /// Forgets everything: what is committed, up to this version, has to be read again.
    pub(super) fn clear(&self, version: Version) {
        let mut inner = self.lock();
        inner.published = version;
        inner.records.clear();
        inner.forgotten += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn record(version: u64) -> Versioned<u64> {
        Versioned { version: Version(version), value: Arc::new(version) }
    }

    fn versions(cache: &Cache<&'static str, u64>) -> Vec<Option<u64>> {
        let known = cache.look(&["a", "b"]).records;
        known.into_iter().map(|record| record.map(|record| record.version.0)).collect()
    }

    #[test]
    fn what_is_committed_but_not_published_does_not_come_in_by_halves() {
        let cache = Cache::new(Version(0));
        cache.publish(Written::from([("a", Some(record(1)))]), Version(1));
        // A commit of both records, as a reader sees it before it is published.
        let seen = cache.look(&["b"]).forgotten;
        cache.fill(&"b", &record(3), seen);
        assert_eq!(versions(&cache), [Some(1), None]);
        cache.publish(Written::from([("a", Some(record(2))), ("b", Some(record(3)))]), Version(3));
        assert_eq!(versions(&cache), [Some(2), Some(3)]);
    }

    #[test]
    fn what_was_read_before_a_deletion_does_not_come_back() {
        let cache = Cache::new(Version(1));
        let seen = cache.look(&["a"]).forgotten;
        cache.publish(Written::from([("a", None)]), Version(1));
        cache.fill(&"a", &record(1), seen);
        assert_eq!(versions(&cache), [None, None]);
        cache.fill(&"a", &record(1), cache.look(&["a"]).forgotten);
        assert_eq!(versions(&cache), [Some(1), None]);
    }
}
