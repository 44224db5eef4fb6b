//! Several replicas over one database.

use std::sync::Arc;

use hpcs_store::{
    CommitError, CommitUnit, EventPage, EventQuery, PostgresOpenError, PostgresStore, Start, Store, StoreOptions,
    Version,
};

use super::{Setup, TestStore, one, only_event, sessions, two, value, version, whole_log, write, write_with_event};
use crate::cases;
use crate::fixture::{Digits, instance};
use crate::server::Server;

cases! {
    of_two_replicas_that_change_one_record_exactly_one_wins,
    of_two_replicas_that_create_one_record_exactly_one_wins,
    two_decisions_that_rest_on_each_other_are_not_both_committed,
    a_shared_log_is_gapless_and_its_time_never_runs_back,
    what_one_replica_commits_the_other_loads_at_once,
    followers_of_one_replica_are_woken_by_the_other,
    events_that_are_cut_away_while_a_page_is_read_are_reported_missing,
    a_log_that_is_dropped_while_a_page_is_read_is_empty,
    replicas_that_start_together_make_the_tables_once,
    tables_of_a_later_program_are_refused_by_name,
}

async fn of_two_replicas_that_change_one_record_exactly_one_wins(server: &Server) {
    let (first, second) = two(server).await;
    first.commit(write("a", Version::ABSENT, 0)).await.unwrap();
    for round in 1..=40 {
        let seen = version(&first, "a").await;
        assert_eq!(version(&second, "a").await, seen);
        let (left, right) = tokio::join!(
            first.commit(write_with_event("a", seen, round * 2, instance('7'))),
            second.commit(write_with_event("a", seen, round * 2 + 1, instance('7'))),
        );
        let winner = match (left, right) {
            (Ok(_), Err(CommitError::Conflict)) => round * 2,
            (Err(CommitError::Conflict), Ok(_)) => round * 2 + 1,
            other => panic!("round {round}: {other:?}"),
        };
        assert_eq!((value(&first, "a").await, value(&second, "a").await), (Some(winner), Some(winner)));
    }
    assert_eq!(whole_log(&second, instance('7')).await.len(), 40);
}

async fn of_two_replicas_that_create_one_record_exactly_one_wins(server: &Server) {
    let (first, second) = two(server).await;
    for key in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
        let (left, right) =
            tokio::join!(first.commit(write(key, Version::ABSENT, 1)), second.commit(write(key, Version::ABSENT, 2)));
        assert!(
            matches!((&left, &right), (Ok(_), Err(CommitError::Conflict)) | (Err(CommitError::Conflict), Ok(_))),
            "{key}: {left:?} {right:?}"
        );
    }
}

async fn two_decisions_that_rest_on_each_other_are_not_both_committed(server: &Server) {
    let (first, second) = two(server).await;
    for (mine, yours) in [("a", "b"), ("c", "d"), ("e", "f"), ("g", "h"), ("i", "j"), ("k", "l"), ("m", "n")] {
        let guarded =
            |key, absent| CommitUnit { guards: vec![(absent, Version::ABSENT)], ..write(key, Version::ABSENT, 1) };
        let (left, right) = tokio::join!(first.commit(guarded(mine, yours)), second.commit(guarded(yours, mine)));
        assert!(left.is_ok() != right.is_ok(), "{mine} {yours}: {left:?} {right:?}");
    }
}

async fn a_shared_log_is_gapless_and_its_time_never_runs_back(server: &Server) {
    let (first, second) = two(server).await;
    let writer = |store: Arc<TestStore>| async move {
        let commits = (0..150).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(only_event(instance('7'))).await.unwrap().event.unwrap() })
        });
        let mut given_out = Vec::new();
        for commit in commits.collect::<Vec<_>>() {
            given_out.push(commit.await.unwrap());
        }
        given_out
    };
    let (left, right) = tokio::join!(writer(first.clone()), writer(second.clone()));
    let mut given_out = [left, right].concat();
    given_out.sort_by_key(|event| event.sequence);
    assert_eq!(whole_log(&first, instance('7')).await, given_out);
    assert_eq!(given_out.len(), 300);
    assert_eq!(first.log(instance('7')).await.unwrap(), second.log(instance('7')).await.unwrap());
}

async fn what_one_replica_commits_the_other_loads_at_once(server: &Server) {
    let (first, second) = two(server).await;
    for round in 0..20 {
        let seen = version(&second, "a").await;
        first.commit(write("a", seen, round)).await.unwrap();
        assert_eq!(value(&second, "a").await, Some(round));
    }
}

async fn followers_of_one_replica_are_woken_by_the_other(server: &Server) {
    let (first, second) = two(server).await;
    let mut changes = second.changes();
    changes.mark_unchanged();
    first.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    first.commit(only_event(instance('7'))).await.unwrap();
    changes.changed().await.unwrap();
    assert_eq!(whole_log(&second, instance('7')).await.len(), 1);
}

/// What a reader gets that was stopped by a lock after it had read the head of the log, and what happened meanwhile.
async fn page_around(server: &Server, start: Start, meanwhile: &str) -> EventPage {
    let (store, database) = one(server, Setup::default()).await;
    for _ in 0..10 {
        store.commit(only_event(instance('7'))).await.unwrap();
    }
    let (locker, watcher) = (server.connect(&database).await, server.connect(&database).await);
    locker.batch_execute("BEGIN; LOCK TABLE hpcs_events IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let query = EventQuery { start, ..EventQuery::all(instance('7'), 1, 4) };
    let (page, ()) = tokio::join!(store.events(&query), async {
        sessions(&watcher, "wait_event_type = 'Lock'", 1).await;
        locker.batch_execute(&format!("{meanwhile}; COMMIT")).await.unwrap();
    });
    page.unwrap()
}

async fn events_that_are_cut_away_while_a_page_is_read_are_reported_missing(server: &Server) {
    let cut = "DELETE FROM hpcs_events WHERE sequence <= 5; UPDATE hpcs_logs SET anchor_sequence = 5";
    let cut_more = "DELETE FROM hpcs_events WHERE sequence <= 8; UPDATE hpcs_logs SET anchor_sequence = 8";
    for (start, cut, found, next, first) in [
        (Start::From(1), cut, vec![6, 7, 8, 9], 10, 6),
        (Start::From(7), cut, vec![7, 8, 9, 10], 11, 6),
        (Start::END, cut_more, vec![10, 9], 9, 9),
    ] {
        let page = page_around(server, start, cut).await;
        let sequences: Vec<u64> = page.events.iter().map(|event| event.sequence).collect();
        assert_eq!((sequences, page.next, page.first), (found, next, first), "{start:?}");
    }
}

async fn a_log_that_is_dropped_while_a_page_is_read_is_empty(server: &Server) {
    let page = page_around(server, Start::From(3), "DELETE FROM hpcs_logs; DELETE FROM hpcs_events").await;
    assert_eq!((page.events.len(), page.first, page.next, page.more), (0, 1, 3, false));
}

async fn replicas_that_start_together_make_the_tables_once(server: &Server) {
    let url = server.url(&server.database().await);
    let opened = (1..=4).map(|session| Setup { session, ..Setup::default() }.open(&url));
    let stores = futures_util::future::join_all(opened).await;
    for store in &stores {
        store.commit(only_event(instance('7'))).await.unwrap();
    }
    assert_eq!(whole_log(&stores[0], instance('7')).await.len(), 4);
}

async fn tables_of_a_later_program_are_refused_by_name(server: &Server) {
    let (store, database) = one(server, Setup::default()).await;
    store.close().await.unwrap();
    server.connect(&database).await.batch_execute("INSERT INTO hpcs_schema VALUES (99)").await.unwrap();
    let setup = Setup::default();
    let options = StoreOptions::new(setup.log, 1);
    let opened: Result<TestStore, _> =
        PostgresStore::open(&server.url(&database), Arc::new(Digits), setup.clock, options, setup.faults).await;
    let refusal = opened.err().unwrap();
    assert!(matches!(refusal, PostgresOpenError::Newer { found: 99, .. }));
    assert!(refusal.to_string().contains(&database) && refusal.to_string().contains("99"), "{refusal}");
}
