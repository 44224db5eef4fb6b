//! One wire format for two generations of clients, and values in the forms that languages choose.

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};
use hpcs_grpc::grep11::mechanism::Parameter;
use hpcs_grpc::grep11::*;

use crate::desk::{Desk, P256, attributes, bytes_of, cbc_pad, integer, newer, octets, plain, with, yes};

#[tokio::test]
async fn answers_have_a_key_in_both_forms_and_either_is_taken() {
    let desk = Desk::open().await;
    let template = attributes([(AttributeType::VALUE_LEN, integer(16)), (AttributeType::EXTRACTABLE, yes())]);
    let request = GenerateKeyRequest { mech: plain(MechanismType::AES_KEY_GEN), template };
    let answer = ask!(desk, generate_key, request);
    let record = answer.key.unwrap();
    assert_eq!(bytes_of(&record), answer.key_bytes);
    assert_eq!((record.key_blob_id.len(), record.tx_id.len(), record.version), (16, 16, 0));
    assert!(record.attributes[&AttributeType::EXTRACTABLE.0] == yes());
    assert!(record.attributes[&AttributeType::VALUE_LEN.0] == integer(16));
    assert!(record.attributes[&AttributeType::CHECK_VALUE.0] == octets(&answer.check_sum[..3]));

    let plain = Bytes::from_static(b"two generations, one answer");
    let base = EncryptSingleRequest { mech: cbc_pad(3), plain: plain.clone(), ..EncryptSingleRequest::default() };
    let other = desk.aes().await;
    let old = EncryptSingleRequest { key_legacy: answer.key_bytes.clone(), ..base.clone() };
    let new = EncryptSingleRequest { key: Some(record.clone()), ..base.clone() };
    let bare = EncryptSingleRequest { key: newer(&answer.key_bytes), ..base.clone() };
    let both = EncryptSingleRequest { key_legacy: bytes_of(&other), ..new.clone() };
    let empty = EncryptSingleRequest { key: Some(KeyBlob::default()), ..old.clone() };
    let expected = ask!(desk, encrypt_single, old).ciphered;
    for form in [new, bare, both, empty] {
        assert_eq!(ask!(desk, encrypt_single, form).ciphered, expected);
    }
    assert_eq!(refused!(desk, encrypt_single, base), ReturnValue::KEY_HANDLE_INVALID);

    let begun = DecryptInitRequest { mech: cbc_pad(3), key_legacy: answer.key_bytes, ..DecryptInitRequest::default() };
    let state = ask!(desk, decrypt_init, begun).state;
    assert_eq!(ask!(desk, decrypt, DecryptRequest { state, ciphered: expected }).plain, plain);
}

#[tokio::test]
async fn pairs_wrapped_and_derived_keys_are_there_in_both_forms() {
    let desk = Desk::open().await;
    let pair = desk.pair().await;
    let (private, public) = (pair.priv_key.unwrap(), pair.pub_key.unwrap());
    assert_eq!((bytes_of(&private), bytes_of(&public)), (pair.priv_key_bytes.clone(), pair.pub_key_bytes.clone()));
    assert_ne!(private.key_blob_id, public.key_blob_id);
    assert!(public.attributes[&AttributeType::EC_PARAMS.0] == octets(P256));

    let (mech, data) = (plain(MechanismType::ECDSA_SHA512), Bytes::from_static(b"This data needs to be signed"));
    let request = SignSingleRequest {
        mech: mech.clone(),
        priv_key_legacy: pair.priv_key_bytes,
        data: data.clone(),
        ..SignSingleRequest::default()
    };
    let signature = ask!(desk, sign_single, request).signature;
    assert_eq!(signature.len(), 64);
    let request = VerifySingleRequest { mech, data, signature, ..VerifySingleRequest::default() };
    ask!(desk, verify_single, VerifySingleRequest { pub_key_legacy: pair.pub_key_bytes, ..request.clone() });
    ask!(desk, verify_single, VerifySingleRequest { pub_key: Some(public), ..request });

    let aes = desk.aes().await;
    let bytes = bytes_of(&aes);
    let request = WrapKeyRequest { mech: cbc_pad(1), ..WrapKeyRequest::default() };
    let old = WrapKeyRequest { key_legacy: bytes.clone(), ke_k_legacy: bytes.clone(), ..request.clone() };
    let new = WrapKeyRequest { key: Some(aes.clone()), ke_k: Some(aes.clone()), ..request };
    let wrapped = ask!(desk, wrap_key, old).wrapped;
    assert_eq!(ask!(desk, wrap_key, new).wrapped, wrapped);
    let template = attributes([(AttributeType::CLASS, integer(4)), (AttributeType::KEY_TYPE, integer(0x1F))]);
    let request = UnwrapKeyRequest { mech: cbc_pad(1), wrapped, template, ..UnwrapKeyRequest::default() };
    for request in [
        UnwrapKeyRequest { ke_k_legacy: bytes.clone(), ..request.clone() },
        UnwrapKeyRequest { ke_k: Some(aes.clone()), ..request },
    ] {
        let answer = ask!(desk, unwrap_key, request);
        assert_eq!(bytes_of(&answer.unwrapped.unwrap()), answer.unwrapped_bytes);
    }
    let request = DeriveKeyRequest { mech: plain(MechanismType::SHA256_KEY_DERIVATION), ..DeriveKeyRequest::default() };
    let old = ask!(desk, derive_key, DeriveKeyRequest { base_key_legacy: bytes.clone(), ..request.clone() });
    let new = ask!(desk, derive_key, DeriveKeyRequest { base_key: Some(aes), ..request });
    assert_eq!(old.check_sum, new.check_sum);
    assert_eq!(bytes_of(&new.new_key.unwrap()), new.new_key_bytes);
    let old = RewrapKeyBlobRequest { wrapped_key_bytes: bytes.clone(), ..RewrapKeyBlobRequest::default() };
    let new = RewrapKeyBlobRequest { wrapped_key: newer(&bytes), ..RewrapKeyBlobRequest::default() };
    for request in [old, new] {
        let answer = ask!(desk, rewrap_key_blob, request);
        assert_eq!(bytes_of(&answer.rewrapped_key.unwrap()), answer.rewrapped_key_bytes);
        assert_eq!(answer.rewrapped_key_bytes.len(), bytes.len());
    }
}

#[tokio::test]
async fn attributes_are_asked_for_and_answered_in_both_forms() {
    let desk = Desk::open().await;
    let object = bytes_of(&desk.aes().await);
    let request = GetAttributeValueRequest { object, ..GetAttributeValueRequest::default() };
    // What stands with them is a placeholder.
    let new = attributes([(AttributeType::ENCRYPT, integer(0)), (AttributeType::VALUE_LEN, octets(b"?"))]);
    let old = new.keys().map(|attribute| (*attribute, Bytes::new())).collect();
    let new = ask!(desk, get_attribute_value, GetAttributeValueRequest { attributes: new, ..request.clone() });
    let old = ask!(desk, get_attribute_value, GetAttributeValueRequest { attributes_bytes: old, ..request.clone() });
    assert!(new == old);
    assert!(new.attributes == attributes([(AttributeType::ENCRYPT, yes()), (AttributeType::VALUE_LEN, integer(32))]));
    assert_eq!(new.attributes_bytes[&AttributeType::ENCRYPT.0], &[1][..]);
    assert_eq!(new.attributes_bytes[&AttributeType::VALUE_LEN.0], &32_u64.to_be_bytes()[..]);
    let all = ask!(desk, get_attribute_value, request);
    assert!(all.attributes.len() > 20 && all.attributes.keys().eq(all.attributes_bytes.keys()));
}

/// Numbers of EP11 above 2^31 travel as 0x00800000 + n, or as negative numbers.
#[tokio::test]
async fn the_enumerations_of_ep11_arrive_in_either_form() {
    let desk = Desk::open().await;
    let kdf = [ecdh1_derive_parm::KeyDerivationFunction::CkdIbmHybridNull as i32, 0x8000_0001_u32 as i32];
    let pair = pair_that_agrees(&desk).await;
    let point = public_point(&pair.pub_key_bytes);
    let derive = |kdf| {
        let parameter = Ecdh1DeriveParm { kdf, shared_data: Bytes::new(), public_data: point.clone() };
        let mech = with(MechanismType::ECDH1_DERIVE, Parameter::Ecdh1DeriveParameter(parameter));
        let template = attributes([(AttributeType::IBM_USE_AS_DATA, yes())]);
        DeriveKeyRequest { mech, base_key: pair.priv_key.clone(), template, ..DeriveKeyRequest::default() }
    };
    let sums = [ask!(desk, derive_key, derive(kdf[0])).check_sum, ask!(desk, derive_key, derive(kdf[1])).check_sum];
    assert_eq!(sums[0], sums[1]);
    for unknown in [0, 3, 0x0080_0077, -5] {
        assert_eq!(refused!(desk, derive_key, derive(unknown)), ReturnValue::MECHANISM_PARAM_INVALID, "{unknown}");
    }
}

/// A pair on P-256 for key agreement.
async fn pair_that_agrees(desk: &Desk) -> GenerateKeyPairResponse {
    let request = GenerateKeyPairRequest {
        priv_key_template: attributes([(AttributeType::DERIVE, yes())]),
        ..crate::desk::pair_on(P256)
    };
    ask!(desk, generate_key_pair, request)
}

/// The uncompressed point of public key information on P-256: 26 bytes precede it.
fn public_point(info: &Bytes) -> Bytes {
    info.slice(26..26 + 65)
}
