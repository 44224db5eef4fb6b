//! The values that several formats share: who, where, which key, which turn.
//!
//! Part of the specification: TKE administration protocol, sections 6.5, 7.4 and 11.

mod counter;
mod domain;
mod module;
mod pattern;
mod subject_key;
mod time;

use std::fmt;

pub use counter::TransactionCounter;
pub use domain::{AdminDomain, DomainIndex, DomainInstance};
pub use module::{ModuleId, ModuleInstance, SerialNumber};
pub use pattern::{PatternTail, VerificationPattern};
pub use subject_key::SubjectKeyId;
pub use time::UnixMillis;

/// A text that is not the identifier it should be; says what the identifier looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdError {
    what: &'static str,
    rule: &'static str,
}

impl IdError {
    pub(crate) const fn new(what: &'static str, rule: &'static str) -> Self {
        Self { what, rule }
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a {}, which has {}", self.what, self.rule)
    }
}

impl std::error::Error for IdError {}
