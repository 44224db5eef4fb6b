//! Hash functions whose state can be put aside: SHA-1 and SHA-2 of FIPS 180-4, SHA-3 of FIPS 202.
//!
//! Which function it is, is a value here and no type: callers learn it from a message. A multi-part operation may go on
//! in another process, so a [`HashState`] can be exported in the middle and imported there.

use sha1::Sha1;
use sha2::digest::Digest;
use sha2::digest::common::BlockSizeUser;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    /// SHA-512/224: SHA-512 with initial values of its own, cut to 224 bits.
    Sha512_224,
    /// SHA-512/256: SHA-512 with initial values of its own, cut to 256 bits.
    Sha512_256,
    Sha3_224,
    Sha3_256,
    Sha3_384,
    Sha3_512,
}

/// `$body` with the type that implements `$hash` under the name `$Function`.
macro_rules! with_function {
    ($hash:expr, $Function:ident => $body:expr) => {
        with_function!(@arms $hash, $Function => $body;
            Sha1, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256, Sha3_224, Sha3_256, Sha3_384, Sha3_512)
    };
    (@arms $hash:expr, $Function:ident => $body:expr; $($name:ident),*) => {
        match $hash {
            $(Self::$name => {
                type $Function = $name;
                $body
            })*
        }
    };
}

impl Hash {
    /// Every hash function.
    pub const ALL: [Self; 11] = [
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha512_224,
        Self::Sha512_256,
        Self::Sha3_224,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
    ];

    /// Size of a digest in bytes.
    pub fn output_len(self) -> usize {
        with_function!(self, Function => <Function as Digest>::output_size())
    }

    /// Size in bytes of the blocks that the function takes its input in: the rate, for SHA-3. HMAC pads keys to it.
    pub fn block_len(self) -> usize {
        with_function!(self, Function => <Function as BlockSizeUser>::block_size())
    }

    /// The digest of `data`.
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        with_function!(self, Function => Function::digest(data).to_vec())
    }

    /// The state before any input.
    pub fn start(self) -> HashState {
        HashState { hash: self, midstate: with_function!(self, Function => Box::new(Function::new())) }
    }

    fn restore(self, exported: &[u8]) -> Option<Box<dyn Midstate>> {
        if !self.counts_plausibly(exported) {
            return None;
        }
        with_function!(self, Function => {
            let state: &SerializedState<Function> = exported.try_into().ok()?;
            let function: Function = SerializableState::deserialize(state).ok()?;
            Some(Box::new(function))
        })
    }

    /// Whether the count of blocks in an exported state leaves room to count on. It is a little-endian number behind the
    /// chaining value; the implementations below would overflow on one that no real input reaches.
    fn counts_plausibly(self, exported: &[u8]) -> bool {
        let counter_end = match self {
            Self::Sha1 => 20 + 8,
            Self::Sha224 | Self::Sha256 => 32 + 8,
            Self::Sha384 | Self::Sha512 | Self::Sha512_224 | Self::Sha512_256 => 64 + 16,
            Self::Sha3_224 | Self::Sha3_256 | Self::Sha3_384 | Self::Sha3_512 => return true,
        };
        exported.get(counter_end - 2..counter_end) == Some(&[0, 0])
    }
}

/// A digest in the making. Cleared when it is dropped, for what is hashed may be a secret.
pub struct HashState {
    hash: Hash,
    midstate: Box<dyn Midstate>,
}

impl HashState {
    /// The function whose state this is.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Takes in the next part of the input.
    pub fn update(&mut self, data: &[u8]) {
        self.midstate.absorb(data);
    }

    /// The digest of all parts.
    pub fn finish(self) -> Vec<u8> {
        self.midstate.finish()
    }

    /// The state as bytes: at most 209, without the name of the function. As secret as the input.
    pub fn export(&self) -> Zeroizing<Vec<u8>> {
        self.midstate.export()
    }

    /// The state that [`HashState::export`] gave for the same function. `None` when the bytes are none.
    pub fn import(hash: Hash, exported: &[u8]) -> Option<Self> {
        Some(Self { hash, midstate: hash.restore(exported)? })
    }
}

/// What [`HashState`] needs of a hash function, without its type.
trait Midstate: Send + Sync {
    fn absorb(&mut self, data: &[u8]);
    fn finish(self: Box<Self>) -> Vec<u8>;
    fn export(&self) -> Zeroizing<Vec<u8>>;
}

impl<Function: Digest + SerializableState + ZeroizeOnDrop + Send + Sync> Midstate for Function {
    fn absorb(&mut self, data: &[u8]) {
        Digest::update(self, data);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        (*self).finalize().to_vec()
    }

    fn export(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.serialize().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// FIPS 180-4 and FIPS 202 examples of NIST (CSRC, "Examples with Intermediate Values"): the message "abc".
    const ABC: [(Hash, &str); 11] = [
        (Hash::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (Hash::Sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
        (Hash::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            Hash::Sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            Hash::Sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd\
             454d4423643ce80e2a9ac94fa54ca49f",
        ),
        (Hash::Sha512_224, "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa"),
        (Hash::Sha512_256, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"),
        (Hash::Sha3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"),
        (Hash::Sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
        (
            Hash::Sha3_384,
            "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
        ),
        (
            Hash::Sha3_512,
            "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e39340\
             57340b4cf408d5a56592f8274eec53f0",
        ),
    ];

    #[test]
    fn digests_are_the_published_ones() {
        for (hash, digest) in ABC {
            assert_eq!(hex::encode(hash.digest(b"abc")), digest, "{hash:?}");
            assert_eq!(hash.output_len() * 2, digest.len(), "{hash:?}");
        }
        assert_eq!(ABC.map(|(hash, _)| hash), Hash::ALL);
    }

    #[test]
    fn block_sizes_are_those_of_the_standards() {
        let sizes = [64, 64, 64, 128, 128, 128, 128, 144, 136, 104, 72];
        assert_eq!(Hash::ALL.map(Hash::block_len), sizes);
    }

    #[test]
    fn a_state_of_another_size_or_count_is_none() {
        for hash in Hash::ALL {
            let state = hash.start().export();
            assert!(state.len() <= 209, "{hash:?}");
            assert!(HashState::import(hash, &state[1..]).is_none(), "{hash:?}");
            assert!(HashState::import(hash, &[]).is_none(), "{hash:?}");
            assert!(HashState::import(hash, &vec![0xFF; state.len()]).is_none(), "{hash:?}");
        }
    }

    fn any_hash() -> impl Strategy<Value = Hash> {
        proptest::sample::select(&Hash::ALL[..])
    }

    proptest! {
        #[test]
        fn parts_and_exported_states_give_the_same_digest(
            hash in any_hash(),
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..6),
        ) {
            let mut state = hash.start();
            for part in &parts {
                state.update(part);
                state = HashState::import(hash, &state.export()).unwrap();
            }
            prop_assert_eq!(state.finish(), hash.digest(&parts.concat()));
        }

        #[test]
        fn no_changed_byte_of_a_state_makes_it_panic(hash in any_hash(), position: prop::sample::Index, byte: u8) {
            let mut state = hash.start();
            state.update(&[7; 500]);
            let mut exported = state.export();
            *position.get_mut(&mut exported) = byte;
            if let Some(mut state) = HashState::import(hash, &exported) {
                state.update(&[7; 500]);
                state.finish();
            }
        }
    }
}
