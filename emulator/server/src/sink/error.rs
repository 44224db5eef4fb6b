//! Why events do not get where they should.

use std::fmt;
use std::io;
use std::path::PathBuf;

use hpcs_service::Refusal;

/// Events cannot be written.
#[derive(Debug)]
pub struct SinkError {
    /// The file; none for standard output.
    pub path: Option<PathBuf>,
    /// How many events are not written.
    pub unwritten: usize,
    /// Why.
    pub why: SinkFault,
}

/// What stands between an event and its file.
#[derive(Debug)]
pub enum SinkFault {
    /// The target does not take it.
    Target(io::Error),
    /// The store does not give it.
    Store(Refusal),
}

impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SinkError { path, unwritten, why } = self;
        let target = target_name(path.as_ref());
        match why {
            SinkFault::Target(error) => write!(f, "{target} cannot be written: {error}")?,
            SinkFault::Store(refusal) => write!(f, "events for {target} cannot be read: {refusal}")?,
        }
        if *unwritten > 0 {
            write!(f, "; {unwritten} events are missing there")?;
        }
        Ok(())
    }
}

impl std::error::Error for SinkError {}

/// What messages call a file, or standard output.
pub(super) fn target_name(path: Option<&PathBuf>) -> String {
    path.map_or_else(|| "standard output".to_owned(), |path| path.display().to_string())
}
