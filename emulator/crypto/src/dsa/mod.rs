//! DSA (FIPS 186-4, section 4) over digests.

mod domains;

use crypto_bigint::BoxedUint;
use crypto_primes::{Flavor, is_prime};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

pub use crate::modular::KeyPair;
use crate::modular::Modulus;
pub use domains::{DOMAIN_1024_160, DOMAIN_2048_256, DOMAIN_3072_256};

/// Published domain parameters, big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DsaDomain {
    /// The modulus, a prime.
    pub p: &'static [u8],
    /// The order of the generator, a prime.
    pub q: &'static [u8],
    /// The generator.
    pub g: &'static [u8],
}

/// Why numbers are no domain parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DsaParameterFault {
    /// `p` does not have 512 to 4096 bits, or `q` not 160 to 256 in steps of 8.
    Size,
    /// `p` or `q` is no prime.
    Prime,
    /// `q` does not divide `p - 1`.
    Divisor,
    /// `g` does not have the order `q`.
    Generator,
}

impl std::fmt::Display for DsaParameterFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Size => "p has 512 to 4096 bits, q has 160 to 256 in steps of 8",
            Self::Prime => "p or q is no prime",
            Self::Divisor => "q does not divide p - 1",
            Self::Generator => "g does not have the order q",
        })
    }
}

impl std::error::Error for DsaParameterFault {}

const LONGEST_P: usize = 512;
const LONGEST_Q: usize = 32;
/// A draw of the secret number fails about once in 2^160 times, unless the parameters are none.
const DRAWS: usize = 4;

/// Domain parameters, ready for use.
pub struct DsaParameters {
    p: Modulus,
    q: Modulus,
    g: BoxedUint,
}

impl DsaParameters {
    /// The parameters with these numbers, big-endian. Looks at sizes and ranges alone, which is enough for parameters
    /// that have passed [`DsaParameters::validate`] once. With others nothing here fails to end, but signatures mean
    /// nothing.
    ///
    /// # Errors
    /// [`DsaParameterFault::Size`], [`DsaParameterFault::Prime`] when a modulus is even, [`DsaParameterFault::Generator`]
    /// when `g` is not from 2 to `p - 1`.
    pub fn new(p: &[u8], q: &[u8], g: &[u8]) -> Result<Self, DsaParameterFault> {
        let is_even = |number: &[u8]| number.last().is_none_or(|last| last & 1 == 0);
        if is_even(p) || is_even(q) {
            return Err(DsaParameterFault::Prime);
        }
        let p = Modulus::new(p, LONGEST_P).filter(|p| p.bits() >= 512).ok_or(DsaParameterFault::Size)?;
        let q = Modulus::new(q, LONGEST_Q).filter(|q| q.bits() >= 160 && q.bits().is_multiple_of(8));
        let q = q.ok_or(DsaParameterFault::Size)?;
        let g = p.residue(g).filter(|g| *g > BoxedUint::one()).ok_or(DsaParameterFault::Generator)?;
        Ok(Self { p, q, g })
    }

    /// Checks that these are domain parameters: both primes, one dividing the other less one, and the order of the
    /// generator (FIPS 186-4, appendix A). Not how they were made. Takes up to a second.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn validate(&self) -> Result<(), DsaParameterFault> {
        if !is_prime(Flavor::Any, self.q.number().as_ref()) || !is_prime(Flavor::Any, self.p.number().as_ref()) {
            return Err(DsaParameterFault::Prime);
        }
        if !self.p.less(1).rem_vartime(self.q.number()).is_zero().to_bool() {
            return Err(DsaParameterFault::Divisor);
        }
        // The order divides the prime q and is not 1, as g is not.
        if !self.p.power(&self.g, self.q.number()).is_one().to_bool() {
            return Err(DsaParameterFault::Generator);
        }
        Ok(())
    }

    /// Size of `p`, and so of public values, in bytes.
    pub fn p_len(&self) -> usize {
        self.p.len()
    }

    /// Size of `q`, and so of private values and of the halves of signatures, in bytes.
    pub fn q_len(&self) -> usize {
        self.q.len()
    }

    /// A new key. The private value is from 1 to `q - 1`.
    pub fn generate(&self, rng: &mut (impl CryptoRng + ?Sized)) -> KeyPair {
        let x = self.q.random(rng);
        KeyPair { private: self.q.bytes(&x), public: self.p.bytes(&self.p.power(&self.g, &x)).to_vec() }
    }

    /// The public value that goes with a private one. `None` when that is not from 1 to `q - 1`.
    pub fn public(&self, private: &[u8]) -> Option<Vec<u8>> {
        let x = self.nonzero_scalar(private)?;
        Some(self.p.bytes(&self.p.power(&self.g, &x)).to_vec())
    }

    /// Signs `digest`, of which the leftmost bits count, as many as `q` has. The signature is `r` and `s`, each as long
    /// as `q`. `None` when the private value is not from 1 to `q - 1`, or the parameters are none.
    pub fn sign(&self, private: &[u8], digest: &[u8], rng: &mut (impl CryptoRng + ?Sized)) -> Option<Vec<u8>> {
        let x = self.nonzero_scalar(private)?;
        (0..DRAWS).find_map(|_| self.sign_with(&x, digest, &self.q.random(rng)))
    }

    /// Whether `signature` is right for `digest` and the public value.
    #[must_use]
    pub fn verify(&self, public: &[u8], digest: &[u8], signature: &[u8]) -> bool {
        self.recomputed(public, digest, signature).is_some_and(|(r, v)| r == v)
    }

    /// FIPS 186-4, section 4.6, with the secret number `k` of the signature. `None` when another one has to be drawn.
    fn sign_with(&self, x: &BoxedUint, digest: &[u8], k: &BoxedUint) -> Option<Vec<u8>> {
        let q = &self.q;
        let r = self.p.power(&self.g, k).rem(q.number());
        let secret = Zeroizing::new(q.sum(&self.integer(digest)?, &q.product(x, &r)));
        let inverse = Zeroizing::new(q.inverse(k));
        let s = q.product(&inverse, &secret);
        let usable = r.is_nonzero() & s.is_nonzero();
        usable.to_bool().then(|| [q.bytes(&r), q.bytes(&s)].map(|half| half.to_vec()).concat())
    }

    /// FIPS 186-4, section 4.7: `r` of the signature and what it has to be. `None` when the public value or a half of
    /// the signature is out of range.
    fn recomputed(&self, public: &[u8], digest: &[u8], signature: &[u8]) -> Option<(BoxedUint, BoxedUint)> {
        let q = &self.q;
        if signature.len() != 2 * q.len() {
            return None;
        }
        let (r, s) = signature.split_at_checked(q.len())?;
        let (r, s) = (self.nonzero_scalar(r)?, self.nonzero_scalar(s)?);
        let y = self.p.residue(public).filter(|y| *y > BoxedUint::one())?;
        let w = q.inverse(&s);
        let (u1, u2) = (q.product(&self.integer(digest)?, &w), q.product(&r, &w));
        let v = self.p.product(&self.p.power(&self.g, &u1), &self.p.power(&y, &u2)).rem(q.number());
        Some((BoxedUint::clone(&r), v))
    }

    /// The leftmost bits of `digest` as a number, which may be greater than `q`.
    fn integer(&self, digest: &[u8]) -> Option<BoxedUint> {
        self.q.unreduced(digest.get(..self.q.len()).unwrap_or(digest))
    }

    fn nonzero_scalar(&self, bytes: &[u8]) -> Option<Zeroizing<BoxedUint>> {
        let number = self.q.residue(bytes).map(Zeroizing::new)?;
        number.is_nonzero().to_bool().then_some(number)
    }
}

#[cfg(test)]
mod tests;
