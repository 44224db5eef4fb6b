//! The tests, by what they are about.

mod broken;
mod checked;
mod kept;
mod replicas;
mod steps;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hpcs_audit::EventTime;
use hpcs_names::InstanceId;
use hpcs_store::{
    Change, Clock, CommitUnit, EventQuery, Fault, FaultPoint, Faults, LogOptions, PostgresStore, Retention, Store,
    StoreOptions, StoredEvent, Version, VirtualClock,
};
use tokio::sync::{Notify, oneshot};
use tokio_postgres::Client;

use crate::Case;
use crate::fixture::{Digits, START, event};
use crate::server::Server;

pub type TestStore = PostgresStore<&'static str, u32>;

/// Every test.
pub fn all() -> Vec<Case> {
    [replicas::CASES, broken::CASES, steps::CASES, kept::CASES, checked::CASES].concat()
}

/// The table of a file's tests.
#[macro_export]
macro_rules! cases {
    ($($name:ident,)*) => {
        /// The tests of this file.
        pub const CASES: &[$crate::Case] = &[$((stringify!($name), |server| Box::pin($name(server))),)*];
    };
}

/// How a replica is opened. Errors that are expected come by a short deadline, and others not by a slow machine.
#[derive(Clone)]
pub struct Setup {
    pub deadline: Duration,
    pub clock: Arc<dyn Clock>,
    pub faults: Arc<dyn Faults>,
    pub log: LogOptions,
    pub session: u64,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            deadline: PATIENT,
            clock: Arc::new(VirtualClock::new(START, 10)),
            faults: Arc::new(Script::default()),
            log: LogOptions::default(),
            session: 1,
        }
    }
}

impl Setup {
    pub async fn open(self, url: &str) -> TestStore {
        let mut options = StoreOptions::new(self.log, self.session);
        options.deadline = self.deadline;
        PostgresStore::open(url, Arc::new(Digits), self.clock, options, self.faults).await.unwrap()
    }
}

/// A replica and the address of its database.
pub async fn one(server: &Server, setup: Setup) -> (TestStore, String) {
    let database = server.database().await;
    (setup.open(&server.url(&database)).await, database)
}

/// Two replicas of one database, the second with a clock far behind.
pub async fn two(server: &Server) -> (Arc<TestStore>, Arc<TestStore>) {
    let database = server.database().await;
    let url = server.url(&database);
    let behind = Arc::new(VirtualClock::new(EventTime::from_unix_millis(5), 1));
    let (first, second) = (Setup::default(), Setup { session: 2, clock: behind, ..Setup::default() });
    let (first, second) = tokio::join!(first.open(&url), second.open(&url));
    (Arc::new(first), Arc::new(second))
}

/// A change of one record.
pub fn write(key: &'static str, expected: Version, value: u32) -> CommitUnit<&'static str, u32> {
    CommitUnit { changes: vec![Change { key, expected, value: Some(Arc::new(value)) }], ..CommitUnit::default() }
}

/// A change of one record that leaves an event.
pub fn write_with_event(
    key: &'static str,
    expected: Version,
    value: u32,
    of: InstanceId,
) -> CommitUnit<&'static str, u32> {
    CommitUnit { event: Some(event(of)), ..write(key, expected, value) }
}

/// An event alone.
pub fn only_event(of: InstanceId) -> CommitUnit<&'static str, u32> {
    CommitUnit { event: Some(event(of)), ..CommitUnit::default() }
}

pub async fn version(store: &TestStore, key: &'static str) -> Version {
    store.load(&[key]).await.unwrap().remove(0).map_or(Version::ABSENT, |record| record.version)
}

pub async fn value(store: &TestStore, key: &'static str) -> Option<u32> {
    store.load(&[key]).await.unwrap().remove(0).map(|record| *record.value)
}

/// All events of a log, which has to be gapless with times that never run back.
pub async fn whole_log(store: &TestStore, of: InstanceId) -> Vec<StoredEvent> {
    let page = store.events(&EventQuery::all(of, 1, 4_096)).await.unwrap();
    assert!(!page.more);
    for (event, sequence) in page.events.iter().zip(page.first..) {
        assert_eq!(event.sequence, sequence);
    }
    assert!(page.events.windows(2).all(|pair| pair[0].time <= pair[1].time));
    page.events
}

/// The processes behind the sessions that meet a condition, as soon as there are so many. Those of the caller's
/// `stranger` are not counted.
pub async fn sessions(stranger: &Client, condition: &str, count: usize) -> Vec<i32> {
    let found = format!(
        "SELECT coalesce(array_agg(pid), '{{}}') FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
    );
    loop {
        let pids: Vec<i32> = stranger.query_one(&found, &[]).await.unwrap().get(0);
        if pids.len() == count {
            return pids;
        }
        stranger.execute("SELECT pg_sleep(0.01)", &[]).await.unwrap();
    }
}

/// Asks until there is an answer: with a short deadline, a slow machine may need several attempts.
pub async fn until_ok<T, E>(mut ask: impl AsyncFnMut() -> Result<T, E>) -> T {
    loop {
        if let Ok(answer) = ask().await {
            return answer;
        }
    }
}

/// Faults as a test asks for them, each of them once.
#[derive(Default)]
pub struct Script {
    next: Mutex<HashMap<FaultPoint, Fault>>,
    reached: Notify,
}

impl Script {
    pub fn once(&self, point: FaultPoint, fault: Fault) {
        self.next.lock().unwrap().insert(point, fault);
    }

    /// Makes a step wait. Sending to the answer, or dropping it, releases it.
    pub fn hold(&self, point: FaultPoint) -> oneshot::Sender<()> {
        let (release, released) = oneshot::channel();
        self.once(point, Fault::Hang(Box::pin(async move { drop(released.await) })));
        release
    }

    /// Waits until a fault has happened.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Whether all faults have happened.
    pub fn is_over(&self) -> bool {
        self.next.lock().unwrap().is_empty()
    }
}

impl Faults for Script {
    fn at(&self, point: FaultPoint) -> Fault {
        let fault = self.next.lock().unwrap().remove(&point);
        if fault.is_some() {
            self.reached.notify_one();
        }
        fault.unwrap_or(Fault::None)
    }
}

/// Retention of so many events.
pub fn newest(events: u64) -> LogOptions {
    LogOptions { retention: Retention { events: Some(events), ..Retention::default() }, ..LogOptions::default() }
}

pub const PATIENT: Duration = Duration::from_secs(20);

/// For calls that must fail by it.
pub const SHORT: Duration = Duration::from_millis(400);

/// For a group of which one call must fail by it and another must not.
pub const MEDIUM: Duration = Duration::from_secs(4);
