//! The algorithms of the simulated hardware, without EP11: bytes and keys in, bytes and keys out.
//!
//! Nothing here knows mechanisms, attributes, key blobs or return codes; that is the crypto unit's business. What takes
//! randomness has it handed in. Secrets come as slices and leave in [`zeroize::Zeroizing`] or in types that are zeroized.

pub mod block;
pub mod bls;
pub mod der;
pub mod dh;
pub mod dsa;
pub mod ec;
pub mod hash;
mod hexadecimal;
pub mod hmac;
pub mod kdf;
pub mod lattice;
mod modular;
pub mod rsa;

#[cfg(test)]
mod test_rng;
