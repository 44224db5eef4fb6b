//! What is wrong with a seed file.

use std::fmt;
use std::path::{Path, PathBuf};

use super::yaml::{Fault, Position};

/// A fault of a seed file: file, place, field and what is wrong. It never repeats a value that may be secret.
#[derive(Debug)]
pub struct SeedFault {
    path: PathBuf,
    fault: Fault,
}

impl SeedFault {
    pub(super) fn new(path: &Path, fault: Fault) -> Self {
        SeedFault { path: path.to_owned(), fault }
    }
}

impl fmt::Display for SeedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SeedFault { path, fault: Fault { field, at, why } } = self;
        write!(f, "{}", path.display())?;
        if let Some(Position { line, column }) = at {
            write!(f, ":{line}:{column}")?;
        }
        if !field.is_empty() {
            write!(f, ": {}", field.escape_debug())?;
        }
        write!(f, ": {}", why.trim_end())
    }
}

impl std::error::Error for SeedFault {}

/// The place behind a piece of text.
pub(super) fn position_of(before: &[u8]) -> Position {
    let text = String::from_utf8_lossy(before);
    let line = text.rsplit('\n').next().unwrap_or_default();
    Position { line: 1 + text.matches('\n').count(), column: 1 + line.chars().count() }
}
