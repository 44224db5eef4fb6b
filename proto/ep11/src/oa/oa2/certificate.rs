//! Reads an OA2 certificate and verifies its signature.

use super::super::common::{self, Signature};
use super::layout;
use crate::der::Reader;
use crate::{DecodeError, Fault, P521PublicKey, SubjectKeyId};

/// A certificate of the CEX6 and CEX7 generation, with the fields that say something. The others are passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oa2Certificate {
    /// Whose key this certificate holds.
    pub subject: SubjectKeyId,
    /// Whose key signed it.
    pub signer: SubjectKeyId,
    /// The subject's public key.
    pub key: P521PublicKey,
    /// The adapter, ASCII padded with blanks: `4769`.
    pub adapter_type: [u8; 8],
    /// The serial number of the module and padding.
    pub adapter_id: [u8; 12],
    /// How often the module had been started when the certificate was made.
    pub boot_count: u32,
    signed: Vec<u8>,
    signature: Signature,
}

impl Oa2Certificate {
    /// Reads a certificate. Zeros after the last section may be missing.
    ///
    /// # Errors
    /// When it does not begin with `45`, a section is shorter than declared or than its fields, or the key is not on
    /// P-521.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("OA2 certificate", input);
        let lengths = read_header(&mut reader)?;
        skip(&mut reader, "info", lengths.info, layout::INFO_PAD)?;
        let metadata = read_metadata(&mut reader, lengths.metadata)?;
        skip(&mut reader, "auxiliaryData", lengths.auxiliary, layout::AUXILIARY_PAD)?;
        if lengths.spki != layout::SPKI_SIZE {
            return Err(reader.error("spki", Fault::WrongSize { expected: layout::SPKI_SIZE, found: lengths.spki }));
        }
        let key = common::read_spki(&mut reader)?;
        reader.bytes("spki", layout::SPKI_PAD)?;
        let signed = input.get(..reader.offset()).unwrap_or_default().to_vec();
        let signature = read_signature(&mut reader, lengths.signer)?;
        let Metadata { subject, signer, adapter_type, adapter_id, boot_count } = metadata;
        Ok(Self { subject, signer, key, adapter_type, adapter_id, boot_count, signed, signature })
    }

    /// Whether `signer` signed this certificate.
    #[must_use]
    pub fn verify(&self, signer: &P521PublicKey) -> bool {
        signer.verify_fixed(&self.signed, &self.signature)
    }
}

/// The section lengths that the header declares.
struct Lengths {
    info: usize,
    metadata: usize,
    auxiliary: usize,
    spki: usize,
    signer: usize,
}

struct Metadata {
    subject: SubjectKeyId,
    signer: SubjectKeyId,
    adapter_type: [u8; 8],
    adapter_id: [u8; 12],
    boot_count: u32,
}

fn read_header(reader: &mut Reader<'_>) -> Result<Lengths, DecodeError> {
    let start = reader.clone();
    if reader.array("magic")? != [layout::MAGIC] {
        return Err(start.error("magic", Fault::Unsupported("certificates of other generations")));
    }
    reader.bytes("spare", 2)?;
    let start = reader.clone();
    if reader.array("sectionCount")? != [layout::SECTIONS] {
        return Err(start.error("sectionCount", Fault::OutOfRange));
    }
    reader.u32("byteCount")?;
    let mut length = |field| reader.u32(field).map(|length| length as usize);
    let lengths = Lengths {
        info: length("infoLength")?,
        metadata: length("metadataLength")?,
        auxiliary: length("auxiliaryDataLength")?,
        spki: length("spkiLength")?,
        signer: length("signerInfoLength")?,
    };
    reader.u32("pad")?;
    Ok(lengths)
}

/// Passes over a section and its zeros. An absent section has none.
fn skip(reader: &mut Reader<'_>, field: &'static str, length: usize, pad: usize) -> Result<(), DecodeError> {
    reader.bytes(field, length)?;
    if length > 0 {
        reader.bytes(field, pad)?;
    }
    Ok(())
}

/// Reads the metadata by its fixed offsets: the BER framing between the fields is never checked by clients either.
fn read_metadata(reader: &mut Reader<'_>, length: usize) -> Result<Metadata, DecodeError> {
    let wrong = Fault::WrongSize { expected: layout::METADATA_SIZE, found: length };
    let oa_info = length.checked_sub(layout::METADATA_SIZE).ok_or_else(|| reader.error("metadata", wrong))?;
    reader.bytes("metadata", 17)?;
    let adapter_type = reader.array("adapterType")?;
    reader.bytes("metadata", 2)?;
    let adapter_id = reader.array("adapterId")?;
    reader.bytes("sourceConfiguration", 36)?;
    let boot_count = reader.u32("bootCount")?;
    reader.bytes("keyType", 8)?;
    let subject = reader.array("subject").map(SubjectKeyId)?;
    reader.bytes("metadata", 2)?;
    let signer = reader.array("signer").map(SubjectKeyId)?;
    reader.bytes("signingTime", 20)?;
    skip(reader, "oaInfo", oa_info, 0)?;
    reader.bytes("metadata", layout::METADATA_PAD)?;
    Ok(Metadata { subject, signer, adapter_type, adapter_id, boot_count })
}

/// Reads `r` and `s` of the signer info, 66 bytes each whatever their value. The identifier in front of them is not
/// read by clients.
fn read_signature(reader: &mut Reader<'_>, length: usize) -> Result<Signature, DecodeError> {
    if length != layout::SIGNER_SIZE {
        return Err(reader.error("signerInfo", Fault::WrongSize { expected: layout::SIGNER_SIZE, found: length }));
    }
    reader.bytes("signerInfo", 73)?;
    common::read_signature(reader, 2)
}

#[cfg(test)]
mod tests {
    use super::super::super::OaCertificateSpec;
    use super::super::issue;
    use super::*;
    use crate::P521KeyPair;
    use proptest::prelude::*;

    fn root() -> P521KeyPair {
        P521KeyPair::from_scalar(&[11]).unwrap()
    }

    fn issued() -> Vec<u8> {
        let subject = P521KeyPair::from_scalar(&[7]).unwrap().public();
        issue(&OaCertificateSpec::for_tests(), &subject, &root(), root().public().oa_key_id())
    }

    #[test]
    fn every_signed_byte_counts() {
        let certificate = issued();
        for offset in 0..464 {
            let mut damaged = certificate.clone();
            damaged[offset] ^= 0x40;
            let verified = Oa2Certificate::decode(&damaged).is_ok_and(|damaged| damaged.verify(&root().public()));
            assert!(!verified, "byte {offset}");
        }
    }

    #[test]
    fn another_key_did_not_sign_it() {
        let other = P521KeyPair::from_scalar(&[12]).unwrap().public();
        assert!(!Oa2Certificate::decode(&issued()).unwrap().verify(&other));
    }

    #[test]
    fn other_generations_are_unsupported() {
        let mut certificate = issued();
        certificate[0] = 0x30;
        let error = Oa2Certificate::decode(&certificate).unwrap_err();
        assert!(matches!((error.field, error.fault), ("magic", Fault::Unsupported(_))));
    }

    #[test]
    fn zeros_after_the_last_section_may_be_missing_and_nothing_else() {
        let certificate = issued();
        assert!(Oa2Certificate::decode(&certificate[..671]).is_ok());
        for length in 0..671 {
            assert!(Oa2Certificate::decode(&certificate[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn an_absent_auxiliary_section_has_no_zeros_either() {
        let mut certificate = issued();
        certificate.drain(216..304);
        certificate[19] = 0;
        assert_eq!(Oa2Certificate::decode(&certificate).unwrap().key, Oa2Certificate::decode(&issued()).unwrap().key);
    }

    proptest! {
        #[test]
        fn damaged_certificates_do_not_panic(offset in 0_usize..672, value: u8) {
            let mut certificate = issued();
            certificate[offset] = value;
            let _ = Oa2Certificate::decode(&certificate);
        }
    }
}
