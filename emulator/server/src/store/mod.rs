//! The store of an emulator: chosen by the configuration, opened, watched, checked.
//!
//! - `key`: the file of the key that seals secrets.
//! - `watched`: tells the operator of faults.
//! - `check`, `info`: what `hpcs-emulator store` finds and tells.

pub(crate) mod check;
pub(crate) mod info;
mod key;
mod watched;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hpcs_audit::{EventTime, Style};
use hpcs_engine::{RecordCodec, ServiceStore};
use hpcs_names::InstanceId;
use hpcs_service::document::moment_text;
use hpcs_service::{Record, RecordKey};
use hpcs_store::{
    Clock, ControlledClock, LogOptions, MemoryStore, NoFaults, OpenError as SqliteOpenError, PostgresOpenError,
    PostgresStore, SqliteStore, StoreOptions, Unavailable,
};
use rand_core::{CryptoRng, Rng};

use crate::Log;
use crate::config::{StoreConfig, StorePlace};
use key::KeyError;
use watched::Watched;

/// The store of a configuration, and the clock it stamps events by.
pub(crate) struct Opened {
    pub(crate) store: ServiceStore,
    pub(crate) clock: Arc<ControlledClock>,
    /// The same store, for what only its kind can do.
    pub(crate) backend: Backend,
}

impl Opened {
    /// The schema of its tables, which was brought to the newest one when it was opened.
    pub(crate) fn schema_version(&self) -> Option<i64> {
        match &self.backend {
            Backend::Memory => None,
            Backend::Sqlite(_) => Some(SqliteStore::<RecordKey, Record>::SCHEMA_VERSION),
            Backend::Postgres(_) => Some(PostgresStore::<RecordKey, Record>::SCHEMA_VERSION),
        }
    }
}

/// A store of a certain kind.
pub(crate) enum Backend {
    Memory,
    Sqlite(Arc<SqliteStore<RecordKey, Record>>),
    Postgres(Arc<PostgresStore<RecordKey, Record>>),
}

/// Why a store cannot be opened.
#[derive(Debug)]
pub enum StoreError {
    /// The data directory cannot be made.
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The key cannot be had.
    Key(KeyError),
    /// The SQLite file cannot be opened.
    Sqlite(SqliteOpenError),
    /// The database cannot be used.
    Postgres(PostgresOpenError),
    /// It was opened and cannot be read.
    Unreadable(Unavailable),
    /// A task of the emulator panicked.
    Panicked,
}

/// Opens the store that is configured; makes it when it is not there yet. `sealing` is the randomness of data keys,
/// nonces, and of the number that this opening has.
pub(crate) async fn open(
    config: &StoreConfig,
    style: Style,
    clock: Arc<dyn Clock>,
    mut sealing: Box<dyn CryptoRng + Send>,
    log: &Log,
) -> Result<Opened, StoreError> {
    let clock = Arc::new(ControlledClock::new(clock));
    let logs = LogOptions { style, chained: config.hash_chain, retention: config.retention };
    let mut options = StoreOptions::new(logs, sealing.next_u64());
    if let Some(deadline) = config.commit_deadline {
        options.deadline = deadline;
    }
    let (store, backend): (ServiceStore, Backend) = match &config.place {
        StorePlace::Memory => (Arc::new(MemoryStore::new(clock.clone(), options.log)), Backend::Memory),
        StorePlace::Directory { path, key_file } => {
            let key = match key_file {
                Some(file) => key::handed_in(file),
                None => {
                    make_directory(path)?;
                    key::of_directory(path, &database(path), &mut *sealing)
                }
            };
            tell_of_an_emptied(&database(path), log);
            let codec = Arc::new(RecordCodec::new(key.map_err(StoreError::Key)?, sealing));
            let (path, stamping) = (path.clone(), clock.clone());
            let open = move || SqliteStore::open(&path, codec, stamping, options, Arc::new(NoFaults));
            let opened = tokio::task::spawn_blocking(open).await.map_err(|_| StoreError::Panicked)?;
            let store = Arc::new(opened.map_err(StoreError::Sqlite)?);
            (Arc::new(Watched::new(store.clone(), log.clone())), Backend::Sqlite(store))
        }
        StorePlace::Postgres { url, key_file } => {
            let key = key::handed_in(key_file).map_err(StoreError::Key)?;
            let codec = Arc::new(RecordCodec::new(key, sealing));
            let store = PostgresStore::open(url.expose(), codec, clock.clone(), options, Arc::new(NoFaults)).await;
            let store = Arc::new(store.map_err(StoreError::Postgres)?);
            (Arc::new(Watched::new(store.clone(), log.clone())), Backend::Postgres(store))
        }
    };
    Ok(Opened { store, clock, backend })
}

/// Whether a store was made at this place before. Of a database that is not known before it is opened: it counts as made.
pub(crate) fn exists(place: &StorePlace) -> bool {
    match place {
        StorePlace::Memory => false,
        StorePlace::Directory { path, .. } => database(path).exists(),
        StorePlace::Postgres { .. } => true,
    }
}

/// What is in a store, in numbers.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) instances: u64,
    pub(crate) events: u64,
    /// The time of the newest event, if there was one ever.
    pub(crate) newest: Option<EventTime>,
}

/// Counts what is in a store.
///
/// # Errors
/// [`Unavailable`] when it cannot be read.
pub(crate) async fn totals(store: &ServiceStore) -> Result<Totals, Unavailable> {
    let mut totals = Totals::default();
    for instance in directory(store).await? {
        totals.instances += 1;
        if let Some(log) = store.log(instance).await? {
            totals.events += log.len();
            totals.newest = totals.newest.max((log.last.sequence > 0).then_some(log.last.time));
        }
    }
    Ok(totals)
}

impl Totals {
    /// What the operator should know when the clock is behind the events: the times of a log never decrease.
    pub(crate) fn clock_behind(&self, now: EventTime) -> Option<String> {
        let newest = self.newest.filter(|newest| now < *newest)?;
        Some(format!(
            "Clock: it is {}, before the newest event of {}; the times of events stand still until the clock is there.",
            moment_text(now),
            moment_text(newest)
        ))
    }
}

/// Every instance that the store knows, deleted ones too.
pub(crate) async fn directory(store: &ServiceStore) -> Result<Vec<InstanceId>, Unavailable> {
    let found = store.load(&[RecordKey::Directory]).await?.pop().flatten();
    Ok(match found.as_ref().map(|found| &*found.value) {
        Some(Record::Directory(directory)) => directory.instances.clone(),
        _ => Vec::new(),
    })
}

/// The key is made before the database; so the directory is made here.
fn make_directory(path: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| StoreError::Directory { path: path.to_owned(), error })
}

/// An empty file where the database was is not refused: a first start that was killed leaves one too.
fn tell_of_an_emptied(database: &Path, log: &Log) {
    if std::fs::metadata(database).is_ok_and(|data| data.is_file() && data.len() == 0) {
        let database = database.display();
        log.line(format_args!("{database} is empty; if it held a store before, that is gone: a new one begins in it"));
    }
}

fn database(directory: &Path) -> PathBuf {
    directory.join("emulator.db")
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Directory { path, error } => {
                write!(f, "the data directory {} cannot be made: {error}", path.display())
            }
            StoreError::Key(error) => write!(f, "{error}"),
            StoreError::Sqlite(error) => write!(f, "{error}"),
            StoreError::Postgres(cause) => write!(f, "{cause}"),
            StoreError::Unreadable(cause) => write!(f, "{cause}"),
            StoreError::Panicked => f.write_str("opening the store failed"),
        }
    }
}

impl std::error::Error for StoreError {}
