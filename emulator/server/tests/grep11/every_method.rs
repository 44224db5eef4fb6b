//! Every method once carried out and once refused: one event each, and equal runs are equal bytes.

use std::collections::BTreeSet;

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ObjectClass, ReturnValue};
use hpcs_grpc::grep11::*;
use http::uri::PathAndQuery;
use prost::Message;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tonic::client::Grpc;
use tonic::{Code, Status};
use tonic_prost::ProstCodec;

use crate::desk::{
    AUDITOR, Desk, INSTANCE, attributes, cbc_pad, detail, integer, newer, pair_on, plain, return_value, signed, yes,
};

/// What was called, and what each event must say.
#[derive(Default)]
struct Ledger {
    /// Method, reason code, correlation id where one was sent.
    calls: Vec<(String, u64, Option<String>)>,
    /// Every answer and every status, as bytes.
    answers: Vec<u8>,
}

impl Ledger {
    fn correlation(&self) -> String {
        format!("7c1b2f9e-0a45-4f3b-8d6e-{:012x}", self.calls.len())
    }

    fn answered<M: Message>(&mut self, method: &str, correlation: String, answer: Result<M, Status>) -> M {
        let answer = answer.unwrap_or_else(|status| panic!("{method}: {status}"));
        self.answers.extend(answer.encode_to_vec());
        self.calls.push((method.to_owned(), 200, Some(correlation)));
        answer
    }

    fn refused<M>(&mut self, method: &str, answer: Result<M, Status>, value: ReturnValue) {
        let status = answer.err().unwrap_or_else(|| panic!("{method} is not refused"));
        assert_eq!(return_value(&status), value, "{method}");
        let function = if method == "RewrapKeyBlob" { "admin" } else { method };
        assert_eq!(status.message(), format!("Got error {value}, from libep11.so in m_{function}"));
        self.answers.extend(status.details());
        self.calls.push((method.to_owned(), 400, None));
    }
}

/// `digest_init` is `DigestInit`.
fn camel(snake: &str) -> String {
    let words = snake.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

/// The methods of the service by its definition. Sessions are tested beside the keystores.
fn methods() -> BTreeSet<String> {
    let definition = include_str!("../../../../proto/grpc/proto/grep11/grep11.proto");
    let methods = definition.lines().filter_map(|line| line.trim().strip_prefix("rpc ")?.split('(').next());
    methods.filter(|method| !["Login", "Logout"].contains(method)).map(str::to_owned).collect()
}

/// Calls every method twice.
async fn walk(desk: &Desk) -> Ledger {
    let mut ledger = Ledger::default();
    macro_rules! right {
        ($method:ident, $message:expr) => {{
            let correlation = ledger.correlation();
            let mut request = desk.request($message);
            request.metadata_mut().insert("x-correlation-id", correlation.parse().unwrap());
            let answer = desk.client().$method(request).await.map(tonic::Response::into_inner);
            ledger.answered(&camel(stringify!($method)), correlation, answer)
        }};
    }
    macro_rules! wrong {
        ($method:ident, $message:expr, $value:ident) => {{
            let answer = desk.client().$method(desk.request($message)).await;
            ledger.refused(&camel(stringify!($method)), answer, ReturnValue::$value)
        }};
    }
    let template = |list: &[(AttributeType, AttributeValue)]| attributes(list.iter().cloned());
    let hello = Bytes::from_static(b"Hello, this is a very long and creative message");
    let some = |key: &KeyBlob| Some(key.clone());

    right!(generate_random, GenerateRandomRequest { len: 40 });
    wrong!(generate_random, GenerateRandomRequest { len: 0 }, ARGUMENTS_BAD);
    right!(get_mechanism_list, GetMechanismListRequest {});
    right!(get_mechanism_info, GetMechanismInfoRequest { mech: MechanismType::AES_KEY_GEN.0 });
    wrong!(get_mechanism_info, GetMechanismInfoRequest { mech: 0xDEAD }, MECHANISM_INVALID);

    let key_template = template(&[
        (AttributeType::VALUE_LEN, integer(32)),
        (AttributeType::WRAP, yes()),
        (AttributeType::UNWRAP, yes()),
        (AttributeType::DERIVE, yes()),
        (AttributeType::EXTRACTABLE, yes()),
        (AttributeType::IBM_USE_AS_DATA, yes()),
    ]);
    let mech = plain(MechanismType::AES_KEY_GEN);
    let request = GenerateKeyRequest { mech: mech.clone(), template: key_template };
    let aes = right!(generate_key, request).key.unwrap();
    wrong!(generate_key, GenerateKeyRequest { mech, ..GenerateKeyRequest::default() }, TEMPLATE_INCOMPLETE);
    let sealed_in = desk.secret(MechanismType::AES_KEY_GEN, 32, []).await;
    ledger.calls.push(("GenerateKey".to_owned(), 200, None));
    let pair = right!(generate_key_pair, pair_on(crate::desk::P256));
    wrong!(generate_key_pair, pair_on(b"not a curve"), CURVE_NOT_SUPPORTED);

    let sha256 = plain(MechanismType::SHA256);
    let begun = right!(digest_init, DigestInitRequest { mech: sha256.clone() }).state;
    wrong!(digest_init, DigestInitRequest { mech: cbc_pad(1) }, MECHANISM_INVALID);
    right!(digest, DigestRequest { state: begun.clone(), data: hello.clone() });
    wrong!(digest, DigestRequest { data: hello.clone(), ..DigestRequest::default() }, OPERATION_NOT_INITIALIZED);
    let updated = right!(digest_update, DigestUpdateRequest { state: begun.clone(), data: hello.clone() }).state;
    let empty = DigestUpdateRequest { state: begun, data: Bytes::new() };
    wrong!(digest_update, empty, ARGUMENTS_BAD);
    let with_key = DigestKeyRequest { state: updated.clone(), key: some(&aes), ..DigestKeyRequest::default() };
    let updated = right!(digest_key, with_key).state;
    let with_other = DigestKeyRequest { state: updated.clone(), key: some(&sealed_in), ..DigestKeyRequest::default() };
    wrong!(digest_key, with_other, KEY_INDIGESTIBLE);
    right!(digest_final, DigestFinalRequest { state: updated });
    wrong!(digest_final, DigestFinalRequest::default(), OPERATION_NOT_INITIALIZED);
    right!(digest_single, DigestSingleRequest { mech: sha256, data: hello.clone() });
    wrong!(digest_single, DigestSingleRequest { mech: None, data: hello.clone() }, MECHANISM_INVALID);

    let (mech, key) = (cbc_pad(1), some(&aes));
    let request = EncryptInitRequest { mech: mech.clone(), key: key.clone(), ..EncryptInitRequest::default() };
    let begun = right!(encrypt_init, request).state;
    let keyless = EncryptInitRequest { mech: mech.clone(), ..EncryptInitRequest::default() };
    wrong!(encrypt_init, keyless, KEY_HANDLE_INVALID);
    right!(encrypt, EncryptRequest { state: begun.clone(), plain: hello.clone() });
    let updated = right!(encrypt_update, EncryptUpdateRequest { state: begun.clone(), plain: hello.clone() });
    wrong!(encrypt, EncryptRequest { state: updated.state.clone(), plain: hello.clone() }, OPERATION_ACTIVE);
    wrong!(encrypt_update, EncryptUpdateRequest::default(), OPERATION_NOT_INITIALIZED);
    right!(encrypt_final, EncryptFinalRequest { state: updated.state });
    wrong!(encrypt_final, EncryptFinalRequest::default(), OPERATION_NOT_INITIALIZED);
    let request = EncryptSingleRequest {
        mech: mech.clone(),
        key: key.clone(),
        plain: hello.clone(),
        ..EncryptSingleRequest::default()
    };
    let ciphered = right!(encrypt_single, request.clone()).ciphered;
    wrong!(encrypt_single, EncryptSingleRequest { key: newer(&[7; 300]), ..request }, IBM_BLOB_ERROR);

    let request = DecryptInitRequest { mech: mech.clone(), key: key.clone(), ..DecryptInitRequest::default() };
    let begun = right!(decrypt_init, request.clone()).state;
    let iv_of_another = plain(MechanismType::AES_CBC_PAD);
    wrong!(decrypt_init, DecryptInitRequest { mech: iv_of_another, ..request }, MECHANISM_PARAM_INVALID);
    right!(decrypt, DecryptRequest { state: begun.clone(), ciphered: ciphered.clone() });
    let short = DecryptRequest { state: begun.clone(), ciphered: ciphered.slice(..9) };
    wrong!(decrypt, short, ENCRYPTED_DATA_LEN_RANGE);
    let updated = right!(decrypt_update, DecryptUpdateRequest { state: begun.clone(), ciphered: ciphered.clone() });
    wrong!(decrypt_update, DecryptUpdateRequest::default(), OPERATION_NOT_INITIALIZED);
    right!(decrypt_final, DecryptFinalRequest { state: updated.state });
    wrong!(decrypt_final, DecryptFinalRequest { state: begun }, ENCRYPTED_DATA_LEN_RANGE);
    let request = DecryptSingleRequest {
        mech: mech.clone(),
        key: key.clone(),
        ciphered: ciphered.clone(),
        ..DecryptSingleRequest::default()
    };
    assert_eq!(right!(decrypt_single, request.clone()).plain, hello);
    wrong!(decrypt_single, DecryptSingleRequest { ciphered: ciphered.slice(1..), ..request }, ENCRYPTED_DATA_LEN_RANGE);
    let request = ReencryptSingleRequest {
        dec_mech: mech.clone(),
        enc_mech: cbc_pad(2),
        dec_key: key.clone(),
        enc_key: key.clone(),
        ciphered,
        ..ReencryptSingleRequest::default()
    };
    right!(reencrypt_single, request.clone());
    wrong!(reencrypt_single, ReencryptSingleRequest { enc_key: None, ..request }, KEY_HANDLE_INVALID);

    let ecdsa = plain(MechanismType::ECDSA_SHA256);
    let request =
        SignInitRequest { mech: ecdsa.clone(), priv_key: pair.priv_key.clone(), ..SignInitRequest::default() };
    let begun = right!(sign_init, request.clone()).state;
    wrong!(sign_init, SignInitRequest { priv_key: pair.pub_key.clone(), ..request }, KEY_FUNCTION_NOT_PERMITTED);
    let signature = right!(sign, SignRequest { state: begun.clone(), data: hello.clone() }).signature;
    wrong!(sign, SignRequest { data: hello.clone(), ..SignRequest::default() }, OPERATION_NOT_INITIALIZED);
    let updated = right!(sign_update, SignUpdateRequest { state: begun.clone(), data: hello.clone() }).state;
    wrong!(sign_update, SignUpdateRequest::default(), OPERATION_NOT_INITIALIZED);
    right!(sign_final, SignFinalRequest { state: updated });
    wrong!(sign_final, SignFinalRequest::default(), OPERATION_NOT_INITIALIZED);
    let request = SignSingleRequest {
        mech: ecdsa.clone(),
        priv_key: pair.priv_key.clone(),
        data: hello.clone(),
        ..SignSingleRequest::default()
    };
    right!(sign_single, request.clone());
    wrong!(sign_single, SignSingleRequest { priv_key: some(&aes), ..request }, KEY_TYPE_INCONSISTENT);

    let mut false_signature = signature.to_vec();
    false_signature[40] ^= 1;
    let false_signature = Bytes::from(false_signature);
    let request =
        VerifyInitRequest { mech: ecdsa.clone(), pub_key: pair.pub_key.clone(), ..VerifyInitRequest::default() };
    let begun = right!(verify_init, request.clone()).state;
    wrong!(verify_init, VerifyInitRequest { mech: mech.clone(), ..request }, MECHANISM_INVALID);
    let request = VerifyRequest { state: begun.clone(), data: hello.clone(), signature: signature.clone() };
    right!(verify, request.clone());
    wrong!(verify, VerifyRequest { signature: false_signature.clone(), ..request }, SIGNATURE_INVALID);
    let updated = right!(verify_update, VerifyUpdateRequest { state: begun, data: hello.clone() }).state;
    wrong!(verify_update, VerifyUpdateRequest::default(), OPERATION_NOT_INITIALIZED);
    right!(verify_final, VerifyFinalRequest { state: updated.clone(), signature: signature.clone() });
    wrong!(verify_final, VerifyFinalRequest { state: updated, signature: false_signature.clone() }, SIGNATURE_INVALID);
    let request = VerifySingleRequest {
        mech: ecdsa,
        pub_key: pair.pub_key.clone(),
        data: hello.clone(),
        signature,
        ..VerifySingleRequest::default()
    };
    right!(verify_single, request.clone());
    wrong!(verify_single, VerifySingleRequest { signature: false_signature, ..request }, SIGNATURE_INVALID);

    let request =
        WrapKeyRequest { mech: mech.clone(), key: key.clone(), ke_k: key.clone(), ..WrapKeyRequest::default() };
    let wrapped = right!(wrap_key, request.clone()).wrapped;
    wrong!(wrap_key, WrapKeyRequest { key: some(&sealed_in), ..request }, KEY_UNEXTRACTABLE);
    let template = template(&[
        (AttributeType::CLASS, integer(ObjectClass::SECRET_KEY.0.into())),
        (AttributeType::KEY_TYPE, integer(0x1F)),
    ]);
    let request = UnwrapKeyRequest { mech, ke_k: key, wrapped, template, ..UnwrapKeyRequest::default() };
    right!(unwrap_key, request.clone());
    wrong!(unwrap_key, UnwrapKeyRequest { template: attributes([]), ..request }, TEMPLATE_INCOMPLETE);
    let mech = plain(MechanismType::SHA256_KEY_DERIVATION);
    let request = DeriveKeyRequest { mech, base_key: some(&aes), ..DeriveKeyRequest::default() };
    right!(derive_key, request.clone());
    wrong!(derive_key, DeriveKeyRequest { base_key: some(&sealed_in), ..request }, KEY_FUNCTION_NOT_PERMITTED);

    let object = sealed_in.key_blobs[0].clone();
    let asked = |attribute| attributes([(attribute, yes())]);
    let request = GetAttributeValueRequest {
        object: object.clone(),
        attributes: asked(AttributeType::ENCRYPT),
        ..GetAttributeValueRequest::default()
    };
    right!(get_attribute_value, request.clone());
    let request = GetAttributeValueRequest { attributes: asked(AttributeType::VALUE), ..request };
    wrong!(get_attribute_value, request, ATTRIBUTE_SENSITIVE);
    let request = SetAttributeValueRequest {
        object: object.clone(),
        attributes: asked(AttributeType::DERIVE),
        ..SetAttributeValueRequest::default()
    };
    right!(set_attribute_value, request.clone());
    let request = SetAttributeValueRequest { attributes: asked(AttributeType::EXTRACTABLE), ..request };
    wrong!(set_attribute_value, request, ATTRIBUTE_READ_ONLY);
    let request = RewrapKeyBlobRequest { wrapped_key: some(&aes), ..RewrapKeyBlobRequest::default() };
    right!(rewrap_key_blob, request);
    let request = RewrapKeyBlobRequest { wrapped_key_bytes: object.slice(1..), ..RewrapKeyBlobRequest::default() };
    wrong!(rewrap_key_blob, request, IBM_BLOB_ERROR);
    ledger
}

/// An event is the one of a call of this method, with this reason, of this instance.
pub(crate) fn check(event: &Value, method: &str, code: u64) {
    let crn = format!("crn:v1:bluemix:public:hs-crypto:us-south:a/4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52:{INSTANCE}::");
    let outcome = if code == 200 { "success" } else { "failure" };
    let severity = if [401, 403].contains(&code) {
        "critical"
    } else if code == 200 {
        "normal"
    } else {
        "warning"
    };
    let found = (&event["action"], &event["outcome"], &event["reason"]["reasonCode"], &event["severity"]);
    let (action, code) = (Value::from("hs-crypto.ep11.use"), Value::from(code));
    assert_eq!(found, (&action, &outcome.into(), &code, &severity.into()), "{method}");
    assert_eq!(event["requestData"]["requestURI"], format!("/grep11.Crypto/{method}"));
    assert_eq!((&event["target"]["id"], &event["target"]["name"]), (&crn.clone().into(), &INSTANCE.into()));
    assert_eq!((&event["logSourceCRN"], &event["dataEvent"]), (&crn.into(), &true.into()));
}

#[tokio::test]
async fn every_method_leaves_one_event_carried_out_or_refused() {
    let desk = Desk::open().await;
    let ledger = walk(&desk).await;
    let carried_out: BTreeSet<_> =
        ledger.calls.iter().filter(|call| call.1 == 200).map(|call| call.0.clone()).collect();
    assert_eq!(carried_out, methods());
    let mut refused: BTreeSet<_> =
        ledger.calls.iter().filter(|call| call.1 == 400).map(|call| call.0.clone()).collect();
    // The list is refused to those who may not ask, and to nobody else.
    refused.insert("GetMechanismList".to_owned());
    assert_eq!(refused, methods());
    let events = desk.events().await;
    assert_eq!(events.len(), ledger.calls.len());
    let mut made = BTreeSet::new();
    for (event, (method, code, correlation)) in events.iter().zip(&ledger.calls) {
        check(event, method, *code);
        let found = event["correlationId"].as_str().unwrap();
        match correlation {
            Some(sent) => assert_eq!(found, sent),
            None => {
                assert!(is_uuid_v4(found), "{found}");
                assert!(made.insert(found.to_owned()), "{found} is there twice");
            }
        }
    }
}

fn is_uuid_v4(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12]
        && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        && text.as_bytes()[14] == b'4'
        && b"89ab".contains(&text.as_bytes()[19])
}

/// Calls every method with an empty message; gives the status of each.
async fn knock(desk: &Desk, token: Option<&str>) -> Vec<(String, Status)> {
    let mut answers = Vec::new();
    for method in methods() {
        let message = GetMechanismListRequest {};
        let request = token.map_or_else(|| tonic::Request::new(message), |token| signed(token, message));
        let path: PathAndQuery = format!("/grep11.Crypto/{method}").parse().unwrap();
        let mut grpc = Grpc::new(desk.server.channel.clone());
        grpc.ready().await.unwrap();
        let codec = ProstCodec::<GetMechanismListRequest, GetMechanismListResponse>::default();
        answers.push((method, grpc.unary(request, path, codec).await.err().unwrap()));
    }
    answers
}

#[tokio::test]
async fn every_method_wants_a_token_and_a_role() {
    let desk = Desk::open().await;
    let auditor = desk.of(AUDITOR).await;
    let mut expected = Vec::new();
    for (token, code, reason) in [(None, Code::Unauthenticated, 401), (Some(&*auditor), Code::PermissionDenied, 403)] {
        for (method, status) in knock(&desk, token).await {
            assert_eq!(status.code(), code, "{method}");
            let error = detail(&status);
            let not_authenticated = ReturnValue::IBM_GREP11_NOT_AUTHENTICATED.0;
            assert_eq!((error.code, error.retry), (not_authenticated.into(), false), "{method}");
            expected.push((method, reason));
        }
    }
    let events = desk.events().await;
    assert_eq!(events.len(), expected.len());
    for (event, (method, reason)) in events.iter().zip(&expected) {
        check(event, method, *reason);
    }
}

/// The other run is another process as far as it knows: nothing is shared but the seed.
#[tokio::test]
async fn the_same_calls_on_the_same_seed_are_the_same_bytes() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let desk = Desk::open().await;
        let ledger = walk(&desk).await;
        let log = Sha256::digest(desk.lines_of(INSTANCE).await.join(&b'\n'));
        runs.push((ledger.calls.len(), ledger.answers, log));
    }
    assert_eq!(runs[0].0, runs[1].0);
    assert!(runs[0].1 == runs[1].1, "the answers differ");
    assert_eq!(runs[0].2, runs[1].2, "the logs differ");
}
