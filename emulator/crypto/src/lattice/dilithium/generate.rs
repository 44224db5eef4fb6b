//! Making keys.

use rand_core::CryptoRng;
use shake::XofReader;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::super::ring::{dot, transform};
use super::super::stream::shake256_reader;
use super::encoding::{PublicKey, SecretKey};
use super::parameters::{Parameters, Round};
use super::rounding::power2_round;
use super::{Fault, KeyPair, ParameterSet, Polynomial, SEED_SIZE, sample};

/// Makes a key pair: `Gen` of the specification.
///
/// Round 2 takes 96 random bytes, round 3 expands 32.
pub fn generate(set: ParameterSet, rng: &mut impl CryptoRng) -> KeyPair {
    let parameters = set.parameters();
    let seeds = seeds(parameters, rng);
    let (rho, rest) = seeds.split_at(SEED_SIZE);
    let (secret_seed, key) = rest.split_at(rest.len() - SEED_SIZE);
    let (s1, s2) = sample::secrets(parameters, secret_seed);
    let (t1, t0) = public_vector(parameters, rho, &s1, &s2);
    let public = PublicKey { rho, t1 }.encode(set);
    let tr = key_digest(parameters, &public);
    let secret = SecretKey { rho, key, tr: &tr, s1, s2, t0 }.encode(set);
    KeyPair { secret, public }
}

/// The seed of the matrix, the seed of the secrets and K.
fn seeds(parameters: &Parameters, rng: &mut impl CryptoRng) -> Zeroizing<Vec<u8>> {
    match parameters.round {
        Round::Two => {
            let mut seeds = Zeroizing::new(vec![0; 3 * SEED_SIZE]);
            rng.fill_bytes(&mut seeds);
            seeds
        }
        Round::Three => {
            let mut seed = Zeroizing::new([0; SEED_SIZE]);
            rng.fill_bytes(seed.as_mut_slice());
            let mut seeds = Zeroizing::new(vec![0; 2 * SEED_SIZE + parameters.digest_size()]);
            shake256_reader(&[seed.as_slice()]).read(&mut seeds);
            seeds
        }
    }
}

/// The vector t = A·s1 + s2, rounded, and the rest.
fn public_vector(
    parameters: &Parameters,
    rho: &[u8],
    s1: &[Polynomial],
    s2: &[Polynomial],
) -> (Vec<Polynomial>, Vec<Polynomial>) {
    let s1 = transform(s1);
    let t = sample::matrix(parameters, rho).zip(s2).map(|(row, s2)| dot(&row, &s1).inverse().add(s2));
    t.map(|t| power2_round(&t, parameters.dropped_bits())).unzip()
}

/// The digest that stands for the public key in secret keys and signatures: tr.
pub(super) fn key_digest(parameters: &Parameters, public: &[u8]) -> Vec<u8> {
    let mut digest = vec![0; parameters.key_digest_size()];
    shake256_reader(&[public]).read(&mut digest);
    digest
}

/// The public key of a secret one.
///
/// # Errors
///
/// [`Fault::SecretKey`], also if the key's parts do not belong together.
pub fn public_key(set: ParameterSet, secret: &[u8]) -> Result<Vec<u8>, Fault> {
    let parameters = set.parameters();
    let key = SecretKey::decode(set, secret)?;
    let (t1, t0) = public_vector(parameters, key.rho, &key.s1, &key.s2);
    let public = PublicKey { rho: key.rho, t1 }.encode(set);
    let tr = key_digest(parameters, &public);
    let whole = SecretKey { tr: &tr, t0, ..key }.encode(set);
    if bool::from(whole.as_slice().ct_eq(secret)) { Ok(public) } else { Err(Fault::SecretKey) }
}
