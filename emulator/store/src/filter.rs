//! Which events a reader wants.

use hpcs_audit::{Outcome, Severity};

use crate::StoredEvent;

/// A filter; an empty list lets everything pass.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Action names; a trailing `*` matches any ending.
    pub actions: Vec<String>,
    /// Outcomes.
    pub outcomes: Vec<Outcome>,
    /// Severities.
    pub severities: Vec<Severity>,
}

impl EventFilter {
    /// Whether the event passes every list.
    pub fn matches(&self, event: &StoredEvent) -> bool {
        let action = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => event.action.starts_with(start),
            None => event.action == pattern,
        };
        (self.actions.is_empty() || self.actions.iter().any(action))
            && (self.outcomes.is_empty() || self.outcomes.contains(&event.outcome))
            && (self.severities.is_empty() || self.severities.contains(&event.severity))
    }
}
