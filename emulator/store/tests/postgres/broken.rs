//! Connections that break, a server that stops, and strangers that hold locks.

use std::net::TcpListener;
use std::sync::Arc;

use hpcs_store::{CommitError, Fate, Fault, FaultPoint, OperationId, PostgresStore, Store, StoreOptions, Version};

use super::{
    MEDIUM, SHORT, Script, Setup, TestStore, one, only_event, sessions, until_ok, value, version, whole_log, write,
    write_with_event,
};
use crate::cases;
use crate::fixture::{Digits, instance};
use crate::server::{PASSWORD, Server};

cases! {
    a_connection_that_is_cut_before_the_commit_leaves_nothing,
    a_connection_that_is_cut_at_the_commit_leaves_the_outcome_to_be_looked_up,
    a_lost_answer_to_the_commit_is_found_to_be_committed,
    a_commit_that_was_never_sent_is_found_not_to_be_committed,
    a_commit_that_hangs_is_unsettled_until_it_ends,
    who_conflicts_in_a_group_of_unknown_outcome_is_told_of_the_conflict,
    hosts_that_are_silent_do_not_keep_it_from_the_next,
    an_idle_connection_that_is_cut_is_not_noticed_by_callers,
    followers_are_woken_after_their_connection_was_cut,
    a_server_that_stops_is_refused_by_name_and_found_again,
    a_record_that_a_stranger_locks_is_refused_alone,
    errors_do_not_show_the_password,
    a_closed_store_refuses_and_has_finished_what_it_began,
}

fn scripted() -> (Arc<Script>, Setup) {
    let script = Arc::new(Script::default());
    (script.clone(), Setup { faults: script, ..Setup::default() })
}

/// Cuts the connections of the store, and comes back when they are gone.
async fn cut(server: &Server, database: &str, state: &str, count: usize) {
    let stranger = server.connect(database).await;
    let pids = sessions(&stranger, &format!("state = '{state}'"), count).await;
    stranger.execute("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", &[&pids]).await.unwrap();
    sessions(
        &stranger,
        &format!("pid = ANY ('{{{}}}')", pids.iter().map(i32::to_string).collect::<Vec<_>>().join(",")),
        0,
    )
    .await;
}

fn unknown(answer: Result<hpcs_store::Committed, CommitError>) -> OperationId {
    match answer {
        Err(CommitError::OutcomeUnknown { operation, .. }) => operation,
        other => panic!("{other:?}"),
    }
}

async fn a_connection_that_is_cut_before_the_commit_leaves_nothing(server: &Server) {
    for point in [FaultPoint::WriteRecord, FaultPoint::WriteEvent, FaultPoint::WriteLog, FaultPoint::WriteOutcome] {
        let (script, setup) = scripted();
        let (store, database) = one(server, setup).await;
        let release = script.hold(point);
        let (answer, ()) =
            tokio::join!(store.commit(write_with_event("a", Version::ABSENT, 1, instance('7'))), async {
                script.reached().await;
                cut(server, &database, "idle in transaction", 1).await;
                drop(release);
            });
        assert!(matches!(answer, Err(CommitError::Unavailable(_))), "{point}: {answer:?}");
        assert_eq!(value(&store, "a").await, None);
        store.commit(write_with_event("a", Version::ABSENT, 2, instance('7'))).await.unwrap();
        assert_eq!(whole_log(&store, instance('7')).await.len(), 1);
    }
}

async fn a_connection_that_is_cut_at_the_commit_leaves_the_outcome_to_be_looked_up(server: &Server) {
    let (script, setup) = scripted();
    let (store, database) = one(server, setup).await;
    let release = script.hold(FaultPoint::Commit);
    let (answer, ()) = tokio::join!(store.commit(write("a", Version::ABSENT, 1)), async {
        script.reached().await;
        cut(server, &database, "idle in transaction", 1).await;
        drop(release);
    });
    let operation = unknown(answer);
    assert_eq!(store.fate(operation).await.unwrap(), Fate::NotCommitted);
    assert_eq!(value(&store, "a").await, None);
}

async fn a_lost_answer_to_the_commit_is_found_to_be_committed(server: &Server) {
    let (script, setup) = scripted();
    let (store, _) = one(server, setup).await;
    let mut changes = store.changes();
    script.once(FaultPoint::Commit, Fault::AnswerLost);
    let operation = unknown(store.commit(write_with_event("a", Version::ABSENT, 1, instance('7'))).await);
    assert_eq!(store.fate(operation).await.unwrap(), Fate::Committed);
    assert_eq!(value(&store, "a").await, Some(1));
    changes.changed().await.unwrap();
    store.commit(only_event(instance('7'))).await.unwrap();
    assert_eq!(whole_log(&store, instance('7')).await.len(), 2);
}

async fn a_commit_that_was_never_sent_is_found_not_to_be_committed(server: &Server) {
    let (script, setup) = scripted();
    let (store, _) = one(server, setup).await;
    script.once(FaultPoint::Commit, Fault::StepLost);
    let operation = unknown(store.commit(write("a", Version::ABSENT, 1)).await);
    assert_eq!(store.fate(operation).await.unwrap(), Fate::NotCommitted);
    assert_eq!(value(&store, "a").await, None);
    store.commit(write("a", Version::ABSENT, 2)).await.unwrap();
}

async fn a_commit_that_hangs_is_unsettled_until_it_ends(server: &Server) {
    let (script, setup) = scripted();
    let (store, database) = one(server, Setup { deadline: SHORT, ..setup }).await;
    let other = Setup { session: 2, ..Setup::default() }.open(&server.url(&database)).await;
    let release = script.hold(FaultPoint::Commit);
    let operation =
        until_ok(async || match store.commit(write_with_event("a", Version::ABSENT, 1, instance('7'))).await {
            Err(CommitError::Unavailable(cause)) => Err(cause),
            answer => Ok(unknown(answer)),
        })
        .await;
    assert_eq!(until_ok(async || store.fate(operation).await).await, Fate::Unsettled);
    until_ok(async || store.commit(only_event(instance('8'))).await).await;
    let mut changes = store.changes();
    changes.mark_unchanged();
    drop(release);
    changes.changed().await.unwrap();
    assert_eq!(until_ok(async || store.fate(operation).await).await, Fate::Committed);
    assert_eq!(other.fate(operation).await.unwrap(), Fate::Committed);
    assert_eq!(value(&other, "a").await, Some(1));
}

async fn who_conflicts_in_a_group_of_unknown_outcome_is_told_of_the_conflict(server: &Server) {
    let (script, setup) = scripted();
    let (store, _) = one(server, setup).await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let seen = version(&store, "a").await;
    // The first one conflicts, so that it has no COMMIT; it is held until the others wait behind it as one group.
    let release = script.hold(FaultPoint::Begin);
    let (first, (second, third)) = tokio::join!(store.commit(write("a", Version::ABSENT, 2)), async {
        script.reached().await;
        script.once(FaultPoint::Commit, Fault::AnswerLost);
        let others = async { tokio::join!(store.commit(write("a", seen, 3)), store.commit(write("a", seen, 4))) };
        let (others, ()) = tokio::join!(others, async {
            tokio::task::yield_now().await;
            drop(release);
        });
        others
    });
    assert_eq!(first.err(), Some(CommitError::Conflict));
    assert_eq!(third.err(), Some(CommitError::Conflict));
    assert_eq!(store.fate(unknown(second)).await.unwrap(), Fate::Committed);
    assert_eq!(value(&store, "a").await, Some(3));
}

async fn hosts_that_are_silent_do_not_keep_it_from_the_next(server: &Server) {
    let silent = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [first, second] = silent.each_ref().map(|listener| listener.local_addr().unwrap());
    let database = server.database().await;
    let url = server.url(&database).replace("@/", &format!("@{first},{second}/")) + "&port=5432";
    let store = Setup { deadline: SHORT, ..Setup::default() }.open(&url).await;
    until_ok(async || store.commit(only_event(instance('7'))).await).await;
}

async fn an_idle_connection_that_is_cut_is_not_noticed_by_callers(server: &Server) {
    let (store, database) = one(server, Setup::default()).await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    cut(server, &database, "idle", 2).await;
    assert_eq!(value(&store, "a").await, Some(1));
    let seen = version(&store, "a").await;
    store.commit(write("a", seen, 2)).await.unwrap();
}

async fn followers_are_woken_after_their_connection_was_cut(server: &Server) {
    let (store, database) = one(server, Setup::default()).await;
    let other = Setup { session: 2, ..Setup::default() }.open(&server.url(&database)).await;
    let mut changes = store.changes();
    cut(server, &database, "idle", 4).await;
    other.load(&["a"]).await.unwrap();
    changes.mark_unchanged();
    other.commit(only_event(instance('7'))).await.unwrap();
    changes.changed().await.unwrap();
    assert_eq!(whole_log(&store, instance('7')).await.len(), 1);
}

async fn a_server_that_stops_is_refused_by_name_and_found_again(server: &Server) {
    let (patient, database) = one(server, Setup::default()).await;
    patient.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let store = Setup { deadline: SHORT, session: 2, ..Setup::default() }.open(&server.url(&database)).await;
    server.stop();
    let refused = store.commit(write("b", Version::ABSENT, 1)).await;
    let unread = store.load(&["a"]).await;
    server.start_again();
    match refused {
        Err(CommitError::Unavailable(cause)) => {
            assert!(cause.0.contains(&format!("PostgreSQL postgres://emulator@/{database}")), "{cause}");
        }
        other => panic!("{other:?}"),
    }
    assert!(unread.is_err());
    let mut answer = store.load(&["a"]).await;
    while answer.is_err() {
        answer = store.load(&["a"]).await;
    }
    assert_eq!(answer.unwrap().remove(0).map(|record| *record.value), Some(1));
    let mut answer = store.commit(write("b", Version::ABSENT, 1)).await;
    while let Err(CommitError::Unavailable(_)) = answer {
        answer = store.commit(write("b", Version::ABSENT, 1)).await;
    }
    assert!(answer.is_ok(), "{answer:?}");
}

async fn a_record_that_a_stranger_locks_is_refused_alone(server: &Server) {
    let (store, database) = one(server, Setup { deadline: MEDIUM, ..Setup::default() }).await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    store.commit(write("b", Version::ABSENT, 1)).await.unwrap();
    let (first, second) = (version(&store, "a").await, version(&store, "b").await);
    let stranger = server.connect(&database).await;
    stranger.batch_execute("BEGIN; SELECT * FROM hpcs_records WHERE name = 'a' FOR UPDATE").await.unwrap();
    let (locked, free) = tokio::join!(store.commit(write("a", first, 2)), store.commit(write("b", second, 2)));
    assert!(matches!(locked, Err(CommitError::Unavailable(_))), "{locked:?}");
    assert!(free.is_ok(), "{free:?}");
    stranger.batch_execute("ROLLBACK").await.unwrap();
    store.commit(write("a", first, 2)).await.unwrap();
}

async fn errors_do_not_show_the_password(server: &Server) {
    let open = async |url: String| -> String {
        let setup = Setup::default();
        let options = StoreOptions::new(setup.log, 1);
        let opened: Result<TestStore, _> =
            PostgresStore::open(&url, Arc::new(Digits), setup.clock, options, setup.faults).await;
        opened.err().unwrap().to_string()
    };
    for url in [
        server.url("there_is_none"),
        format!("postgres://emulator:{PASSWORD}@/x?host=/nowhere"),
        format!("postgres://emulator:{PASSWORD}@127.0.0.1:1/x"),
        format!("postgres://emulator:{PASSWORD}/@?{PASSWORD}"),
    ] {
        let text = open(url).await;
        assert!(!text.contains(PASSWORD) && text.contains("PostgreSQL"), "{text}");
    }
}

async fn a_closed_store_refuses_and_has_finished_what_it_began(server: &Server) {
    let (store, database) = one(server, Setup::default()).await;
    let (first, closed) = tokio::join!(store.commit(write("a", Version::ABSENT, 1)), store.close());
    assert!(first.is_ok() && closed.is_ok());
    assert!(matches!(store.commit(write("b", Version::ABSENT, 1)).await, Err(CommitError::Unavailable(_))));
    assert!(store.load(&["a"]).await.is_err());
    let again = Setup::default().open(&server.url(&database)).await;
    assert_eq!((value(&again, "a").await, value(&again, "b").await), (Some(1), None));
}
