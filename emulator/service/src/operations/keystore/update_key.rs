//! `hs-crypto.keystore.updatekey`: a stored key is replaced, on the version that its owner has read.

use hpcs_audit::catalogue::ep11;
use hpcs_ep11::pkcs11::{AttributeType, ReturnValue};
use hpcs_names::KeystoreId;

use super::scene::{Scene, check_write, transaction};
use super::write::{KeyWrite, stored};
use super::{Act, Concern, Done, KEY_WRITERS, KeystoreAction, KeystoreReply};
use crate::decision::Change;
use crate::keystore::{KeyRecord, Password, TransactionId};
use crate::{Instance, Record, RecordKey, View};

pub(super) const ACTION: KeystoreAction =
    KeystoreAction { method: "UpdateKey", row: ep11::UPDATE_KEY, roles: KEY_WRITERS };

/// A stored key with what it shall be now.
pub struct UpdateKey {
    /// Where it is.
    pub keystore: KeystoreId,
    /// The key, with its id and the version that was read.
    pub key: KeyWrite,
    /// Tells a call that arrives a second time.
    pub transaction: Option<TransactionId>,
    /// The password of the keystore.
    pub password: Option<Password>,
}

impl Act for UpdateKey {
    fn reads(&self, _: &View, instance: &Instance) -> Vec<RecordKey> {
        let key = self.key.id.map(|id| RecordKey::StoredKey(instance.id, id));
        let keystore = [RecordKey::Keystore(instance.id, self.keystore), RecordKey::KeyTally(instance.id)];
        keystore.into_iter().chain(key).collect()
    }

    fn rests_on(&self, _: &View, instance: &Instance) -> Vec<RecordKey> {
        // The keystore has to be there; that keys come and go in it does not matter, so that is not what is looked at.
        let key = self.key.id.map(|id| RecordKey::StoredKey(instance.id, id));
        key.into_iter().collect()
    }

    fn concern(&self) -> Concern {
        Concern { keystore: Some(self.keystore), names: self.key.id.iter().map(|id| id.0).collect() }
    }

    fn carry_out(&self, scene: &Scene<'_>) -> Result<Done, ReturnValue> {
        let id = self.key.id.ok_or(ReturnValue::ARGUMENTS_BAD)?;
        let keystore = scene.keystore(self.keystore)?;
        let key = scene.key(self.keystore, id)?;
        let lock = scene.unlock(keystore, self.password.as_ref())?;
        check_write(self.transaction, key.transaction, Some(self.key.version), key.version)?;
        let before = scene.content(key, lock.as_ref())?;
        if before.attributes.truth(AttributeType::MODIFIABLE) == Some(false) {
            return Err(ReturnValue::ACTION_PROHIBITED);
        }
        let content = scene.taken_in(keystore, &self.key)?;
        let version = key.version + 1;
        let mut rng = scene.rng(version);
        let record = KeyRecord {
            version,
            transaction: transaction(self.transaction, &mut rng),
            updated: scene.env.now,
            content: stored(id, &content, lock.as_ref(), &mut rng),
            ..key.clone()
        };
        let shown = scene.shown(&record, &content);
        let changes = vec![Change::put(RecordKey::StoredKey(scene.instance.id, id), Record::StoredKey(record))];
        Ok(Done { changes, ..Done::reply(KeystoreReply::Key(shown)) })
    }
}
