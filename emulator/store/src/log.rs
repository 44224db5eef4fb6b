//! The log of one instance: what an event in it is, and how the next one follows the last.

use bytes::Bytes;
use hpcs_audit::{EventDraft, EventTime, Outcome, Severity, Stamp};
use hpcs_names::InstanceId;
use sha2::{Digest as _, Sha256};

use crate::LogOptions;

/// SHA-256 over the digest of the event before and over this event; see [`StoredEvent::digest`].
pub type Digest = [u8; 32];

/// A committed event. (instance, sequence) is its identity: two events may well have equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// The instance whose log it is in.
    pub instance: InstanceId,
    /// Position in that log, from 1, without gaps.
    pub sequence: u64,
    /// When the operation ended; never decreases within a log.
    pub time: EventTime,
    /// The action name, for filters.
    pub action: &'static str,
    /// The outcome, for filters.
    pub outcome: Outcome,
    /// The severity, for filters.
    pub severity: Severity,
    /// The event as one line of JSON without a line end: what every target gets.
    pub line: Bytes,
    /// Where the log is chained, SHA-256 over the digest of the event before (32 bytes), the instance (16), sequence and
    /// time in milliseconds (8 each, big-endian) and the line. The first link builds on 32 zero bytes.
    pub digest: Option<Digest>,
}

/// The last event that is not in a log any more, or never was: what the first one in it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Its sequence; 0 when there was none.
    pub sequence: u64,
    /// Its time; no later event is earlier.
    pub time: EventTime,
    /// Its digest, where the log was chained.
    pub digest: Option<Digest>,
}

/// How far a log has come: all that the next event needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogState {
    /// What retention has cut away.
    pub anchor: Anchor,
    /// The last event, or the anchor when the log is empty.
    pub last: Anchor,
    /// Bytes of all lines in the log.
    pub bytes: u64,
}

impl Anchor {
    /// Before the first event of a new log.
    pub const BEGINNING: Anchor = Anchor { sequence: 0, time: EventTime::from_unix_millis(0), digest: None };

    /// The highest sequence that a log may be begun after. Backends have room for as many events again behind it.
    pub const MAX_SEQUENCE: u64 = (1 << 39) - 1;
}

impl LogState {
    /// An empty log that goes on after `anchor`.
    pub const fn after(anchor: Anchor) -> Self {
        LogState { anchor, last: anchor, bytes: 0 }
    }

    /// The first sequence that is in the log, or would be.
    pub const fn first(&self) -> u64 {
        self.anchor.sequence + 1
    }

    /// Events in the log.
    pub const fn len(&self) -> u64 {
        self.last.sequence - self.anchor.sequence
    }

    /// Whether no event is in the log.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the event its sequence, time and digest, renders it, and counts it as the last one.
    pub fn stamp(
        &mut self,
        instance: InstanceId,
        draft: &EventDraft,
        now: EventTime,
        options: &LogOptions,
    ) -> StoredEvent {
        let (sequence, time) = (self.last.sequence + 1, self.last.time.max(now));
        let line = Bytes::from(draft.render(&Stamp { time, sequence }, &options.style));
        let digest = options.chained.then(|| link(self.last.digest, instance, sequence, time, &line));
        self.last = Anchor { sequence, time, digest };
        self.bytes += line.len() as u64;
        StoredEvent {
            instance,
            sequence,
            time,
            action: draft.action.action,
            outcome: draft.outcome(),
            severity: draft.severity(&options.style),
            line,
            digest,
        }
    }

    /// Counts an event that another store wrote as the last one, if it may follow.
    ///
    /// # Errors
    /// [`Broken`] when sequence, time or digest do not follow.
    pub fn follow(&mut self, event: &StoredEvent) -> Result<(), Broken> {
        if event.sequence != self.last.sequence + 1 {
            return Err(Broken::Sequence { expected: self.last.sequence + 1, found: event.sequence });
        }
        if event.time < self.last.time {
            return Err(Broken::Time { sequence: event.sequence });
        }
        let digest =
            event.digest.map(|_| link(self.last.digest, event.instance, event.sequence, event.time, &event.line));
        if digest != event.digest {
            return Err(Broken::Chain { sequence: event.sequence });
        }
        self.last = Anchor { sequence: event.sequence, time: event.time, digest };
        self.bytes += event.line.len() as u64;
        Ok(())
    }

    /// Forgets the first event, which is `event`; it becomes the anchor.
    pub fn forget(&mut self, event: &StoredEvent) {
        let anchor = Anchor { sequence: event.sequence, time: event.time, digest: event.digest };
        self.cut_to(anchor, event.line.len() as u64);
    }

    /// Forgets all events up to `anchor`, whose lines have `bytes` bytes together.
    pub(crate) fn cut_to(&mut self, anchor: Anchor, bytes: u64) {
        self.anchor = anchor;
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// Why an event cannot stand where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The sequence has a gap or repeats.
    Sequence {
        /// What follows the event before.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// The time is before that of the event before.
    Time {
        /// The event.
        sequence: u64,
    },
    /// The digest is not that of the event and what is before it: one of them was changed.
    Chain {
        /// The event.
        sequence: u64,
    },
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Broken::Sequence { expected, found } => write!(f, "event {expected} is missing: event {found} is there"),
            Broken::Time { sequence } => write!(f, "event {sequence} is earlier than the one before it"),
            Broken::Chain { sequence } => {
                write!(f, "event {sequence} does not fit the digest chain: it, or what is before it, was changed")
            }
        }
    }
}

impl std::error::Error for Broken {}

/// The digest of an event; without one before it, a chain begins.
fn link(before: Option<Digest>, instance: InstanceId, sequence: u64, time: EventTime, line: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update(before.unwrap_or_default());
    hash.update(instance.0.as_bytes());
    hash.update(sequence.to_be_bytes());
    hash.update(time.unix_millis().to_be_bytes());
    hash.update(line);
    hash.finalize().into()
}
