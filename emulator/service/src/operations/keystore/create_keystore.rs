//! `hs-crypto.keystore.createkeystore`: a keystore is made.

use hpcs_audit::catalogue::ep11;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::{KeystoreId, Uuid};
use rand_core::Rng;

use super::scene::{Scene, transaction};
use super::{Act, Concern, Done, KeystoreAction, KeystoreReply};
use crate::decision::Change;
use crate::keystore::{
    Attributes, BucketSizes, KeyTally, Keystore, KeystoreEntry, KeystoreType, Lock, MOST_AUTHENTICATED, Password,
    TransactionId,
};
use crate::{Instance, Record, RecordKey, Role, View};

pub(super) const ACTION: KeystoreAction = KeystoreAction {
    method: "CreateKeystore",
    row: ep11::CREATE_KEYSTORE,
    roles: &[Role::Manager, Role::KeystoreOperator],
};

/// A keystore to be made.
pub struct CreateKeystore {
    /// Its id; a new one when absent.
    pub id: Option<KeystoreId>,
    /// Free text.
    pub name: String,
    /// Who may use it; it has to be said.
    pub kind: Option<KeystoreType>,
    /// What its contents are encrypted under; none for a keystore that is open.
    pub password: Option<Password>,
    /// Attributes.
    pub attributes: Attributes,
    /// Tells a call that arrives a second time.
    pub transaction: Option<TransactionId>,
}

/// Bytes of a name: the list of keystores shows it.
const LONGEST_NAME: usize = 256;

impl Act for CreateKeystore {
    fn reads(&self, _: &View, instance: &Instance) -> Vec<RecordKey> {
        vec![RecordKey::Keystores(instance.id), RecordKey::KeyTally(instance.id)]
    }

    fn concern(&self) -> Concern {
        Concern { keystore: self.id, names: self.id.iter().map(|id| id.0).collect() }
    }

    fn carry_out(&self, scene: &Scene<'_>) -> Result<Done, ReturnValue> {
        let (keystores, tally, mut rng) = (scene.keystores(), scene.tally(), scene.rng(0));
        let kind = self.kind.ok_or(ReturnValue::TEMPLATE_INCOMPLETE)?;
        if self.name.len() > LONGEST_NAME {
            return Err(ReturnValue::ARGUMENTS_BAD);
        }
        let attributes = self.attributes.clone().stated()?;
        let id = self.id.unwrap_or_else(|| KeystoreId(random_uuid(&mut rng)));
        if keystores.entries.iter().any(|entry| Some(entry.transaction) == self.transaction) {
            return Err(ReturnValue::IBM_GREP11_REPLAY);
        }
        if keystores.entry(id).is_some() {
            return Err(ReturnValue::IBM_GREP11_CONFLICT);
        }
        let transaction = transaction(self.transaction, &mut rng);
        let lock = self.password.as_ref().map(|password| Lock::new(password, id, &mut rng)).transpose()?;
        let authenticated = lock.is_some();
        if authenticated && keystores.entries.iter().filter(|entry| entry.authenticated).count() >= MOST_AUTHENTICATED {
            return Err(ReturnValue::FUNCTION_REJECTED);
        }
        let keystore = Keystore {
            id,
            name: self.name.clone(),
            kind,
            created_by: scene.caller.claims().iam_id.clone(),
            created: scene.env.now,
            version: 0,
            transaction,
            attributes,
            lock,
            sizes: BucketSizes::default(),
        };
        let instance = scene.instance.id;
        let keystores = keystores.with(KeystoreEntry { id, transaction, authenticated });
        let tally = KeyTally { written: tally.written + 1, ..tally };
        let changes = vec![
            Change::put(RecordKey::Keystores(instance), Record::Keystores(keystores)),
            Change::put(RecordKey::KeyTally(instance), Record::KeyTally(tally)),
            Change::put(RecordKey::Keystore(instance, id), Record::Keystore(Box::new(keystore.clone()))),
        ];
        let concern = Some(Concern { keystore: Some(id), names: vec![id.0] });
        Ok(Done { changes, concern, ..Done::reply(KeystoreReply::Keystore(keystore)) })
    }
}

/// A version 4 UUID.
fn random_uuid(rng: &mut impl Rng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    Uuid::from_random_bytes(bytes)
}
