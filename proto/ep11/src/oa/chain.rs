//! The walk from a module's certificate to a trusted root (section 9.6).

use std::fmt;

use super::OaCertificate;
use crate::{DecodeError, P521PublicKey, SubjectKeyId};

/// A root that the client trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedRoot {
    /// The identifier that the last certificate of a chain names as its signer.
    pub id: SubjectKeyId,
    /// The root's public key.
    pub key: P521PublicKey,
}

/// Verifies `certificates`, index 0 first, up to one of `roots`. The key that signs the module's answers is the result.
///
/// Each certificate must name another signer than itself, be signed by the next one, and the last by a root. The
/// identifiers make the links; that an identifier is the hash of its key is not checked, as no client does.
///
/// # Errors
/// [`ChainError`] with the index of the certificate that breaks the chain.
pub fn verify_chain(certificates: &[Vec<u8>], roots: &[TrustedRoot]) -> Result<P521PublicKey, ChainError> {
    let mut chain = Vec::with_capacity(certificates.len());
    for (index, certificate) in certificates.iter().enumerate() {
        let certificate = OaCertificate::decode(certificate).map_err(|error| ChainError::Malformed { index, error })?;
        if certificate.subject == certificate.signer {
            return Err(ChainError::OwnSigner { index });
        }
        chain.push(certificate);
    }
    for (index, pair) in chain.windows(2).enumerate() {
        let [certificate, parent] = pair else { continue };
        if parent.subject != certificate.signer {
            return Err(ChainError::BrokenLink { index });
        }
        verify(index, certificate, &parent.key)?;
    }
    let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return Err(ChainError::Empty) };
    let root = roots.iter().find(|root| root.id == last.signer).ok_or(ChainError::UnknownRoot { id: last.signer })?;
    verify(chain.len() - 1, last, &root.key)?;
    Ok(first.key)
}

/// Why a chain of certificates proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainError {
    /// There is no certificate.
    Empty,
    /// A certificate does not decode.
    Malformed {
        /// Which one.
        index: usize,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// A certificate names its own key as its signer.
    OwnSigner {
        /// Which one.
        index: usize,
    },
    /// A certificate names another signer than the next certificate's key.
    BrokenLink {
        /// Which one.
        index: usize,
    },
    /// A certificate's signature is not its signer's.
    WrongSignature {
        /// Which one.
        index: usize,
    },
    /// The last certificate's signer is no trusted root.
    UnknownRoot {
        /// The signer that it names.
        id: SubjectKeyId,
    },
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the module has no certificate"),
            Self::Malformed { index, error } => write!(f, "certificate {index} of the module: {error}"),
            Self::OwnSigner { index } => write!(f, "certificate {index} of the module names itself as its signer"),
            Self::BrokenLink { index } => {
                write!(f, "certificate {index} of the module names another signer than the next one")
            }
            Self::WrongSignature { index } => write!(f, "the signature of certificate {index} of the module is wrong"),
            Self::UnknownRoot { id } => write!(f, "the module's certificates end at {id}, which is not a trusted root"),
        }
    }
}

impl std::error::Error for ChainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Malformed { error, .. } => Some(error),
            _ => None,
        }
    }
}

fn verify(index: usize, certificate: &OaCertificate, signer: &P521PublicKey) -> Result<(), ChainError> {
    if certificate.verify(signer) { Ok(()) } else { Err(ChainError::WrongSignature { index }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OaCertificateSpec, P521KeyPair};

    fn key(scalar: u8) -> P521KeyPair {
        P521KeyPair::from_scalar(&[scalar]).unwrap()
    }

    const EPOCH: u8 = 7;
    const DEVICE: u8 = 8;
    const ROOT: u8 = 11;

    fn certificate(subject: u8, signer: u8, signer_id: SubjectKeyId) -> Vec<u8> {
        OaCertificateSpec::for_tests().issue(&key(subject).public(), &key(signer), signer_id)
    }

    fn signed_by(subject: u8, signer: u8) -> Vec<u8> {
        certificate(subject, signer, key(signer).public().oa_key_id())
    }

    fn roots() -> Vec<TrustedRoot> {
        vec![TrustedRoot { id: key(ROOT).public().oa_key_id(), key: key(ROOT).public() }]
    }

    #[test]
    fn a_chain_of_two_leads_to_the_epoch_key() {
        let chain = [signed_by(EPOCH, DEVICE), signed_by(DEVICE, ROOT)];
        assert_eq!(verify_chain(&chain, &roots()), Ok(key(EPOCH).public()));
    }

    #[test]
    fn one_certificate_signed_by_the_root_is_a_chain() {
        assert_eq!(verify_chain(&[signed_by(EPOCH, ROOT)], &roots()), Ok(key(EPOCH).public()));
    }

    #[test]
    fn each_break_names_its_certificate() {
        let broken = |chain: &[Vec<u8>]| verify_chain(chain, &roots()).unwrap_err();
        let device_id = key(DEVICE).public().oa_key_id();
        assert_eq!(broken(&[]), ChainError::Empty);
        assert_eq!(broken(&[signed_by(EPOCH, EPOCH)]), ChainError::OwnSigner { index: 0 });
        assert_eq!(broken(&[signed_by(EPOCH, 9), signed_by(DEVICE, ROOT)]), ChainError::BrokenLink { index: 0 });
        assert_eq!(
            broken(&[certificate(EPOCH, 9, device_id), signed_by(DEVICE, ROOT)]),
            ChainError::WrongSignature { index: 0 }
        );
        assert_eq!(
            broken(&[signed_by(EPOCH, DEVICE), certificate(DEVICE, 9, roots()[0].id)]),
            ChainError::WrongSignature { index: 1 }
        );
        assert_eq!(broken(&[signed_by(EPOCH, DEVICE)]), ChainError::UnknownRoot { id: device_id });
        assert!(matches!(broken(&[signed_by(EPOCH, DEVICE), vec![0]]), ChainError::Malformed { index: 1, .. }));
    }
}
