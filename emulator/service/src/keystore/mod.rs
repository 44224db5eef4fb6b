//! EP11 keystores: key blobs that an instance keeps for its clients.
//!
//! The cloud's protocol is private; records and rules follow what the documentation shows of it (GREP11 API, section 8).
//!
//! # Records
//! ```text
//! Keystores(instance)                     which keystores there are
//! KeyTally(instance)                      how many keys there are in all of them
//! Keystore(instance, keystore)            a keystore: name, type, lock, how many keys in each bucket
//! KeyBucket(instance, keystore, bucket)   ids of the keys of one of 256 buckets
//! StoredKey(instance, key)                a key
//! ```
//!
//! Writing a key writes its own record, one bucket, the keystore and the tally: a few kilobytes, whether the instance has
//! one key or 20,000. A page of a listing reads the buckets that it touches.

mod attributes;
mod bucket;
mod key;
mod password;
mod whole;

use hpcs_audit::EventTime;
use hpcs_names::{KeystoreId, StoredKeyId};

pub use attributes::Attributes;
pub use bucket::{BUCKETS, BucketSizes, bucket_of};
pub use key::{Entry, KeyContent, KeyRecord, StoredContent, WrappingKeyName, wrapping_key_name};
pub use password::{Lock, LockKey, Password};
pub use whole::Holdings;

/// Keys that an instance can hold.
pub const MOST_KEYS: u32 = 20_000;

/// Keystores with a password that an instance can hold.
pub const MOST_AUTHENTICATED: usize = 5;

/// Random bytes by which a write that arrives a second time is told.
pub type TransactionId = [u8; 16];

/// The keystores of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keystores {
    /// Ascending by id.
    pub entries: Vec<KeystoreEntry>,
}

/// What the list says of a keystore, so that what counts all of them need not read all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeystoreEntry {
    /// Which.
    pub id: KeystoreId,
    /// The write that made it.
    pub transaction: TransactionId,
    /// Whether it has a password.
    pub authenticated: bool,
}

/// How many keys an instance has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyTally {
    /// Keys that are there.
    pub keys: u32,
    /// Goes up with everything that is made, and never down: identifiers and nonces derive from it.
    pub written: u64,
}

/// Who may use a keystore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeystoreType {
    /// Any user.
    Public,
    /// Normal users only.
    Private,
}

/// A keystore without its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keystore {
    /// Its id.
    pub id: KeystoreId,
    /// Free text, not unique.
    pub name: String,
    /// Who may use it.
    pub kind: KeystoreType,
    /// IAM id of who made it.
    pub created_by: String,
    /// When it was made.
    pub created: EventTime,
    /// 0 when it was made.
    pub version: u64,
    /// The write that made it.
    pub transaction: TransactionId,
    /// Attributes that its maker gave it.
    pub attributes: Attributes,
    /// What its password opens; none without one.
    pub lock: Option<Lock>,
    /// How many keys each bucket has.
    pub sizes: BucketSizes,
}

/// Ids of the keys in one bucket, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyBucket {
    /// The ids.
    pub keys: Vec<StoredKeyId>,
}

impl Keystores {
    /// The entry of a keystore.
    pub fn entry(&self, id: KeystoreId) -> Option<&KeystoreEntry> {
        self.at(id).ok().and_then(|at| self.entries.get(at))
    }

    /// Ids of all keystores, ascending.
    pub fn ids(&self) -> impl Iterator<Item = KeystoreId> {
        self.entries.iter().map(|entry| entry.id)
    }

    /// With one more keystore.
    #[must_use]
    pub(crate) fn with(mut self, entry: KeystoreEntry) -> Self {
        if let Err(at) = self.at(entry.id) {
            self.entries.insert(at, entry);
        }
        self
    }

    /// Without this keystore.
    #[must_use]
    pub(crate) fn without(mut self, id: KeystoreId) -> Self {
        self.entries.retain(|entry| entry.id != id);
        self
    }

    fn at(&self, id: KeystoreId) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id)
    }
}

impl Keystore {
    /// About how many bytes it has in a message.
    pub fn size(&self) -> usize {
        128 + self.name.len() + 16 * self.attributes.iter().count() + self.attributes.size()
    }
}

impl KeyBucket {
    /// With one more key.
    #[must_use]
    pub(crate) fn with(mut self, id: StoredKeyId) -> Self {
        if let Err(at) = self.keys.binary_search(&id) {
            self.keys.insert(at, id);
        }
        self
    }

    /// Without this key.
    #[must_use]
    pub(crate) fn without(mut self, id: StoredKeyId) -> Self {
        self.keys.retain(|other| *other != id);
        self
    }
}
