//! The store: records with versions, and the event log, committed together.
//!
//! A [`CommitUnit`] names what one operation changes, which records its decision rests on, and its event. Either all of
//! it happens or nothing does. Each instance has its own log with a gapless sequence; sequence and time are given out
//! inside the commit, and the event is rendered once, there. What a record holds is not the store's business: it never
//! looks inside and never sees a key.
//!
//! [`MemoryStore`] is the only backend so far; every backend obeys the [`Store`] trait. It keeps every event for the life
//! of the process, about 1.5 kB each.

mod clock;
mod commit;
mod event_log;
mod filter;
mod memory;

use futures_util::future::BoxFuture;
use hpcs_names::InstanceId;
use tokio::sync::watch;

pub use clock::{Clock, VirtualClock};
pub use commit::{Change, CommitError, CommitUnit, Committed, Unavailable, Version, Versioned};
pub use event_log::{EventPage, StoredEvent};
pub use filter::EventFilter;
pub use memory::MemoryStore;

/// Where records and events live.
///
/// `K` names a record, `R` is its value. Answers are futures because databases wait.
pub trait Store<K, R>: Send + Sync {
    /// The records of these keys, in the same order; `None` where there is none.
    ///
    /// # Errors
    /// [`Unavailable`] when the store cannot be read.
    fn load<'a>(&'a self, keys: &'a [K]) -> BoxFuture<'a, Result<Vec<Option<Versioned<R>>>, Unavailable>>;

    /// Commits all of `unit` or nothing.
    ///
    /// When this returns, the changes are visible to every later [`Store::load`] and the event to every reader of the
    /// log. The commit completes even when the future is dropped after its first poll.
    ///
    /// # Errors
    /// See [`CommitError`].
    fn commit(&self, unit: CommitUnit<K, R>) -> BoxFuture<'_, Result<Committed, CommitError>>;

    /// At most `limit` events of `instance` that pass `filter`, in sequence order, starting at sequence `from`.
    ///
    /// A page may be empty although the log goes on: a store looks at a bounded number of events at a time, so that a
    /// filter that matches little holds up nobody.
    ///
    /// # Errors
    /// [`Unavailable`] when the store cannot be read.
    fn events<'a>(
        &'a self,
        instance: InstanceId,
        from: u64,
        filter: &'a EventFilter,
        limit: usize,
    ) -> BoxFuture<'a, Result<EventPage, Unavailable>>;

    /// Changes whenever events were committed; for readers that follow the log.
    fn changes(&self) -> watch::Receiver<u64>;
}
