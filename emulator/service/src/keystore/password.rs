//! Passwords of keystores.
//!
//! The service keeps no password: a key made of it opens what the keystore holds. Whoever loses it can only delete the
//! keystore (section 8.1).

use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::{KeystoreId, StoredKeyId};
use rand_core::Rng;
use zeroize::Zeroizing;

use super::attributes::characters;
use super::key::KeyContent;
use crate::document::{decode_key_content, encode_key_content};
use crate::sealing::PasswordKey;

/// A password. Has no `Debug` and is zeroized.
pub struct Password(Zeroizing<Vec<u8>>);

/// How the key of a keystore is made of its password. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Random bytes.
    pub salt: [u8; 16],
    /// Rounds of PBKDF2-HMAC-SHA256.
    pub rounds: u32,
    /// Something sealed under the key: tells a wrong password.
    pub check: Vec<u8>,
}

/// What a password opens.
pub struct LockKey {
    key: PasswordKey,
    keystore: KeystoreId,
}

/// Rounds of new keystores. Each call pays for them, so there are fewer than for files: some ten milliseconds.
const ROUNDS: u32 = 100_000;

/// Characters of a password (section 8.1).
const LENGTHS: std::ops::RangeInclusive<usize> = 6..=8;

impl Password {
    /// The password of these bytes; `None` of none.
    pub fn of(bytes: Vec<u8>) -> Option<Self> {
        (!bytes.is_empty()).then(|| Password(Zeroizing::new(bytes)))
    }

    /// Whether it has as many characters as a password has.
    pub(crate) fn has_length(&self) -> bool {
        LENGTHS.contains(&characters(&self.0))
    }
}

impl Lock {
    /// The lock of a new keystore.
    ///
    /// # Errors
    /// `PIN_LEN_RANGE` unless the password has 6 to 8 characters.
    pub(crate) fn new(password: &Password, keystore: KeystoreId, rng: &mut impl Rng) -> Result<Self, ReturnValue> {
        if !password.has_length() {
            return Err(ReturnValue::PIN_LEN_RANGE);
        }
        let (mut salt, mut nonce) = ([0; 16], [0; PasswordKey::NONCE_SIZE]);
        rng.fill_bytes(&mut salt);
        rng.fill_bytes(&mut nonce);
        let key = PasswordKey::derive(&password.0, &salt, ROUNDS);
        let check = key.seal(nonce, &keystore.to_string(), CHECK, CHECK.as_bytes());
        Ok(Lock { salt, rounds: ROUNDS, check })
    }

    /// The key that opens the keystore.
    ///
    /// # Errors
    /// `PIN_INCORRECT` when the password is another one, or none.
    pub(crate) fn open(&self, password: Option<&Password>, keystore: KeystoreId) -> Result<LockKey, ReturnValue> {
        let wrong = ReturnValue::PIN_INCORRECT;
        let password = password.filter(|password| password.has_length()).ok_or(wrong)?;
        let key = PasswordKey::derive(&password.0, &self.salt, self.rounds);
        key.open(&keystore.to_string(), CHECK, &self.check).map_err(|_| wrong)?;
        Ok(LockKey { key, keystore })
    }
}

impl LockKey {
    /// Seals the content of a key. No two contents get the same nonce: it follows from everything that decides them.
    pub(crate) fn seal(&self, id: StoredKeyId, content: &KeyContent, rng: &mut impl Rng) -> Vec<u8> {
        let mut nonce = [0; PasswordKey::NONCE_SIZE];
        rng.fill_bytes(&mut nonce);
        self.key.seal(nonce, &self.keystore.to_string(), &id.to_string(), &encode_key_content(content))
    }

    /// Opens the content of a key.
    ///
    /// # Errors
    /// `IBM_GREP11_DBINTERNAL` when it is not what was sealed.
    pub(crate) fn open(&self, id: StoredKeyId, sealed: &[u8]) -> Result<KeyContent, ReturnValue> {
        let damaged = ReturnValue::IBM_GREP11_DBINTERNAL;
        let content = self.key.open(&self.keystore.to_string(), &id.to_string(), sealed).map_err(|_| damaged)?;
        decode_key_content(&content).map_err(|_| damaged)
    }
}

/// The field of the check value; no key has such an id.
const CHECK: &str = "password";

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::keystore::Attributes;

    fn password(text: &str) -> Option<Password> {
        Password::of(text.as_bytes().to_vec())
    }

    fn id(byte: u8) -> hpcs_names::Uuid {
        hpcs_names::Uuid::from_bytes([byte; 16])
    }

    #[test]
    fn a_password_has_six_to_eight_characters() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for (text, fits) in [("12345", false), ("123456", true), ("\u{e9}23456\u{e9}8", true), ("123456789", false)] {
            let lock = Lock::new(&password(text).unwrap(), KeystoreId(id(1)), &mut rng);
            assert_eq!(lock.err(), (!fits).then_some(ReturnValue::PIN_LEN_RANGE), "{text}");
        }
        assert!(password("").is_none());
    }

    #[test]
    fn a_content_opens_under_its_password_for_its_key_alone() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let keystore = KeystoreId(id(1));
        let lock = Lock::new(&password("secret1").unwrap(), keystore, &mut rng).unwrap();
        let wrong = [None, password("secret2"), password("secret1x9")];
        for wrong in wrong {
            assert_eq!(lock.open(wrong.as_ref(), keystore).err(), Some(ReturnValue::PIN_INCORRECT));
        }
        let key = lock.open(password("secret1").as_ref(), keystore).ok().unwrap();
        let content = KeyContent { attributes: Attributes::default(), entries: Vec::new() };
        let sealed = key.seal(StoredKeyId(id(2)), &content, &mut rng);
        assert_eq!(key.open(StoredKeyId(id(2)), &sealed), Ok(content));
        assert_eq!(key.open(StoredKeyId(id(3)), &sealed), Err(ReturnValue::IBM_GREP11_DBINTERNAL));
    }
}
