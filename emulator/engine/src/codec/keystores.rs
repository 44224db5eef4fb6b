//! Values of the records that say which keystores and keys there are. Keystores and keys themselves have the form of
//! documents.

use hpcs_service::Record;
use hpcs_service::keystore::{KeyBucket, KeyTally, KeystoreEntry, Keystores};
use serde::{Deserialize, Serialize};

use super::values::{Fault, all, one};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeystoresValue {
    keystores: Vec<EntryValue>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryValue {
    id: String,
    transaction: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    authenticated: bool,
}

impl KeystoresValue {
    pub(crate) fn of(keystores: &Keystores) -> Self {
        let entry = |entry: &KeystoreEntry| EntryValue {
            id: entry.id.to_string(),
            transaction: hex::encode(entry.transaction),
            authenticated: entry.authenticated,
        };
        KeystoresValue { keystores: keystores.entries.iter().map(entry).collect() }
    }

    pub(crate) fn into_keystores(self) -> Result<Keystores, Fault> {
        let entry = |entry: EntryValue| {
            let mut transaction = [0; 16];
            hex::decode_to_slice(&entry.transaction, &mut transaction)
                .map_err(|_| "transaction: is not 32 hexadecimal digits")?;
            Ok(KeystoreEntry { id: one("id", &entry.id)?, transaction, authenticated: entry.authenticated })
        };
        let entries = self.keystores.into_iter().map(entry).collect::<Result<_, Fault>>()?;
        Ok(Keystores { entries })
    }

    pub(super) fn into_record(self) -> Result<Record, Fault> {
        self.into_keystores().map(Record::Keystores)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyTallyValue {
    keys: u32,
    written: u64,
}

impl KeyTallyValue {
    pub(super) fn of(KeyTally { keys, written }: KeyTally) -> Self {
        KeyTallyValue { keys, written }
    }

    pub(super) fn into_record(self) -> Record {
        Record::KeyTally(KeyTally { keys: self.keys, written: self.written })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyBucketValue {
    keys: Vec<String>,
}

impl KeyBucketValue {
    pub(super) fn of(bucket: &KeyBucket) -> Self {
        KeyBucketValue { keys: bucket.keys.iter().map(ToString::to_string).collect() }
    }

    pub(super) fn into_record(self) -> Result<Record, Fault> {
        Ok(Record::KeyBucket(KeyBucket { keys: all("keys", &self.keys)? }))
    }
}
