//! EdDSA: Ed25519 and Ed448 without pre-hash and context (RFC 8032, sections 5.1 and 5.2).

use ed448_goldilocks::signature::{Signer, Verifier};
use zeroize::Zeroizing;

use super::{Curve, Fault, PrivateKey, PublicKey};

/// Signs `message`: 64 bytes with Ed25519, 114 with Ed448. `None` when the key is on another curve.
pub fn sign(key: &PrivateKey, message: &[u8]) -> Option<Vec<u8>> {
    match key.curve() {
        Curve::Ed25519 => {
            let key = ed25519_dalek::SigningKey::from_bytes(&key.array());
            Some(key.try_sign(message).ok()?.to_bytes().to_vec())
        }
        Curve::Ed448 => Some(ed448_signing_key(&key.array()).try_sign(message).ok()?.to_bytes().to_vec()),
        _ => None,
    }
}

/// Checks a signature over `message`.
///
/// # Errors
/// [`Fault::Length`] when it is not 64 or 114 bytes long, [`Fault::Signature`] when it is not this key's over this
/// message, [`Fault::Curve`] when the key is on another curve.
pub fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    match key.curve() {
        Curve::Ed25519 => {
            let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| Fault::Length)?;
            let key = ed25519_key(key.as_bytes()).ok_or(Fault::Signature)?;
            key.verify(message, &signature).map_err(|_| Fault::Signature)
        }
        Curve::Ed448 => {
            let signature = ed448_goldilocks::Signature::from_slice(signature).map_err(|_| Fault::Length)?;
            let key = ed448_key(key.as_bytes()).ok_or(Fault::Signature)?;
            if !is_canonical(signature.r_bytes(), &MODULUS_448) {
                return Err(Fault::Signature);
            }
            key.verify(message, &signature).map_err(|_| Fault::Signature)
        }
        _ => Err(Fault::Curve),
    }
}

/// The public key of a seed (section 5.1.5).
pub(super) fn ed25519_public(seed: &[u8; 32]) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// The public key of a seed (section 5.2.5).
pub(super) fn ed448_public(seed: &[u8; 57]) -> [u8; 57] {
    ed448_signing_key(seed).verifying_key().to_bytes()
}

/// The point that a public key encodes, if it is one.
pub(super) fn ed25519_key(bytes: &[u8]) -> Option<ed25519_dalek::VerifyingKey> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
    is_canonical(bytes, &MODULUS_25519).then_some(key)
}

/// The point that a public key encodes, if it is one of the prime-order subgroup, as every point made of a seed is.
pub(super) fn ed448_key(bytes: &[u8]) -> Option<ed448_goldilocks::VerifyingKey> {
    let key = ed448_goldilocks::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
    is_canonical(bytes, &MODULUS_448).then_some(key)
}

fn ed448_signing_key(seed: &[u8; 57]) -> ed448_goldilocks::SigningKey {
    ed448_goldilocks::SigningKey::from(&*Zeroizing::new(ed448_goldilocks::SecretKey::from(*seed)))
}

/// 2^255 - 19, little-endian.
const MODULUS_25519: [u8; 32] = {
    let mut modulus = [0xFF; 32];
    modulus[0] = 0xED;
    modulus[31] = 0x7F;
    modulus
};

/// 2^448 - 2^224 - 1, little-endian, with the byte in which points have their sign.
const MODULUS_448: [u8; 57] = {
    let mut modulus = [0xFF; 57];
    modulus[28] = 0xFE;
    modulus[56] = 0;
    modulus
};

/// Whether y, all of an encoded point but the highest bit, is less than the modulus (sections 5.1.3 and 5.2.3, step 1).
///
/// The crates reduce it instead, except that `ed25519-dalek` compares R byte for byte.
fn is_canonical(point: &[u8], modulus: &[u8]) -> bool {
    let digits = point.iter().rev().enumerate().map(|(index, digit)| if index == 0 { digit & 0x7F } else { *digit });
    digits.lt(modulus.iter().rev().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_encoded_in_one_way() {
        // y = 0 is on both curves, and p is 0 in disguise.
        assert!(ed25519_key(&[0; 32]).is_some());
        assert!(ed25519_key(&MODULUS_25519).is_none());
        assert!(is_canonical(&[0; 57], &MODULUS_448));
        assert!(!is_canonical(&MODULUS_448, &MODULUS_448));
        let mut key = ed448_public(&[1; 57]);
        assert!(ed448_key(&key).is_some());
        key[56] ^= 0x80;
        assert!(ed448_key(&key).is_some());
        key[56] ^= 0x40;
        assert!(ed448_key(&key).is_none());
    }
}
