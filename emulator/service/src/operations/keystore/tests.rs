//! What is decided on prepared records.

use std::sync::Arc;

use bytes::Bytes;
use hpcs_audit::EventTime;
use hpcs_ep11::development_root;

use super::*;
use crate::keystore::{BucketSizes, KeyTally, KeystoreType, MOST_KEYS};
use crate::{
    Addressee, Authentication, Identity, InstanceSpec, Knobs, Origin, Plan, Record, Seed, ServiceRoot, TokenAuthority,
    UnitIds, lay_out,
};

const ACCOUNT: &str = "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52";

fn instance() -> (Instance, Vec<hpcs_hsm::Unit>, ServiceRoot) {
    let root = ServiceRoot::of(&Seed::from_number(1));
    let spec = InstanceSpec {
        profile: None,
        number: 0,
        id: None,
        region: "us-south".parse().unwrap(),
        plan: Plan::Standard,
        account: ACCOUNT.parse().unwrap(),
        operational: 1,
        recovery: false,
        failover: 0,
    };
    let (instance, units) =
        lay_out(&spec, UnitIds::OfNumber, EventTime::from_unix_millis(0), &root, &development_root()).unwrap();
    (instance, units, root)
}

/// What storing one more key gives where the instance has this many.
fn stored_beside(keys: u32) -> (Option<Refusal>, Option<EventDraft>, usize) {
    let (instance, units, root) = instance();
    let id = KeystoreId(Uuid::from_bytes([1; 16]));
    let keystore = Keystore {
        id,
        name: String::new(),
        kind: KeystoreType::Private,
        created_by: String::new(),
        created: instance.created,
        version: 0,
        transaction: [0; 16],
        attributes: Attributes::default(),
        lock: None,
        sizes: BucketSizes::default(),
    };
    let mut view = View::default();
    view.insert(RecordKey::KeyTally(instance.id), Arc::new(Record::KeyTally(KeyTally { keys, written: 0 })));
    view.insert(RecordKey::Keystore(instance.id, id), Arc::new(Record::Keystore(Box::new(keystore))));
    for (card, unit) in instance.units.iter().zip(units) {
        view.insert(RecordKey::CryptoUnit(card.id), Arc::new(Record::CryptoUnit(unit)));
    }
    let instance_id = instance.id;
    view.insert(RecordKey::Instance(instance_id), Arc::new(Record::Instance(instance)));
    let identity = Identity {
        iam_id: "IBMid-1".into(),
        name: "one@example.com".into(),
        account: ACCOUNT.parse().unwrap(),
        account_name: String::new(),
        roles: vec![Role::KeyOperator],
        expires_at: None,
    };
    let caller = Caller::local(&identity);
    let who = Who { authentication: Authentication::Known(caller.clone()), origin: Origin::default() };
    let key = KeyWrite { id: None, version: 0, attributes: Attributes::default(), blob: Bytes::from_static(b"blob") };
    let asked = KeystoreAsk::StoreNewKey(StoreNewKey { keystore: id, key, transaction: None, password: None });
    let action = KeystoreAction::find("StoreNewKey").unwrap();
    let call = Call {
        instance: Addressee::Instance(instance_id),
        method: action.method,
        asked: Ok(asked),
        digest: [0; 32],
        occurrence: 0,
    };
    let (seed, authority, knobs) = (Seed::from_number(1), TokenAuthority::new(&root), Knobs::default());
    let env =
        CallEnv { now: EventTime::from_unix_millis(1), seed: &seed, root: &root, authority: &authority, knobs: &knobs };
    let decision = decide(&view, &who, Ok(&caller), &KeystoreCall { action, call }, &env);
    (decision.reply.err(), decision.event, decision.changes.len())
}

#[test]
fn an_instance_holds_20_000_keys() {
    let refused = |value| Some(Refusal::Ep11 { value, function: "StoreNewKey" });
    let (full, event, changes) = stored_beside(MOST_KEYS);
    assert_eq!((full, changes), (refused(ReturnValue::DEVICE_MEMORY), 0));
    let event = event.unwrap();
    assert_eq!(event.action.action, "hs-crypto.keystore.storenewkey");
    assert_eq!(event.reason.code(), 500);
    // One less, and it is the key itself that is looked at: the unit has no master key.
    let (room, _, _) = stored_beside(MOST_KEYS - 1);
    assert_eq!(room, refused(ReturnValue::IBM_WK_NOT_INITIALIZED));
}

#[test]
fn methods_are_named_like_their_actions() {
    for action in ACTIONS {
        let name = action.row.action.strip_prefix("hs-crypto.keystore.").unwrap();
        assert_eq!(action.method.to_lowercase(), name);
    }
}
