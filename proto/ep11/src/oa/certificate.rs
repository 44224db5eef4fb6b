//! A certificate of any generation.

use super::{Cex5Certificate, Oa2Certificate, Oa3Certificate, OaGeneration};
use crate::{DecodeError, P521PublicKey, SerialNumber};

/// An outbound authentication certificate, in the layout that its bytes are recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OaCertificate {
    /// Of a CEX5 module.
    Cex5(Cex5Certificate),
    /// Of a CEX6 or CEX7 module.
    Oa2(Oa2Certificate),
    /// Of a CEX8 module.
    Oa3(Oa3Certificate),
}

impl OaCertificate {
    /// Recognises the layout and reads the certificate.
    ///
    /// # Errors
    /// Those of the layout. Bytes that are no certificate at all are taken for one of CEX5, as clients do.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        match OaGeneration::of(input) {
            OaGeneration::Cex5 => Cex5Certificate::decode(input).map(Self::Cex5),
            OaGeneration::Oa2 => Oa2Certificate::decode(input).map(Self::Oa2),
            OaGeneration::Oa3 => Oa3Certificate::decode(input).map(Self::Oa3),
        }
    }

    /// The layout.
    pub fn generation(&self) -> OaGeneration {
        match self {
            Self::Cex5(_) => OaGeneration::Cex5,
            Self::Oa2(_) => OaGeneration::Oa2,
            Self::Oa3(_) => OaGeneration::Oa3,
        }
    }

    /// The subject's public key.
    pub fn key(&self) -> &P521PublicKey {
        match self {
            Self::Cex5(certificate) => &certificate.key,
            Self::Oa2(certificate) => &certificate.key,
            Self::Oa3(certificate) => &certificate.key,
        }
    }

    /// The public key in the form that clients keep in their files (section 10.4): the point of 133 bytes; of CEX5 the
    /// whole section of the certificate that holds it, 159 bytes.
    pub fn key_as_kept(&self) -> Vec<u8> {
        match self {
            Self::Cex5(certificate) => certificate.key_section.to_vec(),
            Self::Oa2(_) | Self::Oa3(_) => self.key().to_point().to_vec(),
        }
    }

    /// Whether the certificate names the module of this serial number as the adapter it belongs to.
    #[must_use]
    pub fn names(&self, serial: SerialNumber) -> bool {
        let adapter: &[u8] = match self {
            Self::Cex5(certificate) => &certificate.adapter_id,
            Self::Oa2(certificate) => &certificate.adapter_id,
            Self::Oa3(certificate) => &certificate.adapter_id,
        };
        adapter.starts_with(serial.as_bytes())
    }

    /// Whether `signer` signed this certificate.
    #[must_use]
    pub fn verify(&self, signer: &P521PublicKey) -> bool {
        match self {
            Self::Cex5(certificate) => certificate.verify(signer),
            Self::Oa2(certificate) => certificate.verify(signer),
            Self::Oa3(certificate) => certificate.verify(signer),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{OaCertificateSpec, OaKey};
    use super::*;
    use crate::P521KeyPair;

    fn issued(generation: OaGeneration, key: OaKey) -> Vec<u8> {
        let (subject, signer) = (P521KeyPair::from_scalar(&[7]).unwrap(), P521KeyPair::from_scalar(&[11]).unwrap());
        let id = signer.public().oa_key_id();
        OaCertificateSpec::for_tests().issue(generation, key, &subject.public(), &signer, id)
    }

    #[test]
    fn what_is_issued_is_recognised_reads_back_and_verifies() {
        let (subject, signer) = (P521KeyPair::from_scalar(&[7]).unwrap(), P521KeyPair::from_scalar(&[11]).unwrap());
        for generation in OaGeneration::ALL {
            for key in [OaKey::Epoch, OaKey::Device] {
                let bytes = issued(generation, key);
                assert!(bytes.len() <= OaGeneration::LARGEST, "{generation} {key:?}");
                let certificate = OaCertificate::decode(&bytes).unwrap();
                assert_eq!((certificate.generation(), *certificate.key()), (generation, subject.public()));
                assert!(certificate.verify(&signer.public()) && !certificate.verify(&subject.public()));
                assert!(certificate.names("93AABC01".parse().unwrap()));
                assert!(!certificate.names("93AABC02".parse().unwrap()));
            }
        }
    }

    #[test]
    fn clients_keep_the_point_and_of_cex5_the_section_around_it() {
        let kept = |generation| OaCertificate::decode(&issued(generation, OaKey::Epoch)).unwrap().key_as_kept();
        let point = P521KeyPair::from_scalar(&[7]).unwrap().public().to_point();
        assert_eq!(kept(OaGeneration::Oa2), point);
        assert_eq!(kept(OaGeneration::Oa3), point);
        let section = kept(OaGeneration::Cex5);
        assert_eq!((section.len(), &section[26..]), (159, &point[..]));
        assert_eq!(section[20..26], [0, 0, 0x02, 0x09, 0x00, 0x85]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_and_cut_certificates_do_not_panic(
            generation in 0_usize..3, at: prop::sample::Index, value: u8, end: prop::sample::Index,
        ) {
            for key in [OaKey::Epoch, OaKey::Device] {
                let mut bytes = issued(OaGeneration::ALL[generation], key);
                let at = at.index(bytes.len());
                bytes[at] = value;
                let _ = OaCertificate::decode(&bytes);
                let end = end.index(bytes.len());
                let _ = OaCertificate::decode(&bytes[..end]);
            }
        }

        #[test]
        fn any_bytes_do_not_panic(bytes: Vec<u8>, first in prop::sample::select(vec![0x45_u8, 0x30, 0])) {
            let _ = OaCertificate::decode(&[&[first], &bytes[..]].concat());
            let mut long = bytes;
            long.resize(7810, first);
            let _ = OaCertificate::decode(&long);
        }
    }
}
