//! What a reader of a log asks, and what it gets.

use hpcs_audit::{EventTime, Outcome, Severity};
use hpcs_names::InstanceId;

use crate::StoredEvent;

/// A question to the log of one instance.
#[derive(Clone, Debug)]
pub struct EventQuery {
    /// Whose log.
    pub instance: InstanceId,
    /// Where to begin, and in which direction to go on.
    pub start: Start,
    /// Which events.
    pub filter: EventFilter,
    /// The most events of one page.
    pub limit: usize,
}

/// Where reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At this sequence, oldest events first.
    From(u64),
    /// Before this sequence, newest events first; [`Start::END`] for the last events of the log.
    Before(u64),
}

/// A filter; an empty list and an absent bound let everything pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Action names; a trailing `*` matches any ending.
    pub actions: Vec<String>,
    /// Outcomes.
    pub outcomes: Vec<Outcome>,
    /// Severities.
    pub severities: Vec<Severity>,
    /// Not earlier than this.
    pub since: Option<EventTime>,
    /// Earlier than this.
    pub until: Option<EventTime>,
}

/// Some events of one log.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// The events, in the direction that was asked for.
    pub events: Vec<StoredEvent>,
    /// The sequence to go on from, or to go on before.
    pub next: u64,
    /// Whether the log goes on past this page already.
    pub more: bool,
    /// The first sequence that retention has left; one more than the last sequence when nothing is left.
    pub first: u64,
}

impl Start {
    /// Before the end of the log: the newest events.
    pub const END: Start = Start::Before(u64::MAX);
}

impl EventQuery {
    /// Everything in the log of `instance` from sequence `from` on, at most `limit` events a page.
    pub fn all(instance: InstanceId, from: u64, limit: usize) -> Self {
        EventQuery { instance, start: Start::From(from), filter: EventFilter::default(), limit }
    }
}

impl EventFilter {
    /// Whether the event passes every list and both bounds.
    pub fn matches(&self, event: &StoredEvent) -> bool {
        self.passes(event.action, event.outcome, event.severity)
            && self.since.is_none_or(|since| event.time >= since)
            && self.until.is_none_or(|until| event.time < until)
    }

    /// Whether events of this kind pass every list.
    pub(crate) fn passes(&self, action: &str, outcome: Outcome, severity: Severity) -> bool {
        (self.actions.is_empty() || self.actions.iter().any(|pattern| matches_action(pattern, action)))
            && (self.outcomes.is_empty() || self.outcomes.contains(&outcome))
            && (self.severities.is_empty() || self.severities.contains(&severity))
    }
}

/// Whether `pattern`, a name or the beginning of one with a `*`, matches an action.
pub(crate) fn matches_action(pattern: &str, action: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => action.starts_with(start),
        None => action == pattern,
    }
}
