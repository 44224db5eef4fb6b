//! Directories, permissions, locks and files that are not ours.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hpcs_store::{CommitError, Fate, LogOptions, OpenError, OperationId, Store, Version};
use rusqlite::Connection;

use crate::fixture::instance;
use crate::unprivileged::unprivileged;
use crate::{Setup, database, findings, only_event, open, value, version, whole_log, write, write_with_event};

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let directory = tempfile::tempdir().unwrap();
    let chained = || LogOptions { chained: true, ..LogOptions::default() };
    let store = Setup { log: chained(), ..Setup::default() }.open(directory.path()).unwrap();
    store.commit(write_with_event("a", Version::ABSENT, 1, instance('7'))).await.unwrap();
    let first = version(&store, "a").await;
    store.commit(write_with_event("a", first, 2, instance('7'))).await.unwrap();
    store.commit(only_event(instance('8'))).await.unwrap();
    let (log, events) = (store.log(instance('7')).await.unwrap(), whole_log(&store, instance('7')).await);
    let second = version(&store, "a").await;
    store.close().await.unwrap();
    drop(store);

    let store = Setup { log: chained(), session: 2, ..Setup::default() }.open(directory.path()).unwrap();
    assert_eq!(findings(&store), []);
    assert_eq!((value(&store, "a").await, version(&store, "a").await), (Some(2), second));
    assert_eq!((store.log(instance('7')).await.unwrap(), whole_log(&store, instance('7')).await), (log, events));
    assert_eq!(store.commit(write("a", first, 3)).await.unwrap_err(), CommitError::Conflict);
    store.commit(write("b", Version::ABSENT, 4)).await.unwrap();
    assert!(version(&store, "b").await > second, "versions go on");
    assert_eq!(store.commit(only_event(instance('7'))).await.unwrap().event.unwrap().sequence, 3);
    assert_eq!(store.fate(OperationId { session: 1, number: 1 }).await.unwrap(), Fate::Committed);
    assert_eq!(store.fate(OperationId { session: 3, number: 1 }).await.unwrap(), Fate::NotCommitted);
}

#[tokio::test]
async fn what_was_committed_is_kept_although_nobody_closed() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    drop(store);
    let store = loop {
        match Setup::default().open(directory.path()) {
            Ok(store) => break store,
            Err(OpenError::InUse { .. }) => tokio::task::yield_now().await,
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(value(&store, "a").await, Some(1));
}

#[test]
fn a_second_opening_is_refused_and_names_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let _store = open(directory.path());
    let refusal = Setup::default().open(directory.path()).err().unwrap();
    let us = std::process::id();
    assert!(matches!(&refusal, OpenError::InUse { process: Some(process), .. } if *process == us), "{refusal}");
    assert!(refusal.to_string().ends_with(&format!("is in use by another emulator (process {us})")), "{refusal}");
}

#[tokio::test]
async fn what_is_made_is_private() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("new/data");
    let store = open(&directory);
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    assert_eq!(mode(&directory), 0o700);
    for file in ["emulator.db", "emulator.db-wal", "emulator.db-shm", "emulator.lock"] {
        assert_eq!(mode(&directory.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn files_that_others_may_read_are_closed_to_them() {
    let directory = tempfile::tempdir().unwrap();
    open(directory.path()).close().await.unwrap();
    for file in ["emulator.db", "emulator.lock"] {
        fs::set_permissions(directory.path().join(file), Permissions::from_mode(0o644)).unwrap();
    }
    let store = open(directory.path());
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    for file in ["emulator.db", "emulator.db-wal", "emulator.db-shm", "emulator.lock"] {
        assert_eq!(mode(&directory.path().join(file)), 0o600, "{file}");
    }
}

#[test]
fn a_directory_that_others_may_write_into_is_refused_with_the_cure() {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), Permissions::from_mode(0o775)).unwrap();
    let refusal = Setup::default().open(directory.path()).err().unwrap();
    assert!(matches!(refusal, OpenError::Exposed { mode: 0o775, .. }));
    assert!(refusal.to_string().ends_with(&format!("run: chmod go-w {}", directory.path().display())), "{refusal}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_file_is_not_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let refusal = Setup::default().open(&path).err().unwrap();
        assert!(matches!(refusal, OpenError::NotADirectory { .. }), "{refusal}");
    }
}

#[test]
fn a_directory_that_cannot_be_written_is_called_read_only() {
    unprivileged("opening::a_directory_that_cannot_be_written_is_called_read_only", || {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), Permissions::from_mode(0o500)).unwrap();
        let refusal = Setup::default().open(directory.path()).err().unwrap();
        assert!(matches!(&refusal, OpenError::ReadOnly { path } if path == directory.path()), "{refusal}");
        fs::set_permissions(directory.path(), Permissions::from_mode(0o700)).unwrap();
        open(directory.path());
    });
}

#[test]
fn a_database_that_cannot_be_written_is_called_read_only() {
    unprivileged("opening::a_database_that_cannot_be_written_is_called_read_only", || {
        let directory = tempfile::tempdir().unwrap();
        let file = database(directory.path());
        close_at_once(directory.path());
        fs::set_permissions(&file, Permissions::from_mode(0o400)).unwrap();
        let refusal = Setup::default().open(directory.path()).err().unwrap();
        assert!(matches!(&refusal, OpenError::ReadOnly { path } if *path == file), "{refusal}");
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        open(directory.path());
    });
}

#[test]
fn a_lock_that_cannot_be_taken_is_named_and_not_its_directory() {
    unprivileged("opening::a_lock_that_cannot_be_taken_is_named_and_not_its_directory", || {
        let directory = tempfile::tempdir().unwrap();
        let lock = directory.path().join("emulator.lock");
        fs::write(&lock, "").unwrap();
        fs::set_permissions(&lock, Permissions::from_mode(0o400)).unwrap();
        let refusal = Setup::default().open(directory.path()).err().unwrap();
        assert!(matches!(&refusal, OpenError::Inaccessible { path, .. } if *path == lock), "{refusal}");
        assert!(refusal.to_string().starts_with(&format!("{}: Permission denied", lock.display())), "{refusal}");
    });
}

#[tokio::test]
async fn a_file_of_a_later_emulator_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    open(directory.path()).close().await.unwrap();
    connect(directory.path()).pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(database(directory.path())).unwrap();
    let refusal = Setup::default().open(directory.path()).err().unwrap();
    assert!(matches!(refusal, OpenError::Newer { found: 99, known: 2, .. }), "{refusal}");
    let text = refusal.to_string();
    assert!(text.contains("schema version 99") && text.contains("up to 2"), "{text}");
    assert_eq!(fs::read(database(directory.path())).unwrap(), before);
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    connect(directory.path()).execute_batch("CREATE TABLE theirs (a)").unwrap();
    let before = fs::read(database(directory.path())).unwrap();
    let refusal = Setup::default().open(directory.path()).err().unwrap();
    assert!(matches!(refusal, OpenError::Foreign { .. }), "{refusal}");
    assert_eq!(fs::read(database(directory.path())).unwrap(), before);
}

#[test]
fn what_is_no_database_is_called_damaged() {
    for content in [vec![b'x'; 100], vec![b'x'; 10_000], b"SQLite format 3\0".to_vec()] {
        let directory = tempfile::tempdir().unwrap();
        fs::write(database(directory.path()), &content).unwrap();
        let refusal = Setup::default().open(directory.path()).err().unwrap();
        assert!(matches!(refusal, OpenError::Damaged { .. }), "{refusal}");
    }
}

#[test]
fn an_empty_file_becomes_a_store() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(database(directory.path()), "").unwrap();
    assert_eq!(findings(&open(directory.path())), []);
}

/// Makes a store and closes it.
fn close_at_once(directory: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { open(directory).close().await.unwrap() });
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn connect(directory: &Path) -> Connection {
    Connection::open(database(directory)).unwrap()
}
