//! The key of a store.

use std::fmt;

use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::SealFault;
use super::cipher::{Cipher, NONCE_SIZE, Place};

/// The key that protects everything secret in a store: 32 bytes, from a file or handed in. Cleared when it is dropped.
pub struct StoreKey(Cipher);

impl StoreKey {
    /// Size in bytes; as text twice as many hexadecimal digits.
    pub const SIZE: usize = 32;

    /// The key of these bytes.
    pub fn new(key: &Zeroizing<[u8; Self::SIZE]>) -> Self {
        StoreKey(Cipher::new(key))
    }

    /// A new key, and its text for the file that keeps it: 64 hexadecimal digits and a line end.
    pub fn generate(rng: &mut dyn CryptoRng) -> (Self, Zeroizing<String>) {
        let mut key = Zeroizing::new([0; Self::SIZE]);
        rng.fill_bytes(&mut *key);
        let mut text = Zeroizing::new(String::with_capacity(2 * Self::SIZE + 1));
        for byte in *key {
            for nibble in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(nibble.into(), 16));
            }
        }
        text.push('\n');
        (StoreKey::new(&key), text)
    }

    /// The key in the text of a key file: 64 hexadecimal digits of either case, blanks and line ends around them.
    ///
    /// # Errors
    /// [`StoreKeyFault`], which does not tell the text.
    pub fn parse(text: &str) -> Result<Self, StoreKeyFault> {
        let digits = text.trim_ascii();
        let mut key = Zeroizing::new([0; Self::SIZE]);
        hex::decode_to_slice(digits, &mut *key).map_err(|_| match digits.chars().count() {
            count if count == 2 * Self::SIZE => StoreKeyFault::Digits,
            count => StoreKeyFault::Length(count),
        })?;
        Ok(StoreKey::new(&key))
    }

    /// Something sealed under this key, for the owner of a store to keep beside it.
    pub fn check_value(&self, rng: &mut dyn CryptoRng) -> KeyCheck {
        let mut sealed = self.seal(KEY_CHECK, CHECKED, rng);
        let checksum = Sha256::digest(&sealed);
        sealed.extend(checksum.iter().take(CHECKSUM_SIZE));
        KeyCheck(sealed)
    }

    /// Whether this is the key of the store that keeps `check`.
    ///
    /// # Errors
    /// [`SealFault::WrongKey`] when it is another one, [`SealFault::Damaged`] or [`SealFault::ForeignVersion`] when
    /// that cannot be told.
    pub fn verify(&self, check: &KeyCheck) -> Result<(), SealFault> {
        let (sealed, checksum) = check.0.split_last_chunk::<CHECKSUM_SIZE>().ok_or(SealFault::Damaged)?;
        if !Sha256::digest(sealed).starts_with(checksum) {
            return Err(SealFault::Damaged);
        }
        match self.open(KEY_CHECK, sealed) {
            Ok(_) => Ok(()),
            Err(SealFault::Damaged) => Err(SealFault::WrongKey),
            Err(other) => Err(other),
        }
    }

    /// Nonces are random: the key is good for 2^32 of them, some four thousand million writes.
    pub(super) fn seal(&self, place: Place<'_>, secret: &[u8], rng: &mut dyn CryptoRng) -> Vec<u8> {
        let mut nonce = [0; NONCE_SIZE];
        rng.fill_bytes(&mut nonce);
        self.0.seal(nonce, place, secret)
    }

    pub(super) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault> {
        self.0.open(place, sealed)
    }
}

/// Tells a wrong store key from a damaged store. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCheck(Vec<u8>);

impl KeyCheck {
    /// The check in these bytes, as [`KeyCheck::as_bytes`] gave them. Whether they are one, [`StoreKey::verify`] says.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        KeyCheck(bytes)
    }

    /// The bytes to keep.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why a text is not a store key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKeyFault {
    /// It has this many characters.
    Length(usize),
    /// Some are not hexadecimal digits.
    Digits,
}

impl fmt::Display for StoreKeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreKeyFault::Length(count) => write!(f, "a store key has 64 hexadecimal digits, not {count} characters"),
            StoreKeyFault::Digits => f.write_str("a store key has 64 hexadecimal digits; some are something else"),
        }
    }
}

impl std::error::Error for StoreKeyFault {}

const KEY_CHECK: Place<'static> = Place { purpose: "hpcs-emulator store key check", record: "", field: "" };
const CHECKED: &[u8] = b"hpcs-emulator store";
/// Enough to notice damage; it is no defence.
const CHECKSUM_SIZE: usize = 8;

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(1)
    }

    #[test]
    fn a_generated_key_reads_back_from_its_text() {
        let (key, text) = StoreKey::generate(&mut rng());
        assert_eq!((text.len(), text.capacity(), text.ends_with('\n')), (65, 65, true));
        let check = key.check_value(&mut rng());
        assert_eq!(StoreKey::parse(&text).ok().map(|read| read.verify(&check)), Some(Ok(())));
        let upper_case = StoreKey::parse(&text.to_uppercase()).ok().unwrap();
        assert_eq!(upper_case.verify(&check), Ok(()));
    }

    #[test]
    fn texts_that_are_no_key_are_refused_without_being_told() {
        let fault = |text: &str| StoreKey::parse(text).err();
        assert_eq!(fault(""), Some(StoreKeyFault::Length(0)));
        assert_eq!(fault(&"ab".repeat(31)), Some(StoreKeyFault::Length(62)));
        assert_eq!(fault(&"ab".repeat(33)), Some(StoreKeyFault::Length(66)));
        assert_eq!(fault(&"ag".repeat(32)), Some(StoreKeyFault::Digits));
        assert!(!StoreKeyFault::Digits.to_string().contains("ag"));
    }

    #[test]
    fn a_wrong_key_is_told_apart_from_damage() {
        let key = StoreKey::new(&Zeroizing::new([1; 32]));
        let other = StoreKey::new(&Zeroizing::new([2; 32]));
        let check = key.check_value(&mut rng());
        assert_eq!(other.verify(&check), Err(SealFault::WrongKey));
        for at in 0..check.as_bytes().len() {
            let mut damaged = check.as_bytes().to_vec();
            damaged[at] ^= 1;
            assert_eq!(key.verify(&KeyCheck::from_bytes(damaged)), Err(SealFault::Damaged), "byte {at}");
        }
        assert_eq!(key.verify(&KeyCheck::from_bytes(vec![])), Err(SealFault::Damaged));
    }
}
