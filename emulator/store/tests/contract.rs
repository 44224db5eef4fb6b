//! What every backend must do. Each test takes a fresh store from [`store_at`], the one place that names a backend.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use hpcs_audit::catalogue::tke;
use hpcs_audit::event::{Credential, Fields, Host, Initiator, InitiatorKind, RequestData, Target};
use hpcs_audit::{EventDraft, EventTime, Reason};
use hpcs_names::{AccountId, Crn, InstanceId, ServiceName};
use hpcs_store::{
    Change, Clock, CommitError, CommitUnit, EventFilter, EventPage, EventQuery, LogOptions, MemoryStore, Store,
    Version, VirtualClock,
};

type TestStore = Arc<dyn Store<&'static str, u32>>;

fn store_at(clock: Arc<dyn Clock>) -> TestStore {
    Arc::new(MemoryStore::new(clock, LogOptions::default()))
}

fn store() -> (TestStore, Arc<VirtualClock>) {
    let clock = Arc::new(VirtualClock::new(EventTime::from_unix_millis(1_000_000), 10));
    (store_at(clock.clone()), clock)
}

/// The present version of a record.
async fn version(store: &TestStore, key: &'static str) -> Version {
    store.load(&[key]).await.unwrap().remove(0).map_or(Version::ABSENT, |record| record.version)
}

fn instance(digit: char) -> InstanceId {
    format!("{}f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c", digit).parse().unwrap()
}

fn event(instance: InstanceId) -> EventDraft {
    let account: AccountId = "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap();
    let source = Crn::instance(ServiceName::HsCrypto, &"us-east".parse().unwrap(), &account, instance);
    EventDraft {
        action: tke::RESET,
        initiator: Initiator {
            id: "IBMid-270000EXM1".into(),
            name: "someone@example.com".into(),
            kind: InitiatorKind::User,
            credential: Credential::Token,
            authn: None,
            host: Host { address: None, private: true, agent: None },
        },
        target: Target { id: source.clone(), name: "[us-east].[AZ1-CS1].[01].[01]".into(), alias: None },
        reason: Reason::OK,
        request_data: RequestData { request_uri: None, fields: Fields::new() },
        response_data: Fields::new(),
        key_destroyed: false,
        correlation_id: None,
        source,
    }
}

fn write(key: &'static str, expected: Version, value: u32) -> CommitUnit<&'static str, u32> {
    let change = Change { key, expected, value: Some(Arc::new(value)) };
    CommitUnit { changes: vec![change], ..CommitUnit::default() }
}

#[tokio::test]
async fn a_write_on_an_old_version_conflicts_and_changes_nothing() {
    let (store, _) = store();
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

#[tokio::test]
async fn of_two_changes_the_first_is_not_written_when_the_second_conflicts() {
    let (store, _) = store();
    store.commit(write("b", Version::ABSENT, 1)).await.unwrap();
    let mut unit = write("a", Version::ABSENT, 1);
    unit.changes.extend(write("b", Version::ABSENT, 2).changes);
    assert_eq!(store.commit(unit).await.unwrap_err(), CommitError::Conflict);
    assert_eq!(version(&store, "a").await, Version::ABSENT);
}

#[tokio::test]
async fn a_guard_on_an_absent_record_holds_until_it_is_created() {
    let (store, _) = store();
    let guarded = || CommitUnit { guards: vec![("b", Version::ABSENT)], ..write("a", Version::ABSENT, 1) };
    store.commit(write("b", Version::ABSENT, 1)).await.unwrap();
    assert_eq!(store.commit(guarded()).await.unwrap_err(), CommitError::Conflict);
}

#[tokio::test]
async fn a_moved_guard_conflicts() {
    let (store, _) = store();
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let first = version(&store, "a").await;
    let guarded =
        || CommitUnit { guards: vec![("a", first)], event: Some(event(instance('7'))), ..CommitUnit::default() };
    assert!(store.commit(guarded()).await.is_ok());
    store.commit(write("a", first, 2)).await.unwrap();
    assert_eq!(store.commit(guarded()).await.unwrap_err(), CommitError::Conflict);
}

#[tokio::test]
async fn a_deleted_record_can_be_created_again_but_old_decisions_do_not_fit_its_successor() {
    let (store, _) = store();
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let first = version(&store, "a").await;
    let delete = Change { key: "a", expected: first, value: None };
    store.commit(CommitUnit { changes: vec![delete], ..CommitUnit::default() }).await.unwrap();
    assert!(store.load(&["a"]).await.unwrap()[0].is_none());
    store.commit(write("a", Version::ABSENT, 5)).await.unwrap();
    assert_eq!(store.commit(write("a", first, 6)).await.unwrap_err(), CommitError::Conflict);
}

#[tokio::test]
async fn each_instance_has_a_gapless_sequence_and_time_never_runs_back() {
    struct Jumping(std::sync::atomic::AtomicU64);
    impl Clock for Jumping {
        fn now(&self) -> EventTime {
            let call = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            EventTime::from_unix_millis(if call.is_multiple_of(2) { 5_000 } else { 1_000 })
        }
        fn advance(&self) {}
    }
    let store = store_at(Arc::new(Jumping(0.into())));
    for round in 0..6 {
        let of = instance(if round % 3 == 0 { '8' } else { '7' });
        store.commit(CommitUnit { event: Some(event(of)), ..CommitUnit::default() }).await.unwrap();
    }
    for (of, count) in [('7', 4), ('8', 2)] {
        let EventPage { events, next, .. } = store.events(&EventQuery::all(instance(of), 1, 10)).await.unwrap();
        let sequences: Vec<_> = events.iter().map(|event| event.sequence).collect();
        assert_eq!(sequences, (1..=count).collect::<Vec<_>>());
        assert_eq!(next, count + 1);
        assert!(events.windows(2).all(|pair| pair[0].time <= pair[1].time));
    }
}

#[tokio::test]
async fn reading_goes_on_where_it_stopped_and_filters_do_not_lose_the_place() {
    let (store, _) = store();
    for _ in 0..5 {
        store.commit(CommitUnit { event: Some(event(instance('7'))), ..CommitUnit::default() }).await.unwrap();
    }
    let first = store.events(&EventQuery::all(instance('7'), 1, 2)).await.unwrap();
    let rest = store.events(&EventQuery::all(instance('7'), first.next, 10)).await.unwrap();
    let sequences: Vec<_> = first.events.iter().chain(&rest.events).map(|event| event.sequence).collect();
    assert_eq!((sequences, first.more, rest.more, rest.next), (vec![1, 2, 3, 4, 5], true, false, 6));
    let none = EventFilter { actions: vec!["hs-crypto.secrets.*".into()], ..EventFilter::default() };
    assert_eq!(
        store.events(&EventQuery { filter: none.clone(), ..EventQuery::all(instance('7'), 1, 10) }).await.unwrap().next,
        6
    );
    let tke = EventFilter { actions: vec!["hs-crypto.tke-*".into()], ..EventFilter::default() };
    assert_eq!(
        store
            .events(&EventQuery { filter: tke.clone(), ..EventQuery::all(instance('7'), 1, 10) })
            .await
            .unwrap()
            .events
            .len(),
        5
    );
    assert_eq!(store.events(&EventQuery::all(instance('7'), 9, 10)).await.unwrap().next, 9);
}

#[tokio::test]
async fn a_filter_that_matches_nothing_is_answered_page_by_page() {
    let (store, _) = store();
    for _ in 0..5_000 {
        store.commit(CommitUnit { event: Some(event(instance('7'))), ..CommitUnit::default() }).await.unwrap();
    }
    let none = EventFilter { actions: vec!["hs-crypto.secrets.*".into()], ..EventFilter::default() };
    let mut page =
        store.events(&EventQuery { filter: none.clone(), ..EventQuery::all(instance('7'), 1, 10) }).await.unwrap();
    assert!(page.more && page.events.is_empty());
    while page.more {
        page = store
            .events(&EventQuery { filter: none.clone(), ..EventQuery::all(instance('7'), page.next, 10) })
            .await
            .unwrap();
    }
    assert_eq!(page.next, 5_001);
}

#[tokio::test]
async fn followers_are_woken_by_events_and_by_nothing_else() {
    let (store, clock) = store();
    let mut changes = store.changes();
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    assert!(!changes.has_changed().unwrap());
    store.commit(CommitUnit { event: Some(event(instance('7'))), ..CommitUnit::default() }).await.unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    assert_eq!(clock.now(), EventTime::from_unix_millis(1_000_020));
}

#[tokio::test]
async fn of_two_writers_on_one_version_exactly_one_wins() {
    let (store, _) = store();
    store.commit(write("a", Version::ABSENT, 0)).await.unwrap();
    let first = version(&store, "a").await;
    let tasks: Vec<_> = (0..8)
        .map(|value| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(write("a", first, value)).await.is_ok() })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        winners += u32::from(task.await.unwrap());
    }
    assert_eq!(winners, 1);
}
