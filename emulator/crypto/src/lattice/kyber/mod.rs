//! CRYSTALS-Kyber key encapsulation, before it became ML-KEM: the submission to round 2 of NIST's competition
//! (specification of 30 March 2019), with SHA-3 and SHAKE.
//!
//! Against the standard: the message is hashed before use, and the shared secret is a SHAKE256 of the pre-key and the
//! ciphertext's digest. Ciphertexts that do not decrypt are rejected implicitly: the secret is one that nobody else has.

mod compression;
mod encryption;
mod parameters;
mod sample;

pub use self::parameters::ParameterSet;

use std::fmt;

use rand_core::CryptoRng;
use sha3::{Digest, Sha3_256, Sha3_512};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::{Zeroize, Zeroizing};

use super::stream::shake256;
use super::{Coefficients, ring};

/// Bytes of seeds, digests, messages and shared secrets.
const SYMMETRIC_SIZE: usize = 32;

/// A shared secret.
pub type SharedSecret = Zeroizing<[u8; SYMMETRIC_SIZE]>;

/// A secret on the way: a seed, a message, a pre-key.
type Seed = Zeroizing<[u8; SYMMETRIC_SIZE]>;

/// Why an input is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The secret key has the wrong size, or the public key in it is not the one it has the digest of.
    SecretKey,
    /// The public key has the wrong size.
    PublicKey,
    /// The ciphertext has the wrong size.
    Ciphertext,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::SecretKey => "the secret key is malformed",
            Self::PublicKey => "the public key has the wrong size",
            Self::Ciphertext => "the ciphertext has the wrong size",
        })
    }
}

impl std::error::Error for Fault {}

/// A new key.
pub struct KeyPair {
    /// The secret vector, the public key, its digest and the secret of rejections.
    pub secret: Zeroizing<Vec<u8>>,
    /// The public vector and the seed of the matrix.
    pub public: Vec<u8>,
}

/// The integers modulo 3329, where X²⁵⁶ + 1 splits into quadratic factors.
pub(super) enum Field {}

impl ring::Field for Field {
    const MODULUS: u32 = 3329;
    const ROOT: u32 = 17;
    const LAYERS: u32 = 7;

    fn product(left: &Coefficients, right: &Coefficients) -> Coefficients {
        let mut product = [0; super::DEGREE];
        let factors = left.as_chunks::<2>().0.iter().zip(right.as_chunks::<2>().0);
        for (index, (product, ([a0, a1], [b0, b1]))) in
            product.as_chunks_mut::<2>().0.iter_mut().zip(factors).enumerate()
        {
            // The factors of X²⁵⁶ + 1 are X² − ζ and X² + ζ for the powers of the last layer.
            let zeta = Self::ZETAS[64 + index / 2];
            let square = if index % 2 == 0 { zeta } else { Self::MODULUS - zeta };
            let constant = Self::multiply(Self::multiply(*a1, *b1), square);
            *product = [
                Self::add(Self::multiply(*a0, *b0), constant),
                Self::add(Self::multiply(*a0, *b1), Self::multiply(*a1, *b0)),
            ];
        }
        product
    }
}

const MODULUS: u32 = <Field as ring::Field>::MODULUS;

type Polynomial = ring::Polynomial<Field>;

type Transformed = ring::Polynomial<Field, ring::Transformed>;

/// Makes a key pair: `Kyber.CCAKEM.KeyGen`, algorithm 7.
pub fn generate(set: ParameterSet, rng: &mut impl CryptoRng) -> KeyPair {
    let mut seed = Seed::default();
    rng.fill_bytes(seed.as_mut_slice());
    let (vector, public) = encryption::generate(set, &seed);
    let mut rejection = Seed::default();
    rng.fill_bytes(rejection.as_mut_slice());

    let mut secret = Zeroizing::new(Vec::with_capacity(set.secret_key_size()));
    for part in [&vector[..], &public, &digest(&public), rejection.as_slice()] {
        secret.extend_from_slice(part);
    }
    KeyPair { secret, public }
}

/// The public key of a secret one.
///
/// # Errors
///
/// [`Fault::SecretKey`].
pub fn public_key(set: ParameterSet, secret: &[u8]) -> Result<Vec<u8>, Fault> {
    let key = SecretKey::decode(set, secret)?;
    if digest(key.public) == key.public_digest { Ok(key.public.to_vec()) } else { Err(Fault::SecretKey) }
}

/// Makes a shared secret and the ciphertext that carries it: `Kyber.CCAKEM.Enc`, algorithm 8.
///
/// # Errors
///
/// [`Fault::PublicKey`].
pub fn encapsulate(
    set: ParameterSet,
    public: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<(Vec<u8>, SharedSecret), Fault> {
    if public.len() != set.public_key_size() {
        return Err(Fault::PublicKey);
    }
    let mut random = Seed::default();
    rng.fill_bytes(random.as_mut_slice());
    // The generator's output shall not leave as it is.
    let message = Seed::new(digest(random.as_slice()));
    let [pre_key, coins] = double_digest([message.as_slice(), &digest(public)]);
    let ciphertext = encryption::encrypt(set, public, &message, &coins);
    let shared = shake256(&[pre_key.as_slice(), &digest(&ciphertext)]);
    Ok((ciphertext, shared))
}

/// The shared secret of a ciphertext: `Kyber.CCAKEM.Dec`, algorithm 9.
///
/// # Errors
///
/// [`Fault::SecretKey`] and [`Fault::Ciphertext`] if one has the wrong size. A ciphertext that was not made for the key
/// is no error.
pub fn decapsulate(set: ParameterSet, secret: &[u8], ciphertext: &[u8]) -> Result<SharedSecret, Fault> {
    let key = SecretKey::decode(set, secret)?;
    if ciphertext.len() != set.ciphertext_size() {
        return Err(Fault::Ciphertext);
    }
    let message = encryption::decrypt(set, key.vector, ciphertext);
    let [mut pre_key, coins] = double_digest([message.as_slice(), key.public_digest]);
    let again = Zeroizing::new(encryption::encrypt(set, key.public, &message, &coins));
    let is_genuine = again.as_slice().ct_eq(ciphertext);
    for (byte, rejection) in pre_key.iter_mut().zip(key.rejection) {
        byte.conditional_assign(rejection, !is_genuine);
    }
    Ok(shake256(&[pre_key.as_slice(), &digest(ciphertext)]))
}

/// A secret key, taken apart.
struct SecretKey<'a> {
    vector: &'a [u8],
    public: &'a [u8],
    public_digest: &'a [u8],
    rejection: &'a [u8],
}

impl<'a> SecretKey<'a> {
    fn decode(set: ParameterSet, bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() != set.secret_key_size() {
            return Err(Fault::SecretKey);
        }
        let (vector, rest) = bytes.split_at(set.vector_size());
        let (public, rest) = rest.split_at(set.public_key_size());
        let (public_digest, rejection) = rest.split_at(SYMMETRIC_SIZE);
        Ok(Self { vector, public, public_digest, rejection })
    }
}

/// The specification's H.
fn digest(bytes: &[u8]) -> [u8; SYMMETRIC_SIZE] {
    Sha3_256::digest(bytes).into()
}

/// The specification's G, which gives two values.
fn double_digest(parts: [&[u8]; 2]) -> [Seed; 2] {
    let mut hash = Sha3_512::new();
    parts.iter().for_each(|part| hash.update(part));
    let mut output: [u8; 2 * SYMMETRIC_SIZE] = hash.finalize().into();
    let mut halves = [Seed::default(), Seed::default()];
    for (half, bytes) in halves.iter_mut().zip(output.chunks_exact(SYMMETRIC_SIZE)) {
        half.copy_from_slice(bytes);
    }
    output.zeroize();
    halves
}

#[cfg(test)]
mod tests;
