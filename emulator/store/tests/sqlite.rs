//! What only a file has: directories, permissions, strangers' locks, damage, older versions, logs cut short by a crash.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic)]

#[path = "support/fixture.rs"]
mod fixture;
#[path = "support/script.rs"]
mod script;
#[path = "support/unprivileged.rs"]
mod unprivileged;

#[path = "sqlite/crash.rs"]
mod crash;
#[path = "sqlite/damage.rs"]
mod damage;
#[path = "sqlite/erase.rs"]
mod erase;
#[path = "sqlite/keeping.rs"]
mod keeping;
#[path = "sqlite/opening.rs"]
mod opening;
#[path = "sqlite/trouble.rs"]
mod trouble;
#[path = "sqlite/upgrade.rs"]
mod upgrade;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hpcs_names::InstanceId;
use hpcs_store::{
    Change, CommitUnit, EventQuery, Faults, Finding, LogOptions, NoFaults, OpenError, SqliteStore, Store, StoreOptions,
    StoredEvent, Version, VirtualClock,
};

use crate::fixture::{Digits, START, event};

pub type TestStore = SqliteStore<&'static str, u32>;
pub type Unit = CommitUnit<&'static str, u32>;

/// How a store is opened. No test fails because a machine is slow, unless it asks for a short deadline.
pub struct Setup {
    pub deadline: Duration,
    pub faults: Arc<dyn Faults>,
    pub log: LogOptions,
    pub session: u64,
}

impl Default for Setup {
    fn default() -> Self {
        Setup { deadline: PATIENT, faults: Arc::new(NoFaults), log: LogOptions::default(), session: 1 }
    }
}

impl Setup {
    pub fn open(self, directory: &Path) -> Result<TestStore, OpenError> {
        let mut options = StoreOptions::new(self.log, self.session);
        options.deadline = self.deadline;
        let clock = Arc::new(VirtualClock::new(START, 10));
        SqliteStore::open(directory, Arc::new(Digits), clock, options, self.faults)
    }
}

pub fn open(directory: &Path) -> TestStore {
    Setup::default().open(directory).unwrap()
}

pub fn database(directory: &Path) -> PathBuf {
    directory.join("emulator.db")
}

pub fn write(key: &'static str, expected: Version, value: u32) -> Unit {
    CommitUnit { changes: vec![Change { key, expected, value: Some(Arc::new(value)) }], ..CommitUnit::default() }
}

pub fn write_with_event(key: &'static str, expected: Version, value: u32, of: InstanceId) -> Unit {
    CommitUnit { event: Some(event(of)), ..write(key, expected, value) }
}

pub fn only_event(of: InstanceId) -> Unit {
    CommitUnit { event: Some(event(of)), ..CommitUnit::default() }
}

pub async fn version(store: &TestStore, key: &'static str) -> Version {
    store.load(&[key]).await.unwrap().remove(0).map_or(Version::ABSENT, |record| record.version)
}

pub async fn value(store: &TestStore, key: &'static str) -> Option<u32> {
    store.load(&[key]).await.unwrap().remove(0).map(|record| *record.value)
}

/// All events of a short log.
pub async fn whole_log(store: &TestStore, of: InstanceId) -> Vec<StoredEvent> {
    let page = store.events(&EventQuery::all(of, 1, 4_096)).await.unwrap();
    assert!(!page.more);
    page.events
}

/// Everything that a check finds.
pub fn findings(store: &TestStore) -> Vec<Finding> {
    let mut findings = Vec::new();
    let checked = store.check(&mut |finding| findings.push(finding)).unwrap();
    assert_eq!(checked.findings, findings.len() as u64);
    findings
}

pub const PATIENT: Duration = Duration::from_secs(30);
