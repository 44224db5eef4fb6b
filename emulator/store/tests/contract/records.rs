//! Records and their versions.

use hpcs_store::{Change, CommitError, CommitUnit, EventQuery, Version};

use crate::backend::{Backend, Given, only_event, value, version, write};
use crate::fixture::{event, instance};

pub async fn a_write_on_an_old_version_conflicts_and_changes_nothing(given: Given) {
    let store = given.store().await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let first = version(&store, "a").await;
    store.commit(write("a", first, 2)).await.unwrap();
    let second = version(&store, "a").await;
    let late = CommitUnit { event: Some(event(instance('7'))), ..write("a", first, 3) };
    assert_eq!(store.commit(late).await.unwrap_err(), CommitError::Conflict);
    let record = store.load(&["a"]).await.unwrap().remove(0).unwrap();
    assert_eq!((*record.value, record.version), (2, second));
    assert!(store.events(&EventQuery::all(instance('7'), 1, 10)).await.unwrap().events.is_empty());
}

pub async fn of_two_changes_the_first_is_not_written_when_the_second_conflicts(given: Given) {
    let store = given.store().await;
    store.commit(write("b", Version::ABSENT, 1)).await.unwrap();
    let mut unit = write("a", Version::ABSENT, 1);
    unit.changes.extend(write("b", Version::ABSENT, 2).changes);
    assert_eq!(store.commit(unit).await.unwrap_err(), CommitError::Conflict);
    assert_eq!(version(&store, "a").await, Version::ABSENT);
}

pub async fn a_guard_on_an_absent_record_holds_until_it_is_created(given: Given) {
    let store = given.store().await;
    let guarded = |key| CommitUnit { guards: vec![("b", Version::ABSENT)], ..write(key, Version::ABSENT, 1) };
    store.commit(guarded("a")).await.unwrap();
    store.commit(write("b", Version::ABSENT, 1)).await.unwrap();
    assert_eq!(store.commit(guarded("c")).await.unwrap_err(), CommitError::Conflict);
    assert_eq!(value(&store, "c").await, None);
}

pub async fn a_moved_guard_conflicts(given: Given) {
    let store = given.store().await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let first = version(&store, "a").await;
    let guarded = || CommitUnit { guards: vec![("a", first)], ..only_event(instance('7')) };
    store.commit(guarded()).await.unwrap();
    store.commit(write("a", first, 2)).await.unwrap();
    assert_eq!(store.commit(guarded()).await.unwrap_err(), CommitError::Conflict);
}

pub async fn guards_alone_are_checked_and_leave_nothing(given: Given) {
    let store = given.store().await;
    let guards = |version| CommitUnit { guards: vec![("a", version)], ..CommitUnit::default() };
    assert!(store.commit(guards(Version::ABSENT)).await.unwrap().event.is_none());
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    assert_eq!(store.commit(guards(Version::ABSENT)).await.unwrap_err(), CommitError::Conflict);
    store.commit(guards(version(&store, "a").await)).await.unwrap();
    assert_eq!(hpcs_store::Clock::now(&*given.clock), crate::backend::at(1_000_010), "only the write is counted");
}

pub async fn a_deleted_record_can_be_created_again_but_old_decisions_do_not_fit_its_successor(given: Given) {
    let store = given.store().await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let first = version(&store, "a").await;
    let delete = Change { key: "a", expected: first, value: None };
    store.commit(CommitUnit { changes: vec![delete], ..CommitUnit::default() }).await.unwrap();
    assert!(store.load(&["a"]).await.unwrap()[0].is_none());
    store.commit(write("a", Version::ABSENT, 5)).await.unwrap();
    assert_eq!(store.commit(write("a", first, 6)).await.unwrap_err(), CommitError::Conflict);
    assert_eq!(value(&store, "a").await, Some(5));
}

pub async fn records_come_in_the_order_of_the_keys(given: Given) {
    let store = given.store().await;
    store.commit(write("b", Version::ABSENT, 2)).await.unwrap();
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let loaded = store.load(&["a", "c", "b", "a"]).await.unwrap();
    let values: Vec<_> = loaded.iter().map(|record| record.as_ref().map(|record| *record.value)).collect();
    assert_eq!(values, [Some(1), None, Some(2), Some(1)]);
}

pub async fn what_is_erased_is_replaced_like_anything_else(given: Given) {
    let store = given.store().await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let first = version(&store, "a").await;
    let unit = CommitUnit { erase: true, event: Some(event(instance('7'))), ..write("a", first, 2) };
    assert_eq!(store.commit(unit).await.unwrap().event.unwrap().sequence, 1);
    assert_eq!(value(&store, "a").await, Some(2));
}

pub async fn the_name_says_what_it_is(given: Given) {
    let name = given.store().await.name();
    let expected = match given.backend() {
        Backend::Memory => "memory",
        Backend::Sqlite => "SQLite file ",
        Backend::Postgres => "PostgreSQL ",
    };
    assert!(name.starts_with(expected), "{name}");
    assert!(!name.contains(crate::server::PASSWORD));
}

pub async fn nothing_is_committed_after_closing(given: Given) {
    let store = given.store().await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    store.close().await.unwrap();
    let late = store.commit(only_event(instance('7'))).await.unwrap_err();
    assert!(matches!(late, CommitError::Unavailable(_)), "{late:?}");
    let idle = store.commit(CommitUnit::default()).await.unwrap_err();
    assert!(matches!(idle, CommitError::Unavailable(_)), "{idle:?}");
    drop(store);
    if given.backend() == Backend::Memory {
        // Another opening begins with nothing.
        return;
    }
    let store = given.store().await;
    assert_eq!(value(&store, "a").await, Some(1));
    assert_eq!(store.log(instance('7')).await.unwrap(), None);
}
