//! Cutting and dropping, seen in the file itself.

use std::time::Duration;

use hpcs_store::{Anchor, CommitUnit, EventQuery, LogChange, LogOptions, LogState, Retention, Store};
use rusqlite::Connection;

use crate::fixture::{START, event, instance};
use crate::{Setup, TestStore, Unit, database, findings, only_event, open, whole_log};

#[tokio::test]
async fn the_events_of_a_dropped_log_go_in_batches_and_its_row_last() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    fill(&store, 3000).await;
    store.commit(Unit { logs: vec![LogChange::Drop(instance('7'))], ..CommitUnit::default() }).await.unwrap();
    store.commit(only_event(instance('7'))).await.unwrap();
    assert_eq!(whole_log(&store, instance('7')).await.len(), 1);
    let connection = Connection::open(database(directory.path())).unwrap();
    while count(&connection, "SELECT count(*) FROM logs") > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(count(&connection, "SELECT count(*) FROM events"), 1);
    assert_eq!(findings(&store), []);
}

#[tokio::test]
async fn what_a_dropped_log_left_is_cleared_after_opening_again() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    fill(&store, 100).await;
    store.close().await.unwrap();
    let connection = Connection::open(database(directory.path())).unwrap();
    connection.execute_batch("UPDATE logs SET instance = NULL").unwrap();
    let store = open(directory.path());
    while count(&connection, "SELECT count(*) FROM logs") > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(count(&connection, "SELECT count(*) FROM events"), 0);
    assert_eq!(findings(&store), []);
}

#[tokio::test]
async fn a_log_far_beyond_a_new_bound_is_cut_back_between_commits() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    fill(&store, 5000).await;
    store.close().await.unwrap();
    let retention = Retention { events: Some(100), ..Retention::default() };
    let store = bounded(&directory, retention);
    store.commit(only_event(instance('7'))).await.unwrap();
    while store.log(instance('7')).await.unwrap().unwrap().len() > 106 {
        tokio::task::yield_now().await;
    }
    let log = store.log(instance('7')).await.unwrap().unwrap();
    assert_eq!((log.len() >= 100, log.last.sequence), (true, 5001));
    assert_eq!(whole_log(&store, instance('7')).await.len() as u64, log.len());
    assert_eq!(findings(&store), []);
}

#[tokio::test]
async fn what_is_beyond_the_age_is_cut_once_it_is_worth_it() {
    let directory = tempfile::tempdir().unwrap();
    let retention = Retention { age: Some(Duration::from_millis(1600)), ..Retention::default() };
    let store = bounded(&directory, retention);
    for _ in 0..500 {
        store.commit(only_event(instance('7'))).await.unwrap();
        let log = store.log(instance('7')).await.unwrap().unwrap();
        assert!(log.len() <= 172, "{} events of 160", log.len());
    }
    let page = store.events(&EventQuery::all(instance('7'), 1, 1000)).await.unwrap();
    assert_eq!((page.events.len(), page.first), (160, 341));
    assert_eq!(findings(&store), []);
}

fn bounded(directory: &tempfile::TempDir, retention: Retention) -> TestStore {
    Setup { log: LogOptions { retention, ..LogOptions::default() }, ..Setup::default() }.open(directory.path()).unwrap()
}

/// A log of so many events, in one commit.
async fn fill(store: &TestStore, events: u64) {
    let of = instance('7');
    let mut state = LogState::after(Anchor::BEGINNING);
    let options = LogOptions::default();
    let events = (0..events).map(|_| state.stamp(of, &event(of), START, &options)).collect();
    let logs =
        vec![LogChange::Begin { instance: of, anchor: Anchor::BEGINNING }, LogChange::Append { instance: of, events }];
    store.commit(CommitUnit { logs, ..CommitUnit::default() }).await.unwrap();
}

fn count(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}
