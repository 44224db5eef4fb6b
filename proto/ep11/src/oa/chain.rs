//! The walk from a module's certificate to a trusted root (section 9.6).

use std::fmt;

use super::{Oa2Certificate, Oa3Certificate, OaCertificate, OaGeneration};
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
/// All of them are of the layout that the first one is recognised by. Each must name another signer than itself, be
/// signed by the next one, and the last by a root. What links a certificate to the next one depends on the layout:
///
/// - OA2 and OA3: identifiers of keys, and the last one names the root. That an identifier is the hash of its key is not
///   checked, as no client does.
/// - CEX5: the signature alone. The last certificate has to be that of a device key, and any of the roots may have
///   signed it.
///
/// # Errors
/// [`ChainError`] with the index of the certificate that breaks the chain.
pub fn verify_chain(certificates: &[Vec<u8>], roots: &[TrustedRoot]) -> Result<P521PublicKey, ChainError> {
    let mut chain: Vec<OaCertificate> = Vec::with_capacity(certificates.len());
    for (index, certificate) in certificates.iter().enumerate() {
        let certificate = OaCertificate::decode(certificate).map_err(|error| ChainError::Malformed { index, error })?;
        if let Some(first) = chain.first()
            && first.generation() != certificate.generation()
        {
            return Err(ChainError::OtherGeneration { index, expected: first.generation() });
        }
        if names_itself(&certificate) {
            return Err(ChainError::OwnSigner { index });
        }
        chain.push(certificate);
    }
    for (index, pair) in chain.windows(2).enumerate() {
        let [certificate, parent] = pair else { continue };
        if let (Some((_, signer)), Some((subject, _))) = (identifiers(certificate), identifiers(parent))
            && signer != subject
        {
            return Err(ChainError::BrokenLink { index });
        }
        verify(index, certificate, parent.key())?;
    }
    let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return Err(ChainError::Empty) };
    verify_end(chain.len() - 1, last, roots)?;
    Ok(*first.key())
}

/// The last certificate against the roots.
fn verify_end(index: usize, last: &OaCertificate, roots: &[TrustedRoot]) -> Result<(), ChainError> {
    match last {
        OaCertificate::Cex5(certificate) if !certificate.may_end_a_chain() => Err(ChainError::NoDeviceKey { index }),
        OaCertificate::Cex5(_) if roots.iter().any(|root| last.verify(&root.key)) => Ok(()),
        OaCertificate::Cex5(_) => Err(ChainError::NoRoot { index }),
        OaCertificate::Oa2(Oa2Certificate { signer: id, .. })
        | OaCertificate::Oa3(Oa3Certificate { signer: id, .. }) => {
            let root = roots.iter().find(|root| root.id == *id).ok_or(ChainError::UnknownRoot { id: *id })?;
            verify(index, last, &root.key)
        }
    }
}

/// The identifiers of subject and signer; CEX5 has none.
fn identifiers(certificate: &OaCertificate) -> Option<(SubjectKeyId, SubjectKeyId)> {
    match certificate {
        OaCertificate::Cex5(_) => None,
        OaCertificate::Oa2(certificate) => Some((certificate.subject, certificate.signer)),
        OaCertificate::Oa3(certificate) => Some((certificate.subject, certificate.signer)),
    }
}

fn names_itself(certificate: &OaCertificate) -> bool {
    match certificate {
        OaCertificate::Cex5(certificate) => certificate.own_name == certificate.parent_name,
        OaCertificate::Oa2(_) | OaCertificate::Oa3(_) => {
            identifiers(certificate).is_some_and(|(subject, signer)| subject == signer)
        }
    }
}

fn verify(index: usize, certificate: &OaCertificate, signer: &P521PublicKey) -> Result<(), ChainError> {
    if certificate.verify(signer) { Ok(()) } else { Err(ChainError::WrongSignature { index }) }
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
    /// A certificate has another layout than the first one.
    OtherGeneration {
        /// Which one.
        index: usize,
        /// The layout of the first one.
        expected: OaGeneration,
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
    /// No trusted root signed the last certificate, which names none.
    NoRoot {
        /// Which one.
        index: usize,
    },
    /// The last certificate is not that of a device key, so another one is missing.
    NoDeviceKey {
        /// Which one.
        index: usize,
    },
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the module has no certificate"),
            Self::Malformed { index, error } => write!(f, "certificate {index} of the module: {error}"),
            Self::OtherGeneration { index, expected } => {
                write!(f, "certificate {index} of the module is not in the {expected} layout of the first one")
            }
            Self::OwnSigner { index } => write!(f, "certificate {index} of the module names itself as its signer"),
            Self::BrokenLink { index } => {
                write!(f, "certificate {index} of the module names another signer than the next one")
            }
            Self::WrongSignature { index } => write!(f, "the signature of certificate {index} of the module is wrong"),
            Self::UnknownRoot { id } => write!(f, "the module's certificates end at {id}, which is not a trusted root"),
            Self::NoRoot { index } => write!(f, "no trusted root signed certificate {index} of the module"),
            Self::NoDeviceKey { index } => {
                write!(f, "the module's certificates end at number {index}, which is not that of a device key")
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OaCertificateSpec, OaKey, P521KeyPair};

    fn key(scalar: u8) -> P521KeyPair {
        P521KeyPair::from_scalar(&[scalar]).unwrap()
    }

    const EPOCH: u8 = 7;
    const DEVICE: u8 = 8;
    const ROOT: u8 = 11;

    /// Certificates of one layout.
    struct Made(OaGeneration);

    impl Made {
        fn certificate(&self, subject: u8, signer: u8, signer_id: SubjectKeyId) -> Vec<u8> {
            let place = if subject == DEVICE { OaKey::Device } else { OaKey::Epoch };
            OaCertificateSpec::for_tests().issue(self.0, place, &key(subject).public(), &key(signer), signer_id)
        }

        fn signed_by(&self, subject: u8, signer: u8) -> Vec<u8> {
            self.certificate(subject, signer, key(signer).public().oa_key_id())
        }
    }

    fn roots() -> Vec<TrustedRoot> {
        vec![TrustedRoot { id: key(ROOT).public().oa_key_id(), key: key(ROOT).public() }]
    }

    fn broken(chain: &[Vec<u8>]) -> ChainError {
        verify_chain(chain, &roots()).unwrap_err()
    }

    #[test]
    fn a_chain_of_two_leads_to_the_epoch_key_in_every_layout() {
        for generation in OaGeneration::ALL {
            let made = Made(generation);
            let chain = [made.signed_by(EPOCH, DEVICE), made.signed_by(DEVICE, ROOT)];
            assert_eq!(verify_chain(&chain, &roots()), Ok(key(EPOCH).public()), "{generation}");
        }
    }

    #[test]
    fn one_certificate_signed_by_the_root_is_a_chain() {
        for generation in OaGeneration::ALL {
            let chain = [Made(generation).signed_by(DEVICE, ROOT)];
            assert_eq!(verify_chain(&chain, &roots()), Ok(key(DEVICE).public()), "{generation}");
        }
    }

    #[test]
    fn each_break_names_its_certificate() {
        let device_id = key(DEVICE).public().oa_key_id();
        assert_eq!(broken(&[]), ChainError::Empty);
        for generation in [OaGeneration::Oa2, OaGeneration::Oa3] {
            let made = Made(generation);
            let (epoch, device) = (made.signed_by(EPOCH, DEVICE), made.signed_by(DEVICE, ROOT));
            assert_eq!(broken(&[made.signed_by(EPOCH, EPOCH)]), ChainError::OwnSigner { index: 0 });
            assert_eq!(broken(&[made.signed_by(EPOCH, 9), device.clone()]), ChainError::BrokenLink { index: 0 });
            let forged = made.certificate(EPOCH, 9, device_id);
            assert_eq!(broken(&[forged, device]), ChainError::WrongSignature { index: 0 });
            let forged = made.certificate(DEVICE, 9, roots()[0].id);
            assert_eq!(broken(&[epoch.clone(), forged]), ChainError::WrongSignature { index: 1 });
            assert_eq!(broken(std::slice::from_ref(&epoch)), ChainError::UnknownRoot { id: device_id });
            assert!(matches!(broken(&[epoch, vec![0]]), ChainError::Malformed { index: 1, .. }));
        }
    }

    #[test]
    fn a_chain_of_cex5_is_linked_by_signatures_and_ends_at_a_device_key() {
        let made = Made(OaGeneration::Cex5);
        let (epoch, device) = (made.signed_by(EPOCH, DEVICE), made.signed_by(DEVICE, ROOT));
        assert_eq!(broken(&[made.signed_by(EPOCH, 9), device.clone()]), ChainError::WrongSignature { index: 0 });
        assert_eq!(broken(&[epoch.clone(), made.signed_by(DEVICE, 9)]), ChainError::NoRoot { index: 1 });
        assert_eq!(broken(&[made.signed_by(EPOCH, ROOT)]), ChainError::NoDeviceKey { index: 0 });
        assert_eq!(broken(std::slice::from_ref(&epoch)), ChainError::NoDeviceKey { index: 0 });
        let mut own = device;
        own.copy_within(104..112, 116);
        assert_eq!(broken(&[epoch, own]), ChainError::OwnSigner { index: 1 });
    }

    #[test]
    fn a_chain_has_one_layout() {
        let epoch = Made(OaGeneration::Oa3).signed_by(EPOCH, DEVICE);
        let mixed = broken(&[epoch, Made(OaGeneration::Oa2).signed_by(DEVICE, ROOT)]);
        assert_eq!(mixed, ChainError::OtherGeneration { index: 1, expected: OaGeneration::Oa3 });
    }
}
