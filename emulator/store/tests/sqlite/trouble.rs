//! Faults, hanging steps, locks of strangers.

use std::sync::Arc;
use std::time::Duration;

use hpcs_store::{CommitError, Fate, Fault, FaultPoint, LogChange, OperationId, Store, Unavailable, Version};
use rusqlite::Connection;

use crate::fixture::instance;
use crate::script::Script;
use crate::{
    Setup, TestStore, Unit, database, findings, only_event, value, version, whole_log, write, write_with_event,
};

/// A store, its faults, and the directory that goes with it.
fn scripted(deadline: Duration) -> (Arc<TestStore>, Arc<Script>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let script = Arc::new(Script::default());
    let setup = Setup { deadline, faults: script.clone(), ..Setup::default() };
    (Arc::new(setup.open(directory.path()).unwrap()), script, directory)
}

/// Waits until the outcome is known.
async fn settled(store: &TestStore, operation: OperationId) -> Fate {
    loop {
        match store.fate(operation).await.unwrap() {
            Fate::Unsettled => tokio::task::yield_now().await,
            fate => return fate,
        }
    }
}

async fn unknown(store: &TestStore, unit: Unit) -> OperationId {
    match store.commit(unit).await.unwrap_err() {
        CommitError::OutcomeUnknown { operation, .. } => operation,
        other => panic!("{other}"),
    }
}

async fn refused(store: &TestStore, unit: Unit) -> String {
    match store.commit(unit).await.unwrap_err() {
        CommitError::Unavailable(Unavailable(text)) => text,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_step_that_fails_before_the_commit_leaves_nothing_and_names_the_file() {
    let (store, script, directory) = scripted(crate::PATIENT);
    store.commit(write_with_event("a", Version::ABSENT, 1, instance('7'))).await.unwrap();
    let name = format!("SQLite file {}: ", database(directory.path()).display());
    for point in FaultPoint::ALL {
        if matches!(point, FaultPoint::Commit | FaultPoint::Settle | FaultPoint::Erase) {
            continue;
        }
        for fault in [Fault::Fail, Fault::AnswerLost, Fault::StepLost] {
            let before = version(&store, "a").await;
            let unit = || write_with_event("a", before, 2, instance('7'));
            script.once(point, fault);
            let text = refused(&store, unit()).await;
            assert!(text.starts_with(&name) && text.contains(&format!("'{point}'")), "{text}");
            let length = whole_log(&store, instance('7')).await.len();
            assert_eq!(version(&store, "a").await, before, "{point}");
            let sequence = store.commit(unit()).await.unwrap().event.unwrap().sequence;
            assert_eq!(sequence, length as u64 + 1, "{point}");
        }
    }
    assert_eq!(findings(&store), []);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_until_the_row_is_found() {
    let (store, script, _directory) = scripted(crate::PATIENT);
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let first = version(&store, "a").await;
    script.once(FaultPoint::Commit, Fault::AnswerLost);
    for _ in 0..3 {
        script.once(FaultPoint::Settle, Fault::Fail);
    }
    script.once(FaultPoint::Settle, Fault::AnswerLost);
    let operation = unknown(&store, write_with_event("a", first, 2, instance('7'))).await;
    assert_eq!(settled(&store, operation).await, Fate::Committed);
    assert_eq!(value(&store, "a").await, Some(2), "what was remembered is read again");
    assert_eq!(whole_log(&store, instance('7')).await.len(), 1);
    let second = version(&store, "a").await;
    store.commit(write_with_event("a", second, 3, instance('7'))).await.unwrap();
    assert_eq!(findings(&store), []);
}

#[tokio::test]
async fn what_is_not_erased_is_erased_before_the_next_commit_however_many_come() {
    let (store, script, _directory) = scripted(crate::PATIENT);
    let faults = [
        (FaultPoint::Erase, Fault::Fail),
        (FaultPoint::Erase, Fault::AnswerLost),
        (FaultPoint::Erase, Fault::StepLost),
        (FaultPoint::Commit, Fault::AnswerLost),
    ];
    for (point, fault) in faults {
        let (a, b) = (version(&store, "a").await, version(&store, "b").await);
        script.once(point, fault);
        let operation = unknown(&store, Unit { erase: true, ..write("a", a, 1) }).await;
        store.commit(write("b", b, 1)).await.unwrap();
        assert_eq!(store.fate(operation).await.unwrap(), Fate::Committed, "{point}");
    }
    assert_eq!(findings(&store), []);
}

#[tokio::test]
async fn a_lost_commit_did_not_happen() {
    let (store, script, _directory) = scripted(crate::PATIENT);
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let first = version(&store, "a").await;
    for fault in [Fault::StepLost, Fault::StepLost] {
        script.once(FaultPoint::Commit, fault);
        let operation = unknown(&store, write_with_event("a", first, 2, instance('7'))).await;
        assert_eq!(settled(&store, operation).await, Fate::NotCommitted);
        assert_eq!(value(&store, "a").await, Some(1));
        assert!(store.log(instance('7')).await.unwrap().is_none());
    }
    script.once(FaultPoint::Commit, Fault::Fail);
    refused(&store, write("a", first, 2)).await;
    store.commit(write_with_event("a", first, 2, instance('7'))).await.unwrap();
    assert_eq!(findings(&store), []);
}

#[tokio::test]
async fn the_outcome_outlives_the_process() {
    let (store, script, directory) = scripted(crate::PATIENT);
    script.once(FaultPoint::Commit, Fault::AnswerLost);
    let happened = unknown(&store, only_event(instance('7'))).await;
    settled(&store, happened).await;
    script.once(FaultPoint::Commit, Fault::StepLost);
    let lost = unknown(&store, only_event(instance('7'))).await;
    settled(&store, lost).await;
    store.close().await.unwrap();
    let store = Setup { session: 2, ..Setup::default() }.open(directory.path()).unwrap();
    assert_eq!(store.fate(happened).await.unwrap(), Fate::Committed);
    assert_eq!(store.fate(lost).await.unwrap(), Fate::NotCommitted);
}

#[tokio::test]
async fn while_the_disk_hangs_everyone_is_answered_in_time_and_afterwards_all_is_settled() {
    let (store, script, directory) = scripted(SHORT);
    let release = script.hold(FaultPoint::Commit);
    let taken = tokio::spawn({
        let store = store.clone();
        async move { unknown(&store, write_with_event("a", Version::ABSENT, 1, instance('7'))).await }
    });
    script.reached().await;
    let text = refused(&store, write("b", Version::ABSENT, 1)).await;
    let name = format!("SQLite file {}: it does not answer", database(directory.path()).display());
    assert_eq!(text, name);
    let operation = taken.await.unwrap();
    assert_eq!(store.fate(operation).await.unwrap(), Fate::Unsettled);
    assert_eq!(value(&store, "a").await, None, "readers are not held up");
    release.send(()).unwrap();
    assert_eq!(settled(&store, operation).await, Fate::Committed);
    assert_eq!(value(&store, "a").await, Some(1));
    store.commit(write("c", Version::ABSENT, 1)).await.unwrap();
    assert_eq!(value(&store, "b").await, None, "what was withdrawn is not done later");
    assert_eq!(findings(&store), []);
}

#[tokio::test]
async fn closing_does_not_wait_for_a_disk_that_hangs() {
    let (store, script, _directory) = scripted(Duration::from_millis(100));
    let release = script.hold(FaultPoint::Commit);
    // On a slow machine a unit may be withdrawn before it is taken.
    while let Err(CommitError::Unavailable(_)) = store.commit(write("a", Version::ABSENT, 1)).await {}
    assert!(store.close().await.is_err());
    drop(release);
}

#[tokio::test]
async fn a_file_that_a_stranger_has_locked_refuses_until_it_is_free() {
    let (store, _, directory) = scripted(SHORT);
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let stranger = Connection::open(database(directory.path())).unwrap();
    stranger.execute_batch("BEGIN IMMEDIATE").unwrap();
    let text = refused(&store, write("b", Version::ABSENT, 1)).await;
    assert_eq!(text, format!("SQLite file {}: database is locked", database(directory.path()).display()));
    assert_eq!(value(&store, "a").await, Some(1));
    stranger.execute_batch("COMMIT").unwrap();
    store.commit(write("b", Version::ABSENT, 1)).await.unwrap();
}

#[tokio::test]
async fn what_was_dropped_and_cut_is_as_it_was_when_the_transaction_fails() {
    let (store, script, _directory) = scripted(crate::PATIENT);
    for _ in 0..3 {
        store.commit(only_event(instance('7'))).await.unwrap();
    }
    let drop_log = || Unit { logs: vec![LogChange::Drop(instance('7'))], ..Unit::default() };
    script.once(FaultPoint::WriteOutcome, Fault::Fail);
    refused(&store, drop_log()).await;
    assert_eq!(whole_log(&store, instance('7')).await.len(), 3);
    assert_eq!(store.commit(only_event(instance('7'))).await.unwrap().event.unwrap().sequence, 4);
    script.once(FaultPoint::Commit, Fault::AnswerLost);
    let operation = unknown(&store, drop_log()).await;
    assert_eq!(settled(&store, operation).await, Fate::Committed);
    assert_eq!(store.commit(only_event(instance('7'))).await.unwrap().event.unwrap().sequence, 1);
    assert_eq!(findings(&store), []);
}

#[tokio::test]
async fn who_conflicts_in_a_group_of_unknown_outcome_did_nothing() {
    let (store, script, _directory) = scripted(crate::PATIENT);
    let release = script.hold(FaultPoint::Begin);
    let spawn = |unit: Unit| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(unit).await })
    };
    let first = spawn(only_event(instance('7')));
    script.reached().await;
    // These two wait for the first one, and so come into one transaction.
    let (good, stale) = (spawn(write("a", Version::ABSENT, 1)), spawn(write("b", Version(77), 1)));
    tokio::task::yield_now().await;
    script.once(FaultPoint::Commit, Fault::None);
    script.once(FaultPoint::Commit, Fault::AnswerLost);
    release.send(()).unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(stale.await.unwrap().unwrap_err(), CommitError::Conflict);
    let Err(CommitError::OutcomeUnknown { operation, .. }) = good.await.unwrap() else { panic!("it is known") };
    assert_eq!(settled(&store, operation).await, Fate::Committed);
    assert_eq!((value(&store, "a").await, value(&store, "b").await), (Some(1), None));
}

#[tokio::test]
async fn who_gave_up_waiting_learns_the_fate_of_its_own_unit() {
    let (store, script, _directory) = scripted(SHORT);
    let (first_release, second_release) = (script.hold(FaultPoint::Begin), script.hold(FaultPoint::Begin));
    let spawn = |unit: Unit| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(unit).await })
    };
    let first = spawn(only_event(instance('7')));
    script.reached().await;
    let units = [write("a", Version::ABSENT, 1), write("b", Version(77), 1), write("c", Version::ABSENT, 1)];
    let waiting = units.map(spawn);
    tokio::task::yield_now().await;
    first_release.send(()).unwrap();
    first.await.unwrap().unwrap();
    let mut operations = Vec::new();
    for unit in waiting {
        let Err(CommitError::OutcomeUnknown { operation, .. }) = unit.await.unwrap() else { panic!("it is known") };
        operations.push(operation);
    }
    second_release.send(()).unwrap();
    let mut fates = Vec::new();
    for operation in operations {
        fates.push(settled(&store, operation).await);
    }
    assert_eq!(fates, [Fate::Committed, Fate::NotCommitted, Fate::Committed]);
    assert_eq!((value(&store, "a").await, value(&store, "b").await), (Some(1), None));
}

/// Long enough for a commit on a slow machine, short enough to wait for.
const SHORT: Duration = Duration::from_secs(3);
