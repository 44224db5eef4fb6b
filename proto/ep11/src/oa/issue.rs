//! Makes OA2 certificates, the work of a module and of its manufacturer.

use super::layout;
use crate::der::{self, Writer};
use crate::keys::oid;
use crate::{P521KeyPair, P521PublicKey, PublicKey, SerialNumber, SubjectKeyId};

/// What a certificate says about the module. Clients read none of it; the values make certificates of one module look
/// alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OaCertificateSpec {
    /// The adapter, ASCII padded with blanks: `4768` for CEX6, `4769` for CEX7.
    pub adapter_type: [u8; 8],
    /// The serial number of the module.
    pub serial: SerialNumber,
    /// How often the module had been started when the key was made.
    pub boot_count: u32,
    /// The segment of the module's software that issues: 2.
    pub issuing_segment: u8,
    /// The segment that the key belongs to: 3.
    pub subject_segment: u8,
    /// The kind of key, any number.
    pub key_type: u32,
    /// When it was signed: `YYYYMMDDhhmmss` and two digits of a fraction.
    pub signing_time: [u8; 16],
}

impl OaCertificateSpec {
    /// The certificate of `subject`, signed by `signer`. 672 bytes.
    ///
    /// `signer_id` is the identifier that clients follow to the signer's own certificate or to a root, its
    /// [`oa_key_id`](P521PublicKey::oa_key_id).
    pub fn issue(&self, subject: &P521PublicKey, signer: &P521KeyPair, signer_id: SubjectKeyId) -> Vec<u8> {
        let mut certificate = Writer::new();
        write_header(&mut certificate);
        certificate.raw(&ALGORITHM_ID.to_be_bytes()).raw(&[0; layout::INFO_PAD]);
        self.write_metadata(&mut certificate, subject.oa_key_id(), signer_id);
        write_auxiliary_data(&mut certificate);
        certificate.raw(&PublicKey::P521(*subject).to_spki()).raw(&[0; layout::SPKI_PAD]);
        let signed = certificate.into_bytes();
        let signature = signer.sign_fixed(&signed);
        let mut certificate = Writer::new();
        certificate.raw(&signed);
        write_signer_info(&mut certificate, signer_id, &signature);
        certificate.raw(&[0; layout::SIGNER_PAD]);
        certificate.into_bytes()
    }

    fn write_metadata(&self, certificate: &mut Writer, subject: SubjectKeyId, signer: SubjectKeyId) {
        certificate.sequence(|metadata| {
            metadata.octets_u32(OBJECT_VERSION);
            metadata.octets(&[NOT_A_ROOT, TRUST_BITS, self.issuing_segment, self.subject_segment]);
            metadata.octets(&self.adapter_type);
            metadata.octets(&[&self.serial.as_bytes()[..], &[0; 4]].concat());
            metadata.octets(&SOURCE_CONFIGURATION);
            metadata.octets_u32(self.boot_count);
            metadata.octets_u32(self.key_type);
            metadata.octets(subject.as_bytes());
            metadata.octets(signer.as_bytes());
            metadata.octets(&self.signing_time);
            metadata.octets(&[]);
        });
        certificate.raw(&[0; layout::METADATA_PAD]);
    }
}

fn write_header(certificate: &mut Writer) {
    certificate.raw(&[layout::MAGIC, 0, 0, layout::SECTIONS]);
    let lengths = [
        layout::TOTAL_SIZE,
        layout::INFO_SIZE,
        layout::METADATA_SIZE,
        layout::AUXILIARY_SIZE,
        layout::SPKI_SIZE,
        layout::SIGNER_SIZE,
        0,
    ];
    for length in lengths {
        // All of them are the small constants above.
        certificate.raw(&(length as u32).to_be_bytes());
    }
}

fn write_auxiliary_data(certificate: &mut Writer) {
    certificate.sequence(|data| {
        data.octets(&[AUXILIARY_VERSION]).octets(&SEGMENT_HASH);
        data.octets_u32(OWNER_2).octets_u32(OWNER_3);
    });
    certificate.raw(&[0; layout::AUXILIARY_PAD]);
}

/// Like a SignerInfo, except that the algorithms have no NULL and the integers are not minimal.
fn write_signer_info(certificate: &mut Writer, signer: SubjectKeyId, signature: &[u8; 132]) {
    let (r, s) = signature.split_at(66);
    certificate.sequence(|info| {
        info.unsigned_integer(&[SIGNER_INFO_VERSION]).element(der::context(0), signer.as_bytes());
        for algorithm in [oid::SHA512, oid::ECDSA_WITH_SHA512] {
            info.sequence(|identifier| {
                identifier.element(der::OID, algorithm);
            });
        }
        info.nested(der::OCTET_STRING, |value| {
            value.sequence(|pair| {
                pair.element(der::INTEGER, r).element(der::INTEGER, s);
            });
        });
    });
}

const ALGORITHM_ID: u32 = 1;
const OBJECT_VERSION: u32 = 1;
const NOT_A_ROOT: u8 = 0;
const TRUST_BITS: u8 = 0;
const SOURCE_CONFIGURATION: [u8; 32] = [0; 32];
const AUXILIARY_VERSION: u8 = 1;
const SEGMENT_HASH: [u8; 64] = [0; 64];
/// Owner identifiers of segments 2 and 3. The real ones are not public; no client reads them.
const OWNER_2: u32 = 2;
const OWNER_3: u32 = 6;
const SIGNER_INFO_VERSION: u8 = 3;

#[cfg(test)]
impl OaCertificateSpec {
    /// Some values, for tests of this crate.
    pub(crate) fn for_tests() -> Self {
        Self {
            adapter_type: *b"4769    ",
            serial: "93AABC01".parse().unwrap(),
            boot_count: 1,
            issuing_segment: 2,
            subject_segment: 3,
            key_type: 2,
            signing_time: *b"2024010100000000",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OaCertificate;

    #[test]
    fn layout_is_that_of_the_specification() {
        let (subject, signer) = (P521KeyPair::from_scalar(&[7]).unwrap(), P521KeyPair::from_scalar(&[11]).unwrap());
        let id = signer.public().oa_key_id();
        let certificate = OaCertificateSpec::for_tests().issue(&subject.public(), &signer, id);
        let at = |start: usize, size: usize| hex::encode(&certificate[start..start + size]);
        assert_eq!(certificate.len(), 672);
        assert_eq!(at(0, 32), "45000005000002a000000004000000ad000000530000009e000000cf00000000");
        assert_eq!(at(40, 17), "3081aa0404000000010404000002030408");
        assert_eq!(&certificate[57..65], b"4769    ");
        assert_eq!(&certificate[67..79], b"93AABC01\0\0\0\0");
        assert_eq!(at(127, 32), subject.public().oa_key_id().to_string());
        assert_eq!(at(161, 32), id.to_string());
        assert_eq!(at(211, 5), "0400000000");
        assert_eq!(at(216, 7), "30510401010440");
        assert_eq!(at(304, 26), "30819b301006072a8648ce3d020106052b8104002303818600".to_owned() + "04");
        assert_eq!(certificate[329..462], subject.public().to_point());
        assert_eq!(at(464, 8), "3081cc0201038020");
        assert_eq!(at(472, 32), id.to_string());
        assert_eq!(at(504, 33), "300b0609608648016503040203300a06082a8648ce3d04030404818b3081880242");
        assert_eq!(at(603, 2), "0242");
    }

    #[test]
    fn what_is_issued_reads_back_and_verifies() {
        let (subject, signer) = (P521KeyPair::from_scalar(&[7]).unwrap(), P521KeyPair::from_scalar(&[11]).unwrap());
        let id = signer.public().oa_key_id();
        let certificate = OaCertificateSpec::for_tests().issue(&subject.public(), &signer, id);
        let decoded = OaCertificate::decode(&certificate).unwrap();
        assert_eq!(
            (decoded.subject, decoded.signer, decoded.key),
            (subject.public().oa_key_id(), id, subject.public())
        );
        assert_eq!((&decoded.adapter_type, &decoded.adapter_id), (b"4769    ", b"93AABC01\0\0\0\0"));
        assert_eq!(decoded.boot_count, 1);
        assert!(decoded.verify(&signer.public()));
    }
}
