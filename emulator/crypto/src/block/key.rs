//! Keys of block ciphers, expanded for use.

use aes::cipher::array::Array;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use des::TdesEde3;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{CipherFault, Direction};

/// A block cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockCipher {
    /// AES with keys of 16, 24 or 32 bytes.
    Aes,
    /// Triple DES with two keys (16 bytes: the first one is used again as the third) or three keys (24 bytes).
    TripleDes,
}

impl BlockCipher {
    /// Size of a block in bytes.
    pub fn block_len(self) -> usize {
        match self {
            Self::Aes => 16,
            Self::TripleDes => 8,
        }
    }
}

/// The expanded key of a block cipher. Cleared when it is dropped.
pub struct CipherKey(Schedule);

/// Boxed, so that moving a key leaves no copy of it behind.
enum Schedule {
    Aes128(Box<Aes128>),
    Aes192(Box<Aes192>),
    Aes256(Box<Aes256>),
    TripleDes(Box<TdesEde3>),
}

/// `$body` with the boxed cipher of `$key` under the name `$cipher`.
macro_rules! with_cipher {
    ($key:expr, $cipher:ident => $body:expr) => {
        match &$key.0 {
            Schedule::Aes128($cipher) => $body,
            Schedule::Aes192($cipher) => $body,
            Schedule::Aes256($cipher) => $body,
            Schedule::TripleDes($cipher) => $body,
        }
    };
}

impl CipherKey {
    /// Expands `key`. `None` when the cipher has no keys of this size. Parity bits of DES keys do not matter.
    pub fn new(cipher: BlockCipher, key: &[u8]) -> Option<Self> {
        let schedule = match (cipher, key.len()) {
            (BlockCipher::Aes, 16) => Schedule::Aes128(expand(key)?),
            (BlockCipher::Aes, 24) => Schedule::Aes192(expand(key)?),
            (BlockCipher::Aes, 32) => Schedule::Aes256(expand(key)?),
            (BlockCipher::TripleDes, 16) => {
                let (first, _) = key.split_at_checked(8)?;
                Schedule::TripleDes(expand(&Zeroizing::new([key, first].concat()))?)
            }
            (BlockCipher::TripleDes, 24) => Schedule::TripleDes(expand(key)?),
            _ => return None,
        };
        Some(Self(schedule))
    }

    /// The cipher that the key is for.
    pub fn cipher(&self) -> BlockCipher {
        match self.0 {
            Schedule::Aes128(_) | Schedule::Aes192(_) | Schedule::Aes256(_) => BlockCipher::Aes,
            Schedule::TripleDes(_) => BlockCipher::TripleDes,
        }
    }

    /// Encrypts every block of `data` in place, each on its own.
    ///
    /// # Errors
    /// [`CipherFault::Length`] when `data` is no multiple of the block size.
    pub fn encrypt_blocks(&self, data: &mut [u8]) -> Result<(), CipherFault> {
        self.apply_checked(Direction::Encrypt, data)
    }

    /// Decrypts every block of `data` in place, each on its own.
    ///
    /// # Errors
    /// [`CipherFault::Length`] when `data` is no multiple of the block size.
    pub fn decrypt_blocks(&self, data: &mut [u8]) -> Result<(), CipherFault> {
        self.apply_checked(Direction::Decrypt, data)
    }

    fn apply_checked(&self, direction: Direction, data: &mut [u8]) -> Result<(), CipherFault> {
        if !data.len().is_multiple_of(self.cipher().block_len()) {
            return Err(CipherFault::Length);
        }
        self.apply(direction, data);
        Ok(())
    }

    /// Encrypts or decrypts the complete blocks of `data`. The caller sees to it that there are only such.
    pub(super) fn apply(&self, direction: Direction, data: &mut [u8]) {
        match direction {
            Direction::Encrypt => with_cipher!(self, cipher => {
                cipher.encrypt_blocks(Array::slice_as_chunks_mut(data).0);
            }),
            Direction::Decrypt => with_cipher!(self, cipher => {
                cipher.decrypt_blocks(Array::slice_as_chunks_mut(data).0);
            }),
        }
    }
}

impl ZeroizeOnDrop for CipherKey {}

fn expand<Cipher: KeyInit + ZeroizeOnDrop>(key: &[u8]) -> Option<Box<Cipher>> {
    Cipher::new_from_slice(key).ok().map(Box::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encrypted(cipher: BlockCipher, key: &str, block: &str) -> String {
        let key = CipherKey::new(cipher, &hex::decode(key).unwrap()).unwrap();
        let plain = hex::decode(block).unwrap();
        let mut data = plain.clone();
        key.encrypt_blocks(&mut data).unwrap();
        let encrypted = hex::encode(&data);
        key.decrypt_blocks(&mut data).unwrap();
        assert_eq!(data, plain);
        encrypted
    }

    /// FIPS 197, appendix C.
    #[test]
    fn aes_is_that_of_the_standard() {
        let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let block = "00112233445566778899aabbccddeeff";
        assert_eq!(encrypted(BlockCipher::Aes, &key[..32], block), "69c4e0d86a7b0430d8cdb78070b4c55a");
        assert_eq!(encrypted(BlockCipher::Aes, &key[..48], block), "dda97ca4864cdfe06eaf70a0ec0d7191");
        assert_eq!(encrypted(BlockCipher::Aes, key, block), "8ea2b7ca516745bfeafc49904b496089");
    }

    /// NIST, "Block Cipher Modes of Operation: TDES-ECB" examples: three keys, and two keys with K3 = K1.
    #[test]
    fn triple_des_is_that_of_the_standard() {
        let blocks = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
        let key = "0123456789abcdef23456789abcdef01456789abcdef0123";
        let three = "714772f339841d34267fcc4bd2949cc3ee11c22a576a303876183f99c0b6de87";
        assert_eq!(encrypted(BlockCipher::TripleDes, key, blocks), three);
        let key = "0123456789abcdef23456789abcdef01";
        let two = "06ede3d82884090aff322c19f0518486730576972a666e58b6c88cf107340d3d";
        assert_eq!(encrypted(BlockCipher::TripleDes, key, blocks), two);
        assert_eq!(encrypted(BlockCipher::TripleDes, &format!("{key}0123456789abcdef"), blocks), two);
    }

    #[test]
    fn other_key_sizes_and_partial_blocks_are_refused() {
        for size in [0, 8, 15, 17, 31, 33] {
            assert!(CipherKey::new(BlockCipher::Aes, &vec![0; size]).is_none());
        }
        for size in [0, 8, 23, 25, 32] {
            assert!(CipherKey::new(BlockCipher::TripleDes, &vec![0; size]).is_none());
        }
        let key = CipherKey::new(BlockCipher::Aes, &[0; 16]).unwrap();
        assert_eq!(key.encrypt_blocks(&mut [0; 24]), Err(CipherFault::Length));
        assert_eq!(key.decrypt_blocks(&mut [0; 8]), Err(CipherFault::Length));
        assert_eq!(key.encrypt_blocks(&mut []), Ok(()));
    }
}
