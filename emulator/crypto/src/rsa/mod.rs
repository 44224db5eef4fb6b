//! RSA (RFC 8017) with moduli of 512 to 4096 bits: keys, and the schemes on top of the raw operation.
//!
//! The raw operation and the keys are in one file, the only one that knows the crate below; each scheme has a file of its
//! own, and only frames and unframes bytes there. Why that crate: `docs/decisions/0002-rsa.md`.

mod blinding;
mod fault;
mod key;
mod mgf;
mod oaep;
mod pkcs1;
mod pss;
mod x931;

pub use fault::{RsaFault, RsaKeyFault};
pub use key::{RsaPrivateKey, RsaPublicKey};
pub use oaep::OaepParameters;
pub use pss::PssParameters;

#[cfg(test)]
mod test_keys;
#[cfg(test)]
mod wycheproof;
