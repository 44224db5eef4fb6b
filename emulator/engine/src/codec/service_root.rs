//! The value of the record of the service: its root, sealed.

use hpcs_service::ServiceRoot;
use hpcs_service::document::{Blob, Secret};
use hpcs_service::sealing::{KeyCheck, RecordOpener, RecordSealer, SealFault, StoreKey};
use hpcs_store::CodecError;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{VERSION, error, parse};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceValue {
    version: u64,
    /// Tells another store key from damage: this is the first record that anyone reads.
    key_check: Blob,
    data_key: Blob,
    root: Secret,
}

pub(super) fn encode(
    root: &ServiceRoot,
    name: &str,
    store_key: &StoreKey,
    rng: &mut dyn CryptoRng,
) -> Result<Vec<u8>, CodecError> {
    let key_check = Blob::new(store_key.check_value(rng).as_bytes().to_vec());
    let mut sealer = RecordSealer::new(store_key, name, rng);
    let mut root = Secret::clear(Zeroizing::new(root.expose_secret().to_vec()));
    root.seal(FIELD, &mut sealer);
    let data_key = Blob::new(sealer.sealed_data_key().to_vec());
    let value = ServiceValue { version: VERSION, key_check, data_key, root };
    serde_json::to_vec(&value).map_err(|fault| error(name, fault))
}

pub(super) fn decode(value: &[u8], name: &str, store_key: &StoreKey) -> Result<ServiceRoot, CodecError> {
    let ServiceValue { version: _, key_check, data_key, mut root } = parse(name, value)?;
    let key_check = key_check.bytes().map_err(|why| error(name, format_args!("key_check: {why}")))?;
    store_key.verify(&KeyCheck::from_bytes(key_check.to_vec())).map_err(|fault| match fault {
        SealFault::WrongKey => error(name, "the store key is another one than the store was sealed under"),
        fault => error(name, format_args!("key_check: {fault}")),
    })?;
    let data_key = data_key.bytes().map_err(|why| error(name, format_args!("data_key: {why}")))?;
    let opener =
        RecordOpener::new(store_key, name, data_key).map_err(|fault| error(name, format_args!("data_key: {fault}")))?;
    root.open(FIELD, &opener).map_err(|fault| error(name, format_args!("{FIELD}: {fault}")))?;
    let secret = root.expose().map_err(|why| error(name, format_args!("{FIELD}: {why}")))?;
    let bytes: [u8; 32] = secret.try_into().map_err(|_| error(name, format_args!("{FIELD}: has not 32 bytes")))?;
    Ok(ServiceRoot::new(Zeroizing::new(bytes)))
}

const FIELD: &str = "root";
