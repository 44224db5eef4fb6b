//! The answers as messages.

use std::collections::BTreeMap;

use bytes::Bytes;
use hpcs_grpc::grep11::{AttributeValue, KeyBlob};
use hpcs_grpc::keystore::v1 as wire;
use hpcs_service::keystore::{Attributes, Keystore, KeystoreType};
use hpcs_service::operations::keystore::{KeystoreReply, StoredKey};
use prost::Message;

/// A message; none when the answer is that of another method.
type Encoded = Option<Vec<u8>>;

pub(super) fn create_keystore(reply: KeystoreReply) -> Encoded {
    let KeystoreReply::Keystore(keystore) = reply else { return None };
    Some(wire::CreateKeystoreResponse { keystore: Some(info(keystore)) }.encode_to_vec())
}

/// The two messages that say so by being there have no fields.
pub(super) fn deleted(reply: KeystoreReply) -> Encoded {
    let KeystoreReply::Deleted = reply else { return None };
    Some(wire::DeleteKeyResponse {}.encode_to_vec())
}

pub(super) fn list_keystores_by_ids(reply: KeystoreReply) -> Encoded {
    let KeystoreReply::Keystores(found, next_token) = reply else { return None };
    let keystores = found.into_iter().map(info).collect();
    Some(wire::ListKeystoresByIdsResponse { keystores, next_token }.encode_to_vec())
}

pub(super) fn list_keystores_by_attributes(reply: KeystoreReply) -> Encoded {
    let KeystoreReply::Keystores(found, next_token) = reply else { return None };
    let keystores = found.into_iter().map(info).collect();
    Some(wire::ListKeystoresByAttributesResponse { keystores, next_token }.encode_to_vec())
}

pub(super) fn store_new_key(reply: KeystoreReply) -> Encoded {
    let KeystoreReply::Key(found) = reply else { return None };
    Some(wire::StoreNewKeyResponse { key: Some(key(found)) }.encode_to_vec())
}

pub(super) fn update_key(reply: KeystoreReply) -> Encoded {
    let KeystoreReply::Key(found) = reply else { return None };
    Some(wire::UpdateKeyResponse { key: Some(key(found)) }.encode_to_vec())
}

pub(super) fn list_keys_by_ids(reply: KeystoreReply) -> Encoded {
    let KeystoreReply::Keys(found, next_token) = reply else { return None };
    Some(wire::ListKeysByIdsResponse { keys: found.into_iter().map(key).collect(), next_token }.encode_to_vec())
}

pub(super) fn list_keys_by_attributes(reply: KeystoreReply) -> Encoded {
    let KeystoreReply::Keys(found, next_token) = reply else { return None };
    Some(wire::ListKeysByAttributesResponse { keys: found.into_iter().map(key).collect(), next_token }.encode_to_vec())
}

fn info(keystore: Keystore) -> wire::KeystoreInfo {
    let kind = match keystore.kind {
        KeystoreType::Public => wire::KeystoreType::Public,
        KeystoreType::Private => wire::KeystoreType::Private,
    };
    wire::KeystoreInfo {
        keystore_id: keystore.id.0.as_bytes().to_vec(),
        name: keystore.name,
        r#type: kind.into(),
        authenticated: keystore.lock.is_some(),
        created_by: keystore.created_by,
        created_at: millis(keystore.created),
        version: number(keystore.version),
        tx_id: keystore.transaction.to_vec(),
        attributes: attributes(&keystore.attributes),
        key_count: keystore.sizes.total(),
    }
}

fn key(key: StoredKey) -> wire::StoredKey {
    let blob = KeyBlob {
        key_blob_id: Bytes::copy_from_slice(key.id.0.as_bytes()),
        version: number(key.version),
        tx_id: Bytes::copy_from_slice(&key.transaction),
        attributes: attributes(&key.attributes),
        key_blobs: key.blobs,
    };
    wire::StoredKey {
        keystore_id: key.keystore.0.as_bytes().to_vec(),
        key: Some(blob),
        created_at: millis(key.created),
        updated_at: millis(key.updated),
    }
}

fn attributes(attributes: &Attributes) -> BTreeMap<u64, AttributeValue> {
    crate::grpc::grep11::attributes(attributes.iter().map(|(attribute, value)| (attribute, value.clone())))
}

fn millis(time: hpcs_audit::EventTime) -> i64 {
    number(time.unix_millis())
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
