//! Failover units and rotations: who may, what is kept, and what a reset, an export and an import make of them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use bytes::Bytes;
use futures_util::stream;
use hpcs_engine::{Answer, ExportSecrets};
use hpcs_names::InstanceId;
use hpcs_service::{
    CryptoUnitCard, CryptoUnitKind, InstanceSpec, Operation, Refusal, Role, RotationReport, RotationStatus,
};
use support::{ACCOUNT, Bench, spec};

async fn enable(bench: &Bench, instance: InstanceId, total: u32) -> Result<Vec<CryptoUnitCard>, Refusal> {
    match bench.execute(Operation::EnableFailover { instance, total }).await? {
        Answer::CryptoUnits(units) => Ok(units),
        _ => panic!("another answer"),
    }
}

async fn rotation(bench: &Bench, operation: Operation) -> Result<RotationReport, Refusal> {
    match bench.execute(operation).await? {
        Answer::Rotation(report) => Ok(report),
        _ => panic!("another answer"),
    }
}

fn failover(units: &[CryptoUnitCard]) -> Vec<String> {
    let added = units.iter().filter(|card| card.kind == CryptoUnitKind::Failover);
    added.map(|card| card.location.to_string()).collect()
}

#[tokio::test]
async fn failover_units_are_added_and_never_taken_away() {
    let bench = Bench::of(vec![InstanceSpec { operational: 3, ..spec(0) }]).await;
    let instance = bench.instance;
    for (total, field) in [(0, "failover"), (1, "failover"), (4, "failover")] {
        let refusal = enable(&bench, instance, total).await.unwrap_err();
        assert!(refusal.to_string().contains(field), "{refusal}");
        assert_eq!(refusal.status().1, 400);
    }
    let two = ["[us-east].[AZ1-CS1].[01].[05]", "[us-east].[AZ2-CS2].[01].[11]"];
    assert_eq!(failover(&enable(&bench, instance, 2).await.unwrap()), two);
    assert_eq!(failover(&enable(&bench, instance, 2).await.unwrap()), two);
    assert_eq!(failover(&enable(&bench, instance, 3).await.unwrap()).len(), 3);
    let refusal = enable(&bench, instance, 2).await.unwrap_err();
    assert!(refusal.to_string().contains("has 3 failover crypto units, and they cannot be taken away"), "{refusal}");
    let units = bench.instances().await.remove(0).units;
    let last = units.last().unwrap();
    let inspected = bench.execute(Operation::InspectCryptoUnit { instance, unit: last.id }).await.unwrap();
    assert!(matches!(inspected, Answer::CryptoUnit(report) if report.status.imprint_mode));
    assert_eq!(bench.events().await, [] as [&str; 0]);
}

#[tokio::test]
async fn managers_alone_assign_failover_units_and_administrators_rotate() {
    let bench = Bench::new().await;
    let instance = bench.instance;
    for role in Role::ALL {
        let (bench, who) = (&bench, || bench.who_of_account(ACCOUNT, vec![role]));
        let may = |operation| {
            let who = who();
            async move { !matches!(bench.engine.execute(who, operation).await, Err(Refusal::Forbidden { .. })) }
        };
        let administers = [Role::Manager, Role::CryptoUnitAdministrator].contains(&role);
        assert_eq!(may(Operation::EnableFailover { instance, total: 2 }).await, role == Role::Manager, "{role}");
        assert_eq!(may(Operation::StartRotation { instance }).await, administers, "{role}");
        assert_eq!(may(Operation::ReadRotation { instance }).await, administers, "{role}");
    }
    let stranger = || bench.who_of_account("00000000000000000000000000000000", vec![Role::Manager]);
    for operation in [Operation::EnableFailover { instance, total: 2 }, Operation::StartRotation { instance }] {
        assert_eq!(bench.engine.execute(stranger(), operation).await.err(), Some(Refusal::NoSuchInstance));
    }
}

#[tokio::test]
async fn a_reset_keeps_failover_units_as_new_ones() {
    let bench = Bench::new().await;
    let listed = enable(&bench, bench.instance, 2).await.unwrap();
    bench.reset(bench.instance).await.unwrap();
    let units = bench.instances().await.remove(0).units;
    assert_eq!(format!("{units:?}"), format!("{listed:?}"));
}

#[tokio::test]
async fn a_rotation_goes_out_and_comes_in_with_its_instance_and_ends_with_a_reset() {
    let bench = Bench::new().await;
    let id = bench.rotating(true).await.id;
    let read = || Operation::ReadRotation { instance: id };
    assert_eq!(rotation(&bench, read()).await.unwrap().status, RotationStatus::None);
    let started = rotation(&bench, Operation::StartRotation { instance: id }).await.unwrap();
    assert_eq!(started.status, RotationStatus::Waiting);
    let mut export = bench.engine.export(id, None, ExportSecrets::InTheClear).await.unwrap();
    let mut file = Vec::new();
    while let Some(lines) = export.next().await.unwrap() {
        file.push(Ok::<_, std::io::Error>(Bytes::copy_from_slice(&lines)));
    }
    let elsewhere = Bench::new().await;
    let imported = elsewhere.engine.import(stream::iter(file), None, None).await.unwrap();
    assert_eq!(imported.id, id);
    assert_eq!(rotation(&elsewhere, read()).await.unwrap(), started);
    bench.reset(id).await.unwrap();
    assert_eq!(rotation(&bench, read()).await.unwrap().status, RotationStatus::None);
}

#[tokio::test]
async fn failover_units_belong_to_a_rotation_and_recovery_units_do_not() {
    let bench = Bench::new().await;
    let id = bench.rotating(true).await.id;
    enable(&bench, id, 2).await.unwrap();
    let refusal = rotation(&bench, Operation::StartRotation { instance: id }).await.unwrap_err();
    assert!(refusal.to_string().starts_with("instance: the current master key registers are not Valid"), "{refusal}");
    assert_eq!(refusal.status().1, 400);
}
