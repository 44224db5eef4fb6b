//! What the store, its writer thread and its readers have in common.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::cache::Cache;
use super::job::Job;
use super::queue::Queue;
use crate::Unavailable;

pub(super) struct Shared<K, R> {
    /// The store as refusals name it.
    pub(super) name: String,
    pub(super) records: Cache<K, R>,
    pub(super) queue: Queue<Job<K, R>>,
    pub(super) pending: Pending,
    /// Counts commits with events.
    pub(super) changes: watch::Sender<u64>,
    /// How the writer ended, once it has.
    pub(super) ended: watch::Sender<Option<Result<(), Unavailable>>>,
    /// What went wrong last, until something goes well.
    trouble: Mutex<Option<String>>,
}

/// Transactions that are not at their end.
pub(super) struct Pending {
    open: Mutex<BTreeSet<u64>>,
    last: AtomicU64,
}

impl<K: Eq + std::hash::Hash + Clone, R> Shared<K, R> {
    pub(super) fn new(file: &Path, last: u64) -> Self {
        Shared {
            name: format!("SQLite file {}", file.display()),
            records: Cache::new(),
            queue: Queue::new(),
            pending: Pending { open: Mutex::new(BTreeSet::new()), last: AtomicU64::new(last) },
            changes: watch::Sender::new(0),
            ended: watch::Sender::new(None),
            trouble: Mutex::new(None),
        }
    }
}

impl<K, R> Shared<K, R> {
    /// A refusal that names the store.
    pub(super) fn unavailable(&self, what: impl std::fmt::Display) -> Unavailable {
        Unavailable(format!("{}: {what}", self.name))
    }

    /// The refusal of a caller that has waited long enough.
    pub(super) fn too_late(&self) -> Unavailable {
        match &*self.trouble() {
            Some(trouble) => self.unavailable(format_args!("it does not answer; before that: {trouble}")),
            None => self.unavailable("it does not answer"),
        }
    }

    /// Remembers what went wrong.
    pub(super) fn fails(&self, what: &str) {
        *self.trouble() = Some(what.to_owned());
    }

    /// Forgets what went wrong.
    pub(super) fn works(&self) {
        *self.trouble() = None;
    }

    fn trouble(&self) -> MutexGuard<'_, Option<String>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn open(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a new transaction.
    pub(super) fn begin(&self) -> u64 {
        let mut open = self.open();
        let number = self.last.fetch_add(1, Ordering::AcqRel) + 1;
        open.insert(number);
        number
    }

    /// The transaction is at its end, whichever it was.
    pub(super) fn end(&self, number: u64) {
        self.open().remove(&number);
    }

    /// Whether the outcome may still change, or the number was never given out.
    pub(super) fn is_open(&self, number: u64) -> bool {
        let open = self.open();
        open.contains(&number) || number > self.last.load(Ordering::Acquire)
    }
}
