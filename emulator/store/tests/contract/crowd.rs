//! Many callers at once, and callers that go away.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use hpcs_store::{CommitError, CommitUnit, EventFilter, Fate, OperationId, Version};

use crate::backend::{Given, SESSION, at, only_event, sequences, value, version, write};
use crate::fixture::{event, instance};

pub async fn of_two_writers_on_one_version_exactly_one_wins(given: Given) {
    let store = given.store().await;
    store.commit(write("a", Version::ABSENT, 0)).await.unwrap();
    let first = version(&store, "a").await;
    let tasks: Vec<_> = (1..9)
        .map(|value| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(write("a", first, value)).await.is_ok().then_some(value) })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        winners.extend(task.await.unwrap());
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(value(&store, "a").await, Some(winners[0]));
}

pub async fn a_crowd_leaves_a_gapless_log_and_loses_nothing(given: Given) {
    let store = given.store().await;
    let tasks: Vec<_> = KEYS
        .into_iter()
        .enumerate()
        .map(|(number, key)| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut expected = Version::ABSENT;
                for round in 0..ROUNDS {
                    let of = instance(if (number + round as usize).is_multiple_of(3) { '8' } else { '7' });
                    let unit = CommitUnit { event: Some(event(of)), ..write(key, expected, round) };
                    store.commit(unit).await.unwrap();
                    expected = version(&store, key).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let (one, other) =
        (store.log(instance('7')).await.unwrap().unwrap(), store.log(instance('8')).await.unwrap().unwrap());
    assert_eq!(one.len() + other.len(), KEYS.len() as u64 * u64::from(ROUNDS));
    for (of, log) in [('7', one), ('8', other)] {
        let found = sequences(&store, instance(of), EventFilter::default()).await;
        assert_eq!(found, (1..=log.last.sequence).collect::<Vec<_>>());
    }
    for key in KEYS {
        assert_eq!(value(&store, key).await, Some(ROUNDS - 1));
    }
}

pub async fn a_commit_whose_caller_has_gone_still_happens(given: Given) {
    let store = given.store().await;
    {
        let mut gone =
            pin!(store.commit(CommitUnit { event: Some(event(instance('7'))), ..write("a", Version::ABSENT, 1) }));
        let _ = gone.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    // Commits of one caller are made in their order.
    store.commit(only_event(instance('7'))).await.unwrap();
    while store.log(instance('7')).await.unwrap().unwrap().len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(value(&store, "a").await, Some(1));
    assert_eq!(sequences(&store, instance('7'), EventFilter::default()).await, [1, 2]);
}

pub async fn a_conflict_in_a_group_harms_nobody_else(given: Given) {
    let store = given.store().await;
    let tasks: Vec<_> = KEYS
        .into_iter()
        .flat_map(|key| [(key, 1), (key, 2)])
        .map(|(key, value)| {
            let store = store.clone();
            let unit = CommitUnit { event: Some(event(instance('7'))), ..write(key, Version::ABSENT, value) };
            tokio::spawn(async move { (key, value, store.commit(unit).await) })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        let (key, written, answer) = task.await.unwrap();
        match answer {
            Ok(_) => {
                won += 1;
                assert_eq!(value(&store, key).await, Some(written));
            }
            Err(error) => assert_eq!(error, CommitError::Conflict),
        }
    }
    assert_eq!(won, KEYS.len());
    assert_eq!(store.log(instance('7')).await.unwrap().unwrap().last.sequence, KEYS.len() as u64);
}

pub async fn followers_are_woken_by_events_and_by_nothing_else(given: Given) {
    let store = given.store().await;
    let mut changes = store.changes();
    changes.mark_unchanged();
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    assert!(!changes.has_changed().unwrap());
    store.commit(only_event(instance('7'))).await.unwrap();
    changes.changed().await.unwrap();
    assert_eq!(hpcs_store::Clock::now(&*given.clock), at(1_000_020));
}

pub async fn an_operation_that_never_was_did_not_happen(given: Given) {
    let store = given.store().await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let never = OperationId { session: SESSION + 1, number: 1 };
    assert_eq!(store.fate(never).await.unwrap(), Fate::NotCommitted);
}

const KEYS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const ROUNDS: u32 = 10;
