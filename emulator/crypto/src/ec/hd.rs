//! Hierarchical deterministic keys: BIP32 on secp256k1, and SLIP-0010, which extends it to P-256 and Ed25519.
//!
//! A seed gives a master key and a chain code; these and an index of 32 bits give a child and its chain code, and so on
//! down a tree. An index with the highest bit set is *hardened*: the child follows from the private key alone. The other
//! children of a public key follow from it without the private one.

use elliptic_curve::ff::{Field, PrimeField};
use elliptic_curve::{FieldBytes, Group};
use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use zeroize::Zeroizing;

use super::curves::on_curves;
use super::weierstrass::{self, Weierstrass};
use super::{Curve, PrivateKey, PublicKey};

/// The first hardened index.
pub const HARDENED: u32 = 1 << 31;

/// What a key is derived from besides the key.
pub type ChainCode = Zeroizing<[u8; 32]>;

/// The standard that a derivation follows. They differ in curves, and when a number falls outside the group, a chance of
/// one in 2³² on P-256 and of one in 2¹²⁷ on secp256k1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// BIP32: secp256k1 only. Such a key does not exist.
    Bip32,
    /// SLIP-0010: also P-256 and Ed25519. Another number is drawn.
    Slip10,
}

impl Scheme {
    /// Whether keys on `curve` are derived this way.
    pub fn has(self, curve: Curve) -> bool {
        match curve {
            Curve::Secp256k1 => true,
            Curve::P256 | Curve::Ed25519 => self == Self::Slip10,
            _ => false,
        }
    }
}

/// Why there is no such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DerivationFault {
    /// The scheme has no keys on this curve.
    Curve,
    /// The seed is not 16 to 64 bytes long.
    Seed,
    /// Hardened children need the private key, and Ed25519 has no others.
    Index,
    /// BIP32 says that this key is invalid; with another seed or index it is not.
    Invalid,
}

impl core::fmt::Display for DerivationFault {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Curve => "the scheme has no keys on this curve",
            Self::Seed => "the seed is not 16 to 64 bytes long",
            Self::Index => "the index is hardened where it must not be, or not where it must",
            Self::Invalid => "the derived key is invalid",
        })
    }
}

impl core::error::Error for DerivationFault {}

/// A private key with its chain code. It has no `Debug`, and both are cleared on drop.
#[derive(Clone)]
pub struct ExtendedPrivateKey {
    /// The key.
    pub key: PrivateKey,
    /// The chain code of its children.
    pub chain_code: ChainCode,
}

/// A public key with its chain code. It has no `Debug`, since the chain code is to be kept to oneself.
#[derive(Clone)]
pub struct ExtendedPublicKey {
    /// The key.
    pub key: PublicKey,
    /// The chain code of its children.
    pub chain_code: ChainCode,
}

impl ExtendedPrivateKey {
    /// The master key of a seed of 16 to 64 bytes (BIP32 and SLIP-0010, *Master key generation*).
    ///
    /// # Errors
    /// [`DerivationFault::Curve`], [`DerivationFault::Seed`] and [`DerivationFault::Invalid`].
    pub fn from_seed(scheme: Scheme, curve: Curve, seed: &[u8]) -> Result<Self, DerivationFault> {
        let name: &[u8] = match curve {
            _ if !scheme.has(curve) => return Err(DerivationFault::Curve),
            Curve::P256 => b"Nist256p1 seed",
            Curve::Ed25519 => b"ed25519 seed",
            _ => b"Bitcoin seed",
        };
        if !(16..=64).contains(&seed.len()) {
            return Err(DerivationFault::Seed);
        }
        let accept = |left: &[u8]| PrivateKey::from_bytes(curve, left);
        let (key, chain_code) = derive(scheme, name, seed, accept, |whole| whole.to_vec())?;
        Ok(Self { key, chain_code })
    }

    /// The child with this index, from [`HARDENED`] up a hardened one (BIP32, *Private parent key → private child key*).
    ///
    /// # Errors
    /// [`DerivationFault::Curve`], [`DerivationFault::Index`] and [`DerivationFault::Invalid`].
    pub fn child(&self, scheme: Scheme, index: u32) -> Result<Self, DerivationFault> {
        let curve = self.key.curve();
        if !scheme.has(curve) {
            return Err(DerivationFault::Curve);
        }
        let secret = self.key.expose_bytes();
        let public = if index < HARDENED { Some(compressed(&self.key.public())?) } else { None };
        let parent = public.as_deref().map_or_else(|| [&[0], secret].concat(), <[u8]>::to_vec);
        let accept = |left: &[u8]| {
            let secret = on_curves!(
                [P256, Secp256k1],
                curve,
                C => child_scalar::<C>(secret, left)?,
                _ => Zeroizing::new(left.to_vec())
            );
            PrivateKey::from_bytes(curve, &secret)
        };
        let (key, chain_code) = derive_child(scheme, &self.chain_code, &Zeroizing::new(parent), index, accept)?;
        Ok(Self { key, chain_code })
    }

    /// The public key with the same chain code. Of a [child](ExtendedPrivateKey::child), it is the public child.
    pub fn public(&self) -> ExtendedPublicKey {
        ExtendedPublicKey { key: self.key.public(), chain_code: self.chain_code.clone() }
    }
}

impl ExtendedPublicKey {
    /// The child with this index, not a hardened one (BIP32, *Public parent key → public child key*).
    ///
    /// # Errors
    /// [`DerivationFault::Curve`], [`DerivationFault::Index`] and [`DerivationFault::Invalid`].
    pub fn child(&self, scheme: Scheme, index: u32) -> Result<Self, DerivationFault> {
        let curve = self.key.curve();
        if !scheme.has(curve) {
            return Err(DerivationFault::Curve);
        }
        if index >= HARDENED {
            return Err(DerivationFault::Index);
        }
        let accept = |left: &[u8]| {
            let point = on_curves!(
                [P256, Secp256k1],
                curve,
                C => child_point::<C>(self.key.as_bytes(), left)?,
                _ => return None
            );
            PublicKey::from_bytes(curve, &point)
        };
        let parent = compressed(&self.key)?;
        let (key, chain_code) = derive_child(scheme, &self.chain_code, &parent, index, accept)?;
        Ok(Self { key, chain_code })
    }
}

/// The parent as it enters the derivation of a child that is not hardened.
fn compressed(parent: &PublicKey) -> Result<Vec<u8>, DerivationFault> {
    parent.to_compressed().ok_or(DerivationFault::Index)
}

/// The child of a private key: the sum of both modulo n; `None` when the left half is not less than n or the sum is zero.
fn child_scalar<C: Weierstrass>(parent: &[u8], left: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let parent = weierstrass::scalar::<C>(parent)?;
    let child = Zeroizing::new(*parent + *tweak::<C>(left)?);
    let zero: bool = C::Scalar::is_zero(&child).into();
    (!zero).then(|| weierstrass::scalar_bytes::<C>(&child))
}

/// The child of a public key; `None` when the left half is not less than n or the sum is the point at infinity.
fn child_point<C: Weierstrass>(parent: &[u8], left: &[u8]) -> Option<Vec<u8>> {
    let child = weierstrass::point::<C>(parent)? + weierstrass::multiply_base::<C>(&*tweak::<C>(left)?);
    let infinity: bool = child.is_identity().into();
    (!infinity).then(|| weierstrass::uncompressed::<C>(&child))
}

/// The left half as a number less than n; zero is one.
fn tweak<C: Weierstrass>(left: &[u8]) -> Option<Zeroizing<C::Scalar>> {
    let left: &FieldBytes<C> = left.try_into().ok()?;
    Option::from(C::Scalar::from_repr(*left)).map(Zeroizing::new)
}

/// A child and its chain code, when `parent` is what the index is appended to.
fn derive_child<T>(
    scheme: Scheme,
    chain_code: &ChainCode,
    parent: &[u8],
    index: u32,
    accept: impl Fn(&[u8]) -> Option<T>,
) -> Result<(T, ChainCode), DerivationFault> {
    let index = index.to_be_bytes();
    let data = Zeroizing::new([parent, &index].concat());
    let again = |whole: &[u8; 64]| [&[1], whole.split_at(32).1, &index].concat();
    derive(scheme, chain_code.as_slice(), &data, accept, again)
}

/// The left half of HMAC-SHA512 as `accept` makes a key of it, and the right half as the chain code.
///
/// When `accept` refuses, BIP32 gives up and SLIP-0010 repeats with the data that `again` makes of the whole.
fn derive<T>(
    scheme: Scheme,
    key: &[u8],
    data: &[u8],
    accept: impl Fn(&[u8]) -> Option<T>,
    again: impl Fn(&[u8; 64]) -> Vec<u8>,
) -> Result<(T, ChainCode), DerivationFault> {
    let mut whole = hmac_sha512(key, data);
    loop {
        let (left, right) = whole.split_at(32);
        if let Some(accepted) = accept(left) {
            let mut chain_code = ChainCode::default();
            chain_code.copy_from_slice(right);
            return Ok((accepted, chain_code));
        }
        if scheme == Scheme::Bip32 {
            return Err(DerivationFault::Invalid);
        }
        whole = hmac_sha512(key, &Zeroizing::new(again(&whole)));
    }
}

/// HMAC-SHA512 under a key no longer than a block.
fn hmac_sha512(key: &[u8], data: &[u8]) -> Zeroizing<[u8; 64]> {
    // HMAC pads a short key with zeros itself; with a whole block there is no length to be wrong.
    let mut block = Zeroizing::new(Key::<Hmac<Sha512>>::default());
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    Zeroizing::new(Hmac::<Sha512>::new(&block).chain_update(data).finalize().into_bytes().into())
}
