//! `hs-crypto.keystore.deletekey`: a key leaves its keystore for good.

use hpcs_audit::catalogue::ep11;
use hpcs_ep11::pkcs11::{AttributeType, ReturnValue};
use hpcs_names::{KeystoreId, StoredKeyId};

use super::scene::{Scene, check_write};
use super::{Act, Concern, Done, KEY_WRITERS, KeystoreAction, KeystoreReply};
use crate::decision::Change;
use crate::keystore::{KeyBucket, KeyTally, Keystore, Password, TransactionId, bucket_of};
use crate::{Instance, Record, RecordKey, View};

pub(super) const ACTION: KeystoreAction =
    KeystoreAction { method: "DeleteKey", row: ep11::DELETE_KEY, roles: KEY_WRITERS };

/// A key to be deleted.
pub struct DeleteKey {
    /// Where it is.
    pub keystore: KeystoreId,
    /// Which.
    pub id: StoredKeyId,
    /// The version that the client has read; any when absent.
    pub expected_version: Option<u64>,
    /// Tells a call that arrives a second time.
    pub transaction: Option<TransactionId>,
    /// The password of the keystore.
    pub password: Option<Password>,
}

impl Act for DeleteKey {
    fn reads(&self, _: &View, instance: &Instance) -> Vec<RecordKey> {
        vec![
            RecordKey::KeyTally(instance.id),
            RecordKey::Keystore(instance.id, self.keystore),
            RecordKey::KeyBucket(instance.id, self.keystore, bucket_of(self.id)),
            RecordKey::StoredKey(instance.id, self.id),
        ]
    }

    fn concern(&self) -> Concern {
        Concern { keystore: Some(self.keystore), names: vec![self.id.0] }
    }

    fn carry_out(&self, scene: &Scene<'_>) -> Result<Done, ReturnValue> {
        let keystore = scene.keystore(self.keystore)?;
        let key = scene.key(self.keystore, self.id)?;
        let lock = scene.unlock(keystore, self.password.as_ref())?;
        check_write(self.transaction, key.transaction, self.expected_version, key.version)?;
        let content = scene.content(key, lock.as_ref())?;
        if content.attributes.truth(AttributeType::DESTROYABLE) == Some(false) {
            return Err(ReturnValue::ACTION_PROHIBITED);
        }
        let (instance, bucket, tally) = (scene.instance.id, bucket_of(self.id), scene.tally());
        let keys = scene.view.key_bucket(instance, keystore.id, bucket).to_vec();
        let in_bucket = KeyBucket { keys }.without(self.id);
        let sizes = keystore.sizes.clone().with(bucket, in_bucket.keys.len());
        let bucket = RecordKey::KeyBucket(instance, keystore.id, bucket);
        let changes = vec![
            Change::put(
                RecordKey::KeyTally(instance),
                Record::KeyTally(KeyTally { keys: tally.keys.saturating_sub(1), ..tally }),
            ),
            Change::put(
                RecordKey::Keystore(instance, keystore.id),
                Record::Keystore(Box::new(Keystore { sizes, ..keystore.clone() })),
            ),
            match in_bucket.keys.is_empty() {
                true => Change::delete(bucket),
                false => Change::put(bucket, Record::KeyBucket(in_bucket)),
            },
            Change::delete(RecordKey::StoredKey(instance, self.id)),
        ];
        Ok(Done { changes, erase: true, ..Done::reply(KeystoreReply::Deleted) })
    }
}
