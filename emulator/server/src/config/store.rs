//! Where state and events are kept, how much of them, and what happens when they cannot be kept.

use std::fmt;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use hpcs_engine::AuditMode;
use hpcs_store::Retention;

use super::period::{CommitDeadline, Period};
use super::{ConfigError, DatabaseUrl, ReplicaName};

/// What one source says about the store, as far as it says something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreSettings {
    /// The directory of a SQLite file and its key.
    pub data_dir: Option<PathBuf>,
    /// A PostgreSQL database.
    pub url: Option<DatabaseUrl>,
    /// The file of the store key.
    pub key_file: Option<PathBuf>,
    /// Which of several emulators on one database this is.
    pub replica: Option<ReplicaName>,
    /// Events of each instance that are kept.
    pub keep_events: Option<NonZeroU64>,
    /// How long events are kept.
    pub keep_age: Option<Period>,
    /// Bytes of events of each instance that are kept.
    pub keep_bytes: Option<NonZeroU64>,
    /// Whether events carry digests that build on each other.
    pub hash_chain: Option<bool>,
    /// How long a caller waits for a commit.
    pub commit_deadline: Option<CommitDeadline>,
    /// What becomes of an operation whose event cannot be kept.
    pub audit_mode: Option<AuditModeName>,
}

/// Where state and events are kept, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreConfig {
    /// Where.
    pub place: StorePlace,
    /// How much of each log is kept.
    pub retention: Retention,
    /// Whether events carry digests that build on each other.
    pub hash_chain: bool,
    /// How long a caller waits for a commit; the store's own choice when not set.
    pub commit_deadline: Option<Duration>,
    /// What becomes of an operation whose event cannot be kept.
    pub audit_mode: AuditMode,
    /// Which of several emulators on one database this is.
    pub replica: Option<ReplicaName>,
}

/// A place for state and events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StorePlace {
    /// Nothing survives the process.
    #[default]
    Memory,
    /// A SQLite file.
    Directory {
        /// Its directory.
        path: PathBuf,
        /// The file of the store key; `store.key` in the directory, made at the first start, when not set.
        key_file: Option<PathBuf>,
    },
    /// A PostgreSQL database.
    Postgres {
        /// The database.
        url: DatabaseUrl,
        /// The file of the store key, the same for all replicas.
        key_file: PathBuf,
    },
}

/// [`AuditMode`] as configurations write it: `fail_closed`, `fail_open`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditModeName(pub AuditMode);

impl StoreSettings {
    /// These settings, and where they say nothing those of a weaker source.
    #[must_use]
    pub fn or(self, weaker: Self) -> Self {
        StoreSettings {
            data_dir: self.data_dir.or(weaker.data_dir),
            url: self.url.or(weaker.url),
            key_file: self.key_file.or(weaker.key_file),
            replica: self.replica.or(weaker.replica),
            keep_events: self.keep_events.or(weaker.keep_events),
            keep_age: self.keep_age.or(weaker.keep_age),
            keep_bytes: self.keep_bytes.or(weaker.keep_bytes),
            hash_chain: self.hash_chain.or(weaker.hash_chain),
            commit_deadline: self.commit_deadline.or(weaker.commit_deadline),
            audit_mode: self.audit_mode.or(weaker.audit_mode),
        }
    }

    pub(super) fn resolve(self) -> Result<StoreConfig, ConfigError> {
        let place = StorePlace::of(self.data_dir, self.url, self.key_file)?;
        if place == StorePlace::Memory && self.commit_deadline.is_some() {
            return Err(ConfigError::Contradiction {
                keys: "store.commit_deadline without data_dir or store.url",
                why: "a store in memory commits at once; add --data-dir or --store, or drop the deadline",
            });
        }
        if !matches!(place, StorePlace::Postgres { .. }) && self.replica.is_some() {
            return Err(ConfigError::Contradiction {
                keys: "store.replica without store.url",
                why: "only a database is shared by several emulators; add --store, or drop --replica",
            });
        }
        Ok(StoreConfig {
            retention: Retention {
                events: self.keep_events.map(NonZeroU64::get),
                age: self.keep_age.map(|Period(age)| age),
                bytes: self.keep_bytes.map(NonZeroU64::get),
            },
            hash_chain: self.hash_chain.unwrap_or(false),
            commit_deadline: self.commit_deadline.map(|CommitDeadline(deadline)| deadline),
            audit_mode: self.audit_mode.map(|AuditModeName(mode)| mode).unwrap_or_default(),
            place,
            replica: self.replica,
        })
    }
}

impl StorePlace {
    fn of(data_dir: Option<PathBuf>, url: Option<DatabaseUrl>, key_file: Option<PathBuf>) -> Result<Self, ConfigError> {
        match (data_dir, url, key_file) {
            (None, None, None) => Ok(StorePlace::Memory),
            (Some(path), None, key_file) => Ok(StorePlace::Directory { path, key_file }),
            (None, Some(url), Some(key_file)) => Ok(StorePlace::Postgres { url, key_file }),
            // A key made in one replica's directory would shut out the others: so no directory beside a database.
            (Some(_), Some(_), _) => Err(ConfigError::Contradiction {
                keys: "data_dir and store.url",
                why: "the store is either a file in a data directory or a database; keep --data-dir or --store, not \
                      both (beside a database, the key comes from --store-key-file)",
            }),
            (None, Some(_), None) => Err(ConfigError::Contradiction {
                keys: "store.url without store.key_file",
                why: "every replica of a database needs the same store key; make one with `openssl rand -hex 32`, \
                      give its file mode 0600, and name it with --store-key-file",
            }),
            (None, None, Some(_)) => Err(ConfigError::Contradiction {
                keys: "store.key_file without data_dir or store.url",
                why: "a store in memory needs no key; add --data-dir or --store, or drop --store-key-file",
            }),
        }
    }
}

/// `memory`, or where the store is: a directory, or a URL without its password.
impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorePlace::Memory => f.write_str("memory"),
            StorePlace::Directory { path, .. } => write!(f, "{}", path.display()),
            StorePlace::Postgres { url, .. } => write!(f, "{url}"),
        }
    }
}

impl FromStr for AuditModeName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "fail_closed" => Ok(AuditModeName(AuditMode::FailClosed)),
            "fail_open" => Ok(AuditModeName(AuditMode::FailOpen)),
            _ => Err("it is neither fail_closed nor fail_open"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(data_dir: bool, url: bool, key_file: bool) -> StoreSettings {
        StoreSettings {
            data_dir: data_dir.then(|| "data".into()),
            url: url.then(|| "postgres://u:secret@h/d".parse().unwrap()),
            key_file: key_file.then(|| "key".into()),
            ..StoreSettings::default()
        }
    }

    #[test]
    fn contradictions_are_refused_by_name_with_the_fix() {
        for (settings, names, fix) in [
            (settings(true, true, false), "data_dir and store.url", "--store-key-file"),
            (settings(true, true, true), "data_dir and store.url", "--data-dir"),
            (settings(false, true, false), "store.url without store.key_file", "openssl rand -hex 32"),
            (settings(false, false, true), "store.key_file without data_dir", "drop --store-key-file"),
        ] {
            let fault = settings.resolve().unwrap_err().to_string();
            assert!(fault.starts_with(names) && fault.contains(fix) && !fault.contains("secret"), "{fault}");
        }
    }

    #[test]
    fn a_directory_may_have_its_key_elsewhere_and_a_database_must() {
        let place = |settings: StoreSettings| settings.resolve().unwrap().place;
        assert_eq!(place(settings(false, false, false)), StorePlace::Memory);
        let directory = |key_file| StorePlace::Directory { path: "data".into(), key_file };
        assert_eq!(place(settings(true, false, false)), directory(None));
        assert_eq!(place(settings(true, false, true)), directory(Some("key".into())));
        assert_eq!(place(settings(false, true, true)).to_string(), "postgres://u@h/d");
    }
}
