//! How much of a log is kept.

use std::time::Duration;

use hpcs_store::{
    Anchor, Clock, CommitUnit, EventFilter, EventQuery, LogChange, LogOptions, LogState, Retention, Start, StoredEvent,
};

use crate::backend::{Given, commit_events, only_event, read, sequences};
use crate::fixture::{event, instance};

pub async fn the_newest_events_are_kept_and_hardly_more(given: Given) {
    for limit in [1, 10, 32] {
        let of = instance(char::from_digit(limit as u32 % 10, 10).unwrap());
        let retention = Retention { events: Some(limit), ..Retention::default() };
        let store = given.store_with(LogOptions { retention, ..LogOptions::default() }).await;
        for committed in 1..=100_u64 {
            store.commit(only_event(of)).await.unwrap();
            let log = store.log(of).await.unwrap().unwrap();
            assert!(log.len() >= limit.min(committed) && log.len() <= limit + limit / 16, "{} of {limit}", log.len());
        }
        let found = sequences(&store, of, EventFilter::default()).await;
        let log = store.log(of).await.unwrap().unwrap();
        assert_eq!(found, (log.first()..=100).collect::<Vec<_>>());
        store.close().await.unwrap();
    }
}

pub async fn bytes_bound_a_log_but_its_newest_event_stays(given: Given) {
    let of = instance('7');
    let store = given.store().await;
    let line = commit_events(&store, of, 1).await[0].line.len() as u64;
    store.close().await.unwrap();
    drop(store);
    for (limit, least, most) in [(line * 20, 19, 21), (1, 1, 1)] {
        let retention = Retention { bytes: Some(limit), ..Retention::default() };
        let store = given.store_with(LogOptions { retention, ..LogOptions::default() }).await;
        commit_events(&store, of, 60).await;
        let log = store.log(of).await.unwrap().unwrap();
        assert!((least..=most).contains(&log.len()), "{} events", log.len());
        let (events, _) = read(&store, EventQuery::all(of, 1, 100)).await;
        assert_eq!(events.iter().map(|event| event.line.len() as u64).sum::<u64>(), log.bytes);
        store.close().await.unwrap();
    }
}

pub async fn events_beyond_the_age_are_hidden_at_once(given: Given) {
    let of = instance('7');
    let retention = Retention { age: Some(Duration::from_millis(100)), ..Retention::default() };
    let store = given.store_with(LogOptions { retention, ..LogOptions::default() }).await;
    // At 1,000,000, 1,000,010 and so on up to 1,000,040; then it is 1,000,050.
    commit_events(&store, of, 5).await;
    assert_eq!(sequences(&store, of, EventFilter::default()).await, [1, 2, 3, 4, 5]);
    for _ in 0..7 {
        given.clock.advance();
    }
    // 1,000,120: older than 1,000,020 is hidden, though nothing was committed.
    let page = store.events(&EventQuery::all(of, 1, 10)).await.unwrap();
    let found: Vec<_> = page.events.iter().map(|event| event.sequence).collect();
    assert_eq!((found, page.first, page.next), (vec![3, 4, 5], 3, 6));
    let query = EventQuery { start: Start::END, ..EventQuery::all(of, 1, 10) };
    let (backwards, last) = read(&store, query).await;
    assert_eq!((backwards.len(), last.next), (3, 3));
    for _ in 0..100 {
        given.clock.advance();
    }
    let page = store.events(&EventQuery::all(of, 1, 10)).await.unwrap();
    assert_eq!((page.events.len(), page.first, page.next, page.more), (0, 6, 6, false));
    // The next commit cuts what is hidden, and its own event stays.
    commit_events(&store, of, 1).await;
    assert_eq!(sequences(&store, of, EventFilter::default()).await, [6]);
    assert_eq!(store.log(of).await.unwrap().unwrap().first(), 6);
}

pub async fn what_is_cut_away_becomes_the_anchor(given: Given) {
    let of = instance('7');
    let retention = Retention { events: Some(3), ..Retention::default() };
    let store = given.store_with(LogOptions { retention, chained: true, ..LogOptions::default() }).await;
    let committed = commit_events(&store, of, 10).await;
    let log = store.log(of).await.unwrap().unwrap();
    let last_cut = &committed[6];
    assert_eq!((log.anchor.sequence, log.anchor.time, log.anchor.digest), (7, last_cut.time, last_cut.digest));
    assert_eq!((log.last.sequence, log.last.digest), (10, committed[9].digest));
    let page = store.events(&EventQuery::all(of, 1, 100)).await.unwrap();
    assert_eq!((page.first, page.events), (8, committed[7..].to_vec()));
}

pub async fn a_large_append_is_cut_to_the_bound_by_its_own_commit(given: Given) {
    let of = instance('7');
    let retention = Retention { events: Some(50), ..Retention::default() };
    let store = given.store_with(LogOptions { retention, chained: true, ..LogOptions::default() }).await;
    let options = LogOptions { chained: true, ..LogOptions::default() };
    let mut elsewhere = LogState::after(Anchor::BEGINNING);
    let begin = LogChange::Begin { instance: of, anchor: Anchor::BEGINNING };
    store.commit(CommitUnit { logs: vec![begin], ..CommitUnit::default() }).await.unwrap();
    // The second one comes to a log that has events; the third one does not go beyond the bound.
    for count in [4000, 5000, 3] {
        let events: Vec<StoredEvent> =
            (0..count).map(|_| elsewhere.stamp(of, &event(of), given.clock.now(), &options)).collect();
        let append = LogChange::Append { instance: of, events: events.clone() };
        store.commit(CommitUnit { logs: vec![append], ..CommitUnit::default() }).await.unwrap();
        let log = store.log(of).await.unwrap().unwrap();
        assert!((50..=53).contains(&log.len()), "{}", log.len());
        assert_eq!(log.last, elsewhere.last);
        let (kept, page) = read(&store, EventQuery::all(of, 1, 100)).await;
        assert_eq!((page.first, kept.len() as u64), (log.first(), log.len()));
        assert_eq!(kept.last(), events.last());
        let mut follows = LogState::after(log.anchor);
        assert!(kept.iter().all(|event| follows.follow(event).is_ok()), "the chain goes on from the anchor");
        assert_eq!(follows, log);
    }
}

pub async fn a_crowd_of_events_is_cut_to_the_bound_by_its_own_commits(given: Given) {
    let of = instance('7');
    let retention = Retention { events: Some(4), ..Retention::default() };
    let store = given.store_with(LogOptions { retention, ..LogOptions::default() }).await;
    let commits = (0..200).map(|_| store.commit(only_event(of)));
    for committed in futures_util::future::join_all(commits).await {
        committed.unwrap();
    }
    assert_eq!(sequences(&store, of, EventFilter::default()).await, [197, 198, 199, 200]);
}

pub async fn each_log_is_cut_by_itself(given: Given) {
    let retention = Retention { events: Some(4), ..Retention::default() };
    let store = given.store_with(LogOptions { retention, ..LogOptions::default() }).await;
    commit_events(&store, instance('7'), 2).await;
    commit_events(&store, instance('8'), 20).await;
    assert_eq!(sequences(&store, instance('7'), EventFilter::default()).await, [1, 2]);
    assert_eq!(sequences(&store, instance('8'), EventFilter::default()).await, [17, 18, 19, 20]);
}
