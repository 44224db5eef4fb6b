//! Whoever signs: a private key on this workstation, or a key that a signing service keeps.
//!
//! Commands, request files and administrator certificates take a [`Signer`] and do not ask which of the two it is.
//! Signing with a key of a service is a call that may fail. Part of the specification: TKE administration protocol 1.6,
//! 4.7, 7.

mod error;
mod service;
mod url;

use hpcs_ep11::{AdminCertificate, PublicKey, SignatureScheme, SignerInfo, SigningKey, SubjectKeyId};
use sha2::{Digest, Sha512};

use crate::UnitError;
use service::ServiceKey;

pub use error::{MemberFault, SigningServiceCall, SigningServiceError};
pub use service::{SigningService, check_key_name};

/// An administrator's key, wherever it is kept.
///
/// ```
/// # use hpcs_ep11::{P521KeyPair, SigningKey};
/// # let key = SigningKey::P521(P521KeyPair::from_scalar(&[3])?);
/// let alice = hpcs_workstation::Signer::from(key);
/// # Ok::<_, hpcs_ep11::DecodeError>(())
/// ```
pub struct Signer(Kind);

enum Kind {
    Local(SigningKey),
    Service(ServiceKey),
}

impl Signer {
    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        match &self.0 {
            Kind::Local(key) => key.public(),
            Kind::Service(key) => PublicKey::P521(key.public),
        }
    }

    /// The administrator's identifier.
    #[must_use]
    pub fn subject_key_id(&self) -> SubjectKeyId {
        self.public().subject_key_id()
    }

    /// Signs `message`, which is hashed first.
    ///
    /// # Errors
    /// [`SigningServiceError`] when a signing service keeps the key and does not sign. A key of this workstation always
    /// signs.
    pub async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningServiceError> {
        match &self.0 {
            Kind::Local(key) => Ok(key.sign(message)),
            Kind::Service(key) => key.sign(message).await,
        }
    }

    /// A complete SignerInfo over `block`, the bytes of a command.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    pub async fn signer_info(&self, block: &[u8]) -> Result<Vec<u8>, SigningServiceError> {
        let signature = self.sign(block).await?;
        Ok(SignerInfo { ski: self.subject_key_id(), scheme: self.scheme(), signature: &signature }.encode())
    }

    /// The administrator certificate that the published SDK makes for the owner of this key, called `name`.
    ///
    /// # Errors
    /// [`UnitError::Name`] when the name does not fit, [`UnitError::SigningService`] as [`Signer::sign`].
    pub async fn certificate(&self, name: &str) -> Result<Vec<u8>, UnitError> {
        match &self.0 {
            Kind::Local(key) => Ok(AdminCertificate::build(name, key)?),
            Kind::Service(key) => {
                let unsigned = AdminCertificate::unsigned(name, &self.public())?;
                // Hashed here and again by the service, as the published SDK has it.
                let signature = key.sign(&Sha512::digest(unsigned.tbs())).await?;
                Ok(unsigned.signed(&signature))
            }
        }
    }

    fn scheme(&self) -> SignatureScheme {
        match &self.0 {
            Kind::Local(key) => key.scheme(),
            Kind::Service(_) => SignatureScheme::EcdsaP521Sha512,
        }
    }
}

impl From<SigningKey> for Signer {
    fn from(key: SigningKey) -> Self {
        Self(Kind::Local(key))
    }
}

impl From<ServiceKey> for Signer {
    fn from(key: ServiceKey) -> Self {
        Self(Kind::Service(key))
    }
}
