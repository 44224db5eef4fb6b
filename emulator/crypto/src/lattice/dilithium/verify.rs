//! Verifying.

use super::super::ring::{dot, transform};
use super::encoding::{PublicKey, Signature, encode_high};
use super::generate::key_digest;
use super::rounding::{Rounding, is_below};
use super::sign::message_digest;
use super::{Fault, ParameterSet, sample};

/// Checks a signature: `Verify` of the specification.
///
/// # Errors
///
/// [`Fault::PublicKey`] if the key has the wrong size, [`Fault::Signature`] if the signature does not hold.
pub fn verify(set: ParameterSet, public: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    let parameters = set.parameters();
    let key = PublicKey::decode(set, public)?;
    let Signature { challenge, z, hints } = Signature::decode(set, signature)?;
    if !is_below(&z, parameters.gamma1 - parameters.beta) {
        return Err(Fault::Signature);
    }

    let digest = message_digest(parameters, &key_digest(parameters, public), message);
    let c = sample::challenge_polynomial(parameters, &challenge).transform();
    let z = transform(&z);
    let rounding = Rounding::new(parameters);
    let w1: Vec<_> = sample::matrix(parameters, key.rho)
        .zip(&key.t1)
        .zip(&hints)
        .map(|((row, t1), hints)| {
            let t = t1.map(|value| value << parameters.dropped_bits()).transform();
            rounding.apply(hints, &dot(&row, &z).subtract(&c.multiply(&t)).inverse())
        })
        .collect();

    let expected = sample::challenge(parameters, &digest, &encode_high(parameters, &w1));
    if expected == challenge { Ok(()) } else { Err(Fault::Signature) }
}
