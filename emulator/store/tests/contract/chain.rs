//! Digests that build on each other.

use hpcs_store::{EventQuery, LogOptions, LogState, Retention, StoredEvent};
use sha2::{Digest as _, Sha256};

use crate::backend::{Given, commit_events, read};
use crate::fixture::instance;

pub async fn digests_build_on_each_other_from_nothing(given: Given) {
    let store = given.store_with(LogOptions { chained: true, ..LogOptions::default() }).await;
    commit_events(&store, instance('7'), 4).await;
    let (events, _) = read(&store, EventQuery::all(instance('7'), 1, 10)).await;
    let mut before = [0; 32];
    for event in &events {
        before = digest(before, event);
        assert_eq!(event.digest, Some(before));
    }
    assert_eq!(events.len(), 4);
}

pub async fn a_chain_goes_on_from_the_anchor_that_retention_left(given: Given) {
    let retention = Retention { events: Some(2), ..Retention::default() };
    let store = given.store_with(LogOptions { chained: true, retention, ..LogOptions::default() }).await;
    commit_events(&store, instance('7'), 9).await;
    let log = store.log(instance('7')).await.unwrap().unwrap();
    let (events, _) = read(&store, EventQuery::all(instance('7'), 1, 10)).await;
    let mut state = LogState::after(log.anchor);
    for event in &events {
        state.follow(event).unwrap();
    }
    assert_eq!((state, log.anchor.digest.is_some(), events.len()), (log, true, 2));
}

pub async fn without_the_option_there_are_no_digests(given: Given) {
    let store = given.store().await;
    commit_events(&store, instance('7'), 2).await;
    let (events, _) = read(&store, EventQuery::all(instance('7'), 1, 10)).await;
    assert!(events.iter().all(|event| event.digest.is_none()));
    assert_eq!(store.log(instance('7')).await.unwrap().unwrap().last.digest, None);
}

/// As the documentation of events has it, by another hand than the store's.
fn digest(before: [u8; 32], event: &StoredEvent) -> [u8; 32] {
    let parts: [&[u8]; 5] = [
        &before,
        event.instance.0.as_bytes(),
        &event.sequence.to_be_bytes(),
        &event.time.unix_millis().to_be_bytes(),
        &event.line,
    ];
    Sha256::digest(parts.concat()).into()
}
