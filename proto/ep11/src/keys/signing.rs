//! The private key of an administrator.

use super::{P521KeyPair, PublicKey, RsaKeyPair, SignatureScheme};
use crate::SignerInfo;

/// What an administrator signs with: the content of a signature key file.
pub enum SigningKey {
    /// On P-521.
    P521(P521KeyPair),
    /// RSA with 2048 to 4096 bits.
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// The public key.
    pub fn public(&self) -> PublicKey {
        match self {
            Self::P521(key) => PublicKey::P521(key.public()),
            Self::Rsa(key) => PublicKey::Rsa(key.public()),
        }
    }

    /// The scheme that [`SigningKey::sign`] uses.
    pub fn scheme(&self) -> SignatureScheme {
        match self {
            Self::P521(_) => SignatureScheme::EcdsaP521Sha512,
            Self::Rsa(_) => SignatureScheme::RsaX931Sha256,
        }
    }

    /// Signs `message`. The same message gives the same signature.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P521(key) => key.sign(message),
            Self::Rsa(key) => key.sign_x931(message),
        }
    }

    /// A complete SignerInfo over `block`, the encoded xcpAdminBlk (section 4.7).
    pub fn signer_info(&self, block: &[u8]) -> Vec<u8> {
        let signature = self.sign(block);
        SignerInfo { ski: self.public().subject_key_id(), scheme: self.scheme(), signature: &signature }.encode()
    }
}
