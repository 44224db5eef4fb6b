//! Whether TLS is served, and where its certificate authority is kept.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::StorePlace;

/// Whether the listener takes TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsMode {
    /// What a connection begins with decides.
    #[default]
    Auto,
    /// Requests without it are refused.
    Required,
    /// It is not served.
    Off,
}

/// What one source says about TLS, as far as it says something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// Whether the listener takes TLS.
    pub mode: Option<TlsMode>,
    /// The directory of the certificate authority.
    pub directory: Option<PathBuf>,
}

/// TLS, and where the development certificate authority is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsConfig {
    /// Whether the listener takes TLS.
    pub mode: TlsMode,
    /// The directory of the certificate authority; in memory, for as long as the process lives, when there is none.
    pub directory: Option<PathBuf>,
}

impl TlsSettings {
    /// These settings, and where they say nothing those of a weaker source.
    #[must_use]
    pub fn or(self, weaker: Self) -> Self {
        TlsSettings { mode: self.mode.or(weaker.mode), directory: self.directory.or(weaker.directory) }
    }

    /// Where nothing is said, the authority is in the data directory.
    pub(super) fn resolve(self, store: &StorePlace) -> TlsConfig {
        let data_dir = match store {
            StorePlace::Directory { path, .. } => Some(path.clone()),
            StorePlace::Memory | StorePlace::Postgres { .. } => None,
        };
        TlsConfig { mode: self.mode.unwrap_or_default(), directory: self.directory.or(data_dir) }
    }
}

impl FromStr for TlsMode {
    type Err = TlsModeError;

    fn from_str(text: &str) -> Result<Self, TlsModeError> {
        match text {
            "auto" => Ok(TlsMode::Auto),
            "required" => Ok(TlsMode::Required),
            "off" => Ok(TlsMode::Off),
            _ => Err(TlsModeError),
        }
    }
}

/// The text is not a mode of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsModeError;

impl fmt::Display for TlsModeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is none of auto, required, off")
    }
}

impl std::error::Error for TlsModeError {}
