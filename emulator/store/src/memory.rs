//! The store in memory: nothing survives the process.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use hpcs_audit::Style;
use hpcs_names::InstanceId;
use tokio::sync::watch;

use crate::event_log::EventLog;
use crate::{
    Clock, CommitError, CommitUnit, Committed, EventFilter, EventPage, Store, Unavailable, Version, Versioned,
};

/// Records and events behind one lock.
///
/// A blocking lock is right here: it is held for a map operation and the rendering of one event, a few microseconds, or
/// for a look at some thousand events, and never across an await.
pub struct MemoryStore<K, R> {
    inner: Mutex<Inner<K, R>>,
    changes: watch::Sender<u64>,
    clock: Arc<dyn Clock>,
    style: Style,
}

struct Inner<K, R> {
    records: HashMap<K, Versioned<R>>,
    logs: HashMap<InstanceId, EventLog>,
    /// The version given out last. One counter for all records: a record that is deleted and made again never has a
    /// version that an old decision could have seen.
    version: Version,
}

impl<K: Eq + Hash + Clone, R> MemoryStore<K, R> {
    /// An empty store that stamps events by `clock` and renders them in `style`.
    pub fn new(clock: Arc<dyn Clock>, style: Style) -> Self {
        let inner = Inner { records: HashMap::new(), logs: HashMap::new(), version: Version::ABSENT };
        MemoryStore { inner: Mutex::new(inner), changes: watch::Sender::new(0), clock, style }
    }

    /// A panic while the lock was held cannot leave half a commit: checks come before the first write.
    fn lock(&self) -> MutexGuard<'_, Inner<K, R>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit_now(&self, unit: CommitUnit<K, R>) -> Result<Committed, CommitError> {
        let mut inner = self.lock();
        let expected = unit.changes.iter().map(|change| (&change.key, change.expected));
        let guarded = unit.guards.iter().map(|(key, version)| (key, *version));
        for (key, version) in expected.chain(guarded) {
            let present = inner.records.get(key).map_or(Version::ABSENT, |record| record.version);
            if present != version {
                return Err(CommitError::Conflict);
            }
        }
        let idle = unit.changes.is_empty() && unit.event.is_none();
        let event = unit.event.map(|draft| {
            let instance = draft.source.instance_id();
            inner.logs.entry(instance).or_default().append(instance, &draft, self.clock.now(), &self.style)
        });
        for change in unit.changes {
            match change.value {
                Some(value) => {
                    let version = Version(inner.version.0 + 1);
                    inner.version = version;
                    inner.records.insert(change.key, Versioned { version, value });
                }
                None => {
                    inner.records.remove(&change.key);
                }
            }
        }
        if !idle {
            self.clock.advance();
        }
        drop(inner);
        if event.is_some() {
            self.changes.send_modify(|count| *count += 1);
        }
        Ok(Committed { event })
    }
}

impl<K, R> Store<K, R> for MemoryStore<K, R>
where
    K: Eq + Hash + Clone + Send + Sync,
    R: Send + Sync,
{
    fn load<'a>(&'a self, keys: &'a [K]) -> BoxFuture<'a, Result<Vec<Option<Versioned<R>>>, Unavailable>> {
        Box::pin(async move {
            let inner = self.lock();
            Ok(keys.iter().map(|key| inner.records.get(key).cloned()).collect())
        })
    }

    fn commit(&self, unit: CommitUnit<K, R>) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async move { self.commit_now(unit) })
    }

    fn events<'a>(
        &'a self,
        instance: InstanceId,
        from: u64,
        filter: &'a EventFilter,
        limit: usize,
    ) -> BoxFuture<'a, Result<EventPage, Unavailable>> {
        Box::pin(async move {
            let inner = self.lock();
            Ok(match inner.logs.get(&instance) {
                Some(log) => log.read(from, filter, limit),
                None => EventPage { events: Vec::new(), next: from.max(1), more: false },
            })
        })
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
