//! What the store, its writer and its listeners share.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use tokio::sync::watch;
use tokio_postgres::Notification;

use super::cache::Cache;
use super::failure::Failure;
use super::transaction::{EVENTS_CHANNEL, EVERYTHING, RECORDS_CHANNEL};
use crate::{Clock, Faults, StoreOptions, Unavailable};

/// Everything that is not a connection.
pub(super) struct Shared<R> {
    /// `PostgreSQL postgres://user@host/database`.
    pub(super) name: String,
    pub(super) options: StoreOptions,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) faults: Arc<dyn Faults>,
    pub(super) cache: Cache<R>,
    pub(super) changes: watch::Sender<u64>,
    /// The server process behind the writer: what it notifies of is known here already.
    pub(super) writer_process: AtomicI32,
}

impl<R> Shared<R> {
    /// Wakes those who follow logs.
    pub(super) fn logs_changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// What another replica committed.
    pub(super) fn hear(&self, notification: &Notification) {
        if notification.process_id() == self.writer_process.load(Ordering::Acquire) {
            return;
        }
        match (notification.channel(), notification.payload()) {
            (EVENTS_CHANNEL, _) => self.logs_changed(),
            (RECORDS_CHANNEL, EVERYTHING) => self.cache.clear(),
            (RECORDS_CHANNEL, names) => self.cache.forget(names.lines()),
            _ => {}
        }
    }

    /// Listening has begun, perhaps again: whatever happened before was not heard.
    pub(super) fn listen_anew(&self) {
        self.cache.clear();
        self.logs_changed();
    }

    /// A refusal that names the store.
    pub(super) fn unavailable(&self, cause: &str) -> Unavailable {
        Unavailable(format!("{}: {cause}", self.name))
    }

    /// A failure as callers see it.
    pub(super) fn refusal(&self, failure: &Failure) -> Unavailable {
        self.unavailable(failure.text())
    }
}
