//! `hs-crypto.keystore.storenewkey`: a key blob comes into a keystore.

use hpcs_audit::catalogue::ep11;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::{InstanceId, KeystoreId, StoredKeyId, Uuid};
use sha2::{Digest, Sha256};

use super::scene::{Scene, transaction};
use super::write::{KeyWrite, stored};
use super::{Act, Concern, Done, KEY_WRITERS, KeystoreAction, KeystoreReply};
use crate::decision::Change;
use crate::keystore::{KeyBucket, KeyRecord, KeyTally, Keystore, MOST_KEYS, Password, TransactionId, bucket_of};
use crate::{Instance, Record, RecordKey, View};

pub(super) const ACTION: KeystoreAction =
    KeystoreAction { method: "StoreNewKey", row: ep11::STORE_NEW_KEY, roles: KEY_WRITERS };

/// A key to be stored.
pub struct StoreNewKey {
    /// Where.
    pub keystore: KeystoreId,
    /// The key.
    pub key: KeyWrite,
    /// Tells a call that arrives a second time.
    pub transaction: Option<TransactionId>,
    /// The password of the keystore.
    pub password: Option<Password>,
}

impl StoreNewKey {
    /// The id of the key: the one that was chosen, or the one that the transaction decides, so that a call that arrives a
    /// second time finds what the first one stored, or the next one that no key ever had.
    fn id(&self, view: &View, instance: InstanceId) -> StoredKeyId {
        let written = view.key_tally(instance).written;
        let (label, number) = match self.transaction {
            Some(transaction) => (&b"hpcs-emulator key of a transaction"[..], transaction),
            None => (&b"hpcs-emulator key of a number"[..], u128::from(written).to_be_bytes()),
        };
        let derived = || {
            let mut hash = Sha256::new();
            hash.update(label);
            for part in [instance.0.as_bytes(), self.keystore.0.as_bytes(), &number] {
                hash.update(part);
            }
            StoredKeyId(Uuid::from_digest(&hash.finalize().into()))
        };
        self.key.id.unwrap_or_else(derived)
    }
}

impl Act for StoreNewKey {
    fn reads(&self, view: &View, instance: &Instance) -> Vec<RecordKey> {
        let id = self.id(view, instance.id);
        vec![
            RecordKey::KeyTally(instance.id),
            RecordKey::Keystore(instance.id, self.keystore),
            RecordKey::KeyBucket(instance.id, self.keystore, bucket_of(id)),
            RecordKey::StoredKey(instance.id, id),
        ]
    }

    fn concern(&self) -> Concern {
        Concern { keystore: Some(self.keystore), names: self.key.id.iter().map(|id| id.0).collect() }
    }

    fn carry_out(&self, scene: &Scene<'_>) -> Result<Done, ReturnValue> {
        let (keystore, tally) = (scene.keystore(self.keystore)?, scene.tally());
        let lock = scene.unlock(keystore, self.password.as_ref())?;
        let (instance, mut rng) = (scene.instance.id, scene.rng(0));
        let id = self.id(scene.view, instance);
        if let Some(found) = scene.view.stored_key(instance, id) {
            let again = self.transaction == Some(found.transaction);
            return Err(if again { ReturnValue::IBM_GREP11_REPLAY } else { ReturnValue::IBM_GREP11_CONFLICT });
        }
        if tally.keys >= MOST_KEYS {
            return Err(ReturnValue::DEVICE_MEMORY);
        }
        let content = scene.taken_in(keystore, &self.key)?;
        let record = KeyRecord {
            id,
            keystore: keystore.id,
            version: 0,
            transaction: transaction(self.transaction, &mut rng),
            created: scene.env.now,
            updated: scene.env.now,
            content: stored(id, &content, lock.as_ref(), &mut rng),
        };
        let shown = scene.shown(&record, &content);
        let bucket = bucket_of(id);
        let keys = scene.view.key_bucket(instance, keystore.id, bucket).to_vec();
        let in_bucket = KeyBucket { keys }.with(id);
        let sizes = keystore.sizes.clone().with(bucket, in_bucket.keys.len());
        let changes = vec![
            Change::put(
                RecordKey::KeyTally(instance),
                Record::KeyTally(KeyTally { keys: tally.keys + 1, written: tally.written + 1 }),
            ),
            Change::put(
                RecordKey::Keystore(instance, keystore.id),
                Record::Keystore(Box::new(Keystore { sizes, ..keystore.clone() })),
            ),
            Change::put(RecordKey::KeyBucket(instance, keystore.id, bucket), Record::KeyBucket(in_bucket)),
            Change::put(RecordKey::StoredKey(instance, id), Record::StoredKey(record)),
        ];
        let concern = Some(Concern { keystore: Some(keystore.id), names: vec![id.0] });
        Ok(Done { changes, concern, ..Done::reply(KeystoreReply::Key(shown)) })
    }
}
