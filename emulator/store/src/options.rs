//! Choices of the operator about logs, and what every backend is given at its opening.

use std::time::Duration;

use hpcs_audit::{EventTime, Style};

/// How logs are written and how much of them is kept; the same for all instances.
#[derive(Clone, Debug, Default)]
pub struct LogOptions {
    /// How events look.
    pub style: Style,
    /// Whether events carry digests that build on each other.
    pub chained: bool,
    /// How much is kept.
    pub retention: Retention,
}

/// How much of each log is kept; without a bound, everything.
///
/// Old events are cut away in batches as new ones are committed: at least what is asked for is kept, and at most a
/// sixteenth more. Readers do not see events beyond the age, cut away or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// The newest events, this many.
    pub events: Option<u64>,
    /// Events not older than this, by the clock of the service.
    pub age: Option<Duration>,
    /// The newest events with this many bytes of lines together.
    pub bytes: Option<u64>,
}

impl Retention {
    /// Whether a log of this many events and bytes is to be cut back to what is asked for.
    pub fn is_exceeded(&self, events: u64, bytes: u64) -> bool {
        let over =
            |present: u64, limit: Option<u64>| limit.is_some_and(|limit| present > limit.saturating_add(limit / 16));
        over(events, self.events) || over(bytes, self.bytes)
    }

    /// Whether a log goes past a bound at all, be it by the sixteenth that is allowed.
    pub(crate) fn has_surplus(&self, events: u64, bytes: u64) -> bool {
        let over = |present: u64, limit: Option<u64>| limit.is_some_and(|limit| present > limit);
        over(events, self.events) || over(bytes, self.bytes)
    }

    /// The time before which events are not shown at `now`.
    pub fn horizon(&self, now: EventTime) -> Option<EventTime> {
        Some(before(now, self.age_in_millis()?))
    }

    /// The time before which events are due to be cut away at `now`: a sixteenth of the age behind the horizon.
    pub(crate) fn overdue(&self, now: EventTime) -> Option<EventTime> {
        let age = self.age_in_millis()?;
        Some(before(now, age.saturating_add(age / 16)))
    }

    fn age_in_millis(&self) -> Option<u64> {
        Some(u64::try_from(self.age?.as_millis()).unwrap_or(u64::MAX))
    }
}

/// What a backend that outlives the process is given beside its place.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Logs.
    pub log: LogOptions,
    /// How long a caller waits for a commit, and for the store to be free, before it is refused.
    pub deadline: Duration,
    /// Names this opening of the store among all others: the first half of every [`crate::OperationId`]. Handed in,
    /// random.
    pub session: u64,
}

impl StoreOptions {
    /// These logs, a deadline of a second.
    pub fn new(log: LogOptions, session: u64) -> Self {
        StoreOptions { log, deadline: DEADLINE, session }
    }
}

fn before(now: EventTime, millis: u64) -> EventTime {
    EventTime::from_unix_millis(now.unix_millis().saturating_sub(millis))
}

/// A caller is told within a second that the store does not answer. It is a little less, so that the answer arrives.
const DEADLINE: Duration = Duration::from_millis(900);
