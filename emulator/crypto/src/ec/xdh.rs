//! The functions X25519 and X448 (RFC 7748, section 5).
//!
//! The bits of a scalar are fixed when it is used; the key keeps them as given.

use zeroize::Zeroizing;

/// The public key of a private one: X25519 of the base point.
pub(super) fn x25519_public(private: &[u8; 32]) -> [u8; 32] {
    x25519_dalek::x25519(*private, x25519_dalek::X25519_BASEPOINT_BYTES)
}

/// The public key of a private one: X448 of the base point.
pub(super) fn x448_public(private: &[u8; 56]) -> [u8; 56] {
    x448::x448_unchecked(*private, x448::X448_BASEPOINT_BYTES)
}

/// The secret of two parties; `None` when the peer's point is of low order, so that the secret is zero (section 6.1).
pub(super) fn x25519(private: &[u8; 32], peer: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let secret = Zeroizing::new(x25519_dalek::x25519(*private, peer.try_into().ok()?));
    non_zero(secret.as_slice())
}

/// The secret of two parties; `None` when the peer's point is of low order, so that the secret is zero (section 6.2).
pub(super) fn x448(private: &[u8; 56], peer: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let secret = Zeroizing::new(x448::x448_unchecked(*private, peer.try_into().ok()?));
    non_zero(secret.as_slice())
}

fn non_zero(secret: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let bits = secret.iter().fold(0, |bits, byte| bits | byte);
    (bits != 0).then(|| Zeroizing::new(secret.to_vec()))
}
