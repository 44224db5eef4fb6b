//! A key that comes in: what is kept of it.

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, ReturnValue};
use hpcs_hsm::NewRegisterStatus;
use hpcs_hsm::functions::{AttributeValue, Terms, check_blob, rewrap_stored};
use hpcs_names::StoredKeyId;
use rand_core::Rng;

use super::scene::Scene;
use crate::keystore::{
    Attributes, Entry, KeyContent, Keystore, KeystoreType, LockKey, StoredContent, wrapping_key_name,
};

/// A key as a client sends it.
pub struct KeyWrite {
    /// Its id; the service chooses one when absent.
    pub id: Option<StoredKeyId>,
    /// The version that the client has read; when a key is new it does not count.
    pub version: u64,
    /// What the client says of it.
    pub attributes: Attributes,
    /// Its blob.
    pub blob: Bytes,
}

/// What its owner says of a key and no unit depends on. Everything else that a blob knows, it knows better than anybody.
const OF_THE_OWNER: [AttributeType; 7] = [
    AttributeType::LABEL,
    AttributeType::ID,
    AttributeType::SUBJECT,
    AttributeType::APPLICATION,
    AttributeType::PRIVATE,
    AttributeType::COPYABLE,
    AttributeType::DESTROYABLE,
];

/// Those of them that are truth values.
const TRUTHS: [AttributeType; 3] = [AttributeType::PRIVATE, AttributeType::COPYABLE, AttributeType::DESTROYABLE];

/// Stands for the version in the randomness that keys are wrapped with: no key gets that far.
const REWRAPPING: u64 = u64::MAX;

impl Scene<'_> {
    /// The content of a key that is written into a keystore. While the master key is being rotated, the key is there under
    /// the next one too.
    ///
    /// # Errors
    /// Those of the blob and of the attributes; `TEMPLATE_INCONSISTENT` for a private key in a public keystore, and the
    /// other way round.
    pub(super) fn taken_in(&self, keystore: &Keystore, key: &KeyWrite) -> Result<KeyContent, ReturnValue> {
        let terms = Terms { control_points: self.control_points, sessions: &self.sessions };
        let of_the_blob: Attributes = check_blob(self.unit, &terms, &key.blob)?.into_iter().collect();
        let stated = key.attributes.clone().stated()?;
        for attribute in TRUTHS {
            if stated.get(attribute).is_some() && stated.truth(attribute).is_none() {
                return Err(ReturnValue::ATTRIBUTE_VALUE_INVALID);
            }
        }
        let private = keystore.kind == KeystoreType::Private;
        if stated.truth(AttributeType::PRIVATE).is_some_and(|stated| stated != private) {
            return Err(ReturnValue::TEMPLATE_INCONSISTENT);
        }
        let of_the_owner = stated.iter().filter(|(attribute, _)| OF_THE_OWNER.contains(attribute));
        let of_the_owner: Attributes = of_the_owner.map(|(attribute, value)| (attribute, value.clone())).collect();
        let mut attributes = of_the_owner.over(of_the_blob).over(stated);
        attributes.set(AttributeType::TOKEN, AttributeValue::Boolean(true));
        attributes.set(AttributeType::PRIVATE, AttributeValue::Boolean(private));
        Ok(KeyContent { attributes, entries: self.entries(&key.blob)? })
    }

    fn entries(&self, blob: &Bytes) -> Result<Vec<Entry>, ReturnValue> {
        let current = self.unit.current_pattern().ok_or(ReturnValue::IBM_WK_NOT_INITIALIZED)?;
        let mut entries = vec![Entry { wrapping_key: wrapping_key_name(current), blob: blob.clone() }];
        entries.extend(self.rewrapped(blob)?);
        Ok(entries)
    }

    /// The key under the next master key, while a rotation to it is under way.
    fn rewrapped(&self, blob: &Bytes) -> Result<Option<Entry>, ReturnValue> {
        let status = self.unit.status();
        let next = status.new_pattern.filter(|_| status.new_register == NewRegisterStatus::FullCommitted);
        let rotation = self.instance.rotation.as_ref();
        let Some(next) = next.filter(|next| rotation.is_some_and(|rotation| rotation.to.matches(next))) else {
            return Ok(None);
        };
        let mut randomness = hpcs_hsm::CallEnv { rng: self.rng(REWRAPPING) };
        let blob = rewrap_stored(self.unit, blob, &mut randomness)?;
        Ok(Some(Entry { wrapping_key: wrapping_key_name(next), blob: blob.into() }))
    }
}

/// The content as the record of its key has it.
pub(super) fn stored(
    id: StoredKeyId,
    content: &KeyContent,
    lock: Option<&LockKey>,
    rng: &mut impl Rng,
) -> StoredContent {
    match lock {
        Some(lock) => StoredContent::Locked(lock.seal(id, content, rng)),
        None => StoredContent::Open(content.clone()),
    }
}
