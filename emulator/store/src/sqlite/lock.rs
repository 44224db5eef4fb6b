//! One process at a time works on a data directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// Held while the store is open. The operating system lets go of it however the process ends.
pub(super) struct ProcessLock {
    _file: File,
}

/// Why the lock is not had.
pub(super) enum LockError {
    /// Another process holds it; its number, if it wrote one.
    Held(Option<u32>),
    /// The file cannot be made or locked.
    Io(io::Error),
}

impl ProcessLock {
    /// Takes the lock and writes down who has it.
    pub(super) fn take(path: &Path) -> Result<Self, LockError> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(LockError::Held(holder(&mut file))),
            Err(error) => return Err(LockError::Io(error.into())),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(ProcessLock { _file: file })
    }
}

/// The process that the file names.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(LONGEST_NUMBER).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

impl From<io::Error> for LockError {
    fn from(error: io::Error) -> Self {
        LockError::Io(error)
    }
}

/// More digits than a process number has.
const LONGEST_NUMBER: u64 = 20;
