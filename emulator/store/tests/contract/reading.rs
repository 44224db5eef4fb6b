//! Reading logs: forwards, backwards, by filter.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hpcs_audit::catalogue::{orchestrator, tke};
use hpcs_audit::event::FailureCode;
use hpcs_audit::{EventTime, Outcome, Reason, Severity};
use hpcs_store::{Clock, CommitUnit, EventFilter, EventPage, EventQuery, LogOptions, Start};

use crate::backend::{Given, TestStore, at, commit_events, only_event, read, sequences};
use crate::fixture::{event_of, instance};

pub async fn each_instance_has_a_gapless_sequence_and_time_never_runs_back(given: Given) {
    struct Jumping(AtomicU64);
    impl Clock for Jumping {
        fn now(&self) -> EventTime {
            at(if self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) { 5_000 } else { 1_000 })
        }
        fn advance(&self) {}
    }
    let store = given.open(Arc::new(Jumping(0.into())), LogOptions::default()).await;
    for round in 0..6 {
        let of = instance(if round % 3 == 0 { '8' } else { '7' });
        store.commit(only_event(of)).await.unwrap();
    }
    for (of, count) in [('7', 4), ('8', 2)] {
        let EventPage { events, next, .. } = store.events(&EventQuery::all(instance(of), 1, 10)).await.unwrap();
        let found: Vec<_> = events.iter().map(|event| event.sequence).collect();
        assert_eq!(found, (1..=count).collect::<Vec<_>>());
        assert_eq!(next, count + 1);
        assert!(events.windows(2).all(|pair| pair[0].time <= pair[1].time));
    }
}

pub async fn reading_goes_on_where_it_stopped_and_filters_do_not_lose_the_place(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    let committed = commit_events(&store, of, 5).await;
    let first = store.events(&EventQuery::all(of, 1, 2)).await.unwrap();
    let rest = store.events(&EventQuery::all(of, first.next, 10)).await.unwrap();
    assert_eq!([first.events, rest.events].concat(), committed);
    assert_eq!((first.more, rest.more, rest.next), (true, false, 6));
    let by = |actions: &str| EventFilter { actions: vec![actions.to_owned()], ..EventFilter::default() };
    for (filter, count) in [(by("hs-crypto.secrets.*"), 0), (by("hs-crypto.tke-*"), 5), (by("hs-crypto.tke-"), 0)] {
        let page = store.events(&EventQuery { filter, ..EventQuery::all(of, 1, 10) }).await.unwrap();
        assert_eq!((page.events.len(), page.next, page.more), (count, 6, false));
    }
    assert_eq!(store.events(&EventQuery::all(of, 9, 10)).await.unwrap().next, 9);
}

pub async fn a_filter_that_matches_nothing_comes_to_the_end(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    commit_events(&store, of, 20).await;
    let filter = EventFilter { actions: vec!["hs-crypto.secrets.*".into()], ..EventFilter::default() };
    let (events, page) = read(&store, EventQuery { filter: filter.clone(), ..EventQuery::all(of, 1, 10) }).await;
    assert_eq!((events.len(), page.next), (0, 21));
    let query = EventQuery { filter, start: Start::END, ..EventQuery::all(of, 1, 10) };
    let (events, page) = read(&store, query).await;
    assert_eq!((events.len(), page.next), (0, 1));
}

pub async fn reading_backwards_begins_with_the_newest(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    let mut committed = commit_events(&store, of, 7).await;
    committed.reverse();
    let query = EventQuery { start: Start::END, ..EventQuery::all(of, 1, 3) };
    let first = store.events(&query).await.unwrap();
    let found: Vec<_> = first.events.iter().map(|event| event.sequence).collect();
    assert_eq!((found, first.next, first.more), (vec![7, 6, 5], 5, true));
    let (all, last) = read(&store, query.clone()).await;
    assert_eq!((all, last.next, last.first), (committed, 1, 1));
    let (before, _) = read(&store, EventQuery { start: Start::Before(3), ..query.clone() }).await;
    assert_eq!(before.iter().map(|event| event.sequence).collect::<Vec<_>>(), [2, 1]);
    let none = store.events(&EventQuery { start: Start::Before(0), ..query }).await.unwrap();
    assert_eq!((none.events.len(), none.more), (0, false));
}

pub async fn bounds_in_time_take_the_first_and_leave_the_last(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    // One event each 10 milliseconds from 1,000,000 on.
    commit_events(&store, of, 6).await;
    let between = |since: Option<u64>, until: Option<u64>| EventFilter {
        since: since.map(at),
        until: until.map(at),
        ..EventFilter::default()
    };
    for (filter, expected) in [
        (between(Some(1_000_020), None), vec![3, 4, 5, 6]),
        (between(Some(1_000_021), None), vec![4, 5, 6]),
        (between(None, Some(1_000_020)), vec![1, 2]),
        (between(Some(1_000_010), Some(1_000_040)), vec![2, 3, 4]),
        (between(Some(1_000_040), Some(1_000_010)), vec![]),
        (between(Some(2_000_000), None), vec![]),
        (between(None, Some(1_000)), vec![]),
        (between(Some(0), Some(u64::MAX)), vec![1, 2, 3, 4, 5, 6]),
    ] {
        assert_eq!(sequences(&store, of, filter.clone()).await, expected, "{filter:?}");
        let query = EventQuery { filter: filter.clone(), start: Start::END, ..EventQuery::all(of, 1, 2) };
        let backwards: Vec<_> = read(&store, query).await.0.iter().map(|event| event.sequence).rev().collect();
        assert_eq!(backwards, expected, "{filter:?} backwards");
    }
}

pub async fn lists_of_a_filter_are_joined(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    mixed(&store, 12).await;
    let (all, _) = read(&store, EventQuery::all(of, 1, 100)).await;
    let filters = [
        EventFilter { outcomes: vec![Outcome::Failure], ..EventFilter::default() },
        EventFilter {
            actions: vec![tke::RESET.action.into(), "hs-crypto.managed-keys.*".into()],
            ..EventFilter::default()
        },
        EventFilter {
            severities: vec![Severity::Critical],
            outcomes: vec![Outcome::Success],
            ..EventFilter::default()
        },
        EventFilter { severities: vec![Severity::Normal, Severity::Warning], ..EventFilter::default() },
        EventFilter {
            actions: vec!["hs-crypto.*".into()],
            outcomes: vec![Outcome::Failure],
            since: Some(at(1_000_030)),
            until: Some(at(1_000_090)),
            ..EventFilter::default()
        },
    ];
    for filter in filters {
        let expected: Vec<_> = all.iter().filter(|event| filter.matches(event)).map(|event| event.sequence).collect();
        assert!(expected.len() < all.len());
        assert_eq!(sequences(&store, of, filter.clone()).await, expected, "{filter:?}");
    }
}

pub async fn rare_and_common_events_come_in_one_order(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    mixed(&store, 40).await;
    let filter = EventFilter {
        actions: vec![tke::RESET.action.into(), orchestrator::MANAGED_KEY_WRITE.action.into()],
        ..EventFilter::default()
    };
    let (all, _) = read(&store, EventQuery::all(of, 1, 100)).await;
    let expected: Vec<_> = all.into_iter().filter(|event| filter.matches(event)).collect();
    for limit in [1, 3, 7, 100] {
        let query = EventQuery { filter: filter.clone(), ..EventQuery::all(of, 1, limit) };
        assert_eq!(read(&store, query.clone()).await.0, expected, "{limit} a page");
        let (mut backwards, _) = read(&store, EventQuery { start: Start::END, ..query }).await;
        backwards.reverse();
        assert_eq!(backwards, expected, "{limit} a page, backwards");
    }
}

pub async fn an_unknown_instance_has_an_empty_log(given: Given) {
    let store = given.store().await;
    assert_eq!(store.log(instance('9')).await.unwrap(), None);
    for start in [Start::From(1), Start::END] {
        let page = store.events(&EventQuery { start, ..EventQuery::all(instance('9'), 1, 5) }).await.unwrap();
        assert_eq!((page.events.len(), page.next, page.more, page.first), (0, 1, false, 1));
    }
    for (from, next) in [(0, 1), (9, 9)] {
        let page = store.events(&EventQuery::all(instance('9'), from, 5)).await.unwrap();
        assert_eq!((page.events.len(), page.next, page.more, page.first), (0, next, false, 1), "from {from}");
    }
}

pub async fn a_page_is_never_longer_than_its_limit(given: Given) {
    let store = given.store().await;
    let of = instance('7');
    commit_events(&store, of, 3).await;
    for limit in [0, 1, 2, 3, usize::MAX] {
        let page = store.events(&EventQuery::all(of, 1, limit)).await.unwrap();
        assert_eq!((page.events.len(), page.more), (limit.min(3), limit < 3), "{limit}");
    }
}

/// Events of several kinds: every third one a reset, every seventh one a key, every fifth one a failure.
async fn mixed(store: &TestStore, count: usize) {
    for number in 1..=count {
        let row = match number {
            _ if number.is_multiple_of(7) => orchestrator::MANAGED_KEY_WRITE,
            _ if number.is_multiple_of(3) => tke::RESET,
            _ => tke::ADMIN_ADD,
        };
        let failed = number.is_multiple_of(5);
        let reason = if failed { Reason::failure(FailureCode::Forbidden, "not allowed") } else { Reason::OK };
        let event = Some(event_of(instance('7'), row, reason));
        store.commit(CommitUnit { event, ..CommitUnit::default() }).await.unwrap();
    }
}
