//! Every step of a transaction that can fail.

use std::sync::Arc;

use hpcs_store::{CommitError, Fault, FaultPoint, Store, Version};

use super::{SHORT, Script, Setup, newest, one, only_event, value, version, whole_log, write, write_with_event};
use crate::cases;
use crate::fixture::instance;
use crate::server::Server;

cases! {
    a_step_that_fails_before_the_commit_leaves_nothing,
    a_commit_that_is_refused_leaves_nothing,
    a_step_that_hangs_is_given_up_at_the_deadline,
    a_unit_that_conflicts_does_not_spoil_its_group,
}

/// Steps before the COMMIT that every unit with a record and an event takes.
const STEPS: [FaultPoint; 6] = [
    FaultPoint::Begin,
    FaultPoint::Check,
    FaultPoint::WriteRecord,
    FaultPoint::WriteEvent,
    FaultPoint::WriteLog,
    FaultPoint::WriteOutcome,
];

async fn a_step_that_fails_before_the_commit_leaves_nothing(server: &Server) {
    let script = Arc::new(Script::default());
    let (store, _) = one(server, Setup { faults: script.clone(), log: newest(1), ..Setup::default() }).await;
    for _ in 0..3 {
        store.commit(only_event(instance('7'))).await.unwrap();
    }
    let before = store.log(instance('7')).await.unwrap();
    for point in STEPS.into_iter().chain([FaultPoint::Cut]) {
        for fault in [Fault::Fail, Fault::StepLost, Fault::AnswerLost] {
            script.once(point, fault);
            let answer = store.commit(write_with_event("a", Version::ABSENT, 1, instance('7'))).await;
            assert!(matches!(answer, Err(CommitError::Unavailable(_))), "{point}: {answer:?}");
            assert!(script.is_over(), "{point} was not passed");
            assert_eq!(value(&store, "a").await, None, "{point}");
            assert_eq!(store.log(instance('7')).await.unwrap(), before, "{point}");
        }
    }
    store.commit(write_with_event("a", Version::ABSENT, 1, instance('7'))).await.unwrap();
}

async fn a_commit_that_is_refused_leaves_nothing(server: &Server) {
    let script = Arc::new(Script::default());
    let (store, _) = one(server, Setup { faults: script.clone(), ..Setup::default() }).await;
    script.once(FaultPoint::Commit, Fault::Fail);
    let answer = store.commit(write("a", Version::ABSENT, 1)).await;
    assert!(matches!(answer, Err(CommitError::Unavailable(_))), "{answer:?}");
    assert_eq!(value(&store, "a").await, None);
    store.commit(write("a", Version::ABSENT, 2)).await.unwrap();
}

async fn a_step_that_hangs_is_given_up_at_the_deadline(server: &Server) {
    let script = Arc::new(Script::default());
    let (store, database) = one(server, Setup { faults: script.clone(), deadline: SHORT, ..Setup::default() }).await;
    let patient = Setup { session: 2, ..Setup::default() }.open(&server.url(&database)).await;
    for point in STEPS {
        let release = script.hold(point);
        let hung = store.commit(write_with_event("a", Version::ABSENT, 1, instance('7')));
        let queued = async {
            script.reached().await;
            store.commit(write("b", Version::ABSENT, 1)).await
        };
        let (hung, _) = tokio::join!(hung, queued);
        assert!(matches!(hung, Err(CommitError::Unavailable(_))), "{point}: {hung:?}");
        drop(release);
        assert_eq!(value(&patient, "a").await, None, "{point}");
    }
    assert!(whole_log(&patient, instance('7')).await.is_empty());
}

async fn a_unit_that_conflicts_does_not_spoil_its_group(server: &Server) {
    let script = Arc::new(Script::default());
    let (store, _) = one(server, Setup { faults: script.clone(), ..Setup::default() }).await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    let seen = version(&store, "a").await;
    // The first commit is held until the others wait behind it, so that they are one group.
    let release = script.hold(FaultPoint::Begin);
    let unit = |value| store.commit(write_with_event("a", seen, value, instance('7')));
    let (first, (second, third, fourth)) = tokio::join!(store.commit(only_event(instance('7'))), async {
        script.reached().await;
        let others = async { tokio::join!(unit(2), unit(3), store.commit(write("b", Version::ABSENT, 4))) };
        let (others, ()) = tokio::join!(others, async {
            tokio::task::yield_now().await;
            drop(release);
        });
        others
    });
    assert!(first.is_ok() && second.is_ok() && fourth.is_ok());
    assert_eq!(third.err(), Some(CommitError::Conflict));
    assert_eq!((value(&store, "a").await, value(&store, "b").await), (Some(2), Some(4)));
    assert_eq!(whole_log(&store, instance('7')).await.len(), 2);
}
