//! EP11 keystores in the store: during a rotation of the master key, out of one emulator and into another, and what a
//! reset leaves of them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use futures_util::stream;
use hpcs_engine::{Answer, ExportSecrets};
use hpcs_ep11::pkcs11::{AttributeType, ReturnValue};
use hpcs_hsm::functions::{AttributeValue, Function, Output};
use hpcs_names::{InstanceId, KeystoreId};
use hpcs_service::keystore::{Attributes, KeystoreType, Password};
use hpcs_service::operations::keystore::{
    CreateKeystore, DeleteKeystore, KeyWrite, KeystoreAction, KeystoreAsk, KeystoreReply, ListKeysByIds, Page,
    StoreNewKey, StoredKey, UpdateKey,
};
use hpcs_service::{CryptoAsk, CryptoReply, KeystoreCall, Operation, Refusal};
use support::{Bench, calls};

/// Calls differ, as those of real clients do.
fn digest() -> [u8; 32] {
    static CALLS: AtomicU8 = AtomicU8::new(0);
    [CALLS.fetch_add(1, Ordering::Relaxed); 32]
}

async fn aes(bench: &Bench, instance: InstanceId) -> Bytes {
    let call = calls::call(instance, "GenerateKey", Ok(calls::generate_aes()), digest());
    match bench.execute(Operation::Crypto(Box::new(call))).await.unwrap() {
        Answer::Crypto(CryptoReply::Output { output: Output::Key { key, .. }, .. }) => key.blob.into(),
        _ => panic!("no key"),
    }
}

/// Whether units can work with the key.
async fn works(bench: &Bench, instance: InstanceId, object: Bytes) -> Result<(), Refusal> {
    let asked = Ok(CryptoAsk::Function(Box::new(Function::GetAttributeValue { object, asked: Vec::new() })));
    let call = calls::call(instance, "GetAttributeValue", asked, digest());
    bench.execute(Operation::Crypto(Box::new(call))).await.map(|_| ())
}

async fn call(
    bench: &Bench,
    instance: InstanceId,
    method: &'static str,
    asked: KeystoreAsk,
) -> Result<KeystoreReply, Refusal> {
    let call = calls::call(instance, method, Ok(asked), digest());
    let action = KeystoreAction::find(method).unwrap();
    match bench.execute(Operation::Keystore(Box::new(KeystoreCall { action, call }))).await? {
        Answer::Keystore(reply) => Ok(reply),
        _ => panic!("another answer"),
    }
}

fn password(text: &str) -> Option<Password> {
    Password::of(text.as_bytes().to_vec())
}

async fn create(bench: &Bench, instance: InstanceId, secret: &str) -> KeystoreId {
    let asked = KeystoreAsk::CreateKeystore(CreateKeystore {
        id: None,
        name: "keys".into(),
        kind: Some(KeystoreType::Private),
        password: password(secret),
        attributes: Attributes::default(),
        transaction: None,
    });
    match call(bench, instance, "CreateKeystore", asked).await.unwrap() {
        KeystoreReply::Keystore(keystore) => keystore.id,
        _ => panic!("no keystore"),
    }
}

fn write(blob: Bytes) -> KeyWrite {
    KeyWrite { id: None, version: 0, attributes: Attributes::default(), blob }
}

async fn store(bench: &Bench, instance: InstanceId, keystore: KeystoreId, secret: &str, blob: Bytes) -> StoredKey {
    let (key, password) = (write(blob), password(secret));
    let asked = KeystoreAsk::StoreNewKey(StoreNewKey { keystore, key, transaction: None, password });
    match call(bench, instance, "StoreNewKey", asked).await.unwrap() {
        KeystoreReply::Key(key) => key,
        _ => panic!("no key"),
    }
}

async fn list(bench: &Bench, instance: InstanceId, secret: &str) -> Vec<StoredKey> {
    let page = Page::new(0, Vec::new()).ok().unwrap();
    let asked = ListKeysByIds { keystores: Vec::new(), ids: Vec::new(), page, password: password(secret) };
    match call(bench, instance, "ListKeysByIds", KeystoreAsk::ListKeysByIds(asked)).await.unwrap() {
        KeystoreReply::Keys(mut keys, _) => {
            keys.sort_by_key(|key| key.id);
            keys
        }
        _ => panic!("no keys"),
    }
}

async fn actions(bench: &Bench, instance: InstanceId) -> Vec<String> {
    let events = bench.events_of(instance).await;
    events.iter().map(|event| event.action.rsplit('.').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn stored_keys_follow_the_master_key() {
    let bench = Bench::new().await;
    let instance = bench.rotating(false).await;
    let id = instance.id;
    let (open, locked) = (create(&bench, id, "").await, create(&bench, id, "secret1").await);
    let mut blobs = Vec::new();
    for _ in 0..3 {
        blobs.push(store(&bench, id, open, "", aes(&bench, id).await).await.blobs.remove(0));
    }
    let kept = store(&bench, id, locked, "secret1", aes(&bench, id).await).await;
    store(&bench, id, locked, "secret1", aes(&bench, id).await).await;
    assert!(list(&bench, id, "secret1").await.iter().all(|key| key.blobs.len() == 1));
    let before = actions(&bench, id).await.len();
    bench.execute(Operation::StartRotation { instance: id }).await.unwrap();
    assert_eq!(actions(&bench, id).await[before..], ["updatekey"; 3]);
    // A second start goes on with the same rotation, and there is nothing left to wrap.
    bench.execute(Operation::StartRotation { instance: id }).await.unwrap();
    assert_eq!(actions(&bench, id).await.len(), before + 3);

    for key in list(&bench, id, "").await {
        let [current, next] = &key.blobs[..] else { panic!("not two blobs") };
        assert_eq!((key.version, current.len()), (0, next.len()));
        assert!(blobs.contains(current));
        assert_eq!(key.attributes.truth(AttributeType::GREP11_KEYBLOB_HAS_ROTATION), Some(true));
        let named = AttributeValue::Bytes(next[32..48].to_vec());
        assert!(key.attributes.get(AttributeType::GREP11_NEXTWKID) == Some(&named));
        works(&bench, id, current.clone()).await.unwrap();
        let early = works(&bench, id, next.clone()).await.unwrap_err();
        assert!(early.to_string().contains("CKR_IBM_WKID_MISMATCH"), "{early}");
    }
    // What comes in meanwhile is under both keys at once; so is what is updated, and a password's owner can do that.
    assert_eq!(store(&bench, id, open, "", aes(&bench, id).await).await.blobs.len(), 2);
    let key = KeyWrite { id: Some(kept.id), ..write(kept.blobs[0].clone()) };
    let update = UpdateKey { keystore: locked, key, transaction: None, password: password("secret1") };
    call(&bench, id, "UpdateKey", KeystoreAsk::UpdateKey(update)).await.unwrap();

    bench.activate(&instance).await;
    let keys = list(&bench, id, "secret1").await;
    assert_eq!(keys.len(), 6);
    let mut lost = 0;
    for key in keys {
        assert_eq!(key.blobs.len(), 1);
        lost += usize::from(works(&bench, id, key.blobs[0].clone()).await.is_err());
    }
    assert_eq!(lost, 1, "the key that nobody opened meanwhile");
}

#[tokio::test]
async fn keystores_go_out_and_come_in_with_their_instance() {
    let bench = Bench::new().await;
    let id = bench.rotating(false).await.id;
    let (open, locked) = (create(&bench, id, "").await, create(&bench, id, "secret1").await);
    for keystore in [(open, ""), (locked, "secret1"), (open, "")] {
        store(&bench, id, keystore.0, keystore.1, aes(&bench, id).await).await;
    }
    let mut export = bench.engine.export(id, None, ExportSecrets::InTheClear).await.unwrap();
    let mut file = Vec::new();
    while let Some(lines) = export.next().await.unwrap() {
        file.push(lines);
    }
    let text = String::from_utf8(file.concat()).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("{\"keystore\"")).count(), 2);
    assert_eq!(text.lines().filter(|line| line.starts_with("{\"key\"")).count(), 3);
    let import = |text: &str| {
        let chunks = [Ok::<_, std::io::Error>(Bytes::copy_from_slice(text.as_bytes()))];
        stream::iter(chunks)
    };
    let elsewhere = Bench::new().await;
    // A key whose keystore is not there: nothing comes in.
    let homeless: Vec<_> = text.lines().filter(|line| !line.starts_with("{\"keystore\"")).collect();
    let fault = elsewhere.engine.import(import(&(homeless.join("\n") + "\n")), None, None).await.unwrap_err();
    assert!(fault.to_string().contains("keystore: there is none"), "{fault}");

    elsewhere.engine.import(import(&text), None, None).await.unwrap();
    let same = |one: &[StoredKey], other: &[StoredKey]| {
        one.len() == other.len()
            && one.iter().zip(other).all(|(one, other)| {
                (one.id, one.keystore, one.version, &one.blobs)
                    == (other.id, other.keystore, other.version, &other.blobs)
                    && one.attributes == other.attributes
            })
    };
    let (here, there) = (list(&bench, id, "secret1").await, list(&elsewhere, id, "secret1").await);
    assert_eq!(here.len(), 3);
    assert!(same(&here, &there));
    store(&elsewhere, id, open, "", aes(&elsewhere, id).await).await;
    assert_eq!(list(&elsewhere, id, "").await.len(), 3);
}

#[tokio::test]
async fn a_reset_and_a_purge_leave_nothing_of_them() {
    let bench = Bench::new().await;
    let id = bench.rotating(false).await.id;
    for gone in ["reset", "keystore", "deleted"] {
        let keystore = create(&bench, id, "").await;
        if gone == "reset" {
            store(&bench, id, keystore, "", aes(&bench, id).await).await;
            bench.reset(id).await.unwrap();
        } else if gone == "keystore" {
            let asked = DeleteKeystore { id: keystore, expected_version: Some(0), transaction: None };
            call(&bench, id, "DeleteKeystore", KeystoreAsk::DeleteKeystore(asked)).await.unwrap();
        } else {
            bench.delete(id, true).await.unwrap();
            bench.create(Some(id)).await.unwrap();
        }
        let asked = StoreNewKey { keystore, key: write(Bytes::new()), transaction: None, password: None };
        let refusal = call(&bench, id, "StoreNewKey", KeystoreAsk::StoreNewKey(asked)).await.err().unwrap();
        let missing = Refusal::Ep11 { value: ReturnValue::IBM_GREP11_MISSING, function: "StoreNewKey" };
        assert_eq!(refusal, missing, "{gone}");
        assert_eq!(list(&bench, id, "").await.len(), 0);
    }
}
