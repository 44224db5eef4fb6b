//! The parameter sets and what follows from them.

use super::super::bits::packed_size;
use super::{MODULUS, SEED_SIZE};

/// A version of Dilithium with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterSet {
    /// Round 2, a matrix of six by five: "very high" security.
    Round2_65,
    /// Round 2 with a matrix of eight by seven, IBM's own.
    Round2_87,
    /// Round 3, a matrix of four by four: security level 2.
    Round3_44,
    /// Round 3, a matrix of six by five: security level 3.
    Round3_65,
    /// Round 3, a matrix of eight by seven: security level 5.
    Round3_87,
}

impl ParameterSet {
    /// Every set.
    pub const ALL: [Self; 5] = [Self::Round2_65, Self::Round2_87, Self::Round3_44, Self::Round3_65, Self::Round3_87];

    /// Bytes of a secret key.
    pub const fn secret_key_size(self) -> usize {
        let parameters = self.parameters();
        2 * SEED_SIZE
            + parameters.key_digest_size()
            + (parameters.rows + parameters.columns) * packed_size(parameters.eta_bits())
            + parameters.rows * packed_size(parameters.dropped_bits())
    }

    /// Bytes of a public key.
    pub const fn public_key_size(self) -> usize {
        let parameters = self.parameters();
        SEED_SIZE + parameters.rows * packed_size(parameters.kept_bits())
    }

    /// Bytes of a signature.
    pub const fn signature_size(self) -> usize {
        let parameters = self.parameters();
        parameters.challenge_size()
            + parameters.columns * packed_size(parameters.mask_bits())
            + parameters.omega
            + parameters.rows
    }

    pub(super) const fn parameters(self) -> &'static Parameters {
        match self {
            Self::Round2_65 => &ROUND2_65,
            Self::Round2_87 => &ROUND2_87,
            Self::Round3_44 => &ROUND3_44,
            Self::Round3_65 => &ROUND3_65,
            Self::Round3_87 => &ROUND3_87,
        }
    }
}

/// The version of the specification.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Round {
    Two,
    Three,
}

/// Parameters by the names that the specification gives them, but for its k and l.
pub(super) struct Parameters {
    pub(super) round: Round,
    /// Rows of the matrix: k.
    pub(super) rows: usize,
    /// Columns of the matrix: l.
    pub(super) columns: usize,
    /// The largest coefficient of a secret polynomial.
    pub(super) eta: u32,
    /// Coefficients of a challenge that are not zero.
    pub(super) tau: usize,
    /// What a challenge makes of secret coefficients at most.
    pub(super) beta: u32,
    /// The bound of the mask.
    pub(super) gamma1: u32,
    /// The bound of what rounding drops.
    pub(super) gamma2: u32,
    /// The most hints of a signature.
    pub(super) omega: usize,
}

const ROUND2_65: Parameters = Parameters {
    round: Round::Two,
    rows: 6,
    columns: 5,
    eta: 3,
    tau: 60,
    beta: 175,
    gamma1: (MODULUS - 1) / 16,
    gamma2: (MODULUS - 1) / 32,
    omega: 120,
};

// From IBM's test vectors: the sizes give omega, the coefficients of the secret vectors eta. Beta is the most that a
// challenge makes of these: less does not give IBM's signatures, and more (up to 128 does) would bound nothing.
const ROUND2_87: Parameters = Parameters { rows: 8, columns: 7, eta: 2, beta: 120, omega: 140, ..ROUND2_65 };

const ROUND3_44: Parameters = Parameters {
    round: Round::Three,
    rows: 4,
    columns: 4,
    eta: 2,
    tau: 39,
    beta: 78,
    gamma1: 1 << 17,
    gamma2: (MODULUS - 1) / 88,
    omega: 80,
};

const ROUND3_65: Parameters = Parameters {
    round: Round::Three,
    rows: 6,
    columns: 5,
    eta: 4,
    tau: 49,
    beta: 196,
    gamma1: 1 << 19,
    gamma2: (MODULUS - 1) / 32,
    omega: 55,
};

const ROUND3_87: Parameters = Parameters { rows: 8, columns: 7, eta: 2, tau: 60, beta: 120, omega: 75, ..ROUND3_65 };

impl Parameters {
    /// Bits of the public vector that are dropped, and kept in the secret key: d.
    pub(super) const fn dropped_bits(&self) -> u32 {
        match self.round {
            Round::Two => 14,
            Round::Three => 13,
        }
    }

    /// Bits of the public vector that the public key has.
    pub(super) const fn kept_bits(&self) -> u32 {
        23 - self.dropped_bits()
    }

    /// Bits of a packed coefficient of a secret polynomial.
    pub(super) const fn eta_bits(&self) -> u32 {
        (2 * self.eta).ilog2() + 1
    }

    /// Bits of a packed coefficient of a mask or of the vector z.
    pub(super) const fn mask_bits(&self) -> u32 {
        (2 * self.gamma1 - 1).ilog2() + 1
    }

    /// The largest coefficient of a mask; packed it is zero.
    pub(super) const fn mask_maximum(&self) -> u32 {
        match self.round {
            Round::Two => self.gamma1 - 1,
            Round::Three => self.gamma1,
        }
    }

    /// How many values rounding leaves.
    pub(super) const fn high_values(&self) -> u32 {
        (MODULUS - 1) / (2 * self.gamma2)
    }

    /// Bits of a rounded coefficient.
    pub(super) const fn high_bits(&self) -> u32 {
        (self.high_values() - 1).ilog2() + 1
    }

    /// Bytes of the public key's digest: tr.
    pub(super) const fn key_digest_size(&self) -> usize {
        match self.round {
            Round::Two => 48,
            Round::Three => 32,
        }
    }

    /// Bytes of the message's digest and of the seed of the masks: the output of CRH.
    pub(super) const fn digest_size(&self) -> usize {
        match self.round {
            Round::Two => 48,
            Round::Three => 64,
        }
    }

    /// Bytes of a challenge in a signature: a bit for every coefficient and 64 signs, or a seed.
    pub(super) const fn challenge_size(&self) -> usize {
        match self.round {
            Round::Two => packed_size(1) + 8,
            Round::Three => 32,
        }
    }
}
