//! What the configuration declares, over a store that is there already.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;

use hpcs_engine::{Beginning, DeclaredInstance, PrepareError, ServiceStore};
use hpcs_hsm::Profile;
use hpcs_names::InstanceId;
use hpcs_service::{ApiKey, Authentication, InstanceSpec, Operation, Origin, Plan, Refusal, Who, stable_uuid};
use hpcs_store::{ControlledClock, LogOptions, MemoryStore, VirtualClock};
use support::{ACCOUNT, Bench, Making, START, declared, identity, small, spec};

fn store() -> (ServiceStore, Arc<ControlledClock>) {
    let clock = Arc::new(ControlledClock::new(Arc::new(VirtualClock::new(START, 10))));
    (Arc::new(MemoryStore::new(clock.clone(), LogOptions::default())), clock)
}

/// An engine that is opened on a store, as after a restart with another seed.
async fn opened(store: &ServiceStore, clock: &Arc<ControlledClock>, seed: u64, instances: Vec<InstanceSpec>) -> Bench {
    Bench::on(store.clone(), clock.clone(), Making { instances, seed, ..Making::default() }).await
}

fn instances(instances: Vec<InstanceSpec>) -> Beginning {
    Beginning { instances: declared(instances), api_keys: Vec::new() }
}

#[tokio::test]
async fn what_is_there_stays_and_tokens_outlive_the_process() {
    let (store, clock) = store();
    let first = opened(&store, &clock, 7, vec![spec(0)]).await;
    first.add_administrators().await;
    let module = first.status().await.module;
    let second = opened(&store, &clock, 8, vec![spec(0), small(1)]).await;
    assert_eq!(second.status().await.administrators.len(), 2);
    assert_eq!(second.status().await.module, module);
    assert_eq!(second.instances().await.len(), 2);
    let Authentication::Known(caller) = first.who().authentication else { panic!("unknown") };
    let who = Who { authentication: Authentication::Known(caller), origin: Origin::default() };
    second.engine.execute(who, Operation::ListInstances).await.unwrap();
    assert!(matches!(second.who().authentication, Authentication::Known(_)));
}

#[tokio::test]
async fn nothing_missing_means_nothing_is_committed() {
    let (store, clock) = store();
    opened(&store, &clock, 7, vec![small(0)]).await;
    let before = clock.state().now;
    let bench = opened(&store, &clock, 7, vec![small(0)]).await;
    let prepared = bench.engine.prepare(Beginning {
        api_keys: vec![(support::api_key().digest(), identity(ACCOUNT))],
        ..instances(vec![small(0)])
    });
    let prepared = prepared.await.unwrap();
    assert_eq!((prepared.created, prepared.instances.len(), clock.state().now), (0, 1, before));
}

#[tokio::test]
async fn a_declaration_that_contradicts_the_store_names_both() {
    let (store, clock) = store();
    let bench = opened(&store, &clock, 7, vec![small(0)]).await;
    for (other, field, configured, stored) in [
        (InstanceSpec { region: "eu-de".parse().unwrap(), ..small(0) }, "region", "eu-de", "us-south"),
        (InstanceSpec { plan: Plan::UnifiedKeyOrchestrator, ..small(0) }, "plan", "hpcs-hourly-uko", "standard"),
        (InstanceSpec { profile: Some(Profile::Cex8), ..small(0) }, "profile", "CEX8", "CEX6"),
        (InstanceSpec { operational: 2, ..small(0) }, "units", "2 operational", "1 operational"),
    ] {
        let error = bench.engine.prepare(instances(vec![other])).await.unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&format!("instance 0: {field}: ")), "{text}");
        assert!(text.contains(configured) && text.contains(stored), "{text}");
    }
}

fn described(spec: InstanceSpec, json: &str) -> DeclaredInstance {
    DeclaredInstance {
        declared: "s.yaml: instances[1]".into(),
        spec,
        document: Some(serde_json::from_str(json).unwrap()),
    }
}

#[tokio::test]
async fn an_instance_was_made_when_its_document_says() {
    let (store, clock) = store();
    let bench = opened(&store, &clock, 7, vec![]).await;
    let one = described(small(0), r#"{"created":"2025-06-01T12:00:00Z"}"#);
    bench.engine.prepare(Beginning { instances: vec![one], api_keys: Vec::new() }).await.unwrap();
    assert_eq!(bench.instances().await[0].created.unix_millis(), 1_748_779_200_000);
}

#[tokio::test]
async fn a_unit_named_like_another_one_is_refused_wherever_that_is() {
    let (store, clock) = store();
    let bench = opened(&store, &clock, 7, vec![small(0)]).await;
    let (unit, instance) = (bench.unit, bench.instance);
    let json = format!(r#"{{"units":[{{"id":"{unit}"}}]}}"#);
    let beside = Beginning { instances: vec![described(small(1), &json)], api_keys: Vec::new() };
    let error = bench.engine.prepare(beside).await.unwrap_err();
    let expected = format!("s.yaml: instances[1]: units[0].id: {unit} is that of a crypto unit of instance {instance}");
    assert_eq!(error.to_string(), expected);
    let json = r#"{"units":[{"id":"7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c"}]}"#;
    let both =
        Beginning { instances: vec![described(small(1), json), described(small(2), json)], api_keys: Vec::new() };
    let error = bench.engine.prepare(both).await.unwrap_err();
    assert!(matches!(error, PrepareError::UnitTaken { index: 0, .. }), "{error}");
    assert_eq!(bench.instances().await.len(), 1);
}

#[tokio::test]
async fn a_deleted_instance_does_not_come_back_in_another_account() {
    let (store, clock) = store();
    let bench = opened(&store, &clock, 7, vec![small(0)]).await;
    bench.delete(bench.instance, false).await.unwrap();
    let other = InstanceSpec { account: "00000000000000000000000000000000".parse().unwrap(), ..small(0) };
    let error = bench.engine.prepare(instances(vec![other])).await.unwrap_err();
    assert!(matches!(error, PrepareError::Contradiction { field: "account", .. }), "{error}");
}

#[tokio::test]
async fn a_number_beyond_the_largest_is_refused_by_name() {
    let (store, clock) = store();
    let bench = opened(&store, &clock, 7, vec![]).await;
    let error = bench.engine.prepare(instances(vec![small(u32::MAX)])).await.unwrap_err();
    assert!(error.to_string().starts_with("instance 0: number: "), "{error}");
}

#[tokio::test]
async fn the_same_instance_cannot_be_declared_twice() {
    let (store, clock) = store();
    let bench = opened(&store, &clock, 7, vec![]).await;
    let error = bench.engine.prepare(instances(vec![small(0), small(0)])).await.unwrap_err();
    let instance = InstanceId(stable_uuid("instance/0"));
    assert_eq!(error, PrepareError::Twice { declared: "instance 1".into(), instance });
    assert!(bench.instances().await.is_empty());
}

#[tokio::test]
async fn a_declared_instance_stands_beside_those_that_were_made_meanwhile() {
    let (store, clock) = store();
    let bench = opened(&store, &clock, 7, vec![small(0)]).await;
    let made = bench.create(Some("7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().unwrap())).await.unwrap();
    assert_eq!(made.number, 1);
    let prepared = bench.engine.prepare(instances(vec![small(0), small(1)])).await.unwrap();
    assert_eq!((prepared.created, prepared.instances[1].number), (1, 2));
    // Another order of declarations: the first has the units of number 0, so the new one has its own.
    let renamed = InstanceSpec { id: Some("8f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().unwrap()), ..small(0) };
    let prepared = bench.engine.prepare(instances(vec![renamed])).await.unwrap();
    assert_ne!(prepared.instances[0].units[0].id, bench.unit);
}

#[tokio::test]
async fn a_declared_instance_that_was_deleted_comes_back_with_its_log() {
    let (store, clock) = store();
    let bench = opened(&store, &clock, 7, vec![small(0)]).await;
    bench.leave_events(&bench.instances().await[0], 2).await;
    bench.delete(bench.instance, false).await.unwrap();
    assert_eq!(bench.engine.prepare(instances(vec![small(0)])).await.unwrap().created, 1);
    bench.leave_events(&bench.instances().await[0], 1).await;
    assert_eq!(bench.events_of(bench.instance).await.last().unwrap().sequence, 3);
}

#[tokio::test]
async fn keys_of_the_configuration_before_go() {
    let (store, clock) = store();
    let bench = opened(&store, &clock, 7, vec![]).await;
    let keys = |names: &[&str]| Beginning {
        instances: Vec::new(),
        api_keys: names.iter().map(|name| (ApiKey::new((*name).to_owned()).digest(), identity(ACCOUNT))).collect(),
    };
    bench.engine.prepare(keys(&["one", "two"])).await.unwrap();
    bench.engine.prepare(keys(&["two", "three"])).await.unwrap();
    for (name, known) in [("a key", false), ("one", false), ("two", true), ("three", true)] {
        let nobody = Who { authentication: bench.engine.authenticate(None), origin: Origin::default() };
        let answer =
            bench.engine.execute(nobody, Operation::IssueToken { api_key: ApiKey::new(name.to_owned()) }).await;
        assert_eq!(answer.err(), (!known).then_some(Refusal::UnknownApiKey), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_together_agree() {
    let (store, clock) = store();
    let tasks: Vec<_> = (0..4)
        .map(|seed| {
            let (store, clock) = (store.clone(), clock.clone());
            tokio::spawn(async move { opened(&store, &clock, seed, vec![small(0), small(1)]).await })
        })
        .collect();
    let mut benches = Vec::new();
    for task in tasks {
        benches.push(task.await.unwrap());
    }
    for bench in &benches {
        assert_eq!(bench.instances().await.len(), 2);
        assert_eq!(bench.status().await.module, benches[0].status().await.module);
        let Authentication::Known(_) = bench.who().authentication else { panic!("a token of another root") };
    }
}
