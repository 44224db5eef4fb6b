//! What can go wrong in the demo.

use std::fmt;
use std::io;

use hpcs_workstation::{ServiceError, UnitError};

/// Why the demo stopped.
#[derive(Debug)]
pub enum DemoError {
    /// The service refused.
    Service(ServiceError),
    /// A crypto unit refused what should have worked.
    Unit(UnitError),
    /// A crypto unit accepted what should have been refused with these codes.
    NotRefused {
        /// Return code and reason code.
        expected: (u32, u32),
    },
    /// There is no instance, or it has no operational crypto unit.
    Empty,
    /// The event log cannot be read.
    Events(Box<tonic::Status>),
    /// The emulator cannot be reached for its event log.
    Transport(tonic::transport::Error),
    /// The story cannot be written.
    Story(io::Error),
    /// The events cannot be written.
    Output(io::Error),
}

impl DemoError {
    /// Whether a reader closed the stream, which is its right.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, DemoError::Story(error) | DemoError::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DemoError::Service(error) => write!(f, "the service refused: {error}"),
            DemoError::Unit(error) => write!(f, "a crypto unit refused: {error}"),
            DemoError::NotRefused { expected: (code, reason) } => {
                write!(f, "a crypto unit accepted what should have been refused with {code}/{reason}")
            }
            DemoError::Empty => f.write_str("there is no instance with two operational crypto units"),
            DemoError::Events(status) => write!(f, "the event log cannot be read: {}", status.message()),
            DemoError::Transport(error) => write!(f, "the emulator cannot be reached: {error}"),
            DemoError::Story(error) => write!(f, "the story cannot be written: {error}"),
            DemoError::Output(error) => write!(f, "the events cannot be written: {error}"),
        }
    }
}

impl std::error::Error for DemoError {}

impl From<ServiceError> for DemoError {
    fn from(error: ServiceError) -> Self {
        DemoError::Service(error)
    }
}

impl From<UnitError> for DemoError {
    fn from(error: UnitError) -> Self {
        DemoError::Unit(error)
    }
}
