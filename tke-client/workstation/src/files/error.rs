//! What can be wrong with the workstation's files.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::{printable, texts};

/// A file operation that failed. The text is the one that the real command shows, where one is known.
#[derive(Debug)]
#[non_exhaustive]
pub enum FilesError {
    /// `CLOUDTKEFILES` is not set.
    DirectoryUnset,
    /// `CLOUDTKEFILES` does not name a directory that can be read.
    DirectoryInaccessible {
        /// The value of the variable.
        value: String,
    },
    /// The operating system refused.
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// A file with more content than any of its kind has.
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read.
        limit: usize,
    },
    /// A file that does not have its format.
    Damaged {
        /// The file.
        path: PathBuf,
        /// The member that is wrong, or `file` for the file as a whole.
        field: &'static str,
        /// What is wrong with it.
        fault: FieldFault,
    },
    /// A file with a member that its format does not know.
    UnknownMember {
        /// The file.
        path: PathBuf,
        /// The member.
        member: String,
    },
    /// No signature key or key part has this KEYNUM.
    NoSuchKeynum {
        /// The KEYNUM.
        keynum: u32,
    },
    /// The password does not open the file, or its encrypted member was changed: the two cannot be told apart.
    InvalidPassword,
    /// The password opens the file, but what it holds is no private key.
    PemDecode,
    /// The key in the file is not the one whose subject key identifier the file names.
    KeyMiscompare,
    /// The key part in the file does not have the verification pattern that the file names.
    PatternMiscompare,
    /// An administrator name of more than 30 characters.
    NameTooLong,
    /// An administrator name that is empty or has characters other than printable ASCII.
    NameNotPrintable,
}

/// What is wrong with a member of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldFault {
    /// It is not there.
    Missing,
    /// It is not of the type that the format says; members of key files are strings.
    WrongType,
    /// Its characters are not those of the format.
    Malformed,
    /// It has another size.
    WrongSize,
    /// It is there more than once.
    Repeated,
}

impl FilesError {
    /// A failure of the operating system on `path`.
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { path, error }
    }
}

impl fmt::Display for FilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DirectoryUnset => f.write_str(texts::FILES_UNSET),
            Self::DirectoryInaccessible { value } => write!(f, "{}{value}", texts::FILES_INACCESSIBLE),
            Self::Io { path, error } => write!(f, "{}: {error}", path.display()),
            Self::TooLarge { path, limit } => write!(f, "{}: {} {limit} bytes", path.display(), texts::FILE_TOO_LARGE),
            Self::Damaged { path, field, fault } => write!(f, "{}: {field} {fault}", path.display()),
            Self::UnknownMember { path, member } => {
                write!(f, "{}: {} {}", path.display(), printable(member), texts::MEMBER_UNKNOWN)
            }
            Self::NoSuchKeynum { keynum } => write!(f, "{}{keynum}", texts::INVALID_KEYNUM),
            Self::InvalidPassword => f.write_str(texts::INVALID_PASSWORD),
            Self::PemDecode => f.write_str(texts::PEM_DECODE),
            Self::KeyMiscompare => f.write_str(texts::SKI_MISCOMPARE),
            Self::PatternMiscompare => f.write_str(texts::PATTERN_MISCOMPARE),
            Self::NameTooLong => f.write_str(texts::NAME_TOO_LONG),
            Self::NameNotPrintable => f.write_str(texts::NAME_NOT_PRINTABLE),
        }
    }
}

impl std::error::Error for FilesError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => texts::FIELD_MISSING,
            Self::WrongType => texts::FIELD_WRONG_TYPE,
            Self::Malformed => texts::FIELD_MALFORMED,
            Self::WrongSize => texts::FIELD_WRONG_SIZE,
            Self::Repeated => texts::FIELD_REPEATED,
        })
    }
}
