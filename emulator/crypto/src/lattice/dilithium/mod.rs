//! CRYSTALS-Dilithium signatures, before they became ML-DSA.
//!
//! Two versions of the submission to NIST's competition: that of round 2 (specification of 30 March 2019) and that of
//! round 3 (specification 3.1 of 8 February 2021), both with SHAKE. [`ParameterSet::Round2_87`] is of no submission but
//! IBM's own; its parameters follow from IBM's keys and signatures.
//!
//! The versions differ in where the randomness comes from, in digests, in how masks and small polynomials are sampled, in
//! the rounding and in how a challenge stands in a signature. Each of these is a `match` on the round in its own file;
//! the algorithm ([`generate()`], [`sign()`], [`verify()`]) is one.
//!
//! Signatures are deterministic.

mod encoding;
mod generate;
mod parameters;
mod rounding;
mod sample;
mod sign;
mod verify;

pub use self::generate::{generate, public_key};
pub use self::parameters::ParameterSet;
pub use self::sign::sign;
pub use self::verify::verify;

use std::fmt;

use zeroize::Zeroizing;

use super::{Coefficients, ring};

/// Why an input is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The secret key has the wrong size, coefficients out of range or parts that do not belong together.
    SecretKey,
    /// The public key has the wrong size. Bytes of the right size always are a key.
    PublicKey,
    /// The signature is malformed or not the key's for the message.
    Signature,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::SecretKey => "the secret key is malformed",
            Self::PublicKey => "the public key has the wrong size",
            Self::Signature => "the signature does not hold",
        })
    }
}

impl std::error::Error for Fault {}

/// A new key.
pub struct KeyPair {
    /// `rho || K || tr || s1 || s2 || t0`, packed.
    pub secret: Zeroizing<Vec<u8>>,
    /// `rho || t1`, packed.
    pub public: Vec<u8>,
}

/// The integers modulo 2²³ − 2¹³ + 1, where X²⁵⁶ + 1 splits into linear factors.
pub(super) enum Field {}

impl ring::Field for Field {
    const MODULUS: u32 = 8_380_417;
    const ROOT: u32 = 1753;
    const LAYERS: u32 = 8;

    fn product(left: &Coefficients, right: &Coefficients) -> Coefficients {
        std::array::from_fn(|index| Self::multiply(left[index], right[index]))
    }
}

const MODULUS: u32 = <Field as ring::Field>::MODULUS;

type Polynomial = ring::Polynomial<Field>;

type Transformed = ring::Polynomial<Field, ring::Transformed>;

/// Bytes of the seeds rho and K.
const SEED_SIZE: usize = 32;

#[cfg(test)]
mod tests;
