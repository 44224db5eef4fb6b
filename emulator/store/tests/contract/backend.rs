//! The backends, and a fresh store of each for every test.

use std::io::Write;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hpcs_audit::EventTime;
use hpcs_names::InstanceId;
use hpcs_store::{
    Change, Clock, CommitUnit, EventFilter, EventPage, EventQuery, LogOptions, MemoryStore, NoFaults, PostgresStore,
    SqliteStore, Start, Store, StoreOptions, StoredEvent, Version, VirtualClock,
};
use tempfile::TempDir;

use crate::fixture::{Digits, START, event};
use crate::server::{Server, is_required};

pub type TestStore = Arc<dyn Store<&'static str, u32>>;
pub type Unit = CommitUnit<&'static str, u32>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Memory,
    Sqlite,
    Postgres,
}

/// What a test is given: a place for one store.
pub struct Given {
    place: Place,
    /// Goes on by 10 milliseconds for each commit.
    pub clock: Arc<VirtualClock>,
}

enum Place {
    Memory,
    Sqlite(TempDir),
    Postgres(String),
}

/// Runs a rule on a backend, if the backend can be had.
pub async fn test(backend: Backend, rule: &str, body: impl AsyncFnOnce(Given)) {
    let place = match backend {
        Backend::Memory => Place::Memory,
        Backend::Sqlite => Place::Sqlite(tempfile::tempdir().unwrap()),
        Backend::Postgres => match postgres().await {
            Ok(url) => Place::Postgres(url),
            Err(reason) if is_required() => panic!("{rule}: {reason}"),
            Err(reason) => {
                // Not `eprintln`: what that writes is hidden in a test that passes.
                let _ = writeln!(std::io::stderr(), "postgres {rule} ... skipped: {reason}");
                return;
            }
        },
    };
    body(Given { place, clock: Arc::new(VirtualClock::new(START, 10)) }).await;
}

/// A database of its own on the one server of this process.
async fn postgres() -> Result<String, String> {
    static SERVER: LazyLock<Result<Server, String>> = LazyLock::new(Server::start);
    let server = SERVER.as_ref().map_err(String::clone)?;
    Ok(server.url(&server.database().await))
}

impl Given {
    /// The store, with common options.
    pub async fn store(&self) -> TestStore {
        self.open(self.clock.clone(), LogOptions::default()).await
    }

    /// The store, with these options for its logs.
    pub async fn store_with(&self, log: LogOptions) -> TestStore {
        self.open(self.clock.clone(), log).await
    }

    /// The store. A second opening finds what the first one left, except in memory.
    pub async fn open(&self, clock: Arc<dyn Clock>, log: LogOptions) -> TestStore {
        let mut options = StoreOptions::new(log.clone(), SESSION);
        options.deadline = PATIENT;
        let (codec, faults) = (Arc::new(Digits), Arc::new(NoFaults));
        match &self.place {
            Place::Memory => Arc::new(MemoryStore::new(clock, log)),
            Place::Sqlite(directory) => {
                Arc::new(SqliteStore::open(directory.path(), codec, clock, options, faults).unwrap())
            }
            Place::Postgres(url) => Arc::new(PostgresStore::open(url, codec, clock, options, faults).await.unwrap()),
        }
    }

    pub fn backend(&self) -> Backend {
        match self.place {
            Place::Memory => Backend::Memory,
            Place::Sqlite(_) => Backend::Sqlite,
            Place::Postgres(_) => Backend::Postgres,
        }
    }
}

/// The present version of a record.
pub async fn version(store: &TestStore, key: &'static str) -> Version {
    store.load(&[key]).await.unwrap().remove(0).map_or(Version::ABSENT, |record| record.version)
}

/// The present value of a record.
pub async fn value(store: &TestStore, key: &'static str) -> Option<u32> {
    store.load(&[key]).await.unwrap().remove(0).map(|record| *record.value)
}

/// A change of one record.
pub fn write(key: &'static str, expected: Version, value: u32) -> Unit {
    CommitUnit { changes: vec![Change { key, expected, value: Some(Arc::new(value)) }], ..CommitUnit::default() }
}

/// An event alone.
pub fn only_event(of: InstanceId) -> Unit {
    CommitUnit { event: Some(event(of)), ..CommitUnit::default() }
}

/// Commits so many events.
pub async fn commit_events(store: &TestStore, of: InstanceId, count: usize) -> Vec<StoredEvent> {
    let mut events = Vec::new();
    for _ in 0..count {
        events.push(store.commit(only_event(of)).await.unwrap().event.unwrap());
    }
    events
}

/// Reads page by page until the log has no more, and checks that nothing is skipped, repeated or out of order.
pub async fn read(store: &TestStore, mut query: EventQuery) -> (Vec<StoredEvent>, EventPage) {
    let mut all: Vec<StoredEvent> = Vec::new();
    loop {
        let page = store.events(&query).await.unwrap();
        assert!(page.events.len() <= query.limit);
        all.extend(page.events.iter().cloned());
        let backwards = matches!(query.start, Start::Before(_));
        let rising = |pair: &[StoredEvent]| (pair[0].sequence < pair[1].sequence) != backwards;
        assert!(all.windows(2).all(rising), "out of order");
        if !page.more {
            return (all, page);
        }
        query.start = match query.start {
            Start::From(from) => {
                assert!(page.next > from, "no progress");
                Start::From(page.next)
            }
            Start::Before(before) => {
                assert!(page.next < before, "no progress");
                Start::Before(page.next)
            }
        };
    }
}

/// The sequences of all events of a log that pass a filter, oldest first.
pub async fn sequences(store: &TestStore, of: InstanceId, filter: EventFilter) -> Vec<u64> {
    let query = EventQuery { filter, ..EventQuery::all(of, 1, 1000) };
    read(store, query).await.0.iter().map(|event| event.sequence).collect()
}

pub fn at(millis: u64) -> EventTime {
    EventTime::from_unix_millis(millis)
}

/// The session of every store of the tests.
pub const SESSION: u64 = 7;

/// No test fails because a machine is slow.
const PATIENT: Duration = Duration::from_secs(30);
