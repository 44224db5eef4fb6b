//! Waiting until some events have happened.

use std::fmt;
use std::pin::pin;

use hpcs_service::Refusal;
use hpcs_store::StoredEvent;

use super::Feed;
use crate::Engine;

/// Why waiting ended before its events were there.
#[derive(Debug)]
pub enum WaitError {
    /// The time was over; these had come by then.
    TimedOut(Vec<StoredEvent>),
    /// The logs cannot be read.
    Refused(Refusal),
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WaitError::TimedOut(events) => write!(f, "the time was over; {} events had come by then", events.len()),
            WaitError::Refused(refusal) => write!(f, "{refusal}"),
        }
    }
}

impl std::error::Error for WaitError {}

impl Engine {
    /// Waits until the feed has given `count` events, or `until` is over. The feed stands after the last of them.
    ///
    /// Events that are there already when `until` is over are still taken, as long as they are found without a pause: a
    /// search through a long log that brings nothing ends.
    ///
    /// # Errors
    /// [`WaitError`].
    pub async fn wait_for(
        &self,
        feed: &mut Feed,
        count: usize,
        until: impl Future<Output = ()>,
    ) -> Result<Vec<StoredEvent>, WaitError> {
        let mut until = pin!(until);
        let mut over = false;
        let mut events = Vec::new();
        while events.len() < count {
            let batch = feed.next(count - events.len()).await.map_err(WaitError::Refused)?;
            let brought = !batch.events.is_empty();
            events.extend(batch.events);
            if events.len() == count || (brought && !batch.caught_up) {
                continue;
            }
            if over {
                return Err(WaitError::TimedOut(events));
            }
            tokio::select! {
                biased;
                () = &mut until => over = true,
                // At once while there is more to look through.
                changed = feed.changed() => changed.map_err(WaitError::Refused)?,
            }
        }
        Ok(events)
    }
}
