//! Contents under a password that nobody keeps.

use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::SealFault;
use super::cipher::{self, Cipher, Place};

/// A key made of a password.
pub(crate) struct PasswordKey(Cipher);

impl PasswordKey {
    /// Bytes of a nonce.
    pub(crate) const NONCE_SIZE: usize = cipher::NONCE_SIZE;

    /// The key of a password: PBKDF2-HMAC-SHA256.
    pub(crate) fn derive(password: &[u8], salt: &[u8], rounds: u32) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        pbkdf2_hmac::<Sha256>(password, salt, rounds, &mut *key);
        PasswordKey(Cipher::new(&key))
    }

    /// Seals `content` for a field of a record. The caller never gives the same nonce twice.
    pub(crate) fn seal(&self, nonce: [u8; Self::NONCE_SIZE], record: &str, field: &str, content: &[u8]) -> Vec<u8> {
        self.0.seal(nonce, Place { purpose: PURPOSE, record, field }, content)
    }

    /// Opens what was sealed for the same field of the same record.
    ///
    /// # Errors
    /// [`SealFault`].
    pub(crate) fn open(&self, record: &str, field: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault> {
        self.0.open(Place { purpose: PURPOSE, record, field }, sealed)
    }
}

const PURPOSE: &str = "hpcs-emulator keystore";
