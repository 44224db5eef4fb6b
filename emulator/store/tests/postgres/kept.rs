//! What is kept, what is cut away, and units that are large.

use std::sync::Arc;
use std::time::Duration;

use hpcs_audit::EventTime;
use hpcs_store::{
    Anchor, Change, CommitError, CommitUnit, EventQuery, Fate, Fault, FaultPoint, LogChange, LogOptions, LogState,
    OperationId, Retention, Start, Store, Version, VirtualClock,
};

use super::{Script, Setup, newest, one, only_event, value, whole_log, write};
use crate::cases;
use crate::fixture::{START, event, instance};
use crate::server::Server;

cases! {
    a_restart_finds_everything,
    the_newest_events_are_kept_and_at_most_a_sixteenth_more,
    what_an_append_brings_beyond_the_bound_is_never_written,
    the_newest_bytes_are_kept_but_always_one_event,
    events_beyond_the_age_are_hidden_at_once,
    a_dropped_log_goes_with_its_events_and_the_next_one_begins_anew,
    a_sweep_that_is_held_up_goes_on_after_a_later_commit,
    an_outcome_that_may_have_been_pruned_is_not_called_uncommitted,
    a_log_can_be_moved_to_another_database,
    a_unit_with_more_records_than_there_is_room_for_locks_is_committed,
}

async fn a_restart_finds_everything(server: &Server) {
    let chained = LogOptions { chained: true, ..LogOptions::default() };
    let (store, database) = one(server, Setup { log: chained.clone(), ..Setup::default() }).await;
    store.commit(write("a", Version::ABSENT, 7)).await.unwrap();
    for _ in 0..3 {
        store.commit(only_event(instance('7'))).await.unwrap();
    }
    let before = whole_log(&store, instance('7')).await;
    store.close().await.unwrap();
    let store = Setup { log: chained, session: 2, ..Setup::default() }.open(&server.url(&database)).await;
    assert_eq!((value(&store, "a").await, whole_log(&store, instance('7')).await), (Some(7), before));
    store.commit(only_event(instance('7'))).await.unwrap();
    store.check(&mut |finding| panic!("{finding}")).await.unwrap();
}

async fn the_newest_events_are_kept_and_at_most_a_sixteenth_more(server: &Server) {
    let (store, database) = one(server, Setup { log: newest(32), ..Setup::default() }).await;
    for sequence in 1..=100 {
        store.commit(only_event(instance('7'))).await.unwrap();
        let state = store.log(instance('7')).await.unwrap().unwrap();
        assert_eq!(state.last.sequence, sequence);
        assert!((32.min(sequence)..=34).contains(&state.len()), "{}", state.len());
    }
    let state = store.log(instance('7')).await.unwrap().unwrap();
    let rows = server.connect(&database).await.query_one("SELECT count(*) FROM hpcs_events", &[]).await.unwrap();
    assert_eq!(u64::try_from(rows.get::<_, i64>(0)), Ok(state.len()));
    assert_eq!(whole_log(&store, instance('7')).await.len() as u64, state.len());
    store.check(&mut |finding| panic!("{finding}")).await.unwrap();
}

async fn what_an_append_brings_beyond_the_bound_is_never_written(server: &Server) {
    let (store, database) = one(server, Setup { log: newest(32), ..Setup::default() }).await;
    let of = instance('7');
    let mut state = LogState::after(Anchor::BEGINNING);
    let events = (0..200).map(|_| state.stamp(of, &event(of), START, &LogOptions::default())).collect();
    let begin = LogChange::Begin { instance: of, anchor: Anchor::BEGINNING };
    let logs = vec![begin, LogChange::Append { instance: of, events }];
    store.commit(CommitUnit { logs, ..CommitUnit::default() }).await.unwrap();
    let rows = "SELECT count(*), min(sequence) FROM hpcs_events";
    let rows = server.connect(&database).await.query_one(rows, &[]).await.unwrap();
    assert_eq!((rows.get::<_, i64>(0), rows.get::<_, i64>(1)), (32, 169));
    store.check(&mut |finding| panic!("{finding}")).await.unwrap();
}

async fn the_newest_bytes_are_kept_but_always_one_event(server: &Server) {
    let retention = Retention { bytes: Some(1), ..Retention::default() };
    let log = LogOptions { retention, ..LogOptions::default() };
    let (store, _) = one(server, Setup { log, ..Setup::default() }).await;
    for sequence in 1..=5 {
        store.commit(only_event(instance('7'))).await.unwrap();
        let events = whole_log(&store, instance('7')).await;
        assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [sequence]);
    }
}

async fn events_beyond_the_age_are_hidden_at_once(server: &Server) {
    let retention = Retention { age: Some(Duration::from_millis(1_000)), ..Retention::default() };
    let log = LogOptions { retention, ..LogOptions::default() };
    let clock = Arc::new(VirtualClock::new(EventTime::from_unix_millis(10_000), 0));
    let (store, database) = one(server, Setup { log: log.clone(), clock, ..Setup::default() }).await;
    for _ in 0..5 {
        store.commit(only_event(instance('7'))).await.unwrap();
    }
    store.close().await.unwrap();
    for (now, visible) in [(11_000, 5), (11_001, 0)] {
        let clock = Arc::new(VirtualClock::new(EventTime::from_unix_millis(now), 0));
        let store = Setup { log: log.clone(), clock, ..Setup::default() }.open(&server.url(&database)).await;
        assert_eq!(whole_log(&store, instance('7')).await.len(), visible, "{now}");
        store.close().await.unwrap();
    }
    let clock = Arc::new(VirtualClock::new(EventTime::from_unix_millis(11_500), 0));
    let store = Setup { log, clock, session: 2, ..Setup::default() }.open(&server.url(&database)).await;
    store.commit(only_event(instance('7'))).await.unwrap();
    let page = store.events(&EventQuery { start: Start::END, ..EventQuery::all(instance('7'), 1, 9) }).await.unwrap();
    assert_eq!((page.first, page.events.len(), page.more), (6, 1, false));
    assert_eq!(store.log(instance('7')).await.unwrap().unwrap().first(), 6);
}

async fn a_dropped_log_goes_with_its_events_and_the_next_one_begins_anew(server: &Server) {
    let (store, database) = one(server, Setup::default()).await;
    for _ in 0..10 {
        store.commit(only_event(instance('7'))).await.unwrap();
    }
    let drop_log = || CommitUnit { logs: vec![LogChange::Drop(instance('7'))], ..CommitUnit::default() };
    store.commit(drop_log()).await.unwrap();
    assert_eq!(store.log(instance('7')).await.unwrap(), None);
    assert!(whole_log(&store, instance('7')).await.is_empty());
    // In one unit with the drop, an event is the first of the next log.
    store.commit(only_event(instance('7'))).await.unwrap();
    let event = store.commit(CommitUnit { event: only_event(instance('7')).event, ..drop_log() }).await.unwrap();
    assert_eq!(event.event.unwrap().sequence, 1);
    assert_eq!(whole_log(&store, instance('7')).await.len(), 1);
    store.close().await.unwrap();
    let rows = "SELECT (SELECT count(*) FROM hpcs_events), (SELECT count(*) FROM hpcs_dropped_logs)";
    let rows = server.connect(&database).await.query_one(rows, &[]).await.unwrap();
    assert_eq!((rows.get::<_, i64>(0), rows.get::<_, i64>(1)), (1, 0));
}

async fn a_sweep_that_is_held_up_goes_on_after_a_later_commit(server: &Server) {
    let (store, database) = one(server, Setup::default()).await;
    for _ in 0..10 {
        store.commit(only_event(instance('7'))).await.unwrap();
    }
    let stranger = server.connect(&database).await;
    stranger.batch_execute("BEGIN; SELECT * FROM hpcs_events FOR UPDATE").await.unwrap();
    store.commit(CommitUnit { logs: vec![LogChange::Drop(instance('7'))], ..CommitUnit::default() }).await.unwrap();
    // When this is answered, a sweep was tried.
    store.commit(only_event(instance('8'))).await.unwrap();
    stranger.batch_execute("ROLLBACK").await.unwrap();
    store.commit(only_event(instance('8'))).await.unwrap();
    store.close().await.unwrap();
    let rows = "SELECT (SELECT count(*) FROM hpcs_events), (SELECT count(*) FROM hpcs_dropped_logs)";
    let rows = stranger.query_one(rows, &[]).await.unwrap();
    assert_eq!((rows.get::<_, i64>(0), rows.get::<_, i64>(1)), (2, 0));
}

async fn an_outcome_that_may_have_been_pruned_is_not_called_uncommitted(server: &Server) {
    let script = Arc::new(Script::default());
    let (store, database) = one(server, Setup { faults: script.clone(), ..Setup::default() }).await;
    script.once(FaultPoint::Commit, Fault::AnswerLost);
    let old = match store.commit(write("a", Version::ABSENT, 1)).await {
        Err(CommitError::OutcomeUnknown { operation, .. }) => operation,
        other => panic!("{other:?}"),
    };
    assert_eq!(store.fate(old).await.unwrap(), Fate::Committed);
    let never = OperationId { session: 5, number: 1 };
    assert_eq!(store.fate(never).await.unwrap(), Fate::NotCommitted);
    store.close().await.unwrap();
    // Session 77 was opened and did nothing; 99 did very much; then comes the transaction of session 1 that prunes.
    let others = "INSERT INTO hpcs_operations (session, number) VALUES (77, 0);
                  INSERT INTO hpcs_operations (session, number) SELECT 99, generate_series(1, 100100);
                  INSERT INTO hpcs_operations (session, number) VALUES (1, 1023)";
    server.connect(&database).await.batch_execute(others).await.unwrap();
    let store = Setup::default().open(&server.url(&database)).await;
    store.commit(write("b", Version::ABSENT, 1)).await.unwrap();
    let of = |session, number| OperationId { session, number };
    for (operation, fate) in [
        (old, Fate::Unsettled),
        (never, Fate::Unsettled),
        (of(99, 1), Fate::Unsettled),
        (of(99, 100_100), Fate::Committed),
        (of(99, 100_101), Fate::NotCommitted),
        (of(77, 1), Fate::NotCommitted),
        (of(1, 1024), Fate::Committed),
        (of(1, 1025), Fate::NotCommitted),
    ] {
        assert_eq!(store.fate(operation).await.unwrap(), fate, "{operation}");
    }
}

async fn a_log_can_be_moved_to_another_database(server: &Server) {
    let log = LogOptions { chained: true, retention: newest(8).retention, ..LogOptions::default() };
    let (from, _) = one(server, Setup { log: log.clone(), ..Setup::default() }).await;
    for _ in 0..20 {
        from.commit(only_event(instance('7'))).await.unwrap();
    }
    let (state, events) = (from.log(instance('7')).await.unwrap().unwrap(), whole_log(&from, instance('7')).await);
    let (to, _) = one(server, Setup { log, ..Setup::default() }).await;
    let begin = |anchor| CommitUnit {
        logs: vec![LogChange::Begin { instance: instance('7'), anchor }],
        ..CommitUnit::<&'static str, u32>::default()
    };
    let append = |events: &[hpcs_store::StoredEvent]| CommitUnit {
        logs: vec![LogChange::Append { instance: instance('7'), events: events.to_vec() }],
        ..CommitUnit::<&'static str, u32>::default()
    };
    to.commit(begin(state.anchor)).await.unwrap();
    assert_eq!(to.commit(begin(Anchor::BEGINNING)).await.err(), Some(CommitError::Conflict));
    to.commit(append(&events[..3])).await.unwrap();
    assert_eq!(to.commit(append(&events[4..])).await.err(), Some(CommitError::Conflict));
    to.commit(append(&events[3..])).await.unwrap();
    assert_eq!(to.log(instance('7')).await.unwrap(), Some(state));
    assert_eq!(whole_log(&to, instance('7')).await, events);
    to.check(&mut |finding| panic!("{finding}")).await.unwrap();
}

async fn a_unit_with_more_records_than_there_is_room_for_locks_is_committed(server: &Server) {
    let (store, _) = one(server, Setup::default()).await;
    let change = |number: u32| {
        let key: &'static str = Box::leak(number.to_string().into_boxed_str());
        Change { key, expected: Version::ABSENT, value: Some(Arc::new(number)) }
    };
    let unit = CommitUnit { changes: (0..12_000).map(change).collect(), ..CommitUnit::default() };
    store.commit(unit).await.unwrap();
    assert_eq!((value(&store, "0").await, value(&store, "11999").await), (Some(0), Some(11_999)));
}
