//! The event: what every documented action is, how one becomes a line, and an independent check of such lines.
//!
//! # Layout
//!
//! - [`catalogue`]: every action name of every source as data: family, base severity, target type, members.
//! - [`event`]: the envelope. An [`EventDraft`] says what happened; [`EventDraft::render`] makes the line.
//! - [`validate`]: reads a finished line and judges it without using the code that wrote it.
//!
//! The crate is pure: time, sequence numbers and identities are handed in. "Section" in the documentation of these
//! modules means a section of the Activity Tracker events reference.

pub mod catalogue;
pub mod event;
pub mod validate;

pub use catalogue::{Row, Severity};
pub use event::{EventDraft, EventTime, Outcome, Reason, Stamp, Style, reason_type};
