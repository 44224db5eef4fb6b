//! What is committed, and what can become of it.

use std::fmt;
use std::sync::Arc;

use hpcs_audit::EventDraft;

use crate::StoredEvent;

/// The version of a record: another one after every change, and never one that a deleted record of its name had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

impl Version {
    /// The version of a record that does not exist.
    pub const ABSENT: Version = Version(0);
}

/// A record as it was read.
pub struct Versioned<R> {
    /// The version that guards and changes refer to.
    pub version: Version,
    /// The value, shared with every reader of this version.
    pub value: Arc<R>,
}

impl<R> Clone for Versioned<R> {
    fn clone(&self) -> Self {
        Versioned { version: self.version, value: self.value.clone() }
    }
}

/// One record to write.
pub struct Change<K, R> {
    /// Which record.
    pub key: K,
    /// The version the decision was made on; [`Version::ABSENT`] to create.
    pub expected: Version,
    /// The new value; `None` deletes.
    pub value: Option<Arc<R>>,
}

/// Everything one operation commits.
pub struct CommitUnit<K, R> {
    /// Records to write.
    pub changes: Vec<Change<K, R>>,
    /// Records the decision rests on without changing them.
    pub guards: Vec<(K, Version)>,
    /// The operation's event.
    pub event: Option<EventDraft>,
}

/// What a commit gave out.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The event with its sequence number and time, if there was one.
    pub event: Option<StoredEvent>,
}

/// Why nothing was committed, or why nobody can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitError {
    /// A record has another version than expected: someone was faster. Read again and decide again.
    Conflict,
    /// The store refuses work; nothing was committed.
    Unavailable(Unavailable),
    /// The connection was lost while committing: it may have happened or not.
    OutcomeUnknown(Unavailable),
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CommitError::Conflict => f.write_str("a record was changed meanwhile"),
            CommitError::Unavailable(cause) => write!(f, "nothing was committed: {cause}"),
            CommitError::OutcomeUnknown(cause) => write!(f, "the outcome of the commit is unknown: {cause}"),
        }
    }
}

impl std::error::Error for CommitError {}

/// The store cannot be used; the text names the store and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unavailable {}
