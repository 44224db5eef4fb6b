//! How far sinks have come, kept beside the events: a sink goes on where it was, after a restart too.

use std::sync::Arc;

use hpcs_service::{Record, RecordKey, Refusal, SinkPosition};
use hpcs_store::{Change, CommitError, CommitUnit, Version};
use sha2::{Digest, Sha256};

use crate::{Engine, FeedPosition, refusal, unavailable};

impl Engine {
    /// The position that was kept for this target last; `None` when there was none.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`].
    pub async fn sink_position(&self, target: &str) -> Result<Option<FeedPosition>, Refusal> {
        let found = self.0.store.load(&[key(target)]).await.map_err(unavailable)?.pop().flatten();
        Ok(match found.as_ref().map(|found| &*found.value) {
            Some(Record::SinkPosition(kept)) => Some(FeedPosition::of(kept.positions.iter().copied())),
            _ => None,
        })
    }

    /// Keeps the position of this target. Another emulator that writes to the same target may win; then its position
    /// stays.
    ///
    /// # Errors
    /// The store's refusals; the position from before stays then.
    pub async fn keep_sink_position(&self, target: &str, position: &FeedPosition) -> Result<(), Refusal> {
        let key = key(target);
        let found = self.0.store.load(&[key]).await.map_err(unavailable)?.pop().flatten();
        let expected = found.map_or(Version::ABSENT, |found| found.version);
        let value = SinkPosition { target: target.to_owned(), positions: position.places().collect() };
        let change = Change { key, expected, value: Some(Arc::new(Record::SinkPosition(value))) };
        match self.0.store.commit(CommitUnit { changes: vec![change], ..CommitUnit::default() }).await {
            Ok(_) | Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(refusal(error)),
        }
    }
}

fn key(target: &str) -> RecordKey {
    RecordKey::SinkPosition(Sha256::digest(target.as_bytes()).into())
}
