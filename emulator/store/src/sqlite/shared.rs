//! What the store, its writer thread and its readers have in common.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::cache::Cache;
use super::job::Job;
use super::outcomes::Span;
use super::queue::Queue;
use crate::{Unavailable, Version};

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

/// Operations that are not at their end.
pub(super) struct Pending(Mutex<Numbers>);

struct Numbers {
    open: Vec<Span>,
    /// The number given out last.
    last: u64,
}

impl<K: Eq + std::hash::Hash + Clone, R> Shared<K, R> {
    pub(super) fn new(file: &Path, last: u64, version: Version) -> Self {
        Shared {
            name: format!("SQLite file {}", file.display()),
            records: Cache::new(version),
            queue: Queue::new(),
            pending: Pending(Mutex::new(Numbers { open: Vec::new(), last })),
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
    fn lock(&self) -> MutexGuard<'_, Numbers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Numbers for so many operations of a new transaction; at least one.
    pub(super) fn begin(&self, operations: usize) -> Span {
        let mut numbers = self.lock();
        let span = Span { first: numbers.last + 1, last: numbers.last + operations.max(1) as u64 };
        numbers.last = span.last;
        numbers.open.push(span);
        span
    }

    /// The transaction is at its end, whichever it was.
    pub(super) fn end(&self, span: Span) {
        self.lock().open.retain(|open| *open != span);
    }

    /// Whether the outcome may still change, or the number was never given out.
    pub(super) fn is_open(&self, number: u64) -> bool {
        let numbers = self.lock();
        number > numbers.last || numbers.open.iter().any(|span| span.contains(number))
    }
}
