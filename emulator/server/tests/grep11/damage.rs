//! Keys and states that are not as they left the unit, and units that are not as they were.

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};
use hpcs_grpc::emulator::v1::ResetInstanceRequest;
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_grpc::grep11::*;

use crate::desk::{Desk, FIRST, INSTANCE, SECOND, bytes_of, cbc_pad, instance, newer, plain, unit, yes};
use crate::every_method::check;

/// Where the name of the master key stands in key blobs and in states.
const WKID: std::ops::Range<usize> = 32..48;

fn encrypt(key: &[u8]) -> EncryptSingleRequest {
    let plain = Bytes::from_static(b"hello");
    EncryptSingleRequest { mech: cbc_pad(1), key: newer(key), plain, ..EncryptSingleRequest::default() }
}

fn changed(bytes: &[u8], at: usize, with: u8) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[at] ^= with;
    changed
}

#[tokio::test]
async fn a_blob_with_any_byte_changed_is_no_key() {
    let desk = Desk::open().await;
    let blob = bytes_of(&desk.aes().await);
    assert_eq!(blob.len(), 256);
    for at in 0..blob.len() {
        let expected = if WKID.contains(&at) { ReturnValue::IBM_WKID_MISMATCH } else { ReturnValue::IBM_BLOB_ERROR };
        let with = 1 << (at % 8);
        assert_eq!(refused!(desk, encrypt_single, encrypt(&changed(&blob, at, with))), expected, "byte {at}");
    }
    // Looks like a public key.
    assert_eq!(refused!(desk, encrypt_single, encrypt(&changed(&blob, 0, 0x30))), ReturnValue::IBM_BLOB_ERROR);
    for length in [1, 31, 79, 80, 111, 112, 127, 128, 255] {
        let refusal = refused!(desk, encrypt_single, encrypt(&blob[..length]));
        assert_eq!(refusal, ReturnValue::IBM_BLOB_ERROR, "{length} bytes");
    }
    assert_eq!(refused!(desk, encrypt_single, encrypt(&[&blob[..], &[0]].concat())), ReturnValue::IBM_BLOB_ERROR);
    assert_eq!(refused!(desk, encrypt_single, encrypt(&[])), ReturnValue::KEY_HANDLE_INVALID);
    check(&desk.last_event().await, "EncryptSingle", 400);
    ask!(desk, encrypt_single, encrypt(&blob));
}

#[tokio::test]
async fn an_authenticated_public_key_with_any_byte_changed_is_no_key() {
    let desk = Desk::open().await;
    let pair = desk.pair().await;
    let (key, info) = (pair.pub_key_bytes, 26 + 65);
    assert_eq!(key.len(), info + 120);
    let verify = |key: &[u8]| VerifyInitRequest {
        mech: plain(MechanismType::ECDSA_SHA256),
        pub_key: newer(key),
        ..VerifyInitRequest::default()
    };
    let wrapping_key = info + 2..info + 18;
    for at in 1..key.len() {
        let expected =
            if wrapping_key.contains(&at) { ReturnValue::IBM_WKID_MISMATCH } else { ReturnValue::IBM_BLOB_ERROR };
        assert_eq!(refused!(desk, verify_init, verify(&changed(&key, at, 1))), expected, "byte {at}");
    }
    for length in (info + 1..key.len()).step_by(7) {
        let refusal = refused!(desk, verify_init, verify(&key[..length]));
        assert_eq!(refusal, ReturnValue::IBM_BLOB_ERROR, "{length} bytes");
    }
    // Without all that authenticates it, it is a public key of the world outside, and that may verify.
    ask!(desk, verify_init, verify(&key[..info]));
}

#[tokio::test]
async fn a_state_with_any_byte_changed_is_no_state() {
    let desk = Desk::open().await;
    let key = Some(desk.aes().await);
    let request = EncryptInitRequest { mech: cbc_pad(1), key, ..EncryptInitRequest::default() };
    let state = ask!(desk, encrypt_init, request).state;
    assert!(state.len() <= 8192);
    let update = |state: &[u8]| EncryptUpdateRequest {
        state: Bytes::copy_from_slice(state),
        plain: Bytes::from_static(b"sixteen bytes of"),
    };
    for at in 0..state.len() {
        let expected = match at {
            32..48 => ReturnValue::IBM_WKID_MISMATCH,
            48..52 => ReturnValue::OPERATION_NOT_INITIALIZED,
            _ => ReturnValue::SAVED_STATE_INVALID,
        };
        let with = 1 << (at % 8);
        assert_eq!(refused!(desk, encrypt_update, update(&changed(&state, at, with))), expected, "byte {at}");
    }
    for length in [0, 1, 75, 76, 107, 108] {
        let refusal = refused!(desk, encrypt_update, update(&state[..length]));
        assert_eq!(refusal, ReturnValue::OPERATION_NOT_INITIALIZED, "{length} bytes");
    }
    let shorter = refused!(desk, encrypt_update, update(&state[..state.len() - 16]));
    assert_eq!(shorter, ReturnValue::SAVED_STATE_INVALID);
}

#[tokio::test]
async fn a_state_serves_its_own_purpose_alone() {
    let desk = Desk::open().await;
    let key = desk.aes().await;
    let none = ReturnValue::OPERATION_NOT_INITIALIZED;
    let request = EncryptInitRequest { mech: cbc_pad(1), key: Some(key.clone()), ..EncryptInitRequest::default() };
    let encrypting = ask!(desk, encrypt_init, request).state;
    let decrypt = DecryptRequest { state: encrypting.clone(), ciphered: Bytes::from_static(&[0; 16]) };
    assert_eq!(refused!(desk, decrypt, decrypt), none);
    let digest = DigestRequest { state: encrypting.clone(), data: Bytes::from_static(b"x") };
    assert_eq!(refused!(desk, digest, digest), none);
    let sign = SignRequest { state: encrypting.clone(), data: Bytes::from_static(b"x") };
    assert_eq!(refused!(desk, sign, sign), none);
    assert_eq!(refused!(desk, sign_final, SignFinalRequest { state: encrypting.clone() }), none);
    let verify = VerifyRequest { state: encrypting.clone(), ..VerifyRequest::default() };
    assert_eq!(refused!(desk, verify, verify), none);
    // Nor is a state a key, or a key a state.
    assert_eq!(refused!(desk, encrypt_single, encrypt(&encrypting)), ReturnValue::IBM_BLOB_ERROR);
    let request = EncryptRequest { state: bytes_of(&key), plain: Bytes::from_static(b"x") };
    assert_eq!(refused!(desk, encrypt, request), none);
}

#[tokio::test]
async fn a_state_is_data_that_can_be_used_again_and_taken_two_ways() {
    let desk = Desk::open().await;
    let key = Some(desk.aes().await);
    let request = EncryptInitRequest { mech: cbc_pad(1), key, ..EncryptInitRequest::default() };
    let begun = ask!(desk, encrypt_init, request).state;
    let update = |state: &Bytes, plain: &'static [u8]| EncryptUpdateRequest {
        state: state.clone(),
        plain: Bytes::from_static(plain),
    };
    let head = ask!(desk, encrypt_update, update(&begun, b"sixteen bytes of head, "));
    let mut ends = Vec::new();
    for tail in [&b"then one way"[..], b"then another", b"then one way"] {
        let middle = ask!(desk, encrypt_update, update(&head.state, tail));
        let last = EncryptFinalRequest { state: middle.state };
        let again = ask!(desk, encrypt_final, last.clone()).ciphered;
        let end = ask!(desk, encrypt_final, last).ciphered;
        assert_eq!(end, again);
        let whole = [&b"sixteen bytes of head, "[..], tail].concat();
        let request = EncryptRequest { state: begun.clone(), plain: whole.into() };
        let expected = ask!(desk, encrypt, request).ciphered;
        ends.push([head.ciphered.clone(), middle.ciphered, end].concat());
        assert_eq!(*ends.last().unwrap(), expected);
    }
    assert_eq!(ends[0], ends[2]);
    assert_ne!(ends[0], ends[1]);
}

#[tokio::test]
async fn without_a_master_key_there_are_no_keys_and_what_needs_none_goes_on() {
    let desk = Desk::open().await;
    let blob = bytes_of(&desk.aes().await);
    let request = EncryptInitRequest { mech: cbc_pad(1), key: newer(&blob), ..EncryptInitRequest::default() };
    let state = ask!(desk, encrypt_init, request).state;
    let reset = ResetInstanceRequest { instance: INSTANCE.to_owned(), document: Vec::new() };
    InstancesClient::new(desk.server.channel.clone()).reset(desk.request(reset)).await.unwrap();
    let gone = ReturnValue::IBM_WK_NOT_INITIALIZED;
    assert_eq!(refused!(desk, encrypt_single, encrypt(&blob)), gone);
    check(&desk.last_event().await, "EncryptSingle", 400);
    // Whatever the key looks like.
    assert_eq!(refused!(desk, encrypt_single, encrypt(&[7; 12])), gone);
    assert_eq!(refused!(desk, encrypt, EncryptRequest { state, plain: Bytes::new() }), gone);
    let template = crate::desk::attributes([(AttributeType::VALUE_LEN, crate::desk::integer(32))]);
    let request = GenerateKeyRequest { mech: plain(MechanismType::AES_KEY_GEN), template };
    let status = call!(desk, generate_key, request).err().unwrap();
    assert_eq!(status.message(), "Got error CKR_IBM_WK_NOT_INITIALIZED, from libep11.so in m_GenerateKey");
    ask!(desk, generate_random, GenerateRandomRequest { len: 8 });
    assert!(ask!(desk, get_mechanism_list, GetMechanismListRequest {}).mechs.len() > 50);
    let begun = ask!(desk, digest_init, DigestInitRequest { mech: plain(MechanismType::SHA256) }).state;
    let digest = ask!(desk, digest, DigestRequest { state: begun, data: Bytes::from_static(b"abc") }).digest;
    assert_eq!(digest[..4], [0xBA, 0x78, 0x16, 0xBF]);
}

/// Calls are spread over the operational units of an instance.
#[tokio::test]
async fn units_that_disagree_fail_the_calls_that_reach_the_other_one() {
    let desk = Desk::with(&[instance(INSTANCE, &[unit(FIRST, None), unit(SECOND, None)])]).await;
    let mut blobs = Vec::new();
    for _ in 0..12 {
        blobs.push(bytes_of(&desk.secret(MechanismType::AES_KEY_GEN, 32, [(AttributeType::ENCRYPT, yes())]).await));
    }
    let of_the_first = blobs.iter().filter(|blob| blob[WKID] == blobs[0][WKID]).count();
    assert!((1..12).contains(&of_the_first), "{of_the_first} of 12");
    let mut refused = 0;
    for _ in 0..12 {
        match call!(desk, encrypt_single, encrypt(&blobs[0])) {
            Ok(answer) => assert_eq!(answer.ciphered.len(), 16),
            Err(status) => {
                assert_eq!(crate::desk::return_value(&status), ReturnValue::IBM_WKID_MISMATCH);
                refused += 1;
            }
        }
    }
    assert!((1..12).contains(&refused), "{refused} of 12");
    let failures = desk.events().await.iter().filter(|event| event["outcome"] == "failure").count();
    assert_eq!(failures, refused);
}
