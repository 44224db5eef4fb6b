//! `hs-crypto.keystore.deletekeystore`: a keystore goes with all its keys. It takes no password: that is how one whose
//! password is lost is cleared.

use hpcs_audit::catalogue::ep11;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::KeystoreId;

use super::clear::{keystore_keys, keystore_records};
use super::scene::{Scene, check_write};
use super::{Act, Concern, Done, KeystoreAction, KeystoreReply};
use crate::decision::Change;
use crate::keystore::{KeyTally, TransactionId};
use crate::{Instance, Record, RecordKey, Role, View};

pub(super) const ACTION: KeystoreAction = KeystoreAction {
    method: "DeleteKeystore",
    row: ep11::DELETE_KEYSTORE,
    roles: &[Role::Manager, Role::KeystoreOperator],
};

/// A keystore to be deleted.
pub struct DeleteKeystore {
    /// Which.
    pub id: KeystoreId,
    /// The version that the client has read; any when absent.
    pub expected_version: Option<u64>,
    /// Tells a call that arrives a second time.
    pub transaction: Option<TransactionId>,
}

impl Act for DeleteKeystore {
    fn reads(&self, view: &View, instance: &Instance) -> Vec<RecordKey> {
        let list = [RecordKey::Keystores(instance.id), RecordKey::KeyTally(instance.id)];
        list.into_iter().chain(keystore_records(view, instance.id, self.id)).collect()
    }

    fn rests_on(&self, _: &View, instance: &Instance) -> Vec<RecordKey> {
        vec![RecordKey::Keystores(instance.id), RecordKey::Keystore(instance.id, self.id)]
    }

    fn concern(&self) -> Concern {
        Concern { keystore: Some(self.id), names: vec![self.id.0] }
    }

    fn carry_out(&self, scene: &Scene<'_>) -> Result<Done, ReturnValue> {
        let keystore = scene.keystore(self.id)?;
        check_write(self.transaction, keystore.transaction, self.expected_version, keystore.version)?;
        let instance = scene.instance.id;
        let tally = scene.tally();
        let keys = tally.keys.saturating_sub(keystore.sizes.total());
        let mut changes = vec![
            Change::put(RecordKey::Keystores(instance), Record::Keystores(scene.keystores().without(self.id))),
            Change::put(RecordKey::KeyTally(instance), Record::KeyTally(KeyTally { keys, ..tally })),
        ];
        changes.extend(keystore_keys(scene.view, instance, self.id).into_iter().map(Change::delete));
        Ok(Done { changes, erase: true, ..Done::reply(KeystoreReply::Deleted) })
    }
}
