//! What each message asks. Passwords are taken out of the messages first: what is left of those names the call.

use std::collections::BTreeMap;

use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_grpc::grep11::{AttributeValue, KeyBlob};
use hpcs_grpc::keystore::v1 as wire;
use hpcs_names::{KeystoreId, StoredKeyId, Uuid};
use hpcs_service::keystore::{Attributes, KeystoreType, Password, TransactionId};
use hpcs_service::operations::keystore::{
    CreateKeystore, DeleteKey, DeleteKeystore, KeyWrite, KeystoreAsk, ListKeysByAttributes, ListKeysByIds,
    ListKeystoresByAttributes, ListKeystoresByIds, Page, StoreNewKey, UpdateKey,
};
use prost::{DecodeError, Message};

use crate::grpc::endpoint::{Read, Received, read};
use crate::grpc::grep11::pairs;

type Decoded = Result<Read<KeystoreAsk>, DecodeError>;

/// Reads a message that has a password.
fn locked<M: Message + Default>(
    received: &Received,
    password: fn(&mut M) -> &mut Vec<u8>,
    ask: fn(M, Option<Password>) -> Result<KeystoreAsk, ReturnValue>,
) -> Decoded {
    let mut message = received.decode()?;
    let password = Password::of(std::mem::take(password(&mut message)));
    let canonical = received.canonical(&message);
    Ok((ask(message, password), canonical))
}

pub(super) fn create_keystore(message: &Received) -> Decoded {
    locked(
        message,
        |m: &mut wire::CreateKeystoreRequest| &mut m.password,
        |m, password| {
            let kind = kind(m.r#type)?;
            let transaction = transaction(&m.tx_id)?;
            let id = optional(&m.keystore_id)?.map(KeystoreId);
            let attributes = attributes(m.attributes);
            Ok(KeystoreAsk::CreateKeystore(CreateKeystore {
                id,
                name: m.name,
                kind,
                password,
                attributes,
                transaction,
            }))
        },
    )
}

pub(super) fn delete_keystore(message: &Received) -> Decoded {
    read(message, |m: wire::DeleteKeystoreRequest| {
        Ok(KeystoreAsk::DeleteKeystore(DeleteKeystore {
            id: KeystoreId(id(&m.keystore_id)?),
            expected_version: expected(m.expected_version)?,
            transaction: transaction(&m.tx_id)?,
        }))
    })
}

pub(super) fn list_keystores_by_ids(message: &Received) -> Decoded {
    read(message, |m: wire::ListKeystoresByIdsRequest| {
        let ids = keystores(&m.keystore_ids)?;
        Ok(KeystoreAsk::ListKeystoresByIds(ListKeystoresByIds { ids, page: page(m.page)? }))
    })
}

pub(super) fn list_keystores_by_attributes(message: &Received) -> Decoded {
    read(message, |m: wire::ListKeystoresByAttributesRequest| {
        Ok(KeystoreAsk::ListKeystoresByAttributes(ListKeystoresByAttributes {
            attributes: attributes(m.attributes),
            kind: kind(m.r#type)?,
            name: Some(m.name).filter(|name| !name.is_empty()),
            page: page(m.page)?,
        }))
    })
}

pub(super) fn store_new_key(message: &Received) -> Decoded {
    locked(
        message,
        |m: &mut wire::StoreNewKeyRequest| &mut m.password,
        |m, password| {
            let (keystore, transaction) = (KeystoreId(id(&m.keystore_id)?), transaction(&m.tx_id)?);
            Ok(KeystoreAsk::StoreNewKey(StoreNewKey { keystore, key: key(m.key)?, transaction, password }))
        },
    )
}

pub(super) fn update_key(message: &Received) -> Decoded {
    locked(
        message,
        |m: &mut wire::UpdateKeyRequest| &mut m.password,
        |m, password| {
            let (keystore, transaction) = (KeystoreId(id(&m.keystore_id)?), transaction(&m.tx_id)?);
            Ok(KeystoreAsk::UpdateKey(UpdateKey { keystore, key: key(m.key)?, transaction, password }))
        },
    )
}

pub(super) fn delete_key(message: &Received) -> Decoded {
    locked(
        message,
        |m: &mut wire::DeleteKeyRequest| &mut m.password,
        |m, password| {
            Ok(KeystoreAsk::DeleteKey(DeleteKey {
                keystore: KeystoreId(id(&m.keystore_id)?),
                id: StoredKeyId(id(&m.key_id)?),
                expected_version: expected(m.expected_version)?,
                transaction: transaction(&m.tx_id)?,
                password,
            }))
        },
    )
}

pub(super) fn list_keys_by_ids(message: &Received) -> Decoded {
    locked(
        message,
        |m: &mut wire::ListKeysByIdsRequest| &mut m.password,
        |m, password| {
            let ids = m.key_ids.iter().map(|bytes| id(bytes).map(StoredKeyId)).collect::<Result<_, _>>()?;
            let (keystores, page) = (keystores(&m.keystore_ids)?, page(m.page)?);
            Ok(KeystoreAsk::ListKeysByIds(ListKeysByIds { keystores, ids, page, password }))
        },
    )
}

pub(super) fn list_keys_by_attributes(message: &Received) -> Decoded {
    locked(
        message,
        |m: &mut wire::ListKeysByAttributesRequest| &mut m.password,
        |m, password| {
            let (keystores, page) = (keystores(&m.keystore_ids)?, page(m.page)?);
            let attributes = attributes(m.attributes);
            Ok(KeystoreAsk::ListKeysByAttributes(ListKeysByAttributes { keystores, attributes, page, password }))
        },
    )
}

fn id(bytes: &[u8]) -> Result<Uuid, ReturnValue> {
    bytes.try_into().map(Uuid::from_bytes).map_err(|_| ReturnValue::ARGUMENTS_BAD)
}

fn optional(bytes: &[u8]) -> Result<Option<Uuid>, ReturnValue> {
    if bytes.is_empty() { Ok(None) } else { id(bytes).map(Some) }
}

fn transaction(bytes: &[u8]) -> Result<Option<TransactionId>, ReturnValue> {
    Ok(optional(bytes)?.map(|id| *id.as_bytes()))
}

fn keystores(ids: &[Vec<u8>]) -> Result<Vec<KeystoreId>, ReturnValue> {
    ids.iter().map(|bytes| id(bytes).map(KeystoreId)).collect()
}

/// A version that was read; any for -1.
fn expected(version: i64) -> Result<Option<u64>, ReturnValue> {
    match version {
        -1 => Ok(None),
        version => u64::try_from(version).map(Some).map_err(|_| ReturnValue::ARGUMENTS_BAD),
    }
}

fn kind(number: i32) -> Result<Option<KeystoreType>, ReturnValue> {
    match wire::KeystoreType::try_from(number) {
        Ok(wire::KeystoreType::Unspecified) => Ok(None),
        Ok(wire::KeystoreType::Public) => Ok(Some(KeystoreType::Public)),
        Ok(wire::KeystoreType::Private) => Ok(Some(KeystoreType::Private)),
        Err(_) => Err(ReturnValue::ARGUMENTS_BAD),
    }
}

fn page(page: Option<wire::Page>) -> Result<Page, ReturnValue> {
    let wire::Page { limit, token } = page.unwrap_or_default();
    Page::new(limit, token)
}

fn attributes(attributes: BTreeMap<u64, AttributeValue>) -> Attributes {
    pairs(attributes).collect()
}

fn key(key: Option<KeyBlob>) -> Result<KeyWrite, ReturnValue> {
    let key = key.ok_or(ReturnValue::OBJECT_HANDLE_INVALID)?;
    Ok(KeyWrite {
        id: optional(&key.key_blob_id)?.map(StoredKeyId),
        version: u64::try_from(key.version).map_err(|_| ReturnValue::ARGUMENTS_BAD)?,
        attributes: attributes(key.attributes),
        blob: key.key_blobs.into_iter().next().unwrap_or_default(),
    })
}
