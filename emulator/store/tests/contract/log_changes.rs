//! What befalls whole logs.

use bytes::Bytes;
use hpcs_names::InstanceId;
use hpcs_store::{Anchor, CommitError, CommitUnit, EventFilter, LogChange, LogOptions, LogState, StoredEvent, Version};

use crate::backend::{Given, TestStore, Unit, at, commit_events, read, sequences, value, write};
use crate::fixture::{event, instance};

pub async fn a_log_begins_after_its_anchor_and_goes_on(given: Given) {
    let store = given.store_with(LogOptions { chained: true, ..LogOptions::default() }).await;
    let anchor = Anchor { sequence: 41, time: at(2_000_000), digest: Some([7; 32]) };
    let of = instance('7');
    store.commit(logs(vec![LogChange::Begin { instance: of, anchor }])).await.unwrap();
    assert_eq!(store.log(of).await.unwrap(), Some(LogState::after(anchor)));
    let event = commit_events(&store, of, 1).await.remove(0);
    assert_eq!((event.sequence, event.time), (42, at(2_000_000)), "time does not run back behind the anchor");
    LogState::after(anchor).follow(&event).unwrap();
    assert_eq!(sequences(&store, of, EventFilter::default()).await, [42]);
}

pub async fn a_log_that_is_there_cannot_begin(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    commit_events(&store, of, 1).await;
    let begin = LogChange::Begin { instance: of, anchor: Anchor::BEGINNING };
    let unit = CommitUnit { logs: vec![begin], ..write("a", Version::ABSENT, 1) };
    conflicts(&store, unit).await;
    assert_eq!(value(&store, "a").await, None);
}

pub async fn an_anchor_out_of_reach_is_refused(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    for sequence in [Anchor::MAX_SEQUENCE + 1, u64::MAX] {
        let anchor = Anchor { sequence, ..Anchor::BEGINNING };
        conflicts(&store, logs(vec![LogChange::Begin { instance: of, anchor }])).await;
    }
    let anchor = Anchor { sequence: Anchor::MAX_SEQUENCE, time: hpcs_audit::EventTime::MAX, digest: None };
    store.commit(logs(vec![LogChange::Begin { instance: of, anchor }])).await.unwrap();
    commit_events(&store, of, 1).await;
    assert_eq!(sequences(&store, of, EventFilter::default()).await, [Anchor::MAX_SEQUENCE + 1]);
}

pub async fn appended_events_stay_as_they_are(given: Given) {
    let of = instance('7');
    let store = given.store().await;
    let foreign = foreign(of, 3, true);
    let begin = LogChange::Begin { instance: of, anchor: Anchor::BEGINNING };
    store.commit(logs(vec![begin])).await.unwrap();
    for part in [&foreign[..1], &foreign[1..]] {
        store.commit(logs(vec![append(of, part.to_vec())])).await.unwrap();
    }
    let (events, _) = read(&store, hpcs_store::EventQuery::all(of, 1, 10)).await;
    assert_eq!(events, foreign);
    let log = store.log(of).await.unwrap().unwrap();
    assert_eq!((log.last.sequence, log.last.digest), (3, foreign[2].digest));
    assert_eq!(log.bytes, foreign.iter().map(|event| event.line.len() as u64).sum::<u64>());
}

pub async fn events_that_do_not_follow_are_refused(given: Given) {
    let of = instance('7');
    let store = given.store().await;
    let good = foreign(of, 4, true);
    let begin = LogChange::Begin { instance: of, anchor: Anchor::BEGINNING };
    store.commit(logs(vec![begin, append(of, good[..2].to_vec())])).await.unwrap();
    let forged = StoredEvent { line: Bytes::from_static(b"{}"), ..good[2].clone() };
    let early = StoredEvent { time: at(1), digest: None, ..good[2].clone() };
    for events in [
        vec![good[3].clone()],
        vec![good[1].clone()],
        vec![forged],
        vec![early],
        vec![good[2].clone(), good[2].clone()],
    ] {
        conflicts(&store, logs(vec![append(of, events)])).await;
    }
    assert_eq!(store.log(of).await.unwrap().unwrap().last.sequence, 2);
    store.commit(logs(vec![append(of, good[2..].to_vec())])).await.unwrap();
    assert_eq!(sequences(&store, of, EventFilter::default()).await, [1, 2, 3, 4]);
}

pub async fn events_of_another_instance_are_refused(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    store.commit(logs(vec![LogChange::Begin { instance: of, anchor: Anchor::BEGINNING }])).await.unwrap();
    conflicts(&store, logs(vec![append(of, foreign(instance('8'), 1, false))])).await;
}

pub async fn nothing_is_appended_to_a_log_that_is_not_there(given: Given) {
    let store = given.store().await;
    conflicts(&store, logs(vec![append(instance('7'), foreign(instance('7'), 1, false))])).await;
    assert_eq!(store.log(instance('7')).await.unwrap(), None);
}

pub async fn a_dropped_log_is_gone_and_its_successor_starts_at_one(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    commit_events(&store, of, 3).await;
    commit_events(&store, instance('8'), 2).await;
    store.commit(logs(vec![LogChange::Drop(of)])).await.unwrap();
    assert_eq!(store.log(of).await.unwrap(), None);
    assert!(sequences(&store, of, EventFilter::default()).await.is_empty());
    commit_events(&store, of, 1).await;
    assert_eq!(sequences(&store, of, EventFilter::default()).await, [1]);
    assert_eq!(sequences(&store, instance('8'), EventFilter::default()).await, [1, 2]);
    store.commit(logs(vec![LogChange::Drop(instance('9'))])).await.unwrap();
}

pub async fn changes_of_a_unit_build_on_each_other(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    commit_events(&store, of, 2).await;
    let anchor = Anchor { sequence: 9, time: at(5), digest: None };
    let begin = LogChange::Begin { instance: of, anchor };
    store.commit(logs(vec![LogChange::Drop(of), begin.clone()])).await.unwrap();
    assert_eq!(store.log(of).await.unwrap(), Some(LogState::after(anchor)));
    conflicts(&store, logs(vec![LogChange::Drop(of), begin.clone(), begin])).await;
    assert_eq!(store.log(of).await.unwrap(), Some(LogState::after(anchor)));
}

pub async fn an_event_follows_what_its_own_unit_appends(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    let begin = LogChange::Begin { instance: of, anchor: Anchor::BEGINNING };
    let unit = CommitUnit { event: Some(event(of)), ..logs(vec![begin, append(of, foreign(of, 2, false))]) };
    assert_eq!(store.commit(unit).await.unwrap().event.unwrap().sequence, 3);
    assert_eq!(sequences(&store, of, EventFilter::default()).await, [1, 2, 3]);
}

fn logs(logs: Vec<LogChange>) -> Unit {
    CommitUnit { logs, ..CommitUnit::default() }
}

fn append(instance: InstanceId, events: Vec<StoredEvent>) -> LogChange {
    LogChange::Append { instance, events }
}

async fn conflicts(store: &TestStore, unit: Unit) {
    assert_eq!(store.commit(unit).await.unwrap_err(), CommitError::Conflict);
}

/// Events as another store has them.
fn foreign(of: InstanceId, count: u64, chained: bool) -> Vec<StoredEvent> {
    let mut state = LogState::after(Anchor::BEGINNING);
    let options = LogOptions { chained, ..LogOptions::default() };
    (0..count).map(|number| state.stamp(of, &event(of), at(3_000 + number), &options)).collect()
}
