//! Signing.

use shake::XofReader;
use zeroize::Zeroizing;

use super::super::ring::{dot, transform};
use super::super::stream::shake256_reader;
use super::encoding::{SecretKey, Signature, encode_high};
use super::parameters::Parameters;
use super::rounding::{Rounding, is_below};
use super::{Fault, ParameterSet, Polynomial, Transformed, sample};

/// Signs a message of any size, deterministically: `Sign` of the specification.
///
/// # Errors
///
/// [`Fault::SecretKey`].
pub fn sign(set: ParameterSet, secret: &[u8], message: &[u8]) -> Result<Vec<u8>, Fault> {
    let parameters = set.parameters();
    let key = SecretKey::decode(set, secret)?;
    let digest = message_digest(parameters, key.tr, message);
    let mut seed = Zeroizing::new(vec![0; parameters.digest_size()]);
    shake256_reader(&[key.key, &digest]).read(&mut seed);
    Signer::new(set, key).sign(&digest, &seed)
}

/// What is signed: mu, the digest of the public key's digest and the message.
pub(super) fn message_digest(parameters: &Parameters, key_digest: &[u8], message: &[u8]) -> Vec<u8> {
    let mut digest = vec![0; parameters.digest_size()];
    shake256_reader(&[key_digest, message]).read(&mut digest);
    digest
}

/// A secret key, expanded and transformed.
struct Signer {
    set: ParameterSet,
    rounding: Rounding,
    matrix: Vec<Vec<Transformed>>,
    s1: Vec<Transformed>,
    s2: Vec<Transformed>,
    t0: Vec<Transformed>,
}

impl Signer {
    fn new(set: ParameterSet, key: SecretKey<'_>) -> Self {
        Self {
            set,
            rounding: Rounding::new(set.parameters()),
            matrix: sample::matrix(set.parameters(), key.rho).collect(),
            s1: transform(&key.s1),
            s2: transform(&key.s2),
            t0: transform(&key.t0),
        }
    }

    /// Tries masks until one hides the secret. A sound key takes a few; one that is not may exhaust the nonces.
    fn sign(&self, digest: &[u8], seed: &[u8]) -> Result<Vec<u8>, Fault> {
        let columns = self.set.parameters().columns as u16;
        let mut nonces = (0..u16::MAX / columns).map(|attempt| attempt * columns);
        let signature = nonces.find_map(|nonce| self.attempt(digest, seed, nonce)).ok_or(Fault::SecretKey)?;
        Ok(signature.encode(self.set))
    }

    fn attempt(&self, digest: &[u8], seed: &[u8], nonce: u16) -> Option<Signature> {
        let parameters = self.set.parameters();
        let y = sample::mask(parameters, seed, nonce);
        let transformed = transform(&y);
        let w = self.matrix.iter().map(|row| dot(row, &transformed).inverse());
        let (w1, w0): (Vec<_>, Vec<_>) = w.map(|w| self.rounding.split(&w)).unzip();

        let challenge = sample::challenge(parameters, digest, &encode_high(parameters, &w1));
        let c = sample::challenge_polynomial(parameters, &challenge).transform();
        let times_c = |vector: &[Transformed]| -> Vec<Polynomial> {
            vector.iter().map(|polynomial| polynomial.multiply(&c).inverse()).collect()
        };

        let z: Vec<_> = y.into_iter().zip(&times_c(&self.s1)).map(|(y, cs1)| y.add(cs1)).collect();
        let rest: Vec<_> = w0.into_iter().zip(&times_c(&self.s2)).map(|(w0, cs2)| w0.subtract(cs2)).collect();
        if !is_below(&z, parameters.gamma1 - parameters.beta) || !is_below(&rest, parameters.gamma2 - parameters.beta) {
            return None;
        }

        let ct0 = times_c(&self.t0);
        let rest = rest.into_iter().zip(&ct0).map(|(rest, ct0)| rest.add(ct0));
        let hints: Vec<_> = w1.iter().zip(rest).map(|(w1, rest)| self.rounding.hints(w1, &rest)).collect();
        let hinted: usize = hints.iter().map(Vec::len).sum();
        (is_below(&ct0, parameters.gamma2) && hinted <= parameters.omega).then_some(Signature { challenge, z, hints })
    }
}
