//! Master keys as they lie in a register.

use std::sync::{Arc, OnceLock};

use hpcs_ep11::{KeyPart, PatternTail, VerificationPattern};

use crate::functions::BlobKeys;

/// A master key (wrapping key on the wire): 32 bytes in a box that is zeroized when the last register lets go of it.
///
/// States of a unit share the box: copying a register copies a pointer, never the key.
#[derive(Clone)]
pub struct MasterKey {
    key: Arc<KeyPart>,
    pattern: VerificationPattern,
    /// Made when the first application key is protected with it.
    blob_keys: Arc<OnceLock<BlobKeys>>,
}

impl MasterKey {
    /// A master key with its verification pattern, tail kept.
    pub(crate) fn new(key: KeyPart) -> Self {
        MasterKey::shared(Arc::new(key))
    }

    /// The same of a box that others may hold too.
    pub(crate) fn shared(key: Arc<KeyPart>) -> Self {
        let pattern = key.verification_pattern(PatternTail::Kept);
        MasterKey { key, pattern, blob_keys: Arc::default() }
    }

    /// The box with the key.
    pub(crate) fn share(&self) -> Arc<KeyPart> {
        self.key.clone()
    }

    /// SHA-256 over `01` and the key; the module's profile decides what a report does with its tail.
    pub fn pattern(&self) -> VerificationPattern {
        self.pattern
    }

    /// The key itself, for export and for cryptography inside the unit.
    pub(crate) fn expose_key(&self) -> &KeyPart {
        &self.key
    }

    /// The keys that protect application keys under it.
    pub(crate) fn blob_keys(&self) -> &BlobKeys {
        self.blob_keys.get_or_init(|| BlobKeys::of(&self.key))
    }

    /// Whether both are the same key, compared in constant time.
    pub(crate) fn is_same_key(&self, other: &KeyPart) -> bool {
        self.key.ct_eq(other)
    }
}
