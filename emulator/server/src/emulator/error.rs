//! Why an emulator does not start, and what can go wrong at its end.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use hpcs_engine::{OpenError, PrepareError};
use hpcs_service::Refusal;
use hpcs_store::Unavailable;

use crate::config::ConfigError;
use crate::reach::AuthorityError;
use crate::seed_file::SeedFault;
use crate::sink::{SinkError, SinkFault, TakenPlace};
use crate::store::StoreError;

/// Why an emulator does not start.
#[derive(Debug)]
pub enum StartError {
    /// The address cannot be listened on.
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The configuration asks for what cannot be.
    Config(ConfigError),
    /// The event file is one of the emulator's own.
    EventsPlace(TakenPlace),
    /// The event file cannot be opened.
    Events(SinkError),
    /// The seed file cannot be read, or does not say what it should.
    SeedFile(SeedFault),
    /// The store, or its key, cannot be opened.
    Store(StoreError),
    /// What the store keeps for the service as a whole cannot be read.
    Open(OpenError),
    /// What is declared cannot be brought about.
    Prepare(PrepareError),
    /// The store cannot be read.
    Read(Unavailable),
    /// The certificate authority cannot be had.
    Tls(AuthorityError),
}

/// What went wrong at the end of an emulator.
#[derive(Debug)]
pub enum StopError {
    /// Events could not be written.
    Events(SinkError),
    /// The last events were not taken within the grace period.
    EventsStuck,
    /// The store could not be brought to its end.
    Store(Refusal),
    /// A task of the emulator panicked.
    Panicked,
}

impl StartError {
    /// Whether it is what the user asked for that is wrong, and not what it was asked of.
    pub(crate) fn is_usage(&self) -> bool {
        match self {
            StartError::SeedFile(_) | StartError::Config(_) | StartError::EventsPlace(_) => true,
            StartError::Events(error) => matches!(error.why, SinkFault::Target(_)),
            // Files that the user named or that lie where the user said; what a database answers is not among them.
            StartError::Store(error) => matches!(error, StoreError::Directory { .. } | StoreError::Key(_)),
            StartError::Prepare(error) => !matches!(error, PrepareError::Store(_)),
            StartError::Tls(error) => !matches!(error, AuthorityError::Failed),
            _ => false,
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Listen { address, error } => {
                write!(f, "listen: {address} cannot be listened on: {error}; `--port 0` takes any free port")
            }
            StartError::Config(error) => write!(f, "{error}"),
            StartError::EventsPlace(taken) => write!(f, "{taken}"),
            StartError::Events(error) => write!(f, "events: {error}"),
            StartError::SeedFile(fault) => write!(f, "{fault}"),
            StartError::Store(error) => write!(f, "{error}"),
            StartError::Open(error) => write!(f, "{error}"),
            StartError::Prepare(error) => write!(f, "{error}"),
            StartError::Read(error) => write!(f, "{error}"),
            StartError::Tls(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl fmt::Display for StopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StopError::Events(error) => write!(f, "events: {error}"),
            StopError::EventsStuck => f.write_str("events: the last ones were not taken in time"),
            StopError::Store(refusal) => write!(f, "{refusal}"),
            StopError::Panicked => f.write_str("a task of the emulator failed"),
        }
    }
}

impl std::error::Error for StopError {}
