//! Reads an OA3 certificate and verifies its P-521 signature.

use super::super::common::{self, Signature};
use super::layout::{AUXILIARY_SIZE, Form, KEY_INFO_SIZE, LARGEST, METADATA_SIZE};
use crate::der::Reader;
use crate::{DecodeError, Fault, P521PublicKey, SubjectKeyId};

/// A certificate of the CEX8 generation, with the fields that say something. The others, and all of Dilithium, are
/// passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oa3Certificate {
    /// Whose key this certificate holds.
    pub subject: SubjectKeyId,
    /// Whose key signed it.
    pub signer: SubjectKeyId,
    /// The subject's public key.
    pub key: P521PublicKey,
    /// The adapter, ASCII padded with blanks: `4770`.
    pub adapter_type: [u8; 8],
    /// The serial number of the module and padding.
    pub adapter_id: [u8; 12],
    /// How often the module had been started when the certificate was made.
    pub boot_count: u32,
    signed: Vec<u8>,
    signature: Signature,
}

impl Oa3Certificate {
    /// Reads a certificate by its offsets, as clients do: framing is neither needed nor checked.
    ///
    /// # Errors
    /// When it has neither 7973 nor 7810 bytes, or the key is not on P-521.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("OA3 certificate", input);
        let wrong = Fault::WrongSize { expected: LARGEST, found: input.len() };
        let form = Form::of_size(input.len()).ok_or_else(|| reader.error("certificate", wrong))?;
        reader.bytes("certificate", 4)?;
        let mut metadata = reader.clone();
        let mut signed = reader.bytes("metadata", METADATA_SIZE + AUXILIARY_SIZE)?.to_vec();
        metadata.bytes("metadata", 15)?;
        let adapter_type = metadata.array("adapterType")?;
        metadata.bytes("metadata", 2)?;
        let adapter_id = metadata.array("adapterId")?;
        metadata.bytes("sourceConfiguration", 36)?;
        let boot_count = metadata.u32("bootCount")?;
        reader.bytes("signerInfo", 9)?;
        let signer = reader.array("signer").map(SubjectKeyId)?;
        reader.bytes("digestAlgorithm", 13)?;
        let start = reader.clone();
        reader.bytes("keyInfo", form.key_header() + 23)?;
        let subject = reader.array("subject").map(SubjectKeyId)?;
        reader.bytes("oaInfo", KEY_INFO_SIZE - 23 - 32 + form.oa_info())?;
        let key = common::read_spki(&mut reader)?;
        signed.extend_from_slice(start.rest().get(..reader.offset() - start.offset()).unwrap_or_default());
        reader.bytes("signatureAlgorithm", 12 + 8)?;
        let signature = common::read_signature(&mut reader, 2)?;
        Ok(Self { subject, signer, key, adapter_type, adapter_id, boot_count, signed, signature })
    }

    /// Whether the P-521 key `signer` signed this certificate.
    #[must_use]
    pub fn verify(&self, signer: &P521PublicKey) -> bool {
        signer.verify_fixed(&self.signed, &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{OaCertificateSpec, OaKey};
    use super::super::issue;
    use super::*;
    use crate::P521KeyPair;

    fn root() -> P521KeyPair {
        P521KeyPair::from_scalar(&[11]).unwrap()
    }

    fn issued(key: OaKey) -> Vec<u8> {
        let subject = P521KeyPair::from_scalar(&[7]).unwrap().public();
        issue(&OaCertificateSpec::for_tests(), key, &subject, &root(), root().public().oa_key_id())
    }

    fn verifies(certificate: &[u8]) -> bool {
        Oa3Certificate::decode(certificate).is_ok_and(|certificate| certificate.verify(&root().public()))
    }

    #[test]
    fn every_signed_byte_counts() {
        for (key, end) in [(OaKey::Epoch, 355), (OaKey::Device, 273)] {
            let certificate = issued(key);
            let signed = (4..182).chain(182 + 54..=182 + end);
            // The first and the last of each part, and some between them.
            for offset in signed.filter(|offset| offset % 7 == 0 || [4, 181, 182 + 54, 182 + end].contains(offset)) {
                let mut damaged = certificate.clone();
                damaged[offset] ^= 0x40;
                assert!(!verifies(&damaged), "{key:?}, byte {offset}");
            }
        }
    }

    #[test]
    fn what_dilithium_would_sign_does_not_count() {
        for (key, start) in [(OaKey::Epoch, 510), (OaKey::Device, 428)] {
            let mut certificate = issued(key);
            certificate[182 + start..].fill(0xAA);
            assert!(verifies(&certificate));
        }
    }

    #[test]
    fn only_the_two_sizes_are_read() {
        let certificate = issued(OaKey::Epoch);
        for size in [0, 181, 7809, 7811, 7972] {
            let error = Oa3Certificate::decode(&certificate[..size]).unwrap_err();
            assert_eq!(error.fault, Fault::WrongSize { expected: 7973, found: size });
        }
        // Cut to the other size, the key is not where that form has it.
        assert!(Oa3Certificate::decode(&certificate[..7810]).is_err());
    }
}
