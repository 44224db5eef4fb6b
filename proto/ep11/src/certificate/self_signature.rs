//! What an administrator certificate's own signature covers (section 7.4).
//!
//! It should cover the TBS part. The SDK gets there on one of its three ways only, so units accept all three and, by
//! default, anything else too. This module tells them apart; what follows from it is the unit's business.

use sha2::{Digest, Sha512};

use super::x509::X509;
use crate::{PublicKey, SignatureScheme};

/// What the signature of an administrator certificate covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SelfSignature {
    /// The TBS part, as X.509 has it: the SDK with a P-521 key file, and ordinary tools.
    Tbs,
    /// The SHA-512 digest of the TBS part, hashed again: the SDK with a signing service.
    DoubleHashed,
    /// The empty message: the SDK with an RSA key file.
    EmptyMessage,
    /// None of these.
    Invalid,
}

impl SelfSignature {
    pub(super) fn classify(certificate: &X509<'_>) -> Self {
        let hashed = Sha512::digest(certificate.tbs);
        let candidates =
            [(Self::Tbs, certificate.tbs), (Self::DoubleHashed, hashed.as_slice()), (Self::EmptyMessage, &[])];
        let schemes: &[SignatureScheme] = match certificate.key {
            PublicKey::P521(_) => &[SignatureScheme::EcdsaP521Sha512],
            PublicKey::Rsa(_) => &[SignatureScheme::RsaX931Sha256, SignatureScheme::RsaPkcs1Sha256],
        };
        let covers =
            |message| schemes.iter().any(|scheme| certificate.key.verify(*scheme, message, certificate.signature));
        candidates.into_iter().find(|(_, message)| covers(message)).map_or(Self::Invalid, |(found, _)| found)
    }
}
