//! Records as bytes, for stores that keep bytes: compact JSON, secrets sealed.
//!
//! ```text
//! service     {"version":1,"key_check":"...","data_key":"...","root":{"sealed":"..."}}
//! unit/<id>   {"version":1,"data_key":"...","unit":{...}}
//! others      {"version":1,"record":"<name>","value":{...}}
//! ```
//!
//! Every write of a record with secrets has a data key of its own, sealed under the store's. A value opens under the
//! name it was written for and under no other.

mod keystores;
mod service_root;
mod values;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use hpcs_service::document::{KeyDocument, KeystoreDocument, decode_unit, encode_unit, without_values};
use hpcs_service::sealing::StoreKey;
use hpcs_service::{Record, RecordKey};
use hpcs_store::{Codec, CodecError};
use rand_core::CryptoRng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use keystores::{KeyBucketValue, KeyTallyValue, KeystoresValue};
use values::{ApiKeyValue, ConfiguredValue, DirectoryValue, InstanceValue, SinkValue};

/// Turns records into bytes and back, under a store key.
pub struct RecordCodec {
    store_key: StoreKey,
    rng: Mutex<Box<dyn CryptoRng + Send>>,
}

impl RecordCodec {
    /// A codec under this key. Data keys and nonces come from `rng`: it must never give the same bytes again for the
    /// same store key, in no other run either.
    pub fn new(store_key: StoreKey, rng: Box<dyn CryptoRng + Send>) -> Self {
        RecordCodec { store_key, rng: Mutex::new(rng) }
    }

    /// A generator for one record, from the codec's own. The lock is held for 32 bytes.
    fn rng(&self) -> chacha20::ChaCha20Rng {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut *seed);
        rand_core::SeedableRng::from_seed(*seed)
    }
}

impl Codec<RecordKey, Record> for RecordCodec {
    fn name(&self, key: &RecordKey) -> String {
        match key {
            RecordKey::Service => SERVICE.to_owned(),
            RecordKey::Directory => DIRECTORY.to_owned(),
            RecordKey::Configured => CONFIGURED.to_owned(),
            RecordKey::Instance(id) => format!("{INSTANCE}{id}"),
            RecordKey::CryptoUnit(id) => format!("{UNIT}{id}"),
            RecordKey::ApiKey(digest) => format!("{API_KEY}{digest}"),
            RecordKey::SinkPosition(digest) => format!("{SINK}{}", hex::encode(digest)),
            RecordKey::Keystores(instance) => format!("{KEYSTORES}{instance}"),
            RecordKey::KeyTally(instance) => format!("{KEY_TALLY}{instance}"),
            RecordKey::Keystore(instance, id) => format!("{KEYSTORE}{instance}/{id}"),
            RecordKey::KeyBucket(instance, id, bucket) => format!("{KEY_BUCKET}{instance}/{id}/{bucket:02x}"),
            RecordKey::StoredKey(instance, id) => format!("{STORED_KEY}{instance}/{id}"),
        }
    }

    fn encode(&self, name: &str, record: &Record) -> Result<Vec<u8>, CodecError> {
        match record {
            Record::Service(root) => service_root::encode(root, name, &self.store_key, &mut self.rng()),
            Record::CryptoUnit(unit) => Ok(encode_unit(unit, name, &self.store_key, &mut self.rng())),
            Record::Directory(directory) => write(name, DirectoryValue::of(directory)),
            Record::Configured(keys) => write(name, ConfiguredValue::of(keys)),
            Record::Instance(instance) => write(name, InstanceValue::of(instance)),
            Record::ApiKey(identity) => write(name, ApiKeyValue::of(identity)),
            Record::SinkPosition(position) => write(name, SinkValue::of(position)),
            Record::Keystores(keystores) => write(name, KeystoresValue::of(keystores)),
            Record::KeyTally(tally) => write(name, KeyTallyValue::of(*tally)),
            Record::Keystore(keystore) => write(name, KeystoreDocument::of(keystore)),
            Record::KeyBucket(bucket) => write(name, KeyBucketValue::of(bucket)),
            Record::StoredKey(key) => write(name, KeyDocument::of(key)),
        }
    }

    fn decode(&self, name: &str, value: &[u8]) -> Result<Record, CodecError> {
        if name == SERVICE {
            return service_root::decode(value, name, &self.store_key).map(Record::Service);
        }
        if name.starts_with(UNIT) {
            let unit = decode_unit(value, name, &self.store_key).map_err(|fault| error(name, fault))?;
            return Ok(Record::CryptoUnit(unit));
        }
        let record = match name {
            DIRECTORY => read::<DirectoryValue>(name, value)?.into_record(),
            CONFIGURED => read::<ConfiguredValue>(name, value)?.into_record(),
            _ if name.starts_with(INSTANCE) => read::<InstanceValue>(name, value)?.into_record(),
            _ if name.starts_with(API_KEY) => read::<ApiKeyValue>(name, value)?.into_record(),
            _ if name.starts_with(SINK) => read::<SinkValue>(name, value)?.into_record(),
            _ if name.starts_with(KEYSTORES) => read::<KeystoresValue>(name, value)?.into_record(),
            _ if name.starts_with(KEY_TALLY) => Ok(read::<KeyTallyValue>(name, value)?.into_record()),
            _ if name.starts_with(KEY_BUCKET) => read::<KeyBucketValue>(name, value)?.into_record(),
            _ if name.starts_with(KEYSTORE) => {
                let keystore = read::<KeystoreDocument>(name, value)?.into_keystore();
                keystore.map(|keystore| Record::Keystore(Box::new(keystore))).map_err(|fault| fault.to_string())
            }
            _ if name.starts_with(STORED_KEY) => {
                let key = read::<KeyDocument>(name, value)?.into_key();
                key.map(Record::StoredKey).map_err(|fault| fault.to_string())
            }
            _ => return Err(error(name, "there is no record of this name in this version")),
        };
        record.map_err(|why| error(name, why))
    }
}

/// A value without secrets. It says itself which record it is of, so that it does not pass for another one's.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain<T> {
    version: u64,
    record: String,
    value: T,
}

fn write<T: Serialize>(name: &str, value: T) -> Result<Vec<u8>, CodecError> {
    let plain = Plain { version: VERSION, record: name.to_owned(), value };
    serde_json::to_vec(&plain).map_err(|fault| error(name, fault))
}

fn read<T: DeserializeOwned>(name: &str, value: &[u8]) -> Result<T, CodecError> {
    let Plain { version: _, record, value } = parse::<Plain<T>>(name, value)?;
    if record != name {
        return Err(error(name, "the value is that of another record"));
    }
    Ok(value)
}

/// The JSON of a value of this version. One of another version may have another form, so the version is read first.
fn parse<T: DeserializeOwned>(name: &str, value: &[u8]) -> Result<T, CodecError> {
    #[derive(Deserialize)]
    struct VersionAlone {
        version: u64,
    }
    let fault = |fault: serde_json::Error| error(name, without_values(&fault.to_string()));
    let VersionAlone { version } = serde_json::from_slice(value).map_err(fault)?;
    if version != VERSION {
        return Err(error(name, format_args!("version {version} is of another program; {VERSION} is known")));
    }
    serde_json::from_slice(value).map_err(fault)
}

fn error(name: &str, why: impl fmt::Display) -> CodecError {
    CodecError(format!("record {name}: {why}"))
}

const VERSION: u64 = 1;

const SERVICE: &str = "service";
const DIRECTORY: &str = "directory";
const CONFIGURED: &str = "configured";
const INSTANCE: &str = "instance/";
const UNIT: &str = "unit/";
const API_KEY: &str = "api-key/";
const SINK: &str = "sink/";
const KEYSTORES: &str = "keystores/";
const KEY_TALLY: &str = "key-tally/";
const KEYSTORE: &str = "keystore/";
const KEY_BUCKET: &str = "key-bucket/";
const STORED_KEY: &str = "stored-key/";

#[cfg(test)]
mod tests;
