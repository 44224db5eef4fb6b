//! Elliptic curves: keys and their encodings, signatures, key agreement and the derivation of keys from seeds.
//!
//! [`Curve`] names a curve at run time. [`PrivateKey`] and [`PublicKey`] are bytes that are known to be a key on their
//! curve; every algorithm takes them, and refuses curves that it is not defined on:
//!
//! | module | algorithm | curves |
//! | --- | --- | --- |
//! | [`ecdsa`] | ECDSA | short Weierstrass |
//! | [`eddsa`] | EdDSA | Ed25519, Ed448 |
//! | [`schnorr`] | two Schnorr signatures | secp256k1, P-256, BP-256R, BP-256T |
//! | [`agreement`] | Diffie-Hellman | short Weierstrass, X25519, X448 |
//! | [`hd`] | BIP32, SLIP-0010 | secp256k1, P-256, Ed25519 |
//!
//! The algorithms on short Weierstrass curves are written once, over the traits of `elliptic-curve`; `curves` says which
//! arithmetic is behind each name.

pub mod agreement;
mod curve;
mod curves;
pub mod ecdsa;
pub mod eddsa;
mod fault;
pub mod hd;
mod key;
mod pkcs8;
pub mod schnorr;
mod spki;
mod weierstrass;
mod xdh;

pub use curve::{Curve, Family};
pub use fault::Fault;
pub use key::{PrivateKey, PublicKey};
pub use spki::spki_length;
