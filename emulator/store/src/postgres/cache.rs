//! Records as they were decoded last.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Versioned;

/// Decoded records by name. The database is asked for the version every time; only the decoding is saved.
pub(super) struct Cache<R>(Mutex<Inner<R>>);

struct Inner<R> {
    records: HashMap<String, Versioned<R>>,
    /// Counts forgetting: a reader that began before must not bring back what it saw.
    forgotten: u64,
}

/// What is known of some names.
pub(super) struct Known<R> {
    /// In the order of the names.
    pub(super) records: Vec<Option<Versioned<R>>>,
    /// What [`Cache::fill`] wants back.
    pub(super) forgotten: u64,
}

impl<R> Cache<R> {
    pub(super) fn new() -> Self {
        Cache(Mutex::new(Inner { records: HashMap::new(), forgotten: 0 }))
    }

    /// A panic while the lock was held cannot leave half a change: each one is a single map operation.
    fn lock(&self) -> MutexGuard<'_, Inner<R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of these names.
    pub(super) fn known(&self, names: &[String]) -> Known<R> {
        let inner = self.lock();
        let records = names.iter().map(|name| inner.records.get(name).cloned()).collect();
        Known { records, forgotten: inner.forgotten }
    }

    /// Remembers a record that was committed.
    pub(super) fn put(&self, name: &str, record: Versioned<R>) {
        self.lock().put(name, record);
    }

    /// Remembers a record that was read, unless something was forgotten since.
    pub(super) fn fill(&self, name: &str, record: Versioned<R>, forgotten: u64) {
        let mut inner = self.lock();
        if inner.forgotten == forgotten {
            inner.put(name, record);
        }
    }

    /// Forgets records that were changed elsewhere, so that no key stays in memory longer than it must.
    pub(super) fn forget<'a>(&self, names: impl Iterator<Item = &'a str>) {
        let mut inner = self.lock();
        inner.forgotten += 1;
        for name in names {
            inner.records.remove(name);
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        let mut inner = self.lock();
        inner.forgotten += 1;
        inner.records.clear();
    }
}

impl<R> Inner<R> {
    fn put(&mut self, name: &str, record: Versioned<R>) {
        if self.records.len() >= CAPACITY {
            self.records.clear();
        }
        match self.records.get_mut(name) {
            Some(known) if known.version > record.version => {}
            Some(known) => *known = record,
            None => {
                self.records.insert(name.to_owned(), record);
            }
        }
    }
}

/// Beyond this many records the cache starts anew; the cost is one decoding each.
const CAPACITY: usize = 16_384;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Version;

    fn record(version: u64) -> Versioned<u64> {
        Versioned { version: Version(version), value: Arc::new(version) }
    }

    fn known(cache: &Cache<u64>, names: &[&str]) -> Vec<Option<u64>> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        cache.known(&names).records.into_iter().map(|record| record.map(|record| *record.value)).collect()
    }

    #[test]
    fn an_answer_that_comes_late_does_not_replace_a_later_version() {
        let cache = Cache::new();
        cache.put("a", record(2));
        cache.put("a", record(1));
        assert_eq!(known(&cache, &["a"]), [Some(2)]);
    }

    #[test]
    fn what_others_changed_is_forgotten() {
        let cache = Cache::new();
        cache.put("a", record(1));
        cache.put("b", record(2));
        cache.forget(["a"].into_iter());
        assert_eq!(known(&cache, &["a", "b"]), [None, Some(2)]);
    }

    #[test]
    fn a_reader_that_began_before_a_change_does_not_bring_the_old_value_back() {
        let cache = Cache::new();
        let before = cache.known(&["a".to_owned()]);
        cache.forget(["a"].into_iter());
        cache.fill("a", record(1), before.forgotten);
        assert_eq!(known(&cache, &["a"]), [None]);
    }
}
