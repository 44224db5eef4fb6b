//! Keys: bytes that are known to be a key on their curve.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::curves::on_weierstrass;
use super::{Curve, Family, eddsa, weierstrass, xdh};

/// A private key.
///
/// It has no `Debug`, and its bytes are cleared on drop.
#[derive(Clone)]
pub struct PrivateKey {
    curve: Curve,
    bytes: Zeroizing<Vec<u8>>,
}

impl PrivateKey {
    /// A new key from `rng`.
    ///
    /// On a Weierstrass curve it is uniform from 1 to n - 1 (FIPS 186-5, A.2.2); elsewhere it is random bytes.
    pub fn generate(curve: Curve, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let bytes = on_weierstrass!(
            curve,
            C => weierstrass::scalar_bytes::<C>(&weierstrass::random_scalar::<C>(rng)),
            Curve::X25519 | Curve::X448 | Curve::Ed25519 | Curve::Ed448 => {
                let mut bytes = Zeroizing::new(vec![0; curve.private_key_length()]);
                rng.fill_bytes(&mut bytes);
                bytes
            }
        );
        Self { curve, bytes }
    }

    /// The key with these bytes, exactly [`Curve::private_key_length`] of them.
    ///
    /// On a Weierstrass curve they are a big-endian number from 1 to n - 1. On the others every value is a key: the
    /// scalar of RFC 7748 before its bits are fixed, or the seed of RFC 8032. `None` when the length or the range is
    /// wrong.
    pub fn from_bytes(curve: Curve, bytes: &[u8]) -> Option<Self> {
        let valid = on_weierstrass!(
            curve,
            C => weierstrass::scalar::<C>(bytes).is_some(),
            Curve::X25519 | Curve::X448 | Curve::Ed25519 | Curve::Ed448 => bytes.len() == curve.private_key_length()
        );
        valid.then(|| Self { curve, bytes: Zeroizing::new(bytes.to_vec()) })
    }

    /// The curve.
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The secret: what [`PrivateKey::from_bytes`] takes.
    pub fn expose_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> PublicKey {
        let bytes = on_weierstrass!(
            self.curve,
            C => {
                let scalar = Zeroizing::new(weierstrass::reduced_scalar::<C>(&self.bytes));
                weierstrass::uncompressed::<C>(&weierstrass::multiply_base::<C>(&scalar))
            },
            Curve::X25519 => xdh::x25519_public(&self.array()).to_vec(),
            Curve::X448 => xdh::x448_public(&self.array()).to_vec(),
            Curve::Ed25519 => eddsa::ed25519_public(&self.array()).to_vec(),
            Curve::Ed448 => eddsa::ed448_public(&self.array()).to_vec(),
        );
        PublicKey { curve: self.curve, bytes }
    }

    /// The bytes as an array. `N` must be the length of the key; no other length is ever copied out of bounds.
    pub(super) fn array<const N: usize>(&self) -> Zeroizing<[u8; N]> {
        let mut array = Zeroizing::new([0; N]);
        array.iter_mut().zip(self.bytes.iter()).for_each(|(to, from)| *to = *from);
        array
    }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey {
    curve: Curve,
    bytes: Vec<u8>,
}

impl PublicKey {
    /// The key with these bytes, exactly [`Curve::public_key_length`] of them.
    ///
    /// On a Weierstrass curve they are `04`, x and y; compressed points and the point at infinity are refused. On the
    /// others they are what RFC 7748 or RFC 8032 says; every value is a key for X25519 and X448. `None` when they are not
    /// a point on the curve.
    pub fn from_bytes(curve: Curve, bytes: &[u8]) -> Option<Self> {
        let valid = on_weierstrass!(
            curve,
            C => weierstrass::point::<C>(bytes).is_some(),
            Curve::X25519 | Curve::X448 => bytes.len() == curve.public_key_length(),
            Curve::Ed25519 => eddsa::ed25519_key(bytes).is_some(),
            Curve::Ed448 => eddsa::ed448_key(bytes).is_some(),
        );
        valid.then(|| Self { curve, bytes: bytes.to_vec() })
    }

    /// The curve.
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// What [`PublicKey::from_bytes`] takes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The compressed point (SEC 1, section 2.3.3): `02` or `03` for an even or odd y, and x. Only on Weierstrass curves.
    pub fn to_compressed(&self) -> Option<Vec<u8>> {
        if self.curve.family() != Family::Weierstrass {
            return None;
        }
        let x = self.bytes.get(1..=self.curve.field_length())?;
        let sign = 0x02 | self.bytes.last()? & 1;
        Some([&[sign], x].concat())
    }
}
