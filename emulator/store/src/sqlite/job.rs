//! One unit on its way from its caller to the writer.

use std::sync::Arc;

use hpcs_audit::EventDraft;
use tokio::sync::oneshot;

use super::queue::Ticket;
use super::records::Padded;
use crate::{Codec, CodecError, CommitError, CommitUnit, Committed, LogChange, Version};

/// A unit whose records are bytes already.
pub(super) struct Job<K, R> {
    pub(super) changes: Vec<EncodedChange<K, R>>,
    pub(super) guards: Vec<(K, Version)>,
    pub(super) event: Option<EventDraft>,
    pub(super) logs: Vec<LogChange>,
    pub(super) erase: bool,
    pub(super) ticket: Ticket,
    /// Its number, once it is taken.
    pub(super) number: u64,
    pub(super) answer: oneshot::Sender<Answer>,
    size: usize,
}

/// What a caller is told.
pub(super) type Answer = Result<Committed, CommitError>;

/// A record to write.
pub(super) struct EncodedChange<K, R> {
    pub(super) key: K,
    pub(super) name: String,
    pub(super) expected: Version,
    pub(super) value: Option<(Arc<R>, Padded)>,
}

impl<K, R> Job<K, R> {
    /// Encodes the records of a unit: here, in the caller's task, because sealing would cost the one writer dearly.
    pub(super) fn new(
        unit: CommitUnit<K, R>,
        codec: &dyn Codec<K, R>,
        answer: oneshot::Sender<Answer>,
    ) -> Result<Self, CodecError> {
        let CommitUnit { changes, guards, event, logs, erase } = unit;
        let changes = changes.into_iter().map(|change| {
            let name = codec.name(&change.key);
            let value = match change.value {
                Some(value) => {
                    let bytes = codec.encode(&name, &value)?;
                    Some((value, Padded::new(bytes)))
                }
                None => None,
            };
            Ok(EncodedChange { key: change.key, name, expected: change.expected, value })
        });
        let changes = changes.collect::<Result<Vec<_>, _>>()?;
        let records: usize =
            changes.iter().filter_map(|change| change.value.as_ref()).map(|(_, bytes)| bytes.size()).sum();
        let appended: usize = logs.iter().map(appended).sum();
        let size = records + appended + EVENT;
        Ok(Job { changes, guards, event, logs, erase, ticket: Ticket::new(), number: 0, answer, size })
    }

    /// About the bytes it will write.
    pub(super) fn size(&self) -> usize {
        self.size
    }
}

fn appended(change: &LogChange) -> usize {
    match change {
        LogChange::Append { events, .. } => events.iter().map(|event| event.line.len()).sum(),
        LogChange::Begin { .. } | LogChange::Drop(_) => 0,
    }
}

/// About the bytes of an event that is not rendered yet, and of the rows around it.
const EVENT: usize = 2048;
