//! Making, resetting, deleting and purging instances, and who may.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use hpcs_engine::{Answer, FeedScope, FeedStart};
use hpcs_ep11::{AdminCertificate, AdminFunction};
use hpcs_hsm::functions::Function;
use hpcs_names::InstanceId;
use hpcs_service::document::InstanceDocument;
use hpcs_service::operations::keystore::KeystoreAction;
use hpcs_service::{
    Audit, ClockSetting, CryptoAsk, EventScope, KeystoreCall, NewInstance, Operation, Refusal, Role, stable_uuid,
};
use hpcs_store::EventFilter;
use support::calls::call;
use support::{ACCOUNT, Bench, administrators, admitted, new_instance, small};

fn control_operations(instance: InstanceId) -> Vec<Operation> {
    vec![
        Operation::CreateInstance(Box::new(new_instance(None))),
        Operation::ResetInstance { instance, document: None },
        Operation::DeleteInstance { instance, purge: true },
        Operation::ReadClock,
        Operation::SetClock(ClockSetting::default()),
        Operation::ReadFate { operation: "0000000000000001-1".into() },
        Operation::ExportInstance { instance },
        Operation::ImportInstance,
    ]
}

#[tokio::test]
async fn the_emulator_is_operated_by_its_operators_alone() {
    let bench = Bench::of(vec![small(0)]).await;
    let others: Vec<_> = Role::ALL.into_iter().filter(|role| *role != Role::EmulatorOperator).collect();
    for operation in control_operations(bench.instance) {
        let who = bench.who_of_account(ACCOUNT, others.clone());
        let refusal = bench.engine.execute(who, operation).await.err().unwrap();
        assert!(matches!(refusal, Refusal::Forbidden { .. }), "{refusal}");
    }
    for operation in control_operations(bench.instance) {
        let who = bench.who_of_account(ACCOUNT, vec![Role::EmulatorOperator]);
        let refusal = bench.engine.execute(who, operation).await.err();
        let gone = matches!(refusal, None | Some(Refusal::NoSuchInstance));
        assert!(gone, "{refusal:?}");
    }
}

#[tokio::test]
async fn events_are_read_by_readers_and_operators_of_the_account() {
    let bench = Bench::of(vec![small(0)]).await;
    let instances = vec![bench.instance];
    for (role, may) in
        [(Role::EventReader, true), (Role::EmulatorOperator, true), (Role::Manager, false), (Role::Reader, false)]
    {
        let who = bench.who_of_account(ACCOUNT, vec![role]);
        let answer = bench.engine.execute(who, Operation::ReadEvents { instances: instances.clone() }).await;
        assert_eq!(answer.is_ok(), may, "{role}");
    }
    let stranger = || bench.who_of_account("00000000000000000000000000000000", vec![Role::EventReader]);
    let refusal = bench.engine.execute(stranger(), Operation::ReadEvents { instances }).await.err().unwrap();
    assert_eq!(refusal, Refusal::NoSuchInstance);
    let all = bench.engine.execute(stranger(), Operation::ReadEvents { instances: vec![] }).await.unwrap();
    assert!(matches!(all, Answer::EventsOf(EventScope::Account(account)) if account.as_str() != ACCOUNT));
}

#[tokio::test]
async fn instances_of_other_accounts_cannot_be_reset_deleted_or_exported() {
    let bench = Bench::of(vec![small(0)]).await;
    let instance = bench.instance;
    for operation in [
        Operation::ResetInstance { instance, document: None },
        Operation::DeleteInstance { instance, purge: true },
        Operation::ExportInstance { instance },
    ] {
        let who = bench.who_of_account("00000000000000000000000000000000", vec![Role::EmulatorOperator]);
        assert_eq!(bench.engine.execute(who, operation).await.err(), Some(Refusal::NoSuchInstance));
    }
    let who = bench.who_of_account("00000000000000000000000000000000", vec![Role::EmulatorOperator]);
    let create = Operation::CreateInstance(Box::new(new_instance(Some(instance))));
    let refusal = bench.engine.execute(who, create).await.err().unwrap();
    assert_eq!(refusal.to_string(), format!("instance: {instance} is here already; choose another id"));
}

#[tokio::test]
async fn a_new_instance_has_the_next_id_the_first_free_place_and_units_of_its_own() {
    let bench = Bench::of(vec![small(0), small(1)]).await;
    let made = bench.create(None).await.unwrap();
    assert_eq!(made.id, InstanceId(stable_uuid("instance/2")));
    assert_eq!((made.number, made.deleted, made.account.as_str()), (2, false, ACCOUNT));
    assert_eq!(made.units[0].id.0, stable_uuid(&format!("instance/{}/unit/0", made.id)));
    bench.delete(bench.instance, false).await.unwrap();
    let second = bench.create(None).await.unwrap();
    assert_eq!((second.id, second.number), (InstanceId(stable_uuid("instance/3")), 0));
    let mut listed: Vec<_> = bench.instances().await.iter().map(|instance| instance.id).collect();
    let mut expected = vec![InstanceId(stable_uuid("instance/1")), made.id, second.id];
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn the_number_of_a_purged_instance_is_never_given_again() {
    let bench = Bench::of(vec![small(0)]).await;
    let first = bench.create(None).await.unwrap();
    bench.delete(first.id, true).await.unwrap();
    assert_ne!(bench.create(None).await.unwrap().id, first.id);
}

#[tokio::test]
async fn an_id_that_is_in_use_is_refused() {
    let bench = Bench::of(vec![small(0)]).await;
    let refusal = bench.create(Some(bench.instance)).await.unwrap_err();
    assert_eq!(refusal.to_string(), format!("instance: {} is here already; delete it first", bench.instance));
}

#[tokio::test]
async fn what_cannot_be_laid_out_names_the_setting_and_nothing_is_made() {
    let bench = Bench::of(vec![small(0)]).await;
    let NewInstance { spec, .. } = new_instance(None);
    let spec = hpcs_service::NewSpec { operational: 7, ..spec };
    let new = NewInstance { id: None, spec, document: None };
    let refusal = bench.execute(Operation::CreateInstance(Box::new(new))).await.err().unwrap();
    assert!(matches!(&refusal, Refusal::InvalidArgument { why, .. } if why.starts_with("operational")), "{refusal}");
    assert_eq!(bench.instances().await.len(), 1);
}

/// A document of an instance, as a person writes it.
fn document(json: &str) -> Option<Box<InstanceDocument>> {
    Some(Box::new(serde_json::from_str(json).unwrap()))
}

#[tokio::test]
async fn a_document_says_what_is_otherwise_and_a_wrong_one_names_the_field() {
    let bench = Bench::of(vec![small(0)]).await;
    let with = |document| Operation::CreateInstance(Box::new(NewInstance { document, ..new_instance(None) }));
    let answer = bench.execute(with(document(r#"{"region":"eu-de"}"#))).await.unwrap();
    assert!(matches!(answer, Answer::Instance(made) if made.region.as_str() == "eu-de"));
    let unit = bench.unit;
    for (json, path) in [
        (r#"{"units":[{"signature_threshold":9}]}"#.to_owned(), "units[0]"),
        (r#"{"account":"00000000000000000000000000000000"}"#.to_owned(), "account"),
        (format!(r#"{{"units":[{{"id":"{unit}"}}]}}"#), "units[0].id"),
    ] {
        let refusal = bench.execute(with(document(&json))).await.err().unwrap();
        assert!(matches!(&refusal, Refusal::InvalidDocument { path: at, .. } if at.starts_with(path)), "{refusal}");
        assert_eq!(refusal.status().1, 400);
    }
    assert_eq!(bench.instances().await.len(), 2);
}

#[tokio::test]
async fn a_reset_takes_back_what_happened_and_the_log_goes_on() {
    let bench = Bench::new().await;
    bench.add_administrators().await;
    let before = bench.status().await;
    bench.reset(bench.instance).await.unwrap();
    let after = bench.status().await;
    assert_eq!((after.administrators.len(), after.counter.0, after.imprint_mode), (0, 0, true));
    assert_eq!(after.module, before.module, "the module stays");
    let [key, _] = administrators();
    let certificate = AdminCertificate::build("one", &key).unwrap();
    bench.submit(admitted(AdminFunction::ADD_ADMINISTRATOR, certificate, 1)).await.unwrap();
    let sequences: Vec<_> = bench.events_of(bench.instance).await.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [1, 2, 3]);
}

#[tokio::test]
async fn a_reset_to_a_document_changes_state_and_not_names() {
    let bench = Bench::new().await;
    bench.add_administrators().await;
    let reset = |json| Operation::ResetInstance { instance: bench.instance, document: document(json) };
    let other = r#"{"units":[{"id":"00000000-0000-4000-8000-000000000000"}]}"#;
    let refusal = bench.execute(reset(other)).await.err().unwrap();
    assert!(matches!(&refusal, Refusal::InvalidDocument { path, .. } if path == "units[0].id"), "{refusal}");
    assert_eq!(bench.status().await.administrators.len(), 2, "a refused reset changes nothing");
    bench.execute(reset(r#"{"units":[{"transaction_counter":"41"}]}"#)).await.unwrap();
    let status = bench.status().await;
    assert_eq!((status.administrators.len(), status.counter.0), (0, 41));
}

#[tokio::test]
async fn a_deleted_instance_is_nowhere_but_in_its_log() {
    let bench = Bench::new().await;
    bench.add_administrators().await;
    let (instance, unit) = (bench.instance, bench.unit);
    bench.delete(instance, false).await.unwrap();
    assert!(bench.instances().await.is_empty());
    for operation in [
        Operation::ListCryptoUnits { instance },
        Operation::InspectCryptoUnit { instance, unit },
        Operation::admitted(instance, unit, admitted(AdminFunction::ZEROIZE, vec![], 3)),
        Operation::ResetInstance { instance, document: None },
        Operation::ExportInstance { instance },
        Operation::DeleteInstance { instance, purge: false },
    ] {
        assert_eq!(bench.execute(operation).await.err(), Some(Refusal::NoSuchInstance));
    }
    let answer = bench.execute(Operation::ReadEvents { instances: vec![instance] }).await.unwrap();
    assert!(matches!(answer, Answer::EventsOf(EventScope::Instances { instances, .. }) if instances == [instance]));
    assert_eq!(bench.events().await.len(), 2);
}

#[tokio::test]
async fn an_instance_that_comes_back_is_new_and_its_log_goes_on() {
    let bench = Bench::new().await;
    bench.add_administrators().await;
    bench.delete(bench.instance, false).await.unwrap();
    let back = bench.create(Some(bench.instance)).await.unwrap();
    assert_eq!((back.id, back.deleted), (bench.instance, false));
    bench.leave_events(&back, 1).await;
    let sequences: Vec<_> = bench.events_of(back.id).await.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [1, 2, 3]);
}

#[tokio::test]
async fn a_purged_instance_leaves_nothing_and_its_id_begins_anew() {
    let bench = Bench::new().await;
    bench.add_administrators().await;
    let instance = bench.instance;
    bench.delete(instance, false).await.unwrap();
    bench.delete(instance, true).await.unwrap();
    assert!(bench.events().await.is_empty());
    let read = Operation::ReadEvents { instances: vec![instance] };
    assert_eq!(bench.execute(read).await.err(), Some(Refusal::NoSuchInstance));
    let back = bench.create(Some(instance)).await.unwrap();
    bench.leave_events(&back, 1).await;
    assert_eq!(bench.events_of(instance).await[0].sequence, 1);
}

#[tokio::test]
async fn whoever_runs_the_emulator_sees_the_instances_of_all_accounts_but_no_deleted_ones() {
    let bench = Bench::of(vec![small(0)]).await;
    let stranger = bench.who_of_account("00000000000000000000000000000000", vec![Role::EmulatorOperator]);
    let create = Operation::CreateInstance(Box::new(new_instance(None)));
    let Ok(Answer::Instance(theirs)) = bench.engine.execute(stranger, create).await else { panic!("not made") };
    let ids = |instances: Vec<hpcs_service::Instance>| instances.iter().map(|one| one.id).collect::<Vec<_>>();
    let mut expected = vec![bench.instance, theirs.id];
    expected.sort();
    assert_eq!(ids(bench.engine.instances().await.unwrap()), expected);
    bench.delete(bench.instance, false).await.unwrap();
    assert_eq!(ids(bench.engine.instances().await.unwrap()), [theirs.id]);
}

#[tokio::test]
async fn a_document_says_when_its_instance_was_made_and_not_which_number_it_has() {
    let bench = Bench::of(vec![small(0)]).await;
    let create = |json| {
        let new = NewInstance { document: document(json), ..new_instance(None) };
        bench.execute(Operation::CreateInstance(Box::new(new)))
    };
    let Ok(Answer::Instance(made)) = create(r#"{"created":"2025-06-01T12:00:00Z","number":1}"#).await else {
        panic!("not made")
    };
    assert_eq!((made.created.unix_millis(), made.number), (1_748_779_200_000, 1));
    for (json, field) in [(r#"{"number":7}"#, "number"), (r#"{"deleted":true}"#, "deleted")] {
        let refusal = create(json).await.err().unwrap();
        assert!(matches!(&refusal, Refusal::InvalidDocument { path, .. } if path == field), "{refusal}");
    }
    let region = Operation::ResetInstance { instance: made.id, document: document(r#"{"region":"eu-de"}"#) };
    let refusal = bench.execute(region).await.err().unwrap();
    assert!(matches!(&refusal, Refusal::InvalidDocument { path, .. } if path == "region"), "{refusal}");
}

/// One of each, for the instance of the bench; the one that deletes it comes last.
fn every_operation(bench: &Bench) -> Vec<Operation> {
    let (instance, unit) = (bench.instance, bench.unit);
    let list = CryptoAsk::Function(Box::new(Function::GetMechanismList));
    let all = vec![
        Operation::ListInstances,
        Operation::ListCryptoUnits { instance },
        Operation::InspectCryptoUnit { instance, unit },
        Operation::admitted(instance, unit, admitted(AdminFunction::ZEROIZE, vec![], 1)),
        Operation::Crypto(Box::new(call(instance, "GetMechanismList", Ok(list), [1; 32]))),
        Operation::Keystore(Box::new(KeystoreCall {
            action: KeystoreAction::find("CreateKeystore").unwrap(),
            call: call(instance, "CreateKeystore", Err(Refusal::NoSuchMethod), [2; 32]),
        })),
        Operation::RewrapKey { instance, key: "00000000-0000-4000-8000-000000000000".parse().unwrap() },
        Operation::EnableFailover { instance, total: 2 },
        Operation::StartRotation { instance },
        Operation::ReadRotation { instance },
        Operation::IssueToken { api_key: support::api_key() },
        Operation::WhoAmI,
        Operation::ReadEvents { instances: vec![instance] },
        Operation::CreateInstance(Box::new(new_instance(None))),
        Operation::ResetInstance { instance, document: None },
        Operation::ReadClock,
        Operation::SetClock(ClockSetting::default()),
        Operation::ReadFate { operation: "0000000000000001-1".into() },
        Operation::ExportInstance { instance },
        Operation::ImportInstance,
        Operation::Unreadable(Refusal::NoSuchMethod),
        Operation::DeleteInstance { instance, purge: false },
    ];
    for operation in &all {
        // Whoever adds an operation adds it above too.
        match operation {
            Operation::ListInstances
            | Operation::ListCryptoUnits { .. }
            | Operation::InspectCryptoUnit { .. }
            | Operation::Submit(_)
            | Operation::Crypto(_)
            | Operation::Keystore(_)
            | Operation::RewrapKey { .. }
            | Operation::EnableFailover { .. }
            | Operation::StartRotation { .. }
            | Operation::ReadRotation { .. }
            | Operation::IssueToken { .. }
            | Operation::WhoAmI
            | Operation::ReadEvents { .. }
            | Operation::CreateInstance(_)
            | Operation::ResetInstance { .. }
            | Operation::DeleteInstance { .. }
            | Operation::ReadClock
            | Operation::SetClock(_)
            | Operation::ReadFate { .. }
            | Operation::ExportInstance { .. }
            | Operation::ImportInstance
            | Operation::Unreadable(_) => {}
        }
    }
    all
}

#[tokio::test]
async fn an_operation_leaves_an_event_when_it_says_so_and_only_then() {
    let bench = Bench::of(vec![small(0)]).await;
    let everywhere = || async {
        let mut feed =
            bench.engine.feed(FeedScope::Everything, FeedStart::Beginning, EventFilter::default()).await.unwrap();
        feed.next(1000).await.unwrap().events.len()
    };
    for operation in every_operation(&bench) {
        let (audit, before) = (operation.audit(), everywhere().await);
        let _ = bench.execute(operation).await;
        let left = everywhere().await - before;
        assert_eq!(left, usize::from(matches!(audit, Audit::OfTheCommand | Audit::As(_))), "{audit:?}");
    }
    assert_eq!(everywhere().await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_that_are_made_together_have_different_ids_and_places() {
    let bench = std::sync::Arc::new(Bench::of(vec![small(0)]).await);
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let bench = bench.clone();
            tokio::spawn(async move { bench.create(None).await.unwrap() })
        })
        .collect();
    let mut made = Vec::new();
    for task in tasks {
        made.push(task.await.unwrap());
    }
    made.sort_by_key(|instance| instance.number);
    assert_eq!(made.iter().map(|instance| instance.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    made.sort_by_key(|instance| instance.id);
    made.dedup_by_key(|instance| instance.id);
    assert_eq!(made.len(), 4);
}
