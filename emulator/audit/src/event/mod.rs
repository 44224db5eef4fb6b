//! One event: what happened, and the line that says so.
//!
//! An [`EventDraft`] is derived from an operation, its caller and its verdict. Everything the reference lets follow from
//! those (outcome, message, type URI, severity, data class) is computed here and cannot be set. [`Style`] holds the
//! choices that the documentation leaves open.

mod fields;
mod host;
mod html;
mod identity;
mod initiator;
mod message;
mod reason;
mod render;
mod severity;
mod style;
mod time;

use hpcs_names::Crn;

pub use fields::{Fields, RequestData, Value};
pub use host::Host;
pub use identity::event_id;
pub use initiator::{Credential, Identity, Initiator, InitiatorKind};
pub use reason::{FailureCode, Outcome, Reason, SuccessCode, UndocumentedCode, reason_type};
pub use style::{
    DataEventOverrides, InstanceIdKey, KeyProtect500, ObserverName, PrivateHost, SeverityCombine, Style, TimeStyle,
    UnlistedFailure,
};
pub use time::EventTime;

use crate::catalogue::{Row, Severity};

/// Everything an event says, before it has a time and a place in its instance's log.
#[derive(Clone, Debug)]
pub struct EventDraft {
    /// What was done: a row of the catalogue.
    pub action: &'static Row,
    /// Who did it, and from where.
    pub initiator: Initiator,
    /// What it was done to.
    pub target: Target,
    /// How it ended.
    pub reason: Reason,
    /// What was asked for.
    pub request_data: RequestData,
    /// What was answered. On failure only the members that the reference keeps are written (section 3.7).
    pub response_data: Fields,
    /// Whether the requested or resulting state of a managed key is destroyed; other actions ignore it.
    pub key_destroyed: bool,
    /// The caller's correlation id, or one made for it. Events of crypto unit administration never show it.
    pub correlation_id: Option<String>,
    /// The service instance whose log the event enters.
    pub source: Crn,
}

impl EventDraft {
    /// The event as one JSON object on one line, UTF-8, without a line end.
    ///
    /// Members appear in the order of section 1.1. Members without a value are left out: the line holds no `null` and
    /// no empty text but those that the reference allows.
    pub fn render(&self, stamp: &Stamp, style: &Style) -> Vec<u8> {
        render::line(self, stamp, style)
    }

    /// How grave the event is (section 2.1).
    pub fn severity(&self, style: &Style) -> Severity {
        severity::of(self.action, self.reason.code(), self.key_destroyed, style)
    }

    /// Whether the request succeeded.
    pub fn outcome(&self) -> Outcome {
        self.reason.outcome()
    }
}

/// The object acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its CRN.
    pub id: Crn,
    /// Its name, as far as known; empty otherwise. For crypto units the location.
    pub name: String,
    /// The alias by which the caller named a key.
    pub alias: Option<String>,
}

/// What an event gets when it enters the log of its instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When the operation ended.
    pub time: EventTime,
    /// Position in the log of the instance.
    pub sequence: u64,
}
