//! What can be wrong with a configuration.

use std::fmt;
use std::path::PathBuf;

/// A fault of the configuration: where, which key, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The file is not TOML.
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
        /// What the parser says. The line itself may hold a key or a password.
        why: String,
    },
    /// A key or variable that does not exist.
    Unknown {
        /// Where it was set.
        place: Place,
        /// Its name.
        key: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// A key without which its table makes no sense is missing.
    Missing {
        /// Where its table starts.
        place: Place,
        /// Its name.
        key: String,
    },
    /// A value that is not one of its key's.
    Value {
        /// Where it was set.
        place: Place,
        /// Its key.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// Settings that are fine one by one and not together.
    Contradiction {
        /// Their keys.
        keys: &'static str,
        /// What is wrong, and the fix.
        why: &'static str,
    },
}

/// Where something was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// In an environment variable.
    Environment,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File { path, line } => write!(f, "{}:{line}", path.display()),
            Place::Environment => f.write_str("environment"),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Syntax { path, line, column, why } => write!(f, "{}:{line}:{column}: {why}", path.display()),
            ConfigError::Unknown { place, key, suggestion: Some(meant) } => {
                write!(f, "{place}: {key}: there is no such setting; did you mean {meant}?")
            }
            ConfigError::Unknown { place, key, suggestion: None } => {
                write!(f, "{place}: {key}: there is no such setting")
            }
            ConfigError::Missing { place, key } => write!(f, "{place}: {key}: is missing"),
            ConfigError::Value { place, key, why } => write!(f, "{place}: {key}: {why}"),
            ConfigError::Contradiction { keys, why } => write!(f, "{keys}: {why}"),
        }
    }
}

impl std::error::Error for ConfigError {}
