//! What an action finds: records, the unit that serves, randomness.

use chacha20::ChaCha20Rng;
use hpcs_ep11::ControlPoints;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_hsm::Unit;
use hpcs_hsm::functions::SessionId;
use hpcs_names::{KeystoreId, StoredKeyId};

use super::{KeystoreAsk, StoredKey};
use crate::keystore::{
    KeyContent, KeyRecord, KeyTally, Keystore, Keystores, LockKey, Password, StoredContent, TransactionId,
    WrappingKeyName, wrapping_key_name,
};
use crate::operations::call::{Call, control_points, units};
use crate::{CallEnv, Caller, Instance, Refusal, View};

pub(super) struct Scene<'a> {
    pub(super) view: &'a View,
    pub(super) caller: &'a Caller,
    pub(super) instance: &'a Instance,
    pub(super) env: &'a CallEnv<'a>,
    digest: &'a [u8; 32],
    /// The unit that the call reaches.
    pub(super) unit: &'a Unit,
    pub(super) control_points: ControlPoints,
    /// The caller's open sessions.
    pub(super) sessions: Vec<SessionId>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        view: &'a View,
        caller: &'a Caller,
        instance: &'a Instance,
        call: &'a Call<KeystoreAsk>,
        env: &'a CallEnv<'a>,
    ) -> Result<Self, Refusal> {
        let unit = call.reached(view, instance, env).ok_or(Refusal::Internal)?;
        let sessions = instance.session_ids(&caller.claims().iam_id);
        let control_points = control_points(view, instance);
        Ok(Scene { view, caller, instance, env, digest: &call.digest, unit, control_points, sessions })
    }

    /// The list of keystores.
    pub(super) fn keystores(&self) -> Keystores {
        self.view.keystores(self.instance.id).cloned().unwrap_or_default()
    }

    pub(super) fn tally(&self) -> KeyTally {
        self.view.key_tally(self.instance.id)
    }

    /// # Errors
    /// `IBM_GREP11_MISSING`.
    pub(super) fn keystore(&self, id: KeystoreId) -> Result<&'a Keystore, ReturnValue> {
        self.view.keystore(self.instance.id, id).ok_or(ReturnValue::IBM_GREP11_MISSING)
    }

    /// The key of a keystore.
    ///
    /// # Errors
    /// `IBM_GREP11_MISSING`, when it is in another one too.
    pub(super) fn key(&self, keystore: KeystoreId, id: StoredKeyId) -> Result<&'a KeyRecord, ReturnValue> {
        let key = self.view.stored_key(self.instance.id, id).filter(|key| key.keystore == keystore);
        key.ok_or(ReturnValue::IBM_GREP11_MISSING)
    }

    /// What opens a keystore that a call names alone.
    ///
    /// # Errors
    /// `PIN_INCORRECT` for another password than the keystore's, `ARGUMENTS_BAD` for one where there is none.
    pub(super) fn unlock(
        &self,
        keystore: &Keystore,
        password: Option<&Password>,
    ) -> Result<Option<LockKey>, ReturnValue> {
        match &keystore.lock {
            Some(lock) => lock.open(password, keystore.id).map(Some),
            None if password.is_some() => Err(ReturnValue::ARGUMENTS_BAD),
            None => Ok(None),
        }
    }

    /// The content of a key, under the master key that all units have.
    ///
    /// # Errors
    /// `PIN_INCORRECT` when it is locked, `IBM_GREP11_DBINTERNAL` when it does not open.
    pub(super) fn content(&self, key: &KeyRecord, lock: Option<&LockKey>) -> Result<KeyContent, ReturnValue> {
        let content = match &key.content {
            StoredContent::Open(content) => content.clone(),
            StoredContent::Locked(sealed) => lock.ok_or(ReturnValue::PIN_INCORRECT)?.open(key.id, sealed)?,
        };
        Ok(content.under(self.wrapping_key()))
    }

    /// A key as its owner sees it.
    pub(super) fn shown(&self, key: &KeyRecord, content: &KeyContent) -> StoredKey {
        StoredKey {
            id: key.id,
            keystore: key.keystore,
            version: key.version,
            transaction: key.transaction,
            attributes: content.all_attributes(),
            blobs: content.entries.iter().map(|entry| entry.blob.clone()).collect(),
            created: key.created,
            updated: key.updated,
        }
    }

    /// The master key of the units, when all have the same.
    fn wrapping_key(&self) -> Option<WrappingKeyName> {
        let mut patterns = units(self.view, self.instance).map(Unit::current_pattern);
        let first = patterns.next().flatten()?;
        patterns.all(|other| other.is_some_and(|other| other.matches(&first))).then(|| wrapping_key_name(first))
    }

    /// Randomness of this write: the only one that finds the instance so far, and the key in this version.
    pub(super) fn rng(&self, version: u64) -> ChaCha20Rng {
        let written = self.tally().written.to_be_bytes();
        let path: [&[u8]; 5] =
            [b"keystore", self.instance.id.0.as_bytes(), self.digest, &written, &version.to_be_bytes()];
        self.env.seed.rng(&path)
    }
}

/// The id of a write: the caller's, or random.
pub(super) fn transaction(stated: Option<TransactionId>, rng: &mut impl rand_core::Rng) -> TransactionId {
    stated.unwrap_or_else(|| {
        let mut made = [0; 16];
        rng.fill_bytes(&mut made);
        made
    })
}

/// Refuses a write that arrives a second time, and one that was made on another version than there is.
///
/// # Errors
/// `IBM_GREP11_REPLAY`, `IBM_GREP11_CONFLICT`.
pub(super) fn check_write(
    stated: Option<TransactionId>,
    last: TransactionId,
    expected: Option<u64>,
    version: u64,
) -> Result<(), ReturnValue> {
    if stated == Some(last) {
        return Err(ReturnValue::IBM_GREP11_REPLAY);
    }
    if expected.is_some_and(|expected| expected != version) {
        return Err(ReturnValue::IBM_GREP11_CONFLICT);
    }
    Ok(())
}
