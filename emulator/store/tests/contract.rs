//! What every backend must do. Each test takes a fresh store from [`store`].
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use hpcs_audit::catalogue::tke;
use hpcs_audit::event::{Credential, Fields, Host, Initiator, InitiatorKind, RequestData, Target};
use hpcs_audit::{EventDraft, EventTime, Reason, Style};
use hpcs_names::{AccountId, Crn, InstanceId, ServiceName};
use hpcs_store::{Change, Clock, CommitError, CommitUnit, EventFilter, MemoryStore, Store, Version, VirtualClock};

type TestStore = Arc<dyn Store<&'static str, u32>>;

fn store() -> (TestStore, Arc<VirtualClock>) {
    let clock = Arc::new(VirtualClock::new(EventTime::from_unix_millis(1_000_000), 10));
    (Arc::new(MemoryStore::new(clock.clone(), Style::default())), clock)
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

fn write(key: &'static str, expected: u64, value: u32) -> CommitUnit<&'static str, u32> {
    let change = Change { key, expected: Version(expected), value: Some(Arc::new(value)) };
    CommitUnit { changes: vec![change], guards: vec![], event: None }
}

#[tokio::test]
async fn a_write_on_an_old_version_conflicts_and_changes_nothing() {
    let (store, _) = store();
    store.commit(write("a", 0, 1)).await.unwrap();
    store.commit(write("a", 1, 2)).await.unwrap();
    let late = CommitUnit { event: Some(event(instance('7'))), ..write("a", 1, 3) };
    assert_eq!(store.commit(late).await.unwrap_err(), CommitError::Conflict);
    let record = store.load(&["a"]).await.unwrap().remove(0).unwrap();
    assert_eq!((*record.value, record.version), (2, Version(2)));
    let (events, _) = store.events(instance('7'), 1, &EventFilter::default(), 10).await.unwrap();
    assert!(events.is_empty());
}

#[tokio::test]
async fn a_moved_guard_conflicts() {
    let (store, _) = store();
    store.commit(write("a", 0, 1)).await.unwrap();
    let guarded = |version| CommitUnit {
        changes: vec![],
        guards: vec![("a", Version(version))],
        event: Some(event(instance('7'))),
    };
    assert!(store.commit(guarded(1)).await.is_ok());
    store.commit(write("a", 1, 2)).await.unwrap();
    assert_eq!(store.commit(guarded(1)).await.unwrap_err(), CommitError::Conflict);
}

#[tokio::test]
async fn a_deleted_record_is_absent_and_can_be_created_again() {
    let (store, _) = store();
    store.commit(write("a", 0, 1)).await.unwrap();
    let delete = Change { key: "a", expected: Version(1), value: None };
    store.commit(CommitUnit { changes: vec![delete], guards: vec![], event: None }).await.unwrap();
    assert!(store.load(&["a"]).await.unwrap()[0].is_none());
    store.commit(write("a", 0, 5)).await.unwrap();
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
    let store = MemoryStore::<&str, u32>::new(Arc::new(Jumping(0.into())), Style::default());
    for round in 0..6 {
        let of = instance(if round % 3 == 0 { '8' } else { '7' });
        store.commit(CommitUnit { changes: vec![], guards: vec![], event: Some(event(of)) }).await.unwrap();
    }
    for (of, count) in [('7', 4), ('8', 2)] {
        let (events, next) = store.events(instance(of), 1, &EventFilter::default(), 10).await.unwrap();
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
        store.commit(CommitUnit { changes: vec![], guards: vec![], event: Some(event(instance('7'))) }).await.unwrap();
    }
    let all = EventFilter::default();
    let (first, next) = store.events(instance('7'), 1, &all, 2).await.unwrap();
    let (rest, end) = store.events(instance('7'), next, &all, 10).await.unwrap();
    let sequences: Vec<_> = first.iter().chain(&rest).map(|event| event.sequence).collect();
    assert_eq!((sequences, end), (vec![1, 2, 3, 4, 5], 6));
    let none = EventFilter { actions: vec!["hs-crypto.secrets.*".into()], ..EventFilter::default() };
    assert_eq!(store.events(instance('7'), 1, &none, 10).await.unwrap().1, 6);
    let tke = EventFilter { actions: vec!["hs-crypto.tke-*".into()], ..EventFilter::default() };
    assert_eq!(store.events(instance('7'), 1, &tke, 10).await.unwrap().0.len(), 5);
    assert_eq!(store.events(instance('7'), 9, &all, 10).await.unwrap().1, 9);
}

#[tokio::test]
async fn followers_are_woken_by_events_and_by_nothing_else() {
    let (store, clock) = store();
    let mut changes = store.changes();
    store.commit(write("a", 0, 1)).await.unwrap();
    assert!(!changes.has_changed().unwrap());
    store.commit(CommitUnit { changes: vec![], guards: vec![], event: Some(event(instance('7'))) }).await.unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    assert_eq!(clock.now(), EventTime::from_unix_millis(1_000_020));
}

#[tokio::test]
async fn of_two_writers_on_one_version_exactly_one_wins() {
    let (store, _) = store();
    store.commit(write("a", 0, 0)).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|value| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(write("a", 1, value)).await.is_ok() })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        winners += u32::from(task.await.unwrap());
    }
    assert_eq!(winners, 1);
}
