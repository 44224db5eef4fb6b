//! What a decision is.

use hpcs_audit::EventDraft;

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
}

/// A record to write.
pub struct Change {
    /// Which.
    pub key: RecordKey,
    /// The new value.
    pub record: Record,
}

impl Decision {
    /// A decision that changes nothing and leaves no event.
    pub(crate) fn reply(reply: Result<Reply, Refusal>) -> Self {
        Decision { reply, changes: Vec::new(), guards: Vec::new(), event: None }
    }
}
