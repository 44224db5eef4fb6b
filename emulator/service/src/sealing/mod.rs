//! Sealing: secrets encrypted so that they may lie in a store or a file.
//!
//! Everything is AES-256-GCM. What a secret was sealed for, record and field, is authenticated with it: a secret that is
//! moved elsewhere does not open there.
//!
//! - In a store: the [`StoreKey`] seals one data key for each write of a record ([`RecordSealer`]), the data key seals
//!   the record's secrets. The write that clears a secret replaces the data key, so that an old ciphertext, should a
//!   copy of it survive, has lost its key. A [`KeyCheck`] tells a wrong store key from damage.
//! - In a file that leaves the machine: a key made from a passphrase ([`PassphraseSealer`]).
//! - In an authenticated keystore: a key made from its password, beneath the above.
//!
//! Randomness is handed in. Keys and what is opened are zeroized; no type here that holds either has `Debug` or `Clone`.

mod cipher;
mod fault;
mod passphrase;
mod password;
mod record;
mod store_key;

use zeroize::Zeroizing;

pub use fault::SealFault;
pub use passphrase::{PassphraseHeader, PassphraseOpener, PassphraseSealer};
pub(crate) use password::PasswordKey;
pub use record::{RecordOpener, RecordSealer};
pub use store_key::{KeyCheck, StoreKey, StoreKeyFault};

/// Seals the secrets of one document.
pub trait Sealer {
    /// `secret`, sealed for the field of this path.
    fn seal(&mut self, field: &str, secret: &[u8]) -> Vec<u8>;
}

/// Opens the secrets of one document.
pub trait Opener {
    /// What was sealed for the field of this path.
    ///
    /// # Errors
    /// [`SealFault`].
    fn open(&self, field: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault>;
}
