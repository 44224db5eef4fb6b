//! The form that signature key files and key part files share: a JSON object of strings, one of them encrypted under a
//! password.
//!
//! PBKDF2 with HMAC-SHA-256 makes the key from the password and the member `seaSalt`; AES-256-GCM without associated
//! data encrypts. The encrypted member is nonce, ciphertext and tag in hexadecimal. Part of the specification: TKE
//! administration protocol 10.1.

use std::path::{Path, PathBuf};

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use pbkdf2::pbkdf2_hmac;
use rand_core::CryptoRng;
use serde_json::{Map, Value};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::bounded::read_file;
use super::{FieldFault, FilesError, Password};

/// A file that was read, not yet opened.
pub(super) struct Envelope {
    path: PathBuf,
    members: Map<String, Value>,
}

impl Envelope {
    /// Reads the file at `path`.
    pub(super) fn read(path: &Path) -> Result<Self, FilesError> {
        let content = read_file(path)?;
        let damaged = |fault| FilesError::Damaged { path: path.to_owned(), field: "file", fault };
        match serde_json::from_slice(&content) {
            Ok(Value::Object(members)) => Ok(Self { path: path.to_owned(), members }),
            Ok(_) => Err(damaged(FieldFault::WrongType)),
            Err(_) => Err(damaged(FieldFault::Malformed)),
        }
    }

    /// The member `field`, which must be there.
    pub(super) fn text(&self, field: &'static str) -> Result<&str, FilesError> {
        self.optional(field)?.ok_or_else(|| self.damaged(field, FieldFault::Missing))
    }

    /// The member `field`, if it is there.
    pub(super) fn optional(&self, field: &'static str) -> Result<Option<&str>, FilesError> {
        match self.members.get(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.damaged(field, FieldFault::WrongType)),
        }
    }

    /// The plain content of the encrypted member `field`.
    pub(super) fn open(&self, field: &'static str, password: &Password) -> Result<Zeroizing<Vec<u8>>, FilesError> {
        let salt = self.bytes(SALT)?;
        if salt.is_empty() {
            return Err(self.damaged(SALT, FieldFault::WrongSize));
        }
        let sealed = self.bytes(field)?;
        let wrong_size = || self.damaged(field, FieldFault::WrongSize);
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_SIZE>().ok_or_else(wrong_size)?;
        if ciphertext.len() < TAG_SIZE {
            return Err(wrong_size());
        }
        let mut content = Zeroizing::new(ciphertext.to_vec());
        cipher(&derive_key(password, &salt))
            .decrypt_in_place(&Nonce::from(*nonce), &[], &mut *content)
            .map_err(|_| FilesError::InvalidPassword)?;
        Ok(content)
    }

    /// An error about the member `field` of this file.
    pub(super) fn damaged(&self, field: &'static str, fault: FieldFault) -> FilesError {
        FilesError::Damaged { path: self.path.clone(), field, fault }
    }

    fn bytes(&self, field: &'static str) -> Result<Vec<u8>, FilesError> {
        hex::decode(self.text(field)?).map_err(|_| self.damaged(field, FieldFault::Malformed))
    }
}

/// A content that was encrypted, as its two members: both hexadecimal.
pub(super) struct Sealed {
    /// The member `seaSalt`: 32 bytes.
    pub(super) salt: String,
    /// The encrypted member.
    pub(super) content: String,
}

/// Encrypts `content` under `password`, with a salt and a nonce drawn from `rng`.
pub(super) fn seal(content: Zeroizing<Vec<u8>>, password: &Password, rng: &mut (impl CryptoRng + ?Sized)) -> Sealed {
    let mut salt = [0; SALT_SIZE];
    rng.fill_bytes(&mut salt);
    let mut nonce = [0; NONCE_SIZE];
    rng.fill_bytes(&mut nonce);
    Sealed { salt: hex::encode(salt), content: hex::encode(encrypt(&derive_key(password, &salt), nonce, &content)) }
}

/// The member that holds the salt of the key derivation.
pub(super) const SALT: &str = "seaSalt";

#[expect(clippy::expect_used, reason = "GCM refuses contents of 64 GiB and more, and nothing else")]
fn encrypt(key: &[u8; KEY_SIZE], nonce: [u8; NONCE_SIZE], content: &[u8]) -> Vec<u8> {
    // Room for the tag from the start: growing would leave a copy of the content behind.
    let mut sealed = Zeroizing::new(Vec::with_capacity(content.len() + TAG_SIZE));
    sealed.extend_from_slice(content);
    cipher(key).encrypt_in_place(&Nonce::from(nonce), &[], &mut *sealed).expect("a key file is short");
    [nonce.as_slice(), sealed.as_slice()].concat()
}

fn cipher(key: &[u8; KEY_SIZE]) -> Aes256Gcm {
    Aes256Gcm::new(key.into())
}

fn derive_key(password: &Password, salt: &[u8]) -> Zeroizing<[u8; KEY_SIZE]> {
    let mut key = Zeroizing::new([0; KEY_SIZE]);
    pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, ITERATIONS, &mut *key);
    key
}

const ITERATIONS: u32 = 4096;
const KEY_SIZE: usize = 32;
const NONCE_SIZE: usize = 12;
const SALT_SIZE: usize = 32;
const TAG_SIZE: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_is_reproduced() {
        let salt: [u8; 32] = std::array::from_fn(|index| index as u8);
        let key = derive_key(&Password::new("passw0rd".to_owned()), &salt);
        assert_eq!(hex::encode(*key), "c732b2725612cdb7705a780117cb73efb6937aa559ef13f7c1f9266dd900d179");
        assert_eq!(
            hex::encode(encrypt(&key, [0; 12], b"abc")),
            "000000000000000000000000ada72800745c4379b6bf56e11603e2cbf4e4da"
        );
    }

    #[test]
    fn equal_contents_are_sealed_under_different_salts_and_nonces() {
        let mut rng = super::super::testing::rng();
        let password = Password::new("pw".to_owned());
        let first = seal(Zeroizing::new(b"abc".to_vec()), &password, &mut rng);
        let second = seal(Zeroizing::new(b"abc".to_vec()), &password, &mut rng);
        assert_ne!(first.salt, second.salt);
        assert_ne!(first.content[..24], second.content[..24]);
    }
}
