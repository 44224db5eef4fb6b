//! Why a command did not succeed.

use std::fmt;
use std::io;

use hpcs_workstation::LineError;

/// The failure of a command. Its text follows the line `FAILED`.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command was refused, by this workstation, the service or a crypto unit. The text may have several lines.
    Refused(String),
    /// The user pressed Ctrl-C.
    Interrupted,
    /// Standard input or the terminal cannot be read.
    Input(io::Error),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Failure {
    /// A refusal with this text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Failure::Refused(text.into())
    }

    /// The same failure with one more line of text after it.
    #[must_use]
    pub(crate) fn with_line(self, line: &str) -> Self {
        match self {
            Failure::Refused(text) => Failure::Refused(format!("{text}\n{line}")),
            other => other,
        }
    }

    /// The exit status: 1, or 130 as shells report an interruption.
    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Failure::Interrupted => 130,
            Failure::Refused(_) | Failure::Input(_) | Failure::Output(_) => 1,
        }
    }
}

impl From<LineError> for Failure {
    fn from(fault: LineError) -> Self {
        match fault {
            LineError::Io(fault) => Failure::Input(fault),
            other => Failure::new(other.to_string()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(text) => f.write_str(text),
            Failure::Interrupted => f.write_str("Interrupted."),
            Failure::Input(fault) => write!(f, "The input cannot be read: {fault}"),
            Failure::Output(fault) => write!(f, "The output cannot be written: {fault}"),
        }
    }
}
