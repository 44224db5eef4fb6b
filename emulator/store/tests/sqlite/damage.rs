//! Files that are not what they were: opening or checking tells, and nothing panics.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use hpcs_audit::EventTime;
use hpcs_store::{Broken, EventQuery, Finding, LogOptions, Start, Store, Version};
use rusqlite::Connection;

use crate::fixture::instance;
use crate::{Setup, database, findings, only_event, open, value, version, write, write_with_event};

const KEYS: [&str; 4] = ["a", "b", "c", "d"];

/// A file with pages of every kind, closed.
async fn filled(directory: &Path) {
    let log = LogOptions { chained: true, ..LogOptions::default() };
    let store = Setup { log, ..Setup::default() }.open(directory).unwrap();
    for round in 0..60 {
        let key = KEYS[round % KEYS.len()];
        let expected = version(&store, key).await;
        store.commit(write_with_event(key, expected, round as u32, instance('7'))).await.unwrap();
    }
    store.commit(only_event(instance('8'))).await.unwrap();
    store.close().await.unwrap();
}

/// What is found in a file that SQL has changed.
async fn found_after(sql: &str) -> Vec<Finding> {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path()).await;
    let connection = Connection::open(database(directory.path())).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    findings(&open(directory.path()))
}

#[tokio::test]
async fn a_sound_file_has_no_findings_and_everything_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path()).await;
    let store = open(directory.path());
    let seen = store.check(&mut |finding| panic!("{finding}")).unwrap();
    assert_eq!((seen.records, seen.logs, seen.events, seen.chained), (4, 2, 61, 61));
}

#[tokio::test]
async fn every_page_whose_head_is_overwritten_is_noticed() {
    let sound = tempfile::tempdir().unwrap();
    filled(sound.path()).await;
    let bytes = fs::read(database(sound.path())).unwrap();
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    assert!(bytes.len() / page > 12, "{} pages", bytes.len() / page);
    for start in (0..bytes.len()).step_by(page) {
        let directory = tempfile::tempdir().unwrap();
        let mut damaged = bytes.clone();
        damaged[start..start + 8].fill(0xff);
        fs::write(database(directory.path()), damaged).unwrap();
        match Setup::default().open(directory.path()) {
            Ok(store) => assert_ne!(findings(&store), [], "page {}", start / page + 1),
            Err(refusal) => assert!(refusal.to_string().contains("emulator.db"), "{refusal}"),
        }
    }
}

#[tokio::test]
async fn a_file_that_ends_early_is_noticed() {
    let sound = tempfile::tempdir().unwrap();
    filled(sound.path()).await;
    let bytes = fs::read(database(sound.path())).unwrap();
    for length in [bytes.len() - 1, bytes.len() / 2, 8192, 4096, 99] {
        let directory = tempfile::tempdir().unwrap();
        fs::write(database(directory.path()), &bytes[..length]).unwrap();
        if let Ok(store) = Setup::default().open(directory.path()) {
            assert_ne!(findings(&store), [], "{length} bytes");
        }
    }
}

#[tokio::test]
async fn no_flipped_bit_makes_it_panic() {
    let sound = tempfile::tempdir().unwrap();
    filled(sound.path()).await;
    let bytes = fs::read(database(sound.path())).unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..60 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let directory = tempfile::tempdir().unwrap();
        let mut damaged = bytes.clone();
        // Most of the structure is at the beginning of pages.
        let at = state as usize % damaged.len();
        let at = if state.is_multiple_of(3) { at } else { at - at % 4096 + at % 128 };
        damaged[at] ^= 1 << (state >> 61);
        fs::write(database(directory.path()), damaged).unwrap();
        let Ok(store) = Setup::default().open(directory.path()) else { continue };
        let _ = store.check(&mut drop);
        let mut refusals = Vec::new();
        for of in ['7', '8'] {
            refusals.push(refusal(store.events(&EventQuery::all(instance(of), 1, 100)).await));
            let query = EventQuery { start: Start::END, ..EventQuery::all(instance(of), 1, 10) };
            refusals.push(refusal(store.events(&query).await));
            refusals.push(refusal(store.commit(only_event(instance(of))).await));
        }
        refusals.push(refusal(store.commit(write("e", Version::ABSENT, 1)).await));
        refusals.push(refusal(store.load(&KEYS).await));
        refusals.push(refusal(store.close().await));
        // So a thread that panicked is reported.
        assert!(refusals.iter().all(|text| !text.contains("unexpectedly")), "byte {at}: {refusals:?}");
    }
}

fn refusal<T>(answer: Result<T, impl Display>) -> String {
    answer.err().map(|error| error.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn a_missing_event_is_a_gap() {
    let found = found_after("DELETE FROM events WHERE id = 1 << 40 | 30").await;
    let broken = Broken::Sequence { expected: 30, found: 31 };
    assert_eq!(found[0], Finding::Event { instance: instance('7'), broken });
    assert_eq!(found.len(), 2, "the gap, and the bytes that are missing: {found:?}");
}

#[tokio::test]
async fn a_missing_end_is_told_by_the_head() {
    let found = found_after("DELETE FROM events WHERE id = 1 << 40 | 60").await;
    let what = "it ends with event 59, its head says 60".to_owned();
    assert_eq!(found, [Finding::Log { instance: Some(instance('7')), what }]);
}

#[tokio::test]
async fn a_changed_line_breaks_the_chain() {
    let found = found_after(
        "UPDATE events SET line = CAST(replace(line, 'someone', 'another') AS BLOB) WHERE id = 1 << 40 | 7",
    );
    let broken = Broken::Chain { sequence: 7 };
    assert_eq!(found.await, [Finding::Event { instance: instance('7'), broken }]);
}

#[tokio::test]
async fn a_time_that_runs_back_is_told() {
    let found = found_after("UPDATE events SET time = 5 WHERE id = 1 << 40 | 7").await;
    assert_eq!(found[0], Finding::Event { instance: instance('7'), broken: Broken::Time { sequence: 7 } });
}

#[tokio::test]
async fn a_record_that_does_not_decode_is_told_and_the_others_are_read() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path()).await;
    let connection = Connection::open(database(directory.path())).unwrap();
    connection
        .execute_batch(
            "UPDATE slots SET value = zeroblob(length(value)) WHERE slot = (SELECT slot FROM records WHERE name = 'b')",
        )
        .unwrap();
    drop(connection);
    let store = open(directory.path());
    let what = "record 'b' is not a number".to_owned();
    assert_eq!(findings(&store), [Finding::Record { name: "b".to_owned(), what }]);
    let refusal = store.load(&["b"]).await.err().unwrap().to_string();
    assert!(refusal.starts_with("SQLite file ") && refusal.ends_with("record 'b' is not a number"), "{refusal}");
    assert_eq!(value(&store, "c").await, Some(58));
}

#[tokio::test]
async fn events_of_no_log_and_heads_that_contradict_themselves_are_told() {
    let found = found_after("INSERT INTO events VALUES (99 << 40, 1, 0, NULL, X'')").await;
    assert_eq!(found, [Finding::Orphans { number: 99 }]);
    let found = found_after("UPDATE logs SET anchor_sequence = 70 WHERE number = 1").await;
    assert!(matches!(&found[..], [Finding::Log { instance: None, .. }]), "{found:?}");
    let found = found_after("UPDATE logs SET bytes = bytes + 1 WHERE number = 1").await;
    assert!(matches!(&found[..], [Finding::Log { instance: Some(_), .. }]), "{found:?}");
    let found = found_after("UPDATE records SET version = 1000 WHERE name = 'a'").await;
    assert!(matches!(&found[..], [Finding::Record { .. }]), "{found:?}");
    let found = found_after("DELETE FROM slots WHERE slot = (SELECT slot FROM records WHERE name = 'a')").await;
    assert!(matches!(&found[..], [Finding::Record { .. }]), "{found:?}");
    let found =
        found_after("INSERT INTO slots VALUES (99, X'0001'), (98, X'0000'); INSERT INTO spare_slots VALUES (99, 2)");
    assert!(matches!(&found.await[..], [Finding::File(_), Finding::File(_)]));
    let found = found_after("UPDATE kinds SET action = 'no.such.action'").await;
    assert!(matches!(&found[..], [Finding::File(_)]), "{found:?}");
}

#[tokio::test]
async fn a_log_with_a_hole_is_refused_to_readers_where_the_hole_is() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path()).await;
    let connection = Connection::open(database(directory.path())).unwrap();
    connection.execute_batch("DELETE FROM events WHERE id = 1 << 40 | 30").unwrap();
    drop(connection);
    let store = open(directory.path());
    assert_eq!(store.events(&EventQuery::all(instance('7'), 31, 5)).await.unwrap().events.len(), 5);
    let refusal = store.events(&EventQuery::all(instance('7'), 29, 5)).await.err().unwrap().to_string();
    assert!(refusal.ends_with("event 30 of log 1 is missing"), "{refusal}");
    let late = EventTime::from_unix_millis(0);
    assert!(store.log(instance('7')).await.unwrap().unwrap().last.time > late);
}
