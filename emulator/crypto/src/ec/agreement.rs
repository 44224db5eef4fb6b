//! Diffie-Hellman key agreement.

use zeroize::Zeroizing;

use super::curves::on_weierstrass;
use super::weierstrass::{self, Weierstrass};
use super::{Curve, PrivateKey, PublicKey, xdh};

/// The secret that `private` shares with the owner of `peer`, [`Curve::field_length`] bytes.
///
/// On a Weierstrass curve it is the x coordinate of the common point (SP 800-56A, section 5.7.1.2; all curves have
/// cofactor 1); for X25519 and X448 it is what RFC 7748, section 6, says. `None` when the keys are on different curves,
/// the curve is one for signatures, or the peer's X25519 or X448 key is of low order and would make the secret zero.
pub fn agree(private: &PrivateKey, peer: &PublicKey) -> Option<Zeroizing<Vec<u8>>> {
    if private.curve() != peer.curve() {
        return None;
    }
    on_weierstrass!(
        private.curve(),
        C => agree_on::<C>(private.expose_bytes(), peer.as_bytes()),
        Curve::X25519 => xdh::x25519(&private.array(), peer.as_bytes()),
        Curve::X448 => xdh::x448(&private.array(), peer.as_bytes()),
        Curve::Ed25519 | Curve::Ed448 => None,
    )
}

fn agree_on<C: Weierstrass>(private: &[u8], peer: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let private = weierstrass::scalar::<C>(private)?;
    let common = Zeroizing::new(weierstrass::point::<C>(peer)? * *private);
    Some(Zeroizing::new(weierstrass::x_coordinate::<C>(&common).to_vec()))
}
