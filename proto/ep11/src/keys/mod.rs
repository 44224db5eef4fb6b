//! Keys and signatures: administrators, importers and modules.
//!
//! Administrators sign with P-521 or RSA, importer keys receive key parts under P-521 or RSA, modules sign with P-521
//! alone (sections 4.7, 4.8, 7.4, 8.2 and 9.2 of the protocol). [`PublicKey`] and [`SigningKey`] are the two sides of
//! that choice; the rest of the project names an algorithm only where the protocol does.
//!
//! Private keys have no `Debug` and no `Clone`, live in boxes and are cleared on drop.

mod ecdsa;
pub(crate) mod oid;
mod p521;
mod public;
mod rsa;
mod signing;
pub(crate) mod spki;
mod x931;

pub use self::p521::{P521KeyPair, P521PublicKey};
pub use self::public::PublicKey;
pub use self::rsa::{RsaDecryptError, RsaKeyPair, RsaKeySizeError, RsaPublicKey};
pub use self::signing::SigningKey;

/// How a signature is made and checked. A SignerInfo names it with two object identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureScheme {
    /// ECDSA on P-521 with SHA-512; the signature is `SEQUENCE { r, s }`.
    EcdsaP521Sha512,
    /// RSA over an ANSI X9.31 frame with SHA-256, announced on the wire as plain `rsaEncryption`.
    RsaX931Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-256. The SDK never makes it; other clients do.
    RsaPkcs1Sha256,
}
