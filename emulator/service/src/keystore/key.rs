//! A stored key.

use bytes::Bytes;
use hpcs_audit::EventTime;
use hpcs_ep11::VerificationPattern;
use hpcs_ep11::pkcs11::AttributeType;
use hpcs_hsm::functions::AttributeValue;
use hpcs_names::{KeystoreId, StoredKeyId};

use super::{Attributes, TransactionId};

/// The name of a master key in blobs: the first half of its verification pattern.
pub type WrappingKeyName = [u8; 16];

/// The name of the master key with this verification pattern.
pub fn wrapping_key_name(pattern: VerificationPattern) -> WrappingKeyName {
    let mut name = [0; 16];
    name.copy_from_slice(&pattern.0[..16]);
    name
}

/// A key as its record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its id.
    pub id: StoredKeyId,
    /// The keystore that it is in.
    pub keystore: KeystoreId,
    /// 0 when it was stored, one more with each update.
    pub version: u64,
    /// The last write.
    pub transaction: TransactionId,
    /// When it was stored.
    pub created: EventTime,
    /// When it was written last.
    pub updated: EventTime,
    /// The key itself.
    pub content: StoredContent,
}

/// The content of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredContent {
    /// As it is: blobs are encrypted under the master key anyway.
    Open(KeyContent),
    /// Encrypted under the password of the keystore.
    Locked(Vec<u8>),
}

/// Blobs and attributes of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyContent {
    /// What the key's blob says of it, and what its owner says beside that.
    pub attributes: Attributes,
    /// The key's blob; during a rotation of the master key a second one, under the next.
    pub entries: Vec<Entry>,
}

/// A key blob and the master key that it is under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which master key.
    pub wrapping_key: WrappingKeyName,
    /// The blob.
    pub blob: Bytes,
}

impl KeyContent {
    /// The content where `current` is the name of the master key: the second entry is the first one once its master key
    /// is current (section 8.3).
    #[must_use]
    pub fn under(mut self, current: Option<WrappingKeyName>) -> Self {
        if let [_, next, ..] = &self.entries[..]
            && Some(next.wrapping_key) == current
        {
            self.entries.remove(0);
            self.entries.truncate(1);
        }
        self
    }

    /// The attributes, with what the service says of the blobs.
    pub fn all_attributes(&self) -> Attributes {
        let mut attributes = self.attributes.clone();
        if let Some(entry) = self.entries.first() {
            attributes.set(AttributeType::GREP11_WKID, AttributeValue::Bytes(entry.wrapping_key.to_vec()));
        }
        if let Some(next) = self.entries.get(1) {
            attributes.set(AttributeType::GREP11_KEYBLOB_HAS_ROTATION, AttributeValue::Boolean(true));
            attributes.set(AttributeType::GREP11_NEXTWKID, AttributeValue::Bytes(next.wrapping_key.to_vec()));
        }
        attributes
    }

    /// About how many bytes it has in a message.
    pub fn size(&self) -> usize {
        16 * self.attributes.iter().count()
            + self.attributes.size()
            + self.entries.iter().map(|entry| entry.blob.len()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_entry_counts_once_its_master_key_is_current() {
        let entry = |byte: u8| Entry { wrapping_key: [byte; 16], blob: Bytes::copy_from_slice(&[byte]) };
        let rotating = KeyContent { attributes: Attributes::default(), entries: vec![entry(1), entry(2)] };
        let before = rotating.clone().under(Some([1; 16]));
        assert_eq!(before, rotating);
        let said = |content: &KeyContent, attribute| content.all_attributes().get(attribute).cloned();
        assert_eq!(said(&before, AttributeType::GREP11_NEXTWKID), Some(AttributeValue::Bytes(vec![2; 16])));
        let after = rotating.under(Some([2; 16]));
        assert_eq!(after.entries, [entry(2)]);
        assert_eq!(said(&after, AttributeType::GREP11_WKID), Some(AttributeValue::Bytes(vec![2; 16])));
        assert_eq!(said(&after, AttributeType::GREP11_KEYBLOB_HAS_ROTATION), None);
    }
}
