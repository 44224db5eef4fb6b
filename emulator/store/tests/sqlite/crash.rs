//! A crash in the middle of writing: the write-ahead log is cut everywhere, and what was acknowledged before is there.

use std::fs;
use std::path::Path;

use hpcs_audit::EventTime;
use hpcs_store::{Anchor, Change, CommitUnit, LogChange, LogState, Store, Version};

use crate::fixture::{event, instance};
use crate::{TestStore, Unit, database, findings, only_event, open, version, whole_log, write, write_with_event};

/// What one sees of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    records: Vec<Option<(u32, Version)>>,
    logs: Vec<Option<LogState>>,
    lines: Vec<Vec<bytes::Bytes>>,
}

#[tokio::test]
async fn a_log_cut_anywhere_keeps_what_was_acknowledged_and_nothing_half() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let wal = directory.path().join("emulator.db-wal");
    // What is seen, and how long the log is, after each commit; and before the first one.
    let mut history = vec![(fs::metadata(&wal).unwrap().len(), see(&store).await)];
    for number in 0..COMMITS {
        store.commit(unit(&store, number).await).await.unwrap();
        history.push((fs::metadata(&wal).unwrap().len(), see(&store).await));
    }
    assert!(history.windows(2).all(|pair| pair[0].0 < pair[1].0), "nothing was moved out of the log meanwhile");
    let (bytes, log) = (fs::read(database(directory.path())).unwrap(), fs::read(&wal).unwrap());

    let frame = FRAME_HEADER + u32::from_be_bytes([log[8], log[9], log[10], log[11]]) as usize;
    let boundaries = (LOG_HEADER..=log.len()).step_by(frame);
    let cuts = boundaries.flat_map(|end| [end - 1, end, end + 11, end + frame / 2]).filter(|cut| *cut <= log.len());
    let mut seen = 0;
    for cut in cuts {
        let (crashed, acknowledged) =
            (tempfile::tempdir().unwrap(), history.iter().rev().find(|(end, _)| *end <= cut as u64));
        fs::write(database(crashed.path()), &bytes).unwrap();
        fs::write(crashed.path().join("emulator.db-wal"), &log[..cut]).unwrap();
        check(crashed.path(), acknowledged.map(|(_, seen)| seen), cut).await;
        seen += 1;
    }
    assert!(seen > 100, "{seen} cuts");
}

#[tokio::test]
async fn a_frame_that_was_written_wrongly_ends_the_log_there() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let wal = directory.path().join("emulator.db-wal");
    let mut history = Vec::new();
    for number in 0..3 {
        store.commit(unit(&store, number).await).await.unwrap();
        history.push((fs::metadata(&wal).unwrap().len() as usize, see(&store).await));
    }
    let (bytes, log) = (fs::read(database(directory.path())).unwrap(), fs::read(&wal).unwrap());
    for at in [history[1].0 + 2, history[1].0 + FRAME_HEADER + 5, history[2].0 - 1] {
        let crashed = tempfile::tempdir().unwrap();
        let mut log = log.clone();
        log[at] ^= 0x10;
        fs::write(database(crashed.path()), &bytes).unwrap();
        fs::write(crashed.path().join("emulator.db-wal"), &log).unwrap();
        check(crashed.path(), Some(&history[1].1), at).await;
    }
}

/// The store is as it was seen, whole, and takes more.
async fn check(directory: &Path, expected: Option<&Seen>, cut: usize) {
    let store = open(directory);
    assert_eq!(findings(&store), [], "cut at {cut}");
    if let Some(expected) = expected {
        assert_eq!(&see(&store).await, expected, "cut at {cut}");
    }
    let before = store.log(instance('7')).await.unwrap().map_or(0, |log| log.last.sequence);
    let expected = version(&store, "a").await;
    let committed = store.commit(write_with_event("a", expected, 99, instance('7'))).await.unwrap();
    assert_eq!(committed.event.unwrap().sequence, before + 1, "cut at {cut}");
}

async fn see(store: &TestStore) -> Seen {
    let records = store.load(&KEYS).await.unwrap();
    let mut seen = Seen { records: Vec::new(), logs: Vec::new(), lines: Vec::new() };
    seen.records = records.into_iter().map(|record| record.map(|record| (*record.value, record.version))).collect();
    for of in ['7', '8', '9'] {
        seen.logs.push(store.log(instance(of)).await.unwrap());
        seen.lines.push(whole_log(store, instance(of)).await.into_iter().map(|event| event.line).collect());
    }
    seen
}

/// A unit of another form each time.
async fn unit(store: &TestStore, number: u32) -> Unit {
    let a = version(store, "a").await;
    match number % 5 {
        0 => write_with_event("a", a, number, instance('7')),
        1 => only_event(instance('8')),
        2 => {
            let mut unit = write_with_event("a", a, number, instance('7'));
            let b = version(store, "b").await;
            unit.changes.extend(write("b", b, number).changes);
            unit
        }
        3 => {
            let (b, value) = (version(store, "b").await, None);
            let changes = vec![Change { key: "b", expected: b, value }];
            CommitUnit { changes, event: Some(event(instance('8'))), ..CommitUnit::default() }
        }
        _ if store.log(instance('9')).await.unwrap().is_none() => {
            let anchor = Anchor { sequence: 12, time: EventTime::from_unix_millis(3), digest: None };
            CommitUnit { logs: vec![LogChange::Begin { instance: instance('9'), anchor }], ..CommitUnit::default() }
        }
        _ => only_event(instance('9')),
    }
}

const KEYS: [&str; 2] = ["a", "b"];
const COMMITS: u32 = 12;

/// Sizes in the format of the log.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
