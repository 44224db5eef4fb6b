//! EdDSA: Ed25519 and Ed448 without pre-hash and context (RFC 8032, sections 5.1 and 5.2).

use ed448_goldilocks::signature::{Signer, Verifier};

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
    ed25519_dalek::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()
}

/// The point that a public key encodes, if it is one.
pub(super) fn ed448_key(bytes: &[u8]) -> Option<ed448_goldilocks::VerifyingKey> {
    ed448_goldilocks::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()
}

fn ed448_signing_key(seed: &[u8; 57]) -> ed448_goldilocks::SigningKey {
    ed448_goldilocks::SigningKey::from(&ed448_goldilocks::SecretKey::from(*seed))
}
