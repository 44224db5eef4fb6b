//! EP11 keystores over the clients that are generated from their interface.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, ReturnValue};
use hpcs_grpc::grep11::KeyBlob;
use hpcs_grpc::grep11::attribute_value::OneAttr;
use hpcs_grpc::keystore::v1 as wire;
use hpcs_names::Uuid;
use serde_json::Value;
use support::keystore::{
    Bench, EVERYTHING, INSTANCE, ROLES, integer, new_key, octets, private, refusal, refused, truth, with,
};

fn uuid(bytes: &[u8]) -> String {
    Uuid::from_bytes(bytes.try_into().unwrap()).to_string()
}

fn id(key: &wire::StoredKey) -> Vec<u8> {
    key.key.as_ref().unwrap().key_blob_id.to_vec()
}

/// Action, outcome, last part of the target's CRN, name of the target.
fn told(event: &Value) -> (String, String, String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let target = text(&event["target"]["id"]).splitn(9, ':').last().unwrap().to_owned();
    let action = text(&event["action"]).replace("hs-crypto.keystore.", "");
    (action, text(&event["outcome"]), target, text(&event["target"]["name"]))
}

#[tokio::test]
async fn every_action_leaves_its_event_done_and_refused() {
    let bench = Bench::start().await;
    let mut caller = bench.caller(EVERYTHING).await;
    let key = caller.aes(&[]).await;
    let keystore = caller.private().await;
    let missing = vec![7; 16];
    let (kept, lost) = (uuid(&keystore), uuid(&missing));
    let mut expected = vec![("createkeystore", true, format!("keystore:{kept}"), kept.clone())];
    let again = wire::CreateKeystoreRequest { keystore_id: keystore.clone(), ..private() };
    assert_eq!(refused(caller.create(again).await), ReturnValue::IBM_GREP11_CONFLICT);
    expected.push(("createkeystore", false, format!("keystore:{kept}"), kept.clone()));

    let stored = caller.store(new_key(&keystore, &key)).await.unwrap();
    let name = uuid(&id(&stored));
    expected.push(("storenewkey", true, format!("keystore:{kept}"), name.clone()));
    assert_eq!(refused(caller.store(new_key(&missing, &key)).await), ReturnValue::IBM_GREP11_MISSING);
    expected.push(("storenewkey", false, format!("keystore:{lost}"), INSTANCE.to_owned()));

    let update = |keystore: &[u8], key: &wire::StoredKey| wire::UpdateKeyRequest {
        keystore_id: keystore.to_vec(),
        key: key.key.clone(),
        ..Default::default()
    };
    caller.update(update(&keystore, &stored)).await.unwrap();
    expected.push(("updatekey", true, format!("keystore:{kept}"), name.clone()));
    assert_eq!(refused(caller.update(update(&missing, &stored)).await), ReturnValue::IBM_GREP11_MISSING);
    expected.push(("updatekey", false, format!("keystore:{lost}"), name.clone()));

    let by_ids = wire::ListKeysByIdsRequest { key_ids: vec![id(&stored), missing.clone()], ..Default::default() };
    assert_eq!(caller.list(by_ids).await.unwrap().keys.len(), 1);
    expected.push(("listkeysbyids", true, ":".to_owned(), format!("{name},{lost}")));
    let wide = Some(wire::Page { limit: 1001, token: Vec::new() });
    let too_wide = wire::ListKeysByIdsRequest { page: wide.clone(), ..Default::default() };
    assert_eq!(refused(caller.list(too_wide).await), ReturnValue::ARGUMENTS_BAD);
    expected.push(("listkeysbyids", false, ":".to_owned(), INSTANCE.to_owned()));

    caller.find(wire::ListKeysByAttributesRequest::default()).await.unwrap();
    expected.push(("listkeysbyattributes", true, ":".to_owned(), INSTANCE.to_owned()));
    let odd = wire::ListKeysByAttributesRequest { keystore_ids: vec![vec![1]], ..Default::default() };
    assert_eq!(refused(caller.find(odd).await), ReturnValue::ARGUMENTS_BAD);
    expected.push(("listkeysbyattributes", false, ":".to_owned(), INSTANCE.to_owned()));

    let by_ids = wire::ListKeystoresByIdsRequest { keystore_ids: vec![keystore.clone(), missing.clone()], page: None };
    let request = caller.request(by_ids);
    let listed = caller.keystore.list_keystores_by_ids(request).await.unwrap().into_inner().keystores;
    assert_eq!(listed.iter().map(|info| info.key_count).collect::<Vec<_>>(), [1]);
    expected.push(("listkeystoresbyids", true, ":".to_owned(), format!("{kept},{lost}")));
    let request = caller.request(wire::ListKeystoresByIdsRequest { page: wide.clone(), ..Default::default() });
    assert_eq!(refused(caller.keystore.list_keystores_by_ids(request).await), ReturnValue::ARGUMENTS_BAD);
    expected.push(("listkeystoresbyids", false, ":".to_owned(), INSTANCE.to_owned()));

    let request = caller.request(wire::ListKeystoresByAttributesRequest::default());
    caller.keystore.list_keystores_by_attributes(request).await.unwrap();
    expected.push(("listkeystoresbyattributes", true, ":".to_owned(), INSTANCE.to_owned()));
    let request = caller.request(wire::ListKeystoresByAttributesRequest { page: wide, ..Default::default() });
    assert_eq!(refused(caller.keystore.list_keystores_by_attributes(request).await), ReturnValue::ARGUMENTS_BAD);
    expected.push(("listkeystoresbyattributes", false, ":".to_owned(), INSTANCE.to_owned()));

    let delete = |expected_version| wire::DeleteKeyRequest {
        keystore_id: keystore.clone(),
        key_id: id(&stored),
        expected_version,
        ..Default::default()
    };
    assert_eq!(refused(caller.delete(delete(0)).await), ReturnValue::IBM_GREP11_CONFLICT);
    expected.push(("deletekey", false, format!("keystore:{kept}"), name.clone()));
    caller.delete(delete(1)).await.unwrap();
    expected.push(("deletekey", true, format!("keystore:{kept}"), name.clone()));

    for (expected_version, done) in [(5, false), (-1, true)] {
        let request =
            wire::DeleteKeystoreRequest { keystore_id: keystore.clone(), expected_version, tx_id: Vec::new() };
        let request = caller.request(request);
        assert_eq!(caller.keystore.delete_keystore(request).await.is_ok(), done);
        expected.push(("deletekeystore", done, format!("keystore:{kept}"), kept.clone()));
    }

    let events = bench.events().await;
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(action, done, target, name)| {
            (action.to_owned(), if done { "success" } else { "failure" }.to_owned(), target, name)
        })
        .collect();
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), expected);
    for event in &events {
        assert_eq!(event["dataEvent"], true);
        assert!(event["correlationId"].is_string());
        let uri = event["requestData"]["requestURI"].as_str().unwrap();
        let method = uri.strip_prefix("/hpcs.keystore.v1.Keystore/").unwrap().to_lowercase();
        assert_eq!(event["action"], format!("hs-crypto.keystore.{method}"));
    }
}

#[tokio::test]
async fn a_message_that_is_none_and_a_caller_without_a_token_leave_events_too() {
    let bench = Bench::start().await;
    let mut client = tonic::client::Grpc::new(bench.server.channel.clone());
    client.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/hpcs.keystore.v1.Keystore/StoreNewKey");
    let caller = bench.caller(EVERYTHING).await;
    let garbage = caller.request(vec![0xFF, 0xFF]);
    let status = client.unary(garbage, path.clone(), support::raw::Raw).await.map(|_| ()).unwrap_err();
    assert_eq!(refusal(&status).0, ReturnValue::IBM_GREP11_CANNOT_UNMARSHAL);
    client.ready().await.unwrap();
    let nobody = tonic::Request::new(vec![]);
    let status = client.unary(nobody, path, support::raw::Raw).await.map(|_| ()).unwrap_err();
    // Local clients count as someone; without a blob there is nothing to store.
    assert_ne!(refusal(&status).0, ReturnValue::IBM_GREP11_CANNOT_UNMARSHAL);
    let events = bench.events().await;
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event["outcome"] == "failure"));
}

#[tokio::test]
async fn of_two_clients_with_one_version_the_second_one_is_told_to_try_again() {
    let bench = Bench::start().await;
    let (mut one, mut other) = (bench.caller(EVERYTHING).await, bench.caller("key-Writer").await);
    let keystore = one.private().await;
    let key = one.aes(&[]).await;
    let stored = one.store(new_key(&keystore, &key)).await.unwrap();
    assert_eq!(stored.key.as_ref().unwrap().version, 0);
    let update = |label: &[u8]| wire::UpdateKeyRequest {
        keystore_id: keystore.clone(),
        key: Some(with(stored.key.clone().unwrap(), AttributeType::LABEL, octets(label))),
        ..Default::default()
    };
    let updated = one.update(update(b"first")).await.unwrap().key.unwrap();
    assert_eq!(updated.version, 1);
    assert!(updated.attributes[&AttributeType::LABEL.0] == octets(b"first"));
    assert_ne!(updated.tx_id, stored.key.as_ref().unwrap().tx_id);
    let status = other.update(update(b"second")).await.err().unwrap();
    assert_eq!(refusal(&status), (ReturnValue::IBM_GREP11_CONFLICT, true));
    let kept = one.list(wire::ListKeysByIdsRequest::default()).await.unwrap().keys.remove(0).key.unwrap();
    assert!(kept.attributes[&AttributeType::LABEL.0] == octets(b"first"));
}

#[tokio::test]
async fn a_write_that_arrives_a_second_time_is_told() {
    let bench = Bench::start().await;
    let mut caller = bench.caller(EVERYTHING).await;
    let create = wire::CreateKeystoreRequest { tx_id: vec![1; 16], ..private() };
    let keystore = caller.create(create.clone()).await.unwrap().keystore_id;
    assert_eq!(refused(caller.create(create).await), ReturnValue::IBM_GREP11_REPLAY);

    let key = caller.aes(&[]).await;
    for key_blob_id in [Bytes::new(), Bytes::from_static(&[9; 16])] {
        let key = Some(KeyBlob { key_blob_id, ..key.clone() });
        let store = wire::StoreNewKeyRequest { tx_id: vec![2; 16], key, ..new_key(&keystore, &KeyBlob::default()) };
        let stored = caller.store(store.clone()).await.unwrap().key.unwrap();
        assert_eq!(stored.tx_id[..], [2; 16]);
        assert_eq!(refused(caller.store(store).await), ReturnValue::IBM_GREP11_REPLAY);
        let update = wire::UpdateKeyRequest {
            keystore_id: keystore.clone(),
            key: Some(stored),
            tx_id: vec![3; 16],
            ..Default::default()
        };
        caller.update(update.clone()).await.unwrap();
        assert_eq!(refused(caller.update(update).await), ReturnValue::IBM_GREP11_REPLAY);
    }
    let other = wire::StoreNewKeyRequest {
        key: Some(KeyBlob { key_blob_id: Bytes::from_static(&[9; 16]), ..key.clone() }),
        ..new_key(&keystore, &key)
    };
    assert_eq!(refused(caller.store(other).await), ReturnValue::IBM_GREP11_CONFLICT);
}

#[tokio::test]
async fn pages_show_every_key_once() {
    let bench = Bench::start().await;
    let mut caller = bench.caller(EVERYTHING).await;
    let keystores = [caller.private().await, caller.private().await];
    let key = caller.aes(&[]).await;
    let mut stored = Vec::new();
    for number in 0..23_u8 {
        let key = with(key.clone(), AttributeType::ID, octets(&[number % 2]));
        let keystore = &keystores[usize::from(number % 3 == 0)];
        stored.push(id(&caller.store(new_key(keystore, &key)).await.unwrap()));
    }
    for keystore_ids in [Vec::new(), keystores.to_vec()] {
        for limit in [1, 4, 22, 23, 24, 0] {
            let (mut seen, mut token, mut pages) = (Vec::new(), Vec::new(), 0);
            loop {
                let page = Some(wire::Page { limit, token });
                let request =
                    wire::ListKeysByIdsRequest { keystore_ids: keystore_ids.clone(), page, ..Default::default() };
                let answer = caller.list(request).await.unwrap();
                assert!(limit == 0 || answer.keys.len() <= limit as usize);
                seen.extend(answer.keys.iter().map(id));
                pages += 1;
                token = answer.next_token;
                if token.is_empty() {
                    break;
                }
            }
            seen.sort_unstable();
            let mut all = stored.clone();
            all.sort_unstable();
            assert_eq!(seen, all, "limit {limit}");
            assert_eq!(pages, if limit == 0 { 1 } else { 23_u32.div_ceil(limit) }, "limit {limit}");
        }
    }
    let (mut seen, mut token) = (0, Vec::new());
    loop {
        let page = Some(wire::Page { limit: 5, token });
        let attributes = BTreeMap::from([(AttributeType::ID.0, octets(&[1])), (AttributeType::CLASS.0, integer(4))]);
        let request = wire::ListKeysByAttributesRequest { attributes, page, ..Default::default() };
        let answer = caller.find(request).await.unwrap();
        seen += answer.keys.len();
        token = answer.next_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, 11);
    let (mut seen, mut token) = (Vec::new(), Vec::new());
    loop {
        let page = Some(wire::Page { limit: 1, token });
        let request = caller.request(wire::ListKeystoresByIdsRequest { page, ..Default::default() });
        let answer = caller.keystore.list_keystores_by_ids(request).await.unwrap().into_inner();
        seen.extend(answer.keystores.into_iter().map(|info| (info.keystore_id, info.key_count)));
        token = answer.next_token;
        if token.is_empty() {
            break;
        }
    }
    let mut expected = vec![(keystores[0].clone(), 15), (keystores[1].clone(), 8)];
    expected.sort_unstable();
    assert_eq!(seen, expected);
    let foreign =
        wire::ListKeysByIdsRequest { page: Some(wire::Page { limit: 1, token: vec![1] }), ..Default::default() };
    assert_eq!(refused(caller.list(foreign).await), ReturnValue::ARGUMENTS_BAD);
}

#[tokio::test]
async fn a_password_keeps_a_keystore_closed() {
    let bench = Bench::start().await;
    let mut caller = bench.caller(EVERYTHING).await;
    let locked = |password: &[u8]| wire::CreateKeystoreRequest { password: password.to_vec(), ..private() };
    for password in [&b"short"[..], b"much longer"] {
        assert_eq!(refused(caller.create(locked(password)).await), ReturnValue::PIN_LEN_RANGE);
    }
    let info = caller.create(locked(b"secret1")).await.unwrap();
    assert!(info.authenticated);
    let keystore = info.keystore_id;
    let key = with(caller.aes(&[]).await, AttributeType::LABEL, octets(b"hidden"));
    let store = |password: &[u8]| wire::StoreNewKeyRequest { password: password.to_vec(), ..new_key(&keystore, &key) };
    for wrong in [&b""[..], b"secret2", b"x"] {
        assert_eq!(refused(caller.store(store(wrong)).await), ReturnValue::PIN_INCORRECT);
    }
    let stored = caller.store(store(b"secret1")).await.unwrap();
    let list = |keystore_ids: Vec<Vec<u8>>, password: &[u8]| wire::ListKeysByIdsRequest {
        keystore_ids,
        password: password.to_vec(),
        ..Default::default()
    };
    assert_eq!(refused(caller.list(list(vec![keystore.clone()], b"secret2")).await), ReturnValue::PIN_INCORRECT);
    assert!(caller.list(list(Vec::new(), b"secret2")).await.unwrap().keys.is_empty());
    let open = caller.list(list(vec![keystore.clone()], b"secret1")).await.unwrap().keys;
    assert!(open == [stored.clone()]);
    let template = BTreeMap::from([(AttributeType::LABEL.0, octets(b"hidden"))]);
    for (password, count) in [(&b"secret1"[..], 1), (b"secret2", 0)] {
        let password = password.to_vec();
        let find = wire::ListKeysByAttributesRequest { attributes: template.clone(), password, ..Default::default() };
        assert_eq!(caller.find(find).await.unwrap().keys.len(), count);
    }
    let delete = |password: &[u8]| wire::DeleteKeyRequest {
        keystore_id: keystore.clone(),
        key_id: id(&stored),
        expected_version: -1,
        password: password.to_vec(),
        ..Default::default()
    };
    assert_eq!(refused(caller.delete(delete(b"secret2")).await), ReturnValue::PIN_INCORRECT);
    caller.delete(delete(b"secret1")).await.unwrap();
    for _ in 1..5 {
        caller.create(locked(b"secret1")).await.unwrap();
    }
    assert_eq!(refused(caller.create(locked(b"secret1")).await), ReturnValue::FUNCTION_REJECTED);
    caller.private().await;
    let events: Vec<_> = bench.events().await.iter().map(Value::to_string).collect();
    assert!(events.iter().all(|event| !event.contains("secret") && !event.contains("hidden")));
}

#[tokio::test]
async fn what_the_blob_and_its_owner_say_decides_what_may_be_done() {
    let bench = Bench::start().await;
    let mut caller = bench.caller(EVERYTHING).await;
    let private_keystore = caller.private().await;
    let public = wire::CreateKeystoreRequest { r#type: wire::KeystoreType::Public.into(), ..Default::default() };
    let public = caller.create(public).await.unwrap().keystore_id;
    let untyped = wire::CreateKeystoreRequest::default();
    assert_eq!(refused(caller.create(untyped).await), ReturnValue::TEMPLATE_INCOMPLETE);

    let key = caller.aes(&[]).await;
    assert_eq!(refused(caller.store(new_key(&public, &key)).await), ReturnValue::TEMPLATE_INCONSISTENT);
    let shown = with(key.clone(), AttributeType::PRIVATE, truth(false));
    assert_eq!(refused(caller.store(new_key(&private_keystore, &shown)).await), ReturnValue::TEMPLATE_INCONSISTENT);
    let stored = caller.store(new_key(&public, &shown)).await.unwrap().key.unwrap();
    let said = |attribute: AttributeType| stored.attributes[&attribute.0].one_attr.clone().unwrap();
    assert!(said(AttributeType::TOKEN) == OneAttr::AttributeTf(true));
    assert!(said(AttributeType::VALUE_LEN) == OneAttr::AttributeI(32));
    assert!(said(AttributeType::GREP11_WKID) == OneAttr::AttributeB(key.key_blobs[0].slice(32..48)));

    let long = with(key.clone(), AttributeType::LABEL, octets(&[b'a'; 33]));
    assert_eq!(refused(caller.store(new_key(&private_keystore, &long)).await), ReturnValue::ATTRIBUTE_VALUE_INVALID);
    let mut foreign = key.clone();
    let mut blob = key.key_blobs[0].to_vec();
    blob[32] ^= 1;
    foreign.key_blobs = vec![blob.clone().into()];
    assert_eq!(refused(caller.store(new_key(&private_keystore, &foreign)).await), ReturnValue::IBM_WKID_MISMATCH);
    blob[32] ^= 1;
    blob[90] ^= 1;
    foreign.key_blobs = vec![blob.into()];
    assert_eq!(refused(caller.store(new_key(&private_keystore, &foreign)).await), ReturnValue::IBM_BLOB_ERROR);
    foreign.key_blobs.clear();
    assert_eq!(refused(caller.store(new_key(&private_keystore, &foreign)).await), ReturnValue::OBJECT_HANDLE_INVALID);

    let fixed = caller.aes(&[(AttributeType::MODIFIABLE, truth(false))]).await;
    let fixed = with(fixed, AttributeType::DESTROYABLE, truth(false));
    let stored = caller.store(new_key(&private_keystore, &fixed)).await.unwrap();
    let update =
        wire::UpdateKeyRequest { keystore_id: private_keystore.clone(), key: stored.key.clone(), ..Default::default() };
    assert_eq!(refused(caller.update(update).await), ReturnValue::ACTION_PROHIBITED);
    let delete = wire::DeleteKeyRequest {
        keystore_id: private_keystore.clone(),
        key_id: id(&stored),
        expected_version: -1,
        ..Default::default()
    };
    assert_eq!(refused(caller.delete(delete).await), ReturnValue::ACTION_PROHIBITED);
    let password = wire::StoreNewKeyRequest { password: b"secret1".to_vec(), ..new_key(&private_keystore, &key) };
    assert_eq!(refused(caller.store(password).await), ReturnValue::ARGUMENTS_BAD);
}

#[tokio::test]
async fn roles_may_what_the_tables_say() {
    let bench = Bench::start().await;
    let operators = ["Manager", "KeystoreOperator"];
    let writers = ["Writer", "Manager", "KeyOperator"];
    let readers = ["Reader", "ReaderPlus", "Writer", "Manager", "KeyOperator"];
    let methods = [
        ("CreateKeystore", &operators[..]),
        ("DeleteKeystore", &operators),
        ("ListKeystoresByIds", &["Manager", "KeyOperator", "KeystoreOperator"]),
        ("ListKeystoresByAttributes", &operators),
        ("StoreNewKey", &writers),
        ("UpdateKey", &writers),
        ("DeleteKey", &writers),
        ("ListKeysByIds", &readers),
        ("ListKeysByAttributes", &readers),
    ];
    for (method, roles) in methods {
        for role in ROLES {
            let mut client = tonic::client::Grpc::new(bench.server.channel.clone());
            client.ready().await.unwrap();
            let path = format!("/hpcs.keystore.v1.Keystore/{method}").parse().unwrap();
            let request = bench.caller(&format!("key-{role}")).await.request(Vec::new());
            let answer = client.unary(request, path, support::raw::Raw).await;
            let may = answer.map_or_else(|status| status.code() != tonic::Code::PermissionDenied, |_| true);
            assert_eq!(may, roles.contains(&role), "{method} {role}");
        }
    }
    assert_eq!(bench.events().await.len(), methods.len() * ROLES.len());
}
