//! What is committed, and what can become of it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hpcs_audit::EventDraft;

use hpcs_names::InstanceId;

use crate::{Anchor, LogState, StoredEvent};

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
    /// What becomes of whole logs.
    pub logs: Vec<LogChange>,
    /// The old values of what is written must not be recoverable from the store's own files when this returns. It costs
    /// some synchronisations more; see each backend for what it can promise.
    pub erase: bool,
}

/// Something that befalls a whole log.
#[derive(Clone, Debug)]
pub enum LogChange {
    /// A log begins, empty, and goes on after `anchor`. It conflicts with a log that is there, and so does an anchor
    /// beyond [`Anchor::MAX_SEQUENCE`].
    Begin {
        /// Whose log.
        instance: InstanceId,
        /// What its first event follows.
        anchor: Anchor,
    },
    /// Events of another store, at the end of a log and as they are. They conflict when they do not follow, and when
    /// they are another instance's.
    Append {
        /// Whose log.
        instance: InstanceId,
        /// The events, in sequence order.
        events: Vec<StoredEvent>,
    },
    /// A log goes, with all its events; the next one of its instance starts at 1.
    Drop(InstanceId),
}

impl LogChange {
    /// Whose log it is about.
    pub fn instance(&self) -> InstanceId {
        match self {
            LogChange::Begin { instance, .. } | LogChange::Append { instance, .. } | LogChange::Drop(instance) => {
                *instance
            }
        }
    }

    /// What becomes of a log, `None` where there is none.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] when the change does not fit what is there.
    pub(crate) fn applied_to(&self, log: Option<LogState>) -> Result<Option<LogState>, CommitError> {
        match (self, log) {
            (LogChange::Begin { anchor, .. }, None) if anchor.sequence <= Anchor::MAX_SEQUENCE => {
                Ok(Some(LogState::after(*anchor)))
            }
            (LogChange::Append { events, .. }, Some(mut state)) => {
                for event in events {
                    if event.instance != self.instance() {
                        return Err(CommitError::Conflict);
                    }
                    state.follow(event).map_err(|_| CommitError::Conflict)?;
                }
                Ok(Some(state))
            }
            (LogChange::Drop(_), _) => Ok(None),
            (LogChange::Begin { .. }, _) | (LogChange::Append { .. }, None) => Err(CommitError::Conflict),
        }
    }
}

impl<K, R> Default for CommitUnit<K, R> {
    fn default() -> Self {
        CommitUnit { changes: Vec::new(), guards: Vec::new(), event: None, logs: Vec::new(), erase: false }
    }
}

impl<K, R> CommitUnit<K, R> {
    /// Whether there is nothing to write.
    pub fn is_idle(&self) -> bool {
        self.changes.is_empty() && self.event.is_none() && self.logs.is_empty()
    }
}

/// Names an operation whose outcome can be asked for later: the opening of the store that tried it, and a number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId {
    /// See [`crate::StoreOptions::session`].
    pub session: u64,
    /// The operation, or the transaction it is part of: a later one of the same opening has a higher number.
    pub number: u64,
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.session, self.number)
    }
}

impl FromStr for OperationId {
    type Err = OperationIdError;

    fn from_str(text: &str) -> Result<Self, OperationIdError> {
        let (session, number) = text.split_once('-').ok_or(OperationIdError)?;
        if session.len() != 16 || !session.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(OperationIdError);
        }
        let session = u64::from_str_radix(session, 16).map_err(|_| OperationIdError)?;
        Ok(OperationId { session, number: number.parse().map_err(|_| OperationIdError)? })
    }
}

/// The text is not an operation id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationIdError;

impl fmt::Display for OperationIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an operation id; they look like 5f3c0a9be2d41786-12")
    }
}

impl std::error::Error for OperationIdError {}

/// What became of an operation whose outcome was unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It happened, with its event.
    Committed,
    /// It did not happen, and will not.
    NotCommitted,
    /// Nobody can tell yet.
    Unsettled,
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
    /// The connection was lost, or the sync hung, while committing: it may have happened or not.
    OutcomeUnknown {
        /// What to ask for with [`crate::Store::fate`].
        operation: OperationId,
        /// What happened.
        cause: Unavailable,
    },
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CommitError::Conflict => f.write_str("a record was changed meanwhile"),
            CommitError::Unavailable(cause) => write!(f, "nothing was committed: {cause}"),
            CommitError::OutcomeUnknown { operation, cause } => {
                write!(f, "the outcome of operation {operation} is unknown: {cause}")
            }
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
