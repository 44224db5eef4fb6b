//! How a command fails: a text and an exit code.

use std::fmt::Display;
use std::io;

use crate::StartError;
use crate::config::ConfigError;
use crate::seed_file::SeedFault;
use crate::shell::NoRandomness;

/// A command's failure. A reader that closed its end is one without text and with exit code 0.
#[derive(Debug)]
pub(super) struct Failure {
    status: u8,
    text: Option<String>,
}

impl Failure {
    /// The service refused or could not be reached: exit code 1.
    pub(super) fn refused(text: impl Display) -> Self {
        Failure { status: REFUSED, text: Some(text.to_string()) }
    }

    /// Wrong usage, configuration or an unreadable file: exit code 2.
    pub(super) fn usage(text: impl Display) -> Self {
        Failure { status: USAGE, text: Some(text.to_string()) }
    }

    /// The time ran out: exit code 3.
    pub(super) fn timeout(text: impl Display) -> Self {
        Failure { status: TIMEOUT, text: Some(text.to_string()) }
    }

    /// The user ended it with Ctrl-C: exit code 130, as shells have it.
    pub(super) fn interrupted() -> Self {
        Failure { status: INTERRUPTED, text: None }
    }

    pub(super) fn status(&self) -> u8 {
        self.status
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// Writing results failed.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure { status: 0, text: None },
            _ => Failure::refused(format_args!("the output cannot be written: {error}")),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Failure::usage(error)
    }
}

impl From<SeedFault> for Failure {
    fn from(fault: SeedFault) -> Self {
        Failure::usage(fault)
    }
}

impl From<NoRandomness> for Failure {
    fn from(error: NoRandomness) -> Self {
        Failure::refused(error)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        if error.is_usage() { Failure::usage(error) } else { Failure::refused(error) }
    }
}

/// Exit code: deviations were found, or the service refused.
pub(super) const REFUSED: u8 = 1;

/// Exit code: wrong usage, wrong configuration, unreadable file. The command line parser uses the same.
pub(super) const USAGE: u8 = 2;

const TIMEOUT: u8 = 3;

/// Exit code of an interrupted command: half of it is not a success.
const INTERRUPTED: u8 = 130;
