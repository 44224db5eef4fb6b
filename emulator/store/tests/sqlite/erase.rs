//! After erasing, old values are in none of the files.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hpcs_store::{
    Change, Codec, CodecError, CommitError, CommitUnit, Committed, Fate, FaultPoint, Faults, LogOptions, NoFaults,
    SqliteStore, Store, StoreOptions, Unavailable, Version, VirtualClock,
};
use rusqlite::Connection;

use crate::database;
use crate::fixture::START;
use crate::script::Script;

type SecretStore = SqliteStore<u32, Vec<u8>>;

/// Values are written as they are: what a codec would never do with a secret.
struct Bare;

impl Codec<u32, Vec<u8>> for Bare {
    fn name(&self, key: &u32) -> String {
        format!("unit/{key}")
    }

    fn encode(&self, _: &str, record: &Vec<u8>) -> Result<Vec<u8>, CodecError> {
        Ok(record.clone())
    }

    fn decode(&self, _: &str, value: &[u8]) -> Result<Vec<u8>, CodecError> {
        Ok(value.to_vec())
    }
}

#[tokio::test]
async fn no_older_value_of_an_erased_record_is_in_any_file() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut written: Vec<Vec<String>> = vec![Vec::new(); KEYS as usize];
    for step in 0..STEPS {
        let key = random.below(KEYS);
        let secret = format!("{:08x}{:08x}", random.below(u32::MAX), random.below(u32::MAX));
        let value = (random.below(8) > 0).then(|| secret.repeat(size(&mut random)).into_bytes());
        let erase = random.below(6) == 0;
        change(&store, key, value.clone(), erase).await;
        let old = &mut written[key as usize];
        if erase {
            let files = content(directory.path());
            for (age, secret) in old.iter().rev().enumerate() {
                assert!(!files.contains(secret), "step {step}: the value before the last {age} of record {key}");
            }
            old.clear();
        }
        if value.is_some() {
            old.push(secret);
        }
    }
}

#[tokio::test]
async fn without_erasing_old_values_may_stay_for_a_while() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    change(&store, 1, Some(b"first of all".to_vec()), false).await;
    change(&store, 1, Some(b"second of all".to_vec()), false).await;
    assert!(content(directory.path()).contains("first of all"), "or this file proves nothing");
    change(&store, 1, Some(b"third of all".to_vec()), true).await;
    assert!(!content(directory.path()).contains("first of all"));
    assert!(content(directory.path()).contains("third of all"));
}

#[tokio::test]
async fn what_a_crash_between_commit_and_erasing_left_is_gone_after_opening() {
    let (directory, crashed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let script = Arc::new(Script::default());
    let store = Arc::new(open_with(directory.path(), script.clone(), crate::PATIENT));
    change(&store, 1, Some(b"first of all".to_vec()), false).await;
    let release = script.hold(FaultPoint::Erase);
    let erasing = tokio::spawn({
        let store = store.clone();
        async move { change(&store, 1, Some(b"second of all".to_vec()), true).await }
    });
    script.reached().await;
    for file in ["emulator.db", "emulator.db-wal"] {
        fs::copy(directory.path().join(file), crashed.path().join(file)).unwrap();
    }
    release.send(()).unwrap();
    erasing.await.unwrap();

    assert!(content(crashed.path()).contains("first of all"), "or this file proves nothing");
    let _store = open(crashed.path());
    assert!(!content(crashed.path()).contains("first of all"));
    assert!(content(crashed.path()).contains("second of all"));
}

#[tokio::test]
async fn a_reader_in_the_way_leaves_the_outcome_open_until_it_has_gone() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_with(directory.path(), Arc::new(NoFaults), SHORT);
    change(&store, 1, Some(b"first of all".to_vec()), false).await;
    let stranger = reading(directory.path());
    let refusal = try_change(&store, 1, Some(b"second of all".to_vec()), true).await.unwrap_err();
    let CommitError::OutcomeUnknown { operation, .. } = refusal else { panic!("{refusal}") };
    assert_eq!(store.fate(operation).await.unwrap(), Fate::Unsettled);
    assert!(content(directory.path()).contains("first of all"), "or this file proves nothing");
    stranger.execute_batch("COMMIT").unwrap();
    while store.fate(operation).await.unwrap() == Fate::Unsettled {
        tokio::task::yield_now().await;
    }
    assert_eq!(store.fate(operation).await.unwrap(), Fate::Committed);
    assert!(!content(directory.path()).contains("first of all"));
    assert!(content(directory.path()).contains("second of all"));
}

#[tokio::test]
async fn closing_tells_of_a_log_that_a_reader_holds_and_the_next_opening_empties_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_with(directory.path(), Arc::new(NoFaults), SHORT);
    change(&store, 1, Some(b"first of all".to_vec()), false).await;
    let stranger = reading(directory.path());
    change(&store, 1, Some(b"second of all".to_vec()), false).await;
    let Unavailable(text) = store.close().await.unwrap_err();
    assert!(text.ends_with("readers hold the write-ahead log"), "{text}");
    assert!(content(directory.path()).contains("first of all"), "or this file proves nothing");
    stranger.execute_batch("COMMIT").unwrap();
    let _store = open(directory.path());
    assert!(!content(directory.path()).contains("first of all"));
}

/// Another program that reads, as of this moment.
fn reading(directory: &Path) -> Connection {
    let stranger = Connection::open(database(directory)).unwrap();
    stranger.execute_batch("BEGIN").unwrap();
    let records: u32 = stranger.query_row("SELECT count(*) FROM records", [], |row| row.get(0)).unwrap();
    assert_eq!(records, 1);
    stranger
}

async fn change(store: &SecretStore, key: u32, value: Option<Vec<u8>>, erase: bool) {
    try_change(store, key, value, erase).await.unwrap();
}

async fn try_change(
    store: &SecretStore,
    key: u32,
    value: Option<Vec<u8>>,
    erase: bool,
) -> Result<Committed, CommitError> {
    let expected = store.load(&[key]).await.unwrap().remove(0).map_or(Version::ABSENT, |record| record.version);
    let changes = vec![Change { key, expected, value: value.map(Arc::new) }];
    store.commit(CommitUnit { changes, erase, ..CommitUnit::default() }).await
}

fn open(directory: &Path) -> SecretStore {
    open_with(directory, Arc::new(NoFaults), crate::PATIENT)
}

fn open_with(directory: &Path, faults: Arc<dyn Faults>, deadline: Duration) -> SecretStore {
    let mut options = StoreOptions::new(LogOptions::default(), 1);
    options.deadline = deadline;
    let clock = Arc::new(VirtualClock::new(START, 10));
    SqliteStore::open(directory, Arc::new(Bare), clock, options, faults).unwrap()
}

/// All files of the directory, one after the other.
fn content(directory: &Path) -> String {
    let files = fs::read_dir(directory).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

/// In units of 16 bytes: of a few to far more than a page.
fn size(random: &mut Random) -> usize {
    match random.below(3) {
        0 => 1 + random.below(30) as usize,
        1 => 1 + random.below(200) as usize,
        _ => 1 + random.below(2000) as usize,
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as u32 % bound
    }
}

/// Long enough for a commit on a slow machine; readers are waited for a third of it.
const SHORT: Duration = Duration::from_secs(3);

const KEYS: u32 = 40;
const STEPS: u32 = 600;
