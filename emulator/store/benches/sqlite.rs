//! The SQLite store, measured: commits beside a bare loop of inserts, opening a full file, and questions to a long log.
//!
//! `cargo bench -p hpcs-store --bench sqlite`. Commits take turns with two other ways to write the same bytes, a record
//! in place and a new event for each operation, into plain tables of another file beside it:
//!
//! - *raw*: the same clients hand prepared rows to a thread that writes all that wait in one transaction and answers;
//!   the ratio to its rate is to be at least 0.7;
//! - *bare*: a loop on one thread that waits for nobody.
//!
//! A directory may be named as an argument: `-- /mnt/disk`.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

#[path = "../tests/support/fixture.rs"]
#[allow(dead_code)]
mod fixture;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use hpcs_audit::catalogue::{orchestrator, tke};
use hpcs_audit::event::FailureCode;
use hpcs_audit::{Outcome, Reason};
use hpcs_store::{
    Anchor, Change, Codec, CodecError, CommitUnit, EventFilter, EventQuery, LogChange, LogOptions, LogState, NoFaults,
    SqliteStore, Start, Store, StoreOptions, Version, VirtualClock,
};
use tokio::sync::oneshot;

type BenchStore = SqliteStore<u64, Vec<u8>>;

fn main() {
    let place: PathBuf = match std::env::args().skip(1).find(|argument| !argument.starts_with('-')) {
        Some(path) => path.into(),
        None => std::env::temp_dir(),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(commits(&place));
    runtime.block_on(long_log(&place));
}

/// Rounds of commits by many clients and of the bare loop, in turn.
async fn commits(place: &Path) {
    let directory = tempfile::tempdir_in(place).unwrap();
    let store = Arc::new(open(&directory.path().join("store")));
    let bare = Arc::new(Mutex::new(Bare::open(directory.path())));
    let mut rates = [(); 3].map(|()| Vec::new());
    for round in 0..=ROUNDS {
        let ours = by_clients(&store).await;
        let raw = by_raw_clients(&bare).await;
        let alone = bare.lock().unwrap().run();
        // The first time does not count.
        if round > 0 {
            rates[0].push(ours);
            rates[1].push(raw);
            rates[2].push(alone);
        }
    }
    store.close().await.unwrap();
    let [ours, raw, alone] = rates.map(median);
    println!(
        "commits by {CLIENTS} clients:      {ours:>9.0} /s  (record of {RECORD} bytes, event of {})",
        line().len()
    );
    println!("raw, by {CLIENTS} clients:         {raw:>9.0} /s, ratio {:.2}", ours / raw);
    println!("bare loop, groups of {CLIENTS}:    {alone:>9.0} /s, ratio {:.2}", ours / alone);
}

/// The raw way: rows that are ready, no versions, no sequence, no index.
async fn by_raw_clients(bare: &Arc<Mutex<Bare>>) -> f64 {
    let (sender, receiver) = mpsc::channel::<(i64, Vec<u8>, Vec<u8>, oneshot::Sender<()>)>();
    let writer = std::thread::spawn({
        let bare = bare.clone();
        move || {
            let mut bare = bare.lock().unwrap();
            while let Ok(first) = receiver.recv() {
                let waiting = receiver.try_iter().take(255);
                let group: Vec<_> = std::iter::once(first).chain(waiting).collect();
                bare.write(group.iter().map(|(id, record, line, _)| (*id, &record[..], &line[..])));
                for (.., answer) in group {
                    answer.send(()).unwrap();
                }
            }
        }
    });
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS as i64)
        .map(|id| {
            let (sender, line) = (sender.clone(), line());
            tokio::spawn(async move {
                for round in 0..COMMITS {
                    let (answer, answered) = oneshot::channel();
                    sender.send((id, vec![round as u8; RECORD], line.clone(), answer)).unwrap();
                    answered.await.unwrap();
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let rate = (CLIENTS * COMMITS) as f64 / begun.elapsed().as_secs_f64();
    drop(sender);
    writer.join().unwrap();
    rate
}

async fn by_clients(store: &Arc<BenchStore>) -> f64 {
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS as u64)
        .map(|key| {
            let store = store.clone();
            tokio::spawn(async move {
                let event = fixture::event(fixture::instance('7'));
                for round in 0..COMMITS {
                    let found = store.load(&[key]).await.unwrap().remove(0);
                    let expected = found.map_or(Version::ABSENT, |record| record.version);
                    let change = Change { key, expected, value: Some(Arc::new(vec![round as u8; RECORD])) };
                    let event = Some(event.clone());
                    store.commit(CommitUnit { changes: vec![change], event, ..CommitUnit::default() }).await.unwrap();
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    (CLIENTS * COMMITS) as f64 / begun.elapsed().as_secs_f64()
}

/// The same bytes in two plain tables, a transaction for each group.
struct Bare {
    connection: rusqlite::Connection,
    record: Vec<u8>,
    line: Vec<u8>,
}

impl Bare {
    fn open(directory: &Path) -> Self {
        let connection = rusqlite::Connection::open(directory.join("bare.db")).unwrap();
        connection
            .execute_batch(
                "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                 CREATE TABLE records (id INTEGER PRIMARY KEY, value BLOB NOT NULL);
                 CREATE TABLE events (id INTEGER PRIMARY KEY, line BLOB NOT NULL)",
            )
            .unwrap();
        for id in 0..CLIENTS {
            connection.execute("INSERT INTO records VALUES (?, zeroblob(?))", [id as i64, RECORD as i64]).unwrap();
        }
        Bare { connection, record: vec![7; RECORD], line: line() }
    }

    fn run(&mut self) -> f64 {
        let begun = Instant::now();
        for round in 0..COMMITS {
            self.record.fill(round as u8);
            let (record, line) = (self.record.clone(), self.line.clone());
            self.write((0..CLIENTS as i64).map(|id| (id, &record[..], &line[..])));
        }
        (CLIENTS * COMMITS) as f64 / begun.elapsed().as_secs_f64()
    }

    /// One transaction.
    fn write<'a>(&mut self, rows: impl Iterator<Item = (i64, &'a [u8], &'a [u8])>) {
        let transaction = self.connection.transaction().unwrap();
        {
            let mut update = transaction.prepare_cached("UPDATE records SET value = ? WHERE id = ?").unwrap();
            let mut insert = transaction.prepare_cached("INSERT INTO events (line) VALUES (?)").unwrap();
            for (id, record, line) in rows {
                update.execute(rusqlite::params![record, id]).unwrap();
                insert.execute([line]).unwrap();
            }
        }
        transaction.commit().unwrap();
    }
}

/// A million events and a thousand records: opening, and the last hundred events by filter.
async fn long_log(place: &Path) {
    let directory = tempfile::tempdir_in(place).unwrap();
    let store = open(directory.path());
    let begun = Instant::now();
    fill(&store).await;
    println!("a million events written:   {:>9.1} s", begun.elapsed().as_secs_f64());
    store.close().await.unwrap();
    drop(store);

    let begun = Instant::now();
    let store = open(directory.path());
    let keys: Vec<u64> = (0..RECORDS).collect();
    let records = store.load(&keys).await.unwrap();
    assert!(records.iter().all(Option::is_some));
    println!("opened, {RECORDS} records read:   {:>9.2} ms", millis(begun.elapsed()));

    for (name, filter) in filters() {
        let query = EventQuery { instance: fixture::instance('7'), start: Start::END, filter, limit: 100 };
        let mut times: Vec<f64> = Vec::new();
        let mut found = 0;
        for _ in 0..20 {
            let begun = Instant::now();
            let page = store.events(&query).await.unwrap();
            assert!(page.events.len() == 100 || !page.more);
            found = page.events.len();
            times.push(millis(begun.elapsed()));
        }
        println!(
            "last 100, {name:<24}: {:>6.2} ms ({found} found; first time {:.2} ms)",
            median(times.clone()),
            times[0]
        );
    }
    store.close().await.unwrap();
}

fn filters() -> Vec<(&'static str, EventFilter)> {
    let actions = |actions: &[&str]| EventFilter {
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        ..EventFilter::default()
    };
    let middle = hpcs_audit::EventTime::from_unix_millis(fixture::START.unix_millis() + EVENTS / 2);
    vec![
        ("everything", EventFilter::default()),
        ("a common action", actions(&[tke::RESET.action])),
        ("all of a family", actions(&["hs-crypto.tke-*"])),
        ("a rare action", actions(&[orchestrator::MANAGED_KEY_WRITE.action])),
        ("an action that never was", actions(&["hs-crypto.secrets.*"])),
        ("failures", EventFilter { outcomes: vec![Outcome::Failure], ..EventFilter::default() }),
        (
            "failures until the middle",
            EventFilter { outcomes: vec![Outcome::Failure], until: Some(middle), ..EventFilter::default() },
        ),
        (
            "rare since the middle",
            EventFilter { since: Some(middle), ..actions(&[orchestrator::MANAGED_KEY_WRITE.action]) },
        ),
    ]
}

async fn fill(store: &BenchStore) {
    let instance = fixture::instance('7');
    let changes =
        (0..RECORDS).map(|key| Change { key, expected: Version::ABSENT, value: Some(Arc::new(vec![7; RECORD])) });
    let begin = LogChange::Begin { instance, anchor: Anchor::BEGINNING };
    store.commit(CommitUnit { changes: changes.collect(), logs: vec![begin], ..CommitUnit::default() }).await.unwrap();
    let options = LogOptions::default();
    let mut state = LogState::after(Anchor::BEGINNING);
    let failure = || Reason::failure(FailureCode::Forbidden, "not allowed");
    let mut time = fixture::START.unix_millis();
    for _ in 0..EVENTS / PER_COMMIT {
        let events = (0..PER_COMMIT).map(|_| {
            time += 1;
            let reason = if time.is_multiple_of(1000) { failure() } else { Reason::OK };
            let rare = time.is_multiple_of(50_000);
            let row = if rare { orchestrator::MANAGED_KEY_WRITE } else { tke::ALL[(time % 9) as usize] };
            let draft = fixture::event_of(instance, row, reason);
            state.stamp(instance, &draft, hpcs_audit::EventTime::from_unix_millis(time), &options)
        });
        let append = LogChange::Append { instance, events: events.collect() };
        store.commit(CommitUnit { logs: vec![append], ..CommitUnit::default() }).await.unwrap();
    }
}

struct Bytes;

impl Codec<u64, Vec<u8>> for Bytes {
    fn name(&self, key: &u64) -> String {
        format!("unit/{key:08}")
    }

    fn encode(&self, _: &str, record: &Vec<u8>) -> Result<Vec<u8>, CodecError> {
        Ok(record.clone())
    }

    fn decode(&self, _: &str, value: &[u8]) -> Result<Vec<u8>, CodecError> {
        Ok(value.to_vec())
    }
}

fn open(directory: &Path) -> BenchStore {
    let clock = Arc::new(VirtualClock::new(fixture::START, 10));
    let mut options = StoreOptions::new(LogOptions::default(), 1);
    options.deadline = Duration::from_secs(60);
    SqliteStore::open(directory, Arc::new(Bytes), clock, options, Arc::new(NoFaults)).unwrap()
}

fn line() -> Vec<u8> {
    let instance = fixture::instance('7');
    let mut state = LogState::after(Anchor::BEGINNING);
    state.stamp(instance, &fixture::event(instance), fixture::START, &LogOptions::default()).line.to_vec()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

const CLIENTS: usize = 64;
const COMMITS: usize = 300;
const ROUNDS: usize = 7;
const RECORD: usize = 1024;
const RECORDS: u64 = 1_000;
const EVENTS: u64 = 1_000_000;
const PER_COMMIT: u64 = 2_000;
