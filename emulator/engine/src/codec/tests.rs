//! Every record there and back, and what does not come back.

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use hpcs_audit::EventTime;
use hpcs_ep11::{VerificationPattern, development_root};
use hpcs_hsm::Unit;
use hpcs_hsm::functions::PinBlob;
use hpcs_names::{KeystoreId, StoredKeyId, Uuid};
use hpcs_service::keystore::{
    Attributes, BucketSizes, KeyBucket, KeyRecord, KeyTally, Keystore, KeystoreEntry, KeystoreType, Keystores,
    StoredContent,
};
use hpcs_service::{
    ApiKey, ApiKeyDigest, Directory, Identity, Instance, InstanceSpec, LogPlace, Plan, Role, Rotation, Seed,
    ServiceRoot, Session, SinkPosition, UnitIds, lay_out,
};
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use super::*;

fn codec(key: u8) -> RecordCodec {
    RecordCodec::new(StoreKey::new(&Zeroizing::new([key; 32])), Box::new(ChaCha20Rng::seed_from_u64(key.into())))
}

fn laid_out() -> (Instance, Vec<Unit>) {
    let spec = InstanceSpec {
        number: 3,
        id: None,
        region: "us-south".parse().unwrap(),
        plan: Plan::UnifiedKeyOrchestrator,
        account: "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap(),
        profile: None,
        operational: 1,
        recovery: false,
        failover: 0,
    };
    let created = EventTime::from_unix_millis(1_767_225_600_123);
    lay_out(&spec, UnitIds::OfInstance, created, &root(), &development_root()).unwrap()
}

fn root() -> ServiceRoot {
    ServiceRoot::of(&Seed::from_number(7))
}

fn digest() -> ApiKeyDigest {
    ApiKey::new("a key".to_owned()).digest()
}

fn identity() -> Identity {
    Identity {
        iam_id: "IBMid-270000EXM1".into(),
        name: "ceremony.admin@example.com".into(),
        account: "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap(),
        account_name: "Example".into(),
        roles: vec![Role::Manager, Role::EventReader],
        expires_at: Some(EventTime::from_unix_millis(1_767_225_600_123)),
    }
}

/// One of each, with its key.
fn records() -> Vec<(RecordKey, Record)> {
    let (instance, mut units) = laid_out();
    let deleted = Instance { deleted: true, incarnation: 3, ..instance.clone() };
    let pattern = |byte| VerificationPattern([byte; 32]);
    let rotation = Rotation { started: instance.created, from: pattern(1), to: pattern(2), given_up: Some(pattern(3)) };
    let rotating = Instance { rotation: Some(rotation), ..instance.clone() };
    let session = Session { iam_id: "IBMid-1".into(), store: [1; 16], blob: PinBlob::from_bytes([2; 80]) };
    let entered = Instance { sessions: vec![session], ..instance.clone() };
    let position = SinkPosition {
        target: "events.ndjson".into(),
        positions: vec![(instance.id, LogPlace { incarnation: 3, next: 42 })],
    };
    vec![
        (RecordKey::Service, Record::Service(root())),
        (RecordKey::Directory, Record::Directory(Directory { instances: vec![instance.id], created: 9 })),
        (RecordKey::Configured, Record::Configured(vec![digest()])),
        (RecordKey::CryptoUnit(instance.units[0].id), Record::CryptoUnit(units.remove(0))),
        (RecordKey::Instance(instance.id), Record::Instance(instance)),
        (RecordKey::Instance(deleted.id), Record::Instance(deleted)),
        (RecordKey::Instance(rotating.id), Record::Instance(rotating)),
        (RecordKey::Instance(entered.id), Record::Instance(entered)),
        (RecordKey::ApiKey(digest()), Record::ApiKey(identity())),
        (RecordKey::SinkPosition([7; 32]), Record::SinkPosition(position)),
    ]
    .into_iter()
    .chain(keystore_records())
    .collect()
}

fn keystore_records() -> Vec<(RecordKey, Record)> {
    let (instance, created) = (laid_out().0.id, EventTime::from_unix_millis(1_767_225_600_123));
    let id = |byte| Uuid::from_bytes([byte; 16]);
    let keystore = Keystore {
        id: KeystoreId(id(1)),
        name: "a name".into(),
        kind: KeystoreType::Public,
        created_by: "IBMid-270000EXM1".into(),
        created,
        version: 0,
        transaction: [2; 16],
        attributes: Attributes::default(),
        lock: None,
        sizes: BucketSizes::default(),
    };
    let key = KeyRecord {
        id: StoredKeyId(id(3)),
        keystore: keystore.id,
        version: 4,
        transaction: [5; 16],
        created,
        updated: created,
        content: StoredContent::Locked(vec![6; 40]),
    };
    let entry = KeystoreEntry { id: keystore.id, transaction: [2; 16], authenticated: true };
    let bucket = KeyBucket { keys: vec![key.id] };
    vec![
        (RecordKey::Keystores(instance), Record::Keystores(Keystores { entries: vec![entry] })),
        (RecordKey::KeyTally(instance), Record::KeyTally(KeyTally { keys: 1, written: 2 })),
        (RecordKey::KeyBucket(instance, keystore.id, 0xAB), Record::KeyBucket(bucket)),
        (RecordKey::Keystore(instance, keystore.id), Record::Keystore(Box::new(keystore))),
        (RecordKey::StoredKey(instance, key.id), Record::StoredKey(key)),
    ]
}

fn same(one: &Record, other: &Record) -> bool {
    match (one, other) {
        (Record::Service(one), Record::Service(other)) => one.expose_secret() == other.expose_secret(),
        (Record::Directory(one), Record::Directory(other)) => one == other,
        (Record::Configured(one), Record::Configured(other)) => one == other,
        (Record::Instance(one), Record::Instance(other)) => {
            format!("{one:?}") == format!("{other:?}") && one.sessions == other.sessions
        }
        (Record::CryptoUnit(one), Record::CryptoUnit(other)) => {
            let (one, other) = (one.parts(), other.parts());
            one.domain == other.domain
                && one.counter == other.counter
                && one.module.certificates() == other.module.certificates()
                && one.module.epoch_key() == other.module.epoch_key()
        }
        (Record::ApiKey(one), Record::ApiKey(other)) => one == other,
        (Record::SinkPosition(one), Record::SinkPosition(other)) => one == other,
        (Record::Keystores(one), Record::Keystores(other)) => one == other,
        (Record::KeyTally(one), Record::KeyTally(other)) => one == other,
        (Record::Keystore(one), Record::Keystore(other)) => one == other,
        (Record::KeyBucket(one), Record::KeyBucket(other)) => one == other,
        (Record::StoredKey(one), Record::StoredKey(other)) => one == other,
        _ => false,
    }
}

/// Why the value does not come back.
fn fault(codec: &RecordCodec, name: &str, value: &[u8]) -> String {
    codec.decode(name, value).err().unwrap().to_string()
}

#[test]
fn every_record_comes_back_as_it_was() {
    let codec = codec(1);
    for (key, record) in records() {
        let name = codec.name(&key);
        let value = codec.encode(&name, &record).unwrap();
        let back = codec.decode(&name, &value).unwrap();
        assert!(same(&record, &back), "{name}");
    }
}

#[test]
fn names_are_as_documented_and_different() {
    let codec = codec(1);
    let mut names: Vec<_> = records().iter().map(|(key, _)| codec.name(key)).collect();
    names.dedup();
    let instance = laid_out().0;
    let expected = [
        "service".to_owned(),
        "directory".to_owned(),
        "configured".to_owned(),
        format!("unit/{}", instance.units[0].id),
        format!("instance/{}", instance.id),
        format!("api-key/{}", digest()),
        format!("sink/{}", "07".repeat(32)),
        format!("keystores/{}", instance.id),
        format!("key-tally/{}", instance.id),
        format!("key-bucket/{}/01010101-0101-0101-0101-010101010101/ab", instance.id),
        format!("keystore/{}/01010101-0101-0101-0101-010101010101", instance.id),
        format!("stored-key/{}/03030303-0303-0303-0303-030303030303", instance.id),
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_secret_is_nowhere_in_a_value_and_each_write_has_a_key_of_its_own() {
    let codec = codec(1);
    let record = Record::Service(root());
    let value = codec.encode("service", &record).unwrap();
    let text = String::from_utf8(value.clone()).unwrap();
    assert!(!text.contains(&hex::encode(root().expose_secret())));
    assert_ne!(codec.encode("service", &record).unwrap(), value);
}

#[test]
fn another_store_key_opens_no_secret() {
    for (key, record) in records() {
        let name = codec(1).name(&key);
        let value = codec(1).encode(&name, &record).unwrap();
        let sealed = matches!(record, Record::Service(_) | Record::CryptoUnit(_));
        assert_eq!(codec(2).decode(&name, &value).is_err(), sealed, "{name}");
    }
}

#[test]
fn a_record_under_another_name_is_refused() {
    let codec = codec(1);
    for (key, record) in records() {
        let name = codec.name(&key);
        let value = codec.encode(&name, &record).unwrap();
        for other in ["service", "directory", "configured", "unit/x", "instance/x", "api-key/x", "sink/x", "x"] {
            if other != name {
                let fault = fault(&codec, other, &value);
                assert!(fault.starts_with(&format!("record {other}: ")), "{fault}");
            }
        }
    }
}

#[test]
fn values_of_other_versions_and_damaged_ones_say_so_without_their_content() {
    let codec = codec(1);
    for (key, record) in records() {
        let name = codec.name(&key);
        let value = String::from_utf8(codec.encode(&name, &record).unwrap()).unwrap();
        let newer = value.replacen(r#""version":1"#, r#""version":2"#, 1);
        assert!(fault(&codec, &name, newer.as_bytes()).contains("version 2"), "{name}");
        let cut = fault(&codec, &name, &value.as_bytes()[..value.len() / 2]);
        assert!(cut.starts_with(&format!("record {name}: ")) && !cut.contains("ceremony"), "{cut}");
    }
}

#[test]
fn a_codec_is_shared_between_threads() {
    fn assert_shared<T: Send + Sync + 'static>(_: &T) {}
    assert_shared(&Arc::new(codec(1)));
}
