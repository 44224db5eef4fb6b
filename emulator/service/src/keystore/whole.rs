//! All keystores of an instance at once, as they leave an emulator and come into another.

use std::collections::BTreeMap;

use hpcs_names::{InstanceId, KeystoreId, StoredKeyId};

use super::{BucketSizes, KeyBucket, KeyRecord, KeyTally, Keystore, KeystoreEntry, Keystores, MOST_KEYS, bucket_of};
use crate::{Record, RecordKey};

/// The keystores of an instance with all their keys, as they come in.
#[derive(Default)]
pub struct Holdings {
    /// [`KeyTally::written`].
    pub written: u64,
    keystores: BTreeMap<KeystoreId, Keystore>,
    keys: BTreeMap<StoredKeyId, KeyRecord>,
}

impl Holdings {
    /// Nothing, of an instance that was written to so often.
    pub fn new(written: u64) -> Self {
        Holdings { written, ..Holdings::default() }
    }

    /// Takes a keystore in.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn add_keystore(&mut self, keystore: Keystore) -> Result<(), &'static str> {
        match self.keystores.insert(keystore.id, keystore) {
            None => Ok(()),
            Some(_) => Err("id: that keystore was there before"),
        }
    }

    /// Takes a key in; its keystore comes before it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn add_key(&mut self, key: KeyRecord) -> Result<(), &'static str> {
        if !self.keystores.contains_key(&key.keystore) {
            return Err("keystore: there is none of that id before the key");
        }
        if self.keys.len() >= MOST_KEYS as usize {
            return Err("an instance holds no more keys");
        }
        match self.keys.insert(key.id, key) {
            None => Ok(()),
            Some(_) => Err("id: that key was there before"),
        }
    }

    /// The records of all of it, what can be counted counted anew; none when there never was a keystore.
    pub fn into_records(self, instance: InstanceId) -> Vec<(RecordKey, Record)> {
        let Holdings { written, keystores, keys } = self;
        if keystores.is_empty() && written == 0 {
            return Vec::new();
        }
        let tally = KeyTally { keys: keys.len() as u32, written };
        let mut buckets: BTreeMap<(KeystoreId, u8), Vec<StoredKeyId>> = BTreeMap::new();
        for key in keys.values() {
            buckets.entry((key.keystore, bucket_of(key.id))).or_default().push(key.id);
        }
        let entry = |keystore: &Keystore| {
            let Keystore { id, transaction, lock, .. } = keystore;
            KeystoreEntry { id: *id, transaction: *transaction, authenticated: lock.is_some() }
        };
        let list = Keystores { entries: keystores.values().map(entry).collect() };
        let mut records = vec![
            (RecordKey::Keystores(instance), Record::Keystores(list)),
            (RecordKey::KeyTally(instance), Record::KeyTally(tally)),
        ];
        for (id, keystore) in keystores {
            let of_it = buckets.range((id, 0)..=(id, u8::MAX));
            let sizes =
                of_it.fold(BucketSizes::default(), |sizes, ((_, bucket), keys)| sizes.with(*bucket, keys.len()));
            let keystore = Record::Keystore(Box::new(Keystore { sizes, ..keystore }));
            records.push((RecordKey::Keystore(instance, id), keystore));
        }
        for ((id, bucket), keys) in buckets {
            records.push((RecordKey::KeyBucket(instance, id, bucket), Record::KeyBucket(KeyBucket { keys })));
        }
        records.extend(keys.into_iter().map(|(id, key)| (RecordKey::StoredKey(instance, id), Record::StoredKey(key))));
        records
    }
}
