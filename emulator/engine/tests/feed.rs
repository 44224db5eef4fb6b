//! Following logs: several instances, later ones, positions, cuts, waiting.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use hpcs_engine::{Answer, ExportSecrets, Feed, FeedPosition, FeedScope, FeedStart, WaitError};
use hpcs_names::InstanceId;
use hpcs_service::{EventScope, Operation, Refusal, Role};
use hpcs_store::{EventFilter, LogOptions, Retention, StoredEvent};
use support::{ACCOUNT, Bench, Making, new_instance, small};

fn account() -> EventScope {
    EventScope::Account(ACCOUNT.parse().unwrap())
}

fn only(instance: InstanceId) -> EventScope {
    EventScope::Instances { account: ACCOUNT.parse().unwrap(), instances: vec![instance] }
}

async fn feed(bench: &Bench, scope: impl Into<FeedScope>, from: FeedStart) -> Feed {
    bench.engine.feed(scope, from, EventFilter::default()).await.unwrap()
}

/// Reads until the feed has caught up, `limit` events at a time.
async fn drain(feed: &mut Feed, limit: usize) -> Vec<StoredEvent> {
    let mut events = Vec::new();
    loop {
        let batch = feed.next(limit).await.unwrap();
        assert!(batch.events.len() <= limit);
        events.extend(batch.events);
        if batch.caught_up {
            return events;
        }
    }
}

fn of(events: &[StoredEvent], id: InstanceId) -> Vec<u64> {
    events.iter().filter(|event| event.instance == id).map(|event| event.sequence).collect()
}

#[tokio::test]
async fn every_log_of_the_scope_is_read_in_order_and_once() {
    let bench = Bench::of(vec![small(0), small(1)]).await;
    let instances = bench.instances().await;
    bench.leave_events(&instances[0], 5).await;
    bench.leave_events(&instances[1], 3).await;
    for scope in [FeedScope::Of(account()), FeedScope::Everything] {
        for limit in [1, 2, 100] {
            let mut feed = feed(&bench, scope.clone(), FeedStart::Beginning).await;
            let events = drain(&mut feed, limit).await;
            assert_eq!(of(&events, instances[0].id), [1, 2, 3, 4, 5]);
            assert_eq!(of(&events, instances[1].id), [1, 2, 3]);
            assert!(drain(&mut feed, limit).await.is_empty());
        }
    }
    let mut one = feed(&bench, only(instances[1].id), FeedStart::Beginning).await;
    assert_eq!(drain(&mut one, 2).await.len(), 3);
}

#[tokio::test]
async fn other_accounts_are_not_in_the_scope_of_an_account() {
    let bench = Bench::of(vec![small(0)]).await;
    bench.leave_events(&bench.instances().await[0], 1).await;
    let other = EventScope::Account("00000000000000000000000000000000".parse().unwrap());
    assert!(drain(&mut feed(&bench, other, FeedStart::Beginning).await, 10).await.is_empty());
}

#[tokio::test]
async fn an_instance_that_is_made_later_joins_in_at_its_beginning() {
    let bench = Bench::of(vec![small(0)]).await;
    let mut all = feed(&bench, account(), FeedStart::Now).await;
    let mut one = feed(&bench, only(bench.instance), FeedStart::Now).await;
    assert!(drain(&mut all, 10).await.is_empty());
    let made = bench.create(None).await.unwrap();
    bench.leave_events(&made, 2).await;
    all.changed().await.unwrap();
    assert_eq!(of(&drain(&mut all, 10).await, made.id), [1, 2]);
    assert!(drain(&mut one, 10).await.is_empty());
}

#[tokio::test]
async fn from_now_on_means_without_what_was_before() {
    let bench = Bench::of(vec![small(0)]).await;
    let instance = bench.instances().await.remove(0);
    bench.leave_events(&instance, 3).await;
    let mut feed = feed(&bench, account(), FeedStart::Now).await;
    bench.leave_events(&instance, 1).await;
    assert_eq!(of(&drain(&mut feed, 10).await, instance.id), [4]);
}

#[tokio::test]
async fn a_sequence_is_of_one_instance() {
    let bench = Bench::of(vec![small(0), small(1)]).await;
    let instances = bench.instances().await;
    bench.leave_events(&instances[0], 5).await;
    let scope = only(instances[0].id);
    let mut third = feed(&bench, scope, FeedStart::Sequence(3)).await;
    assert_eq!(of(&drain(&mut third, 10).await, instances[0].id), [3, 4, 5]);
    let refusal = bench.engine.feed(account(), FeedStart::Sequence(3), EventFilter::default()).await.err().unwrap();
    assert!(matches!(refusal, Refusal::InvalidArgument { field: "from", .. }), "{refusal}");
}

#[tokio::test]
async fn another_feed_goes_on_where_the_first_one_was() {
    let bench = Bench::of(vec![small(0), small(1)]).await;
    let instances = bench.instances().await;
    for instance in &instances {
        bench.leave_events(instance, 4).await;
    }
    let mut first = feed(&bench, account(), FeedStart::Beginning).await;
    let mut events = first.next(3).await.unwrap().events;
    let token = first.position().to_string();
    let position: FeedPosition = token.parse().unwrap();
    let mut second = feed(&bench, account(), FeedStart::Position(position)).await;
    events.extend(drain(&mut second, 3).await);
    for instance in &instances {
        assert_eq!(of(&events, instance.id), [1, 2, 3, 4]);
    }
    let after = first.position().after(&events[0]);
    let mut third = feed(&bench, account(), FeedStart::Position(after)).await;
    let rest = drain(&mut third, 100).await;
    assert_eq!(of(&rest, events[0].instance), [2, 3, 4]);
}

#[tokio::test]
async fn a_sink_finds_the_position_it_kept_last() {
    let bench = Bench::of(vec![small(0)]).await;
    bench.leave_events(&bench.instances().await[0], 3).await;
    assert_eq!(bench.engine.sink_position("events.ndjson").await.unwrap(), None);
    let mut feed = feed(&bench, FeedScope::Everything, FeedStart::Beginning).await;
    for _ in 0..2 {
        feed.next(1).await.unwrap();
        bench.engine.keep_sink_position("events.ndjson", feed.position()).await.unwrap();
    }
    assert_eq!(bench.engine.sink_position("events.ndjson").await.unwrap().as_ref(), Some(feed.position()));
    assert_eq!(bench.engine.sink_position("other.ndjson").await.unwrap(), None);
}

#[tokio::test]
async fn a_position_that_was_cut_away_is_refused_and_a_beginning_is_not() {
    let retention = Retention { events: Some(16), ..Retention::default() };
    let making = Making {
        instances: vec![small(0)],
        log: LogOptions { retention, ..LogOptions::default() },
        ..Making::default()
    };
    let bench = Bench::made_of(|store| store, making).await;
    let instance = bench.instances().await.remove(0);
    bench.leave_events(&instance, 2).await;
    let mut slow = feed(&bench, account(), FeedStart::Beginning).await;
    slow.next(1).await.unwrap();
    bench.leave_events(&instance, 40).await;
    let refusal = loop {
        if let Err(refusal) = slow.next(1).await {
            break refusal;
        }
    };
    let Refusal::EventsGone { instance: whose, wanted, first } = refusal else { panic!("{refusal}") };
    assert!(whose == instance.id && wanted == 2 && first > 2);
    assert_eq!(refusal.status().1, 410);
    let mut late = feed(&bench, account(), FeedStart::Beginning).await;
    let events = drain(&mut late, 100).await;
    assert_eq!((events[0].sequence, events.last().unwrap().sequence), (first, 42));
}

#[tokio::test]
async fn a_log_that_begins_anew_is_read_from_its_beginning() {
    let bench = Bench::of(vec![small(0)]).await;
    let made = bench.create(None).await.unwrap();
    bench.leave_events(&made, 3).await;
    let mut feed = feed(&bench, account(), FeedStart::Beginning).await;
    assert_eq!(drain(&mut feed, 10).await.len(), 3);
    bench.delete(made.id, true).await.unwrap();
    bench.create(Some(made.id)).await.unwrap();
    bench.leave_events(&made, 1).await;
    assert_eq!(of(&drain(&mut feed, 10).await, made.id), [1]);
}

#[tokio::test]
async fn a_log_that_begins_anew_is_read_from_its_beginning_though_it_is_as_long_already() {
    let bench = Bench::of(vec![small(0)]).await;
    let made = bench.create(None).await.unwrap();
    bench.leave_events(&made, 3).await;
    let mut feed = feed(&bench, account(), FeedStart::Beginning).await;
    assert_eq!(drain(&mut feed, 10).await.len(), 3);
    let token: FeedPosition = feed.position().to_string().parse().unwrap();
    bench.engine.keep_sink_position("events.ndjson", feed.position()).await.unwrap();
    bench.delete(made.id, true).await.unwrap();
    let again = bench.create(Some(made.id)).await.unwrap();
    assert_ne!(again.incarnation, made.incarnation);
    bench.leave_events(&again, 5).await;
    assert_eq!(of(&drain(&mut feed, 10).await, made.id), [1, 2, 3, 4, 5]);
    let kept = bench.engine.sink_position("events.ndjson").await.unwrap().unwrap();
    for position in [token, kept] {
        let start = FeedStart::Position(position);
        let mut resumed = bench.engine.feed(account(), start, EventFilter::default()).await.unwrap();
        assert_eq!(of(&drain(&mut resumed, 10).await, made.id), [1, 2, 3, 4, 5]);
    }
}

#[tokio::test]
async fn an_instance_that_comes_back_is_read_on_where_it_was() {
    let bench = Bench::of(vec![small(0)]).await;
    let made = bench.create(None).await.unwrap();
    bench.leave_events(&made, 3).await;
    let mut feed = feed(&bench, account(), FeedStart::Beginning).await;
    drain(&mut feed, 10).await;
    bench.delete(made.id, false).await.unwrap();
    let back = bench.create(Some(made.id)).await.unwrap();
    assert_eq!(back.incarnation, made.incarnation);
    bench.leave_events(&back, 1).await;
    assert_eq!(of(&drain(&mut feed, 10).await, made.id), [4]);
}

#[tokio::test]
async fn an_id_that_another_account_has_now_is_not_read() {
    let bench = Bench::of(vec![small(0)]).await;
    let made = bench.create(None).await.unwrap();
    let mut open = feed(&bench, only(made.id), FeedStart::Beginning).await;
    bench.delete(made.id, true).await.unwrap();
    let stranger = bench.who_of_account("00000000000000000000000000000000", vec![Role::EmulatorOperator]);
    let create = Operation::CreateInstance(Box::new(new_instance(Some(made.id))));
    let Ok(Answer::Instance(theirs)) = bench.engine.execute(stranger, create).await else { panic!("not made") };
    bench.leave_events(&theirs, 2).await;
    assert!(drain(&mut open, 10).await.is_empty());
    assert!(drain(&mut feed(&bench, only(made.id), FeedStart::Beginning).await, 10).await.is_empty());
    let mut all = feed(&bench, FeedScope::Everything, FeedStart::Beginning).await;
    assert_eq!(of(&drain(&mut all, 10).await, made.id), [1, 2]);
    let own = ACCOUNT.parse().unwrap();
    let export = bench.engine.export(made.id, Some(&own), ExportSecrets::InTheClear).await;
    assert_eq!(export.err(), Some(Refusal::NoSuchInstance));
    assert!(bench.engine.export(made.id, Some(&theirs.account), ExportSecrets::InTheClear).await.is_ok());
}

#[tokio::test]
async fn a_sequence_beyond_the_end_is_waited_for() {
    let bench = Bench::of(vec![small(0)]).await;
    let instance = bench.instances().await.remove(0);
    bench.leave_events(&instance, 2).await;
    let mut feed = feed(&bench, only(instance.id), FeedStart::Sequence(5)).await;
    assert!(drain(&mut feed, 10).await.is_empty());
    // The list of instances changes, and nothing of it concerns the one that is read.
    bench.create(None).await.unwrap();
    bench.leave_events(&instance, 1).await;
    assert!(drain(&mut feed, 10).await.is_empty());
    bench.leave_events(&instance, 3).await;
    assert_eq!(of(&drain(&mut feed, 10).await, instance.id), [5, 6]);
}

#[tokio::test]
async fn a_deleted_instance_is_still_read() {
    let bench = Bench::of(vec![small(0)]).await;
    bench.leave_events(&bench.instances().await[0], 2).await;
    bench.delete(bench.instance, false).await.unwrap();
    let mut feed = feed(&bench, account(), FeedStart::Beginning).await;
    assert_eq!(of(&drain(&mut feed, 10).await, bench.instance), [1, 2]);
}

#[tokio::test]
async fn the_newest_events_come_oldest_first() {
    let bench = Bench::of(vec![small(0)]).await;
    bench.leave_events(&bench.instances().await[0], 5).await;
    let last = bench.engine.last_events(bench.instance, EventFilter::default(), 2).await.unwrap();
    assert_eq!(of(&last, bench.instance), [4, 5]);
    let none = EventFilter { actions: vec!["hs-crypto.secrets.*".into()], ..EventFilter::default() };
    assert!(bench.engine.last_events(bench.instance, none, 2).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_the_event_that_was_waited_for() {
    let bench = Bench::of(vec![small(0)]).await;
    let instance = bench.instances().await.remove(0);
    bench.leave_events(&instance, 1).await;
    let mut feed = feed(&bench, account(), FeedStart::Beginning).await;
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        bench.leave_events(&instance, 3).await;
    };
    let wait = bench.engine.wait_for(&mut feed, 3, tokio::time::sleep(Duration::from_secs(60)));
    let (events, ()) = tokio::join!(wait, later);
    assert_eq!(of(&events.unwrap(), instance.id), [1, 2, 3]);
    assert_eq!(of(&drain(&mut feed, 10).await, instance.id), [4], "the feed stands after the last one");
}

#[tokio::test(start_paused = true)]
async fn waiting_that_runs_out_of_time_gives_what_had_come() {
    let bench = Bench::of(vec![small(0)]).await;
    bench.leave_events(&bench.instances().await[0], 2).await;
    let mut feed = feed(&bench, account(), FeedStart::Beginning).await;
    let wait = bench.engine.wait_for(&mut feed, 3, tokio::time::sleep(Duration::from_secs(60)));
    let Err(WaitError::TimedOut(events)) = wait.await else { panic!("not timed out") };
    assert_eq!(of(&events, bench.instance), [1, 2]);
    let none = bench.engine.wait_for(&mut feed, 0, std::future::pending()).await;
    assert!(none.unwrap().is_empty());
}
