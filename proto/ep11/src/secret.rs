//! Key parts: the 32 bytes that make up a master key.
//!
//! A [`KeyPart`] is a part as a key custodian holds it, and equally the whole value in a master key register (*wrapping
//! key* on the wire), which is the XOR of its parts. Sections 8.6 and 11 of the protocol. The workstation makes and
//! seals them, the crypto unit opens, combines and keeps them.
//!
//! The bytes live in one heap box from birth to death: moving the part moves a pointer, and dropping it clears the box.
//! There is no way to print or copy one by accident.

use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{PatternTail, VerificationPattern};

/// A 256-bit secret: one key part or a complete master key. Cleared when it is dropped.
pub struct KeyPart(Box<[u8; KeyPart::SIZE]>);

impl KeyPart {
    /// Size in bytes.
    pub const SIZE: usize = 32;

    /// Moves the bytes into a box of their own. `bytes` clears itself afterwards, but moving it here may have left a copy
    /// on the stack: [`KeyPart::from_slice`] and [`KeyPart::try_filled_by`] leave none.
    pub fn new(bytes: Zeroizing<[u8; Self::SIZE]>) -> Self {
        Self::filled_by(|part| part.copy_from_slice(&*bytes))
    }

    /// A part with these bytes, copied straight into its box. `None` for another size.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::SIZE] = bytes.try_into().ok()?;
        Some(Self::filled_by(|part| part.copy_from_slice(bytes)))
    }

    /// A part drawn from `rng`.
    pub fn random(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        Self::filled_by(|part| rng.fill_bytes(part))
    }

    /// The bytes. Whoever calls this answers for every copy of them.
    pub fn expose(&self) -> &[u8; Self::SIZE] {
        &self.0
    }

    /// The verification pattern: SHA-256 over `01` and the key (section 11). It identifies the key without revealing
    /// it.
    pub fn verification_pattern(&self, tail: PatternTail) -> VerificationPattern {
        let digest = Sha256::new().chain_update([PATTERN_PREFIX]).chain_update(self.0.as_slice()).finalize();
        VerificationPattern(digest.into()).with_tail(tail)
    }

    /// Whether both hold the same bytes, in constant time.
    pub fn ct_eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }

    /// The XOR of all parts, which is how a master key comes from its parts. `None` without any.
    pub fn combine<'a>(parts: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let mut parts = parts.peekable();
        parts.peek()?;
        Some(Self::filled_by(|sum| {
            for part in parts {
                for (byte, other) in sum.iter_mut().zip(part.0.iter()) {
                    *byte ^= other;
                }
            }
        }))
    }

    /// A part that `fill` writes straight into its box, which starts as zeros.
    pub fn filled_by(fill: impl FnOnce(&mut [u8; Self::SIZE])) -> Self {
        let mut part = Self(Box::new([0; Self::SIZE]));
        fill(&mut part.0);
        part
    }

    /// Like [`KeyPart::filled_by`], for a `fill` that can fail. What it wrote until then is cleared.
    ///
    /// # Errors
    /// The error of `fill`.
    pub fn try_filled_by<E>(fill: impl FnOnce(&mut [u8; Self::SIZE]) -> Result<(), E>) -> Result<Self, E> {
        let mut part = Self(Box::new([0; Self::SIZE]));
        fill(&mut part.0)?;
        Ok(part)
    }
}

impl From<Box<[u8; KeyPart::SIZE]>> for KeyPart {
    /// Takes over the box: the bytes are not copied.
    fn from(bytes: Box<[u8; KeyPart::SIZE]>) -> Self {
        Self(bytes)
    }
}

impl Drop for KeyPart {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for KeyPart {}

/// What is hashed before the key, so that a pattern is not the plain digest of a secret.
const PATTERN_PREFIX: u8 = 0x01;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part(bytes: [u8; 32]) -> KeyPart {
        KeyPart::new(Zeroizing::new(bytes))
    }

    fn counting() -> KeyPart {
        part(std::array::from_fn(|index| index as u8))
    }

    #[test]
    fn verification_pattern_matches_the_published_example() {
        let kept = "491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e77677ab6f919";
        let zeroed = "491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e776700000000";
        assert_eq!(counting().verification_pattern(PatternTail::Kept).to_string(), kept);
        assert_eq!(counting().verification_pattern(PatternTail::Zeroed).to_string(), zeroed);
    }

    #[test]
    fn no_parts_make_no_key() {
        assert!(KeyPart::combine(std::iter::empty()).is_none());
    }

    #[test]
    fn one_part_is_the_key() {
        assert!(KeyPart::combine([&counting()].into_iter()).is_some_and(|key| key.ct_eq(&counting())));
    }

    #[test]
    fn a_slice_of_another_size_is_no_part() {
        let bytes = *counting().expose();
        assert!(KeyPart::from_slice(&bytes).is_some_and(|part| part.ct_eq(&counting())));
        assert!(KeyPart::from_slice(&bytes[1..]).is_none());
        assert!(KeyPart::from_slice(&[0; 33]).is_none());
    }

    #[test]
    fn a_boxed_array_is_taken_over_without_a_copy() {
        let bytes = Box::new([7; 32]);
        let address = bytes.as_ptr();
        assert_eq!(KeyPart::from(bytes).expose().as_ptr(), address);
    }

    proptest! {
        #[test]
        fn combining_is_xor_in_any_order(a: [u8; 32], b: [u8; 32], c: [u8; 32]) {
            let parts = [part(a), part(b), part(c)];
            let xor: [u8; 32] = std::array::from_fn(|index| a[index] ^ b[index] ^ c[index]);
            prop_assert_eq!(*KeyPart::combine(parts.iter()).unwrap().expose(), xor);
            prop_assert_eq!(*KeyPart::combine(parts.iter().rev()).unwrap().expose(), xor);
        }

        #[test]
        fn equality_looks_at_every_byte(bytes: [u8; 32], index in 0_usize..32, bit in 0_u8..8) {
            let mut other = bytes;
            other[index] ^= 1 << bit;
            prop_assert!(part(bytes).ct_eq(&part(bytes)));
            prop_assert!(!part(bytes).ct_eq(&part(other)));
        }
    }
}
