//! The engine on a memory store: verdicts, events, conflicts, and calls whose caller goes away.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use hpcs_engine::{Answer, AuditMode, ServiceStore};
use hpcs_ep11::{AdminFunction, AttributeList, Permissions};
use hpcs_service::{Knobs, Operation, RandomKeyEvent, Record, RecordKey, Refusal, Role};
use hpcs_store::{CommitError, CommitUnit, OperationId, Unavailable};
use support::hooked::{Hook, hooked};
use support::{Bench, Making, admitted, attributes};
use tokio::sync::Notify;

#[tokio::test]
async fn a_command_changes_the_unit_and_leaves_its_event() {
    let bench = Bench::new().await;
    bench.add_administrators().await;
    bench.submit(admitted(AdminFunction::SET_ATTRIBUTES, attributes(2, 2), 3)).await.unwrap();
    assert_eq!(bench.status().await.signature_threshold, 2);
    let events = bench.events().await;
    let last = events.last().unwrap();
    assert!(last.contains(r#""action":"hs-crypto.tke-cryptounit-threshold.set""#), "{last}");
    assert!(last.contains(r#""responseData":{"signatureThreshold":2,"revocationSignatureThreshold":2}"#), "{last}");
    assert_eq!(events.len(), 3);
}

#[tokio::test]
async fn a_refused_command_changes_nothing_and_leaves_a_failure() {
    let bench = Bench::new().await;
    bench.submit(admitted(AdminFunction::SET_ATTRIBUTES, attributes(1, 1), 1)).await.unwrap();
    assert_eq!(bench.status().await.counter.0, 0);
    let events = bench.events().await;
    assert!(events[0].contains(r#""outcome":"failure""#) && events[0].contains(r#""reasonCode":400"#), "{}", events[0]);
}

#[tokio::test]
async fn queries_and_unaudited_commands_leave_no_event() {
    let bench = Bench::new().await;
    secure(&bench).await;
    let before = bench.events().await.len();
    let instance = bench.instance;
    let list = bench.execute(Operation::ListCryptoUnits { instance }).await.unwrap();
    assert!(matches!(list, Answer::CryptoUnits(units) if units.len() == 4));
    bench.submit(admitted(AdminFunction::GENERATE_IMPORTER, 3u32.to_be_bytes().to_vec(), 4)).await.unwrap();
    assert_eq!(bench.status().await.counter.0, 4);
    assert_eq!(bench.events().await.len(), before);
}

#[tokio::test]
async fn other_accounts_find_nothing_and_leave_no_event() {
    let bench = Bench::new().await;
    let nowhere = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    for unit in [bench.unit, nowhere] {
        for (role, expected) in [(Role::Manager, 404), (Role::Reader, 403)] {
            let stranger = bench.who_of_account("00000000000000000000000000000000", vec![role]);
            let operation = Operation::admitted(bench.instance, unit, admitted(AdminFunction::ZEROIZE, vec![], 1));
            let refusal = bench.engine.execute(stranger, operation).await.err().unwrap();
            assert_eq!(refusal.status().1, expected);
            assert_ne!(refusal, Refusal::NoSuchCryptoUnit);
        }
    }
    assert!(bench.events().await.is_empty());
}

/// Both administrators, thresholds 1/1: the counter is then 3.
async fn secure(bench: &Bench) {
    bench.add_administrators().await;
    bench.submit(admitted(AdminFunction::SET_ATTRIBUTES, attributes(1, 1), 3)).await.unwrap();
}

#[tokio::test]
async fn with_the_knob_a_random_key_leaves_a_load_that_names_the_register_it_filled() {
    let bench = Bench::with(Knobs { tke_gen_wk_event: RandomKeyEvent::Add, ..Knobs::default() }).await;
    secure(&bench).await;
    let random = Permissions::FACTORY.sdk_operational().union(Permissions::WK_RANDOM);
    let allow = AttributeList(vec![(AttributeList::PERMISSIONS, random.0)]).encode();
    bench.submit(admitted(AdminFunction::SET_ATTRIBUTES, allow, 4)).await.unwrap();
    for counter in [5, 6] {
        bench.submit(admitted(AdminFunction::RANDOM_WK, vec![], counter)).await.unwrap();
        let status = bench.status().await;
        let filled = if counter == 5 { status.current_pattern } else { status.new_pattern }.unwrap();
        let expected = format!(r#""responseData":{{"verificationPattern":"{filled}"}}"#);
        let event = bench.events().await.pop().unwrap();
        assert!(event.contains(&expected) && event.contains(r#""masterKeyIds":[]"#), "{event}");
    }
    // Current empty again, new still full: the key goes to current, and so does the event.
    bench.submit(admitted(AdminFunction::CLEAR_CURRENT_WK, vec![], 7)).await.unwrap();
    bench.submit(admitted(AdminFunction::RANDOM_WK, vec![], 8)).await.unwrap();
    let current = bench.status().await.current_pattern.unwrap().to_string();
    assert!(bench.events().await.pop().unwrap().contains(&current));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_events() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let bench = Bench::new().await;
        bench.add_administrators().await;
        bench.submit(admitted(AdminFunction::SET_ATTRIBUTES, attributes(1, 2), 3)).await.unwrap();
        bench.submit(admitted(AdminFunction::ZEROIZE, vec![], 4)).await.unwrap();
        runs.push(bench.events().await);
    }
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0].len(), 4);
}

/// Meddles with commits, those apart that make what a bench begins with.
#[derive(Default)]
struct Meddling {
    /// So many commits come too late.
    conflicts: AtomicUsize,
    /// Then, what every commit fails with.
    failure: Option<CommitError>,
    /// What every commit waits for.
    gate: Option<Arc<Notify>>,
    /// Of each commit, whether old values were to be erased.
    erased: Mutex<Vec<bool>>,
    /// Of each commit, what it rests on.
    guards: Mutex<Vec<Vec<RecordKey>>>,
}

impl Hook for Meddling {
    fn before<'a>(
        &'a self,
        _: &'a ServiceStore,
        unit: &'a CommitUnit<RecordKey, Record>,
    ) -> BoxFuture<'a, Result<(), CommitError>> {
        Box::pin(async move {
            let setting_up = matches!(unit.changes.first(), Some(change) if change.expected.0 == 0);
            if !setting_up {
                if let Some(gate) = &self.gate {
                    gate.notified().await;
                }
                if let Some(failure) = &self.failure {
                    return Err(failure.clone());
                }
                let left = self.conflicts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                if left.is_ok() {
                    return Err(CommitError::Conflict);
                }
            }
            self.erased.lock().unwrap().push(unit.erase);
            self.guards.lock().unwrap().push(unit.guards.iter().map(|(key, _)| *key).collect());
            Ok(())
        })
    }
}

fn conflicts(count: usize) -> Meddling {
    Meddling { conflicts: count.into(), ..Meddling::default() }
}

fn failing(failure: CommitError) -> Meddling {
    Meddling { failure: Some(failure), ..Meddling::default() }
}

async fn over(meddling: Meddling) -> Bench {
    Bench::over(hooked(Arc::new(meddling))).await
}

#[tokio::test]
async fn commands_that_destroy_keys_are_erased_and_others_are_not() {
    let watching = Arc::new(Meddling::default());
    let bench = Bench::over(hooked(watching.clone())).await;
    secure(&bench).await;
    let importer = || 3u32.to_be_bytes().to_vec();
    bench.submit(admitted(AdminFunction::GENERATE_IMPORTER, importer(), 4)).await.unwrap();
    // The second one takes the place of the first.
    bench.submit(admitted(AdminFunction::GENERATE_IMPORTER, importer(), 5)).await.unwrap();
    bench.submit(admitted(AdminFunction::ZEROIZE, vec![], 6)).await.unwrap();
    bench.reset(bench.instance).await.unwrap();
    bench.delete(bench.instance, false).await.unwrap();
    let erased = watching.erased.lock().unwrap();
    let (before, last) = erased.split_at(erased.len() - 4);
    assert!(before.iter().all(|erase| !erase) && *last == [true; 4], "{erased:?}");
}

#[tokio::test]
async fn the_event_of_a_refused_caller_rests_on_the_instance_and_not_on_the_unit() {
    let watching = Arc::new(Meddling::default());
    let bench = Bench::over(hooked(watching.clone())).await;
    bench.leave_events(&bench.instances().await[0], 1).await;
    assert_eq!(*watching.guards.lock().unwrap().last().unwrap(), [RecordKey::Instance(bench.instance)]);
}

#[tokio::test]
async fn a_conflict_is_decided_again() {
    let bench = over(conflicts(3)).await;
    bench.submit(admitted(AdminFunction::ZEROIZE, vec![], 1)).await.unwrap();
    assert_eq!(bench.events().await.len(), 1);
}

#[tokio::test]
async fn endless_conflicts_end_in_a_refusal() {
    let bench = over(conflicts(usize::MAX)).await;
    let refusal = bench.submit(admitted(AdminFunction::ZEROIZE, vec![], 1)).await.err().unwrap();
    assert_eq!(refusal, Refusal::Busy);
    assert!(bench.events().await.is_empty());
}

#[tokio::test]
async fn giving_up_is_a_verdict_with_an_event() {
    // The second time, the verdict meets a conflict itself.
    for count in [64, 65] {
        let bench = over(conflicts(count)).await;
        let refusal = bench.submit(admitted(AdminFunction::ZEROIZE, vec![], 1)).await.err().unwrap();
        assert_eq!(refusal, Refusal::Busy);
        let [event] = &bench.events().await[..] else { panic!("not one event") };
        assert!(event.contains(r#""outcome":"failure""#) && event.contains("try again"), "{event}");
        assert_eq!(bench.status().await.domain.instance.0, [0, 0, 0, 1]);
    }
}

#[tokio::test]
async fn a_store_that_refuses_work_is_named_and_nothing_happens() {
    let failure = CommitError::Unavailable(Unavailable("memory: full".into()));
    let bench = over(failing(failure)).await;
    let refusal = bench.submit(admitted(AdminFunction::ZEROIZE, vec![], 1)).await.err().unwrap();
    assert!(matches!(&refusal, Refusal::StoreUnavailable(why) if why == "memory: full"), "{refusal}");
    assert!(bench.events().await.is_empty());
}

#[tokio::test]
async fn where_answers_come_first_an_event_may_be_lost_but_no_change_is_made_without_one() {
    let failure = CommitError::Unavailable(Unavailable("memory: full".into()));
    let making = Making { audit_mode: AuditMode::FailOpen, ..Making::default() };
    let bench = Bench::made_of(hooked(Arc::new(failing(failure))), making).await;
    let lost = bench.engine.lost_events();
    // The unit refuses: nothing would change, and the answer says so.
    let refused = bench.submit(admitted(AdminFunction::SET_ATTRIBUTES, attributes(1, 1), 1)).await;
    assert!(matches!(refused, Ok(Answer::Htp(_))));
    assert_eq!(*lost.borrow(), 1);
    let refusal = bench.submit(admitted(AdminFunction::ZEROIZE, vec![], 1)).await.err().unwrap();
    assert!(matches!(refusal, Refusal::StoreUnavailable(_)));
    assert_eq!((*lost.borrow(), bench.status().await.counter.0), (1, 0));
}

#[tokio::test]
async fn a_lost_commit_is_neither_success_nor_refusal() {
    let failure = CommitError::OutcomeUnknown {
        operation: OperationId { session: 1, number: 2 },
        cause: Unavailable("connection lost".into()),
    };
    let bench = over(failing(failure)).await;
    let refusal = bench.submit(admitted(AdminFunction::ZEROIZE, vec![], 1)).await.err().unwrap();
    assert!(matches!(refusal, Refusal::OutcomeUnknown { .. }));
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_stop_the_commit() {
    let gate = Arc::new(Notify::new());
    let bench = over(Meddling { gate: Some(gate.clone()), ..Meddling::default() }).await;
    let mut changes = bench.engine.event_changes();
    {
        let call = bench.submit(admitted(AdminFunction::ZEROIZE, vec![], 1));
        tokio::pin!(call);
        // One poll starts the call; then its caller is gone.
        tokio::select! { biased; _ = &mut call => panic!("the gate is shut"), () = tokio::task::yield_now() => {} }
    }
    gate.notify_one();
    changes.changed().await.unwrap();
    assert_eq!(bench.status().await.domain.instance.0, [0, 0, 0, 2]);
    assert_eq!(bench.events().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_equal_commands_exactly_one_takes_effect() {
    let bench = Arc::new(Bench::new().await);
    bench.add_administrators().await;
    let list = attributes(1, 1);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (bench, list) = (bench.clone(), list.clone());
            tokio::spawn(async move { bench.submit_signed(AdminFunction::SET_ATTRIBUTES, list, 3).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let events = bench.events().await;
    let successes = events.iter().filter(|event| event.contains("threshold.set") && event.contains(r#""success""#));
    assert_eq!(successes.count(), 1);
    assert_eq!(events.len(), 2 + 16);
    let stale = events.iter().filter(|event| event.contains("Invalid transaction counter."));
    assert_eq!(stale.count(), 15);
}
