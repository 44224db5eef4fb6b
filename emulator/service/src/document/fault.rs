//! What is wrong with a value in a document.

use std::fmt;

use hpcs_ep11::DecodeError;
use hpcs_hsm::{PartsFault, PartsRule};

use crate::SpecError;
use crate::sealing::SealFault;

/// A value in a document that cannot be: its path, and why. Never holds a part of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFault {
    /// Where: `units[2].current_master_key.key`. Empty for the document as a whole.
    pub path: String,
    /// Why.
    pub why: Why,
}

/// Why a value in a document cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It has to be there.
    Missing,
    /// It is not what it should be: says what that is.
    Expected(&'static str),
    /// It has another size, in bytes.
    Size {
        /// The right sizes: `32`.
        expected: &'static str,
        /// The size found.
        found: usize,
    },
    /// It cannot be together with something else, or without it: says with what.
    Conflict(&'static str),
    /// There are more than possible.
    TooMany {
        /// How many are possible.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// The secret is sealed, and the document was not opened.
    Sealed,
    /// The secret does not open.
    Seal(SealFault),
    /// The bytes are not what they should be.
    Bytes(DecodeError),
    /// No unit can be so.
    Unit(PartsRule),
    /// No instance can be laid out so.
    Layout(SpecError),
    /// The document has a version that is not known; the number.
    ForeignVersion(u64),
    /// The form is wrong: what serde says, without values.
    Form(String),
}

impl DocumentFault {
    pub(super) fn new(path: impl Into<String>, why: Why) -> Self {
        DocumentFault { path: path.into(), why }
    }

    /// The same fault, seen from the document around it.
    pub(super) fn inside(self, parent: impl fmt::Display) -> Self {
        let joint = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        DocumentFault { path: format!("{parent}{joint}{}", self.path), why: self.why }
    }
}

impl From<PartsFault> for DocumentFault {
    fn from(fault: PartsFault) -> Self {
        DocumentFault::new(fault.field.to_string(), Why::Unit(fault.rule))
    }
}

impl fmt::Display for DocumentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { self.why.fmt(f) } else { write!(f, "{}: {}", self.path, self.why) }
    }
}

impl std::error::Error for DocumentFault {}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Missing => f.write_str("is missing"),
            Why::Expected(what) => write!(f, "is not {what}"),
            Why::Size { expected, found } => write!(f, "has {found} bytes instead of {expected}"),
            Why::Conflict(what) => f.write_str(what),
            Why::TooMany { most, found } => write!(f, "{found} are too many; at most {most} are possible"),
            Why::Sealed => f.write_str("is sealed; the key or passphrase is needed first"),
            Why::Seal(fault) => fault.fmt(f),
            Why::Bytes(error) => error.fmt(f),
            Why::Unit(rule) => rule.fmt(f),
            Why::Layout(error) => error.fmt(f),
            Why::ForeignVersion(version) => write!(f, "version {version} is of another program; 1 is known"),
            Why::Form(text) => f.write_str(text),
        }
    }
}
