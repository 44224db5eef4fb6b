//! The answers as messages. Both generations of clients find theirs.

use bytes::Bytes;
use hpcs_grpc::grep11::{self as wire, KeyBlob};
use hpcs_hsm::functions::{AttributeValue, NewKey, Output};
use hpcs_service::{CryptoReply, KeyName};
use prost::Message;
use zeroize::Zeroizing;

use super::mechanism::attributes;

/// A message; none when the answer is that of another function.
pub(super) type Encoded = Option<Vec<u8>>;

/// What a unit has answered.
fn output(reply: CryptoReply) -> Option<Output> {
    match reply {
        CryptoReply::Output { output, .. } => Some(output),
        CryptoReply::LoggedIn(_) | CryptoReply::LoggedOut => None,
    }
}

/// Where a message has bytes and nothing else.
fn bytes(reply: CryptoReply) -> Option<Bytes> {
    match output(reply)? {
        Output::Bytes(bytes) => Some(owned(bytes)),
        _ => None,
    }
}

/// A state, and what the operation gave.
fn state(reply: CryptoReply) -> Option<(Bytes, Bytes)> {
    match output(reply)? {
        Output::State { state, bytes } => Some((state.into(), owned(bytes))),
        _ => None,
    }
}

fn owned(mut bytes: Zeroizing<Vec<u8>>) -> Bytes {
    std::mem::take(&mut *bytes).into()
}

macro_rules! of_bytes {
    ($($name:ident $message:ident $field:ident;)*) => {
        $(pub(super) fn $name(reply: CryptoReply) -> Encoded {
            Some(wire::$message { $field: bytes(reply)? }.encode_to_vec())
        })*
    };
}

of_bytes! {
    generate_random GenerateRandomResponse rnd;
    digest DigestResponse digest;
    digest_final DigestFinalResponse digest;
    digest_single DigestSingleResponse digest;
    encrypt EncryptResponse ciphered;
    decrypt DecryptResponse plain;
    encrypt_final EncryptFinalResponse ciphered;
    decrypt_final DecryptFinalResponse plain;
    encrypt_single EncryptSingleResponse ciphered;
    decrypt_single DecryptSingleResponse plain;
    sign_final SignFinalResponse signature;
    sign SignResponse signature;
    sign_single SignSingleResponse signature;
    reencrypt_single ReencryptSingleResponse reciphered;
    wrap_key WrapKeyResponse wrapped;
}

macro_rules! of_state {
    ($($name:ident $message:ident;)*) => {
        $(pub(super) fn $name(reply: CryptoReply) -> Encoded {
            let (state, _) = state(reply)?;
            Some(wire::$message { state }.encode_to_vec())
        })*
    };
}

of_state! {
    digest_init DigestInitResponse;
    digest_update DigestUpdateResponse;
    digest_key DigestKeyResponse;
    encrypt_init EncryptInitResponse;
    decrypt_init DecryptInitResponse;
    sign_init SignInitResponse;
    verify_init VerifyInitResponse;
    sign_update SignUpdateResponse;
    verify_update VerifyUpdateResponse;
}

pub(super) fn encrypt_update(reply: CryptoReply) -> Encoded {
    let (state, ciphered) = state(reply)?;
    Some(wire::EncryptUpdateResponse { state, ciphered }.encode_to_vec())
}

pub(super) fn decrypt_update(reply: CryptoReply) -> Encoded {
    let (state, plain) = state(reply)?;
    Some(wire::DecryptUpdateResponse { state, plain }.encode_to_vec())
}

/// The three messages that say yes by being there have no fields.
pub(super) fn verified(reply: CryptoReply) -> Encoded {
    match output(reply)? {
        Output::Done => Some(wire::VerifyResponse {}.encode_to_vec()),
        _ => None,
    }
}

/// A key in both forms: its blob, and the record around it.
fn blob(key: NewKey, name: &KeyName) -> (Bytes, KeyBlob) {
    let bytes = Bytes::from(key.blob);
    let record = KeyBlob {
        key_blob_id: Bytes::copy_from_slice(&name.id),
        version: 0,
        tx_id: Bytes::copy_from_slice(&name.transaction),
        attributes: attributes(key.attributes),
        key_blobs: vec![bytes.clone()],
    };
    (bytes, record)
}

fn key(reply: CryptoReply) -> Option<(Bytes, KeyBlob, Bytes)> {
    match reply {
        CryptoReply::Output { output: Output::Key { key, checksum }, names } => {
            let (bytes, record) = blob(key, names.first()?);
            Some((bytes, record, checksum.into()))
        }
        _ => None,
    }
}

pub(super) fn generate_key(reply: CryptoReply) -> Encoded {
    let (key_bytes, key, check_sum) = key(reply)?;
    Some(wire::GenerateKeyResponse { key_bytes, check_sum, key: Some(key) }.encode_to_vec())
}

pub(super) fn generate_key_pair(reply: CryptoReply) -> Encoded {
    let CryptoReply::Output { output: Output::KeyPair { private, public }, names } = reply else { return None };
    let [first, second] = &names[..] else { return None };
    let (priv_key_bytes, priv_key) = blob(private, first);
    let (pub_key_bytes, pub_key) = blob(public, second);
    let (priv_key, pub_key) = (Some(priv_key), Some(pub_key));
    Some(wire::GenerateKeyPairResponse { priv_key_bytes, pub_key_bytes, priv_key, pub_key }.encode_to_vec())
}

pub(super) fn unwrap_key(reply: CryptoReply) -> Encoded {
    let (unwrapped_bytes, unwrapped, check_sum) = key(reply)?;
    Some(wire::UnwrapKeyResponse { unwrapped_bytes, check_sum, unwrapped: Some(unwrapped) }.encode_to_vec())
}

pub(super) fn derive_key(reply: CryptoReply) -> Encoded {
    let (new_key_bytes, new_key, check_sum) = key(reply)?;
    Some(wire::DeriveKeyResponse { new_key_bytes, check_sum, new_key: Some(new_key) }.encode_to_vec())
}

pub(super) fn rewrap_key_blob(reply: CryptoReply) -> Encoded {
    let (rewrapped_key_bytes, rewrapped_key, _) = key(reply)?;
    let rewrapped_key = Some(rewrapped_key);
    Some(wire::RewrapKeyBlobResponse { rewrapped_key_bytes, rewrapped_key }.encode_to_vec())
}

pub(super) fn get_mechanism_list(reply: CryptoReply) -> Encoded {
    match output(reply)? {
        Output::Mechanisms(mechs) => Some(wire::GetMechanismListResponse { mechs }.encode_to_vec()),
        _ => None,
    }
}

pub(super) fn get_mechanism_info(reply: CryptoReply) -> Encoded {
    let Output::MechanismInfo { min, max, flags } = output(reply)? else { return None };
    let info = wire::MechanismInfo { min_key_size: min, max_key_size: max, flags };
    Some(wire::GetMechanismInfoResponse { mech_info: Some(info) }.encode_to_vec())
}

pub(super) fn get_attribute_value(reply: CryptoReply) -> Encoded {
    let Output::Attributes(found) = output(reply)? else { return None };
    let attributes_bytes = found.iter().map(|(attribute, value)| (attribute.0, as_bytes(value))).collect();
    Some(wire::GetAttributeValueResponse { attributes_bytes, attributes: attributes(found) }.encode_to_vec())
}

/// The form of the first clients: truth values in a byte, numbers in eight.
fn as_bytes(value: &AttributeValue) -> Bytes {
    match value {
        AttributeValue::Bytes(bytes) => Bytes::copy_from_slice(bytes),
        AttributeValue::Boolean(value) => Bytes::copy_from_slice(&[u8::from(*value)]),
        AttributeValue::Integer(number) => Bytes::copy_from_slice(&number.to_be_bytes()),
        AttributeValue::Absent => Bytes::new(),
    }
}

pub(super) fn set_attribute_value(reply: CryptoReply) -> Encoded {
    match output(reply)? {
        Output::Blob(object) => Some(wire::SetAttributeValueResponse { object: object.into() }.encode_to_vec()),
        _ => None,
    }
}

pub(super) fn login(reply: CryptoReply) -> Encoded {
    match reply {
        CryptoReply::LoggedIn(blob) => {
            let pinblob = Bytes::copy_from_slice(blob.as_bytes());
            Some(wire::LoginResponse { pinblob }.encode_to_vec())
        }
        _ => None,
    }
}

pub(super) fn logout(reply: CryptoReply) -> Encoded {
    match reply {
        CryptoReply::LoggedOut => Some(wire::LogoutResponse {}.encode_to_vec()),
        _ => None,
    }
}
