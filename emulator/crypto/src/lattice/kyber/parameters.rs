//! The parameter sets and what follows from them.

use super::super::bits::packed_size;
use super::SYMMETRIC_SIZE;

/// A version of Kyber with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterSet {
    /// Kyber768 of round 2: vectors of three polynomials.
    Round2_768,
    /// Kyber1024 of round 2: vectors of four polynomials.
    Round2_1024,
}

/// Bits of a coefficient in keys.
pub(super) const COEFFICIENT_BITS: u32 = 12;

impl ParameterSet {
    /// Every set.
    pub const ALL: [Self; 2] = [Self::Round2_768, Self::Round2_1024];

    /// Bytes of a secret key.
    pub const fn secret_key_size(self) -> usize {
        self.vector_size() + self.public_key_size() + 2 * SYMMETRIC_SIZE
    }

    /// Bytes of a public key.
    pub const fn public_key_size(self) -> usize {
        self.vector_size() + SYMMETRIC_SIZE
    }

    /// Bytes of a ciphertext.
    pub const fn ciphertext_size(self) -> usize {
        self.rank() * packed_size(self.vector_bits()) + packed_size(self.value_bits())
    }

    /// Bytes of a vector in a key.
    pub(super) const fn vector_size(self) -> usize {
        self.rank() * packed_size(COEFFICIENT_BITS)
    }

    /// Polynomials of a vector: k.
    pub(super) const fn rank(self) -> usize {
        match self {
            Self::Round2_768 => 3,
            Self::Round2_1024 => 4,
        }
    }

    /// Bits that compression leaves of a coefficient of a ciphertext's vector: du.
    pub(super) const fn vector_bits(self) -> u32 {
        match self {
            Self::Round2_768 => 10,
            Self::Round2_1024 => 11,
        }
    }

    /// Bits that compression leaves of a coefficient of a ciphertext's polynomial: dv.
    pub(super) const fn value_bits(self) -> u32 {
        match self {
            Self::Round2_768 => 4,
            Self::Round2_1024 => 5,
        }
    }
}
