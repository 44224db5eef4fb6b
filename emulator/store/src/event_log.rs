//! The log of one instance.

use bytes::Bytes;
use hpcs_audit::{EventDraft, EventTime, Outcome, Severity, Stamp, Style};
use hpcs_names::InstanceId;

use crate::EventFilter;

/// A committed event. (instance, sequence) is its identity: two events may well have equal bytes.
#[derive(Clone, Debug)]
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
}

/// Some events of one log.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// The events, in sequence order.
    pub events: Vec<StoredEvent>,
    /// The sequence to go on from.
    pub next: u64,
    /// Whether the log goes on past this page already.
    pub more: bool,
}

/// The events of one instance in memory.
#[derive(Default)]
pub(crate) struct EventLog {
    events: Vec<StoredEvent>,
}

impl EventLog {
    /// Gives the event its sequence and time, renders it and appends it.
    pub(crate) fn append(
        &mut self,
        instance: InstanceId,
        draft: &EventDraft,
        now: EventTime,
        style: &Style,
    ) -> StoredEvent {
        let last = self.events.last();
        let sequence = last.map_or(1, |event| event.sequence + 1);
        let time = last.map_or(now, |event| event.time.max(now));
        let event = StoredEvent {
            instance,
            sequence,
            time,
            action: draft.action.action,
            outcome: draft.outcome(),
            severity: draft.severity(style),
            line: draft.render(&Stamp { time, sequence }, style).into(),
        };
        self.events.push(event.clone());
        event
    }

    /// At most `limit` matching events from sequence `from` on.
    pub(crate) fn read(&self, from: u64, filter: &EventFilter, limit: usize) -> EventPage {
        let end = self.events.len() as u64 + 1;
        let start = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX).min(self.events.len());
        let mut page = EventPage { events: Vec::new(), next: end.max(from), more: false };
        for event in self.events.iter().skip(start) {
            if page.events.len() == limit || event.sequence - from.max(1) >= SCANNED_AT_ONCE {
                return EventPage { next: event.sequence, more: true, ..page };
            }
            if filter.matches(event) {
                page.events.push(event.clone());
            }
        }
        page
    }
}

/// How many events are looked at under the lock for one page.
const SCANNED_AT_ONCE: u64 = 4096;
