//! What a decision is.

use hpcs_audit::EventDraft;
use hpcs_names::InstanceId;

use crate::{Record, RecordKey, Refusal, Reply};

/// What becomes of an operation: everything the engine commits, and the reply it then gives.
pub struct Decision {
    /// The answer. A crypto unit's refusal is a [`Reply`]; the service's own refusals are errors.
    pub reply: Result<Reply, Refusal>,
    /// Records to write.
    pub changes: Vec<Change>,
    /// Records the decision rests on without changing them.
    pub guards: Vec<RecordKey>,
    /// The event, unless the documents name none.
    pub event: Option<EventDraft>,
    /// Logs that go with all their events.
    pub dropped_logs: Vec<InstanceId>,
    /// Whether the old values must not be recoverable afterwards: keys were destroyed.
    pub erase: bool,
}

/// A record to write or to delete.
pub struct Change {
    /// Which.
    pub key: RecordKey,
    /// The new value; `None` deletes.
    pub record: Option<Record>,
}

impl Change {
    /// A record with a new value.
    pub(crate) fn put(key: RecordKey, record: Record) -> Self {
        Change { key, record: Some(record) }
    }

    /// A record that goes.
    pub(crate) fn delete(key: RecordKey) -> Self {
        Change { key, record: None }
    }
}

impl Decision {
    /// A decision that changes nothing and leaves no event.
    pub(crate) fn reply(reply: Result<Reply, Refusal>) -> Self {
        Decision { reply, changes: Vec::new(), guards: Vec::new(), event: None, dropped_logs: Vec::new(), erase: false }
    }

    /// A decision that makes these changes and leaves no event.
    pub(crate) fn changing(reply: Reply, changes: Vec<Change>) -> Self {
        Decision { changes, ..Decision::reply(Ok(reply)) }
    }

    /// Whether there is nothing to commit.
    pub fn is_idle(&self) -> bool {
        self.changes.is_empty() && self.event.is_none() && self.dropped_logs.is_empty()
    }
}
