//! The store: records with versions, and the event log, committed together.
//!
//! A [`CommitUnit`] names what one operation changes, which records its decision rests on, and its event. Either all of
//! it happens or nothing does. Each instance has its own log with a gapless sequence; sequence and time are given out
//! inside the commit, and the event is rendered once, there. What a record holds is not the store's business: it never
//! looks inside and never sees a key; a [`Codec`] that is handed in gives it bytes.
//!
//! [`MemoryStore`] forgets everything with the process, [`SqliteStore`] keeps it in a file, [`PostgresStore`] in a
//! database that several replicas share.

mod clock;
mod codec;
mod commit;
mod faults;
mod log;
mod memory;
mod options;
mod postgres;
mod query;
mod sqlite;

use futures_util::future::BoxFuture;
use hpcs_names::InstanceId;
use tokio::sync::watch;

pub use clock::{Clock, ClockChange, ClockState, ControlledClock, Pace, Rate, VirtualClock};
pub use codec::{Codec, CodecError};
pub use commit::{
    Change, CommitError, CommitUnit, Committed, Fate, LogChange, OperationId, OperationIdError, Unavailable, Version,
    Versioned,
};
pub use faults::{Fault, FaultPoint, Faults, NoFaults};
pub use log::{Anchor, Broken, Digest, LogState, StoredEvent};
pub use memory::MemoryStore;
pub use options::{LogOptions, Retention, StoreOptions};
pub use postgres::{PostgresOpenError, PostgresStore};
pub use query::{EventFilter, EventPage, EventQuery, Start};
pub use sqlite::{Checked, Finding, OpenError, SqliteStore};

/// Where records and events live.
///
/// `K` names a record, `R` is its value. Answers are futures because databases wait.
pub trait Store<K, R>: Send + Sync {
    /// What the store is and where, as refusals name it: `SQLite file /var/lib/hpcs/emulator.db`. Without passwords.
    fn name(&self) -> String;

    /// The records of these keys, in the same order; `None` where there is none.
    ///
    /// # Errors
    /// [`Unavailable`] when the store cannot be read.
    fn load<'a>(&'a self, keys: &'a [K]) -> BoxFuture<'a, Result<Vec<Option<Versioned<R>>>, Unavailable>>;

    /// Commits all of `unit` or nothing.
    ///
    /// When this returns, the changes are visible to every later [`Store::load`] and the event to every reader of the
    /// log, and both are where a crash does not reach them. The commit completes even when the future is dropped after
    /// its first poll.
    ///
    /// # Errors
    /// See [`CommitError`].
    fn commit(&self, unit: CommitUnit<K, R>) -> BoxFuture<'_, Result<Committed, CommitError>>;

    /// A page of events that pass the query's filter.
    ///
    /// A page may be empty although the log goes on: a store looks at a bounded number of events at a time, so that a
    /// filter that matches little holds up nobody.
    ///
    /// # Errors
    /// [`Unavailable`] when the store cannot be read.
    fn events<'a>(&'a self, query: &'a EventQuery) -> BoxFuture<'a, Result<EventPage, Unavailable>>;

    /// How far the log of `instance` has come; `None` when it has none.
    ///
    /// # Errors
    /// [`Unavailable`] when the store cannot be read.
    fn log(&self, instance: InstanceId) -> BoxFuture<'_, Result<Option<LogState>, Unavailable>>;

    /// What became of an operation that was answered with [`CommitError::OutcomeUnknown`].
    ///
    /// Outcomes are kept for the last hundred thousand transactions. Of one that may have been among older ones nothing is
    /// known any more: it stays [`Fate::Unsettled`]. [`Fate::NotCommitted`] always means that it did not happen.
    ///
    /// # Errors
    /// [`Unavailable`] when the store cannot be read.
    fn fate(&self, operation: OperationId) -> BoxFuture<'_, Result<Fate, Unavailable>>;

    /// Changes whenever events were committed, here or by another replica; for readers that follow the log.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Finishes what was begun and lets go of files and connections. Nothing is committed afterwards.
    ///
    /// # Errors
    /// [`Unavailable`] when something could not be brought to its end.
    fn close(&self) -> BoxFuture<'_, Result<(), Unavailable>>;
}
