//! Cryptographic calls whose crypto unit changes while they run.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;
use hpcs_engine::{Answer, ServiceStore};
use hpcs_ep11::AdminFunction;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::InstanceId;
use hpcs_service::{CryptoAsk, Instance, Operation, Record, RecordKey, Refusal};
use hpcs_store::{CommitError, CommitUnit};
use support::hooked::{Hook, hooked};
use support::{Bench, admitted, calls};
use tokio::sync::Notify;

/// Holds one commit that is nothing but an event: a call was decided and is not in the log yet.
#[derive(Default)]
struct Held {
    holds: AtomicBool,
    reached: Notify,
    released: Notify,
}

impl Hook for Held {
    fn before<'a>(
        &'a self,
        _: &'a ServiceStore,
        unit: &'a CommitUnit<RecordKey, Record>,
    ) -> BoxFuture<'a, Result<(), CommitError>> {
        Box::pin(async move {
            if unit.changes.is_empty() && self.holds.swap(false, Ordering::SeqCst) {
                self.reached.notify_one();
                self.released.notified().await;
            }
            Ok(())
        })
    }
}

fn generate_key(instance: InstanceId) -> Operation {
    call(instance, Ok(calls::generate_aes()))
}

fn call(instance: InstanceId, asked: Result<CryptoAsk, Refusal>) -> Operation {
    Operation::Crypto(Box::new(calls::call(instance, "GenerateKey", asked, [1; 32])))
}

/// What becomes of a call between whose decision and commit something happens, and the outcomes in the log.
async fn meanwhile(
    call: fn(InstanceId) -> Operation,
    happening: impl AsyncFnOnce(&Bench, &Instance),
) -> (Result<Answer, Refusal>, Vec<String>) {
    let held = Arc::new(Held::default());
    let bench = Bench::over(hooked(held.clone())).await;
    let instance = bench.rotating(false).await;
    held.holds.store(true, Ordering::SeqCst);
    let call = bench.execute(call(instance.id));
    let happening = async {
        held.reached.notified().await;
        happening(&bench, &instance).await;
        held.released.notify_one();
    };
    let (reply, ()) = tokio::join!(call, happening);
    let events = bench.events_of(instance.id).await;
    let calls = events.iter().filter(|event| event.action == "hs-crypto.ep11.use");
    (reply, calls.map(|event| support::text(&event.line)).collect())
}

#[tokio::test]
async fn a_call_whose_master_key_is_replaced_meanwhile_is_refused_and_leaves_one_event() {
    let (reply, events) = meanwhile(generate_key, async |bench, instance| bench.activate(instance).await).await;
    let conflict = Refusal::Ep11 { value: ReturnValue::IBM_BLOBKEY_CONFLICT, function: "GenerateKey" };
    assert_eq!(reply.err(), Some(conflict));
    let [event] = &events[..] else { panic!("{events:?}") };
    assert!(event.contains(r#""outcome":"failure""#) && event.contains("CKR_IBM_BLOBKEY_CONFLICT"), "{event}");
}

#[tokio::test]
async fn a_refusal_that_no_unit_has_a_part_in_stays_whatever_becomes_of_the_units() {
    let refused = |instance| call(instance, Err(Refusal::OtherInstance));
    let (reply, events) = meanwhile(refused, async |bench, instance| bench.activate(instance).await).await;
    assert_eq!(reply.err(), Some(Refusal::OtherInstance));
    let [event] = &events[..] else { panic!("{events:?}") };
    assert!(event.contains(r#""reasonCode":403"#), "{event}");
}

#[tokio::test]
async fn a_call_whose_units_change_otherwise_is_decided_again_and_leaves_one_event() {
    let (reply, events) = meanwhile(generate_key, async |bench, instance| {
        for card in &instance.units {
            let command = admitted(AdminFunction::GENERATE_IMPORTER, 3u32.to_be_bytes().to_vec(), 100);
            bench.execute(Operation::admitted(instance.id, card.id, command)).await.unwrap();
        }
    })
    .await;
    assert!(matches!(reply, Ok(Answer::Crypto(_))));
    let [event] = &events[..] else { panic!("{events:?}") };
    assert!(event.contains(r#""outcome":"success""#), "{event}");
}

#[tokio::test]
async fn a_call_of_an_instance_that_is_deleted_meanwhile_is_refused() {
    let deleted = async |bench: &Bench, instance: &Instance| bench.delete(instance.id, true).await.unwrap();
    let (reply, events) = meanwhile(generate_key, deleted).await;
    assert_eq!(reply.err(), Some(Refusal::NoSuchInstance));
    assert!(events.is_empty(), "{events:?}");
}
