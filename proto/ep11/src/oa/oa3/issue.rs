//! Makes OA3 certificates.

use super::super::common::{
    ALGORITHM_ID, NOT_A_ROOT, OBJECT_VERSION, SIGNER_INFO_VERSION, SOURCE_CONFIGURATION, TRUST_BITS, adapter_id,
    write_algorithm, write_auxiliary_data, write_signature,
};
use super::super::{OaCertificateSpec, OaKey};
use super::dilithium;
use super::layout::Form;
use crate::der::{self, Writer};
use crate::keys::oid;
use crate::{P521KeyPair, P521PublicKey, PublicKey, SubjectKeyId};

/// The certificate of `subject`, signed by `signer`: that of an epoch key as segment 3 makes it, 7973 bytes; that of a
/// device key as miniboot does, 7810 bytes.
pub(in crate::oa) fn issue(
    spec: &OaCertificateSpec,
    key: OaKey,
    subject: &P521PublicKey,
    signer: &P521KeyPair,
    signer_id: SubjectKeyId,
) -> Vec<u8> {
    let form = match key {
        OaKey::Epoch => Form::Segment3,
        OaKey::Device => Form::Miniboot,
    };
    let mut head = Writer::new();
    write_metadata(&mut head, spec);
    write_auxiliary_data(&mut head);
    let head = head.into_bytes();
    let mut attributes = Writer::new();
    attributes.nested(der::constructed(0), |attributes| {
        write_key_info(attributes, spec, form, subject.oa_key_id());
        attributes.raw(&PublicKey::P521(*subject).to_spki());
    });
    let attributes = attributes.into_bytes();
    let signature = signer.sign_fixed(&[&head[..], &attributes].concat());
    der::sequence(|certificate| {
        certificate.raw(&head);
        certificate.sequence(|info| {
            info.unsigned_integer(&[SIGNER_INFO_VERSION]).element(der::context(0), signer_id.as_bytes());
            write_algorithm(info, oid::SHA512);
            info.raw(&attributes);
            write_signature(info, &signature);
        });
        dilithium::write_signer_info(certificate, spec, form);
    })
}

fn write_metadata(certificate: &mut Writer, spec: &OaCertificateSpec) {
    certificate.sequence(|metadata| {
        metadata.octets_u32(OBJECT_VERSION);
        metadata.octets(&[TRUST_BITS, spec.issuing_segment, spec.subject_segment]);
        metadata.octets(&spec.adapter_type);
        metadata.octets(&adapter_id(spec.serial));
        metadata.octets(&SOURCE_CONFIGURATION);
        metadata.octets_u32(spec.boot_count);
        metadata.octets(&spec.signing_time);
    });
}

/// What a SignerInfo says about the subject's key of its algorithm.
pub(super) fn write_key_info(attributes: &mut Writer, spec: &OaCertificateSpec, form: Form, subject: SubjectKeyId) {
    attributes.sequence(|info| {
        info.octets_u32(OBJECT_VERSION);
        info.octets(&[NOT_A_ROOT]);
        info.octets_u32(spec.key_type);
        info.octets_u32(ALGORITHM_ID);
        info.octets(subject.as_bytes());
        info.octets(OA_INFO.get(..form.oa_info()).unwrap_or_default());
    });
}

/// What segment 3 says about itself. The real contents are not public; no client reads them.
const OA_INFO: [u8; 80] = [0; 80];

#[cfg(test)]
mod tests {
    use super::super::Oa3Certificate;
    use super::*;

    fn issued(key: OaKey) -> Vec<u8> {
        let (subject, signer) = (P521KeyPair::from_scalar(&[7]).unwrap(), P521KeyPair::from_scalar(&[11]).unwrap());
        let spec = OaCertificateSpec { adapter_type: *b"4770    ", ..OaCertificateSpec::for_tests() };
        issue(&spec, key, &subject.public(), &signer, signer.public().oa_key_id())
    }

    const SPKI: &str = "30819b301006072a8648ce3d020106052b8104002303818600";
    const SHA512: &str = "300b0609608648016503040203";
    const DILITHIUM: &str = "060b2b0601040102820b010807";

    /// Where a certificate has what, as the table of the specification says.
    fn check(certificate: &[u8], fields: &[(usize, &str)]) {
        for (at, expected) in fields {
            let found = hex::encode(&certificate[*at..*at + expected.len() / 2]);
            assert_eq!(found, *expected, "byte {at}");
        }
    }

    #[test]
    fn metadata_and_auxiliary_data_are_those_of_the_specification() {
        for (key, size, header) in [(OaKey::Epoch, 7973, "30821f21"), (OaKey::Device, 7810, "30821e7e")] {
            let certificate = issued(key);
            assert_eq!(certificate.len(), size);
            check(
                &certificate,
                &[(0, header), (4, "305d0404000000010403000203"), (17, "0408"), (27, "040c"), (41, "0420")],
            );
            check(&certificate, &[(75, "040400000001"), (81, "0410"), (99, "3051040101"), (104, "0440")]);
            assert_eq!(&certificate[19..27], b"4770    ");
            assert_eq!(&certificate[29..41], b"93AABC01\0\0\0\0");
        }
    }

    #[test]
    fn offsets_of_the_miniboot_form_are_those_of_the_specification() {
        let certificate = issued(OaKey::Device);
        let info = &certificate[182..];
        check(info, &[(0, "308201a80201038020"), (41, SHA512), (54, "a081d93039")]);
        check(info, &[(59, "04040000000104010004040000000204040000000104"), (59 + 55, "0400"), (116, SPKI)]);
        check(info, &[(274, "300a06082a8648ce3d04030404818b3081880242"), (360, "0242")]);
        check(info, &[(428, "30821c1c0201038020"), (469, SHA512), (482, "a08209813039"), (545, "30820942300f")]);
        check(info, &[(551, DILITHIUM), (564, "05000382092d0030820928032100"), (610, "0382090100")]);
        check(info, &[(2919, "300d"), (2921, DILITHIUM), (2934, "04821252300f"), (2940, DILITHIUM)]);
        check(info, &[(2953, "05000382123d00")]);
        assert_eq!(info.len(), 7628);
        let subject = P521KeyPair::from_scalar(&[7]).unwrap().public();
        assert_eq!(info[59 + 23..59 + 55], *subject.oa_key_id().as_bytes());
        assert_eq!(info[116 + 25..274], subject.to_point());
        let signer = P521KeyPair::from_scalar(&[11]).unwrap().public();
        assert_eq!(info[9..41], *signer.oa_key_id().as_bytes());
        let signature: [u8; 132] = [&info[294..360], &info[362..428]].concat().try_into().unwrap();
        assert!(signer.verify_fixed(&[&certificate[4..182], &info[54..274]].concat(), &signature));
    }

    #[test]
    fn offsets_of_the_segment_3_form_are_those_of_the_specification() {
        let certificate = issued(OaKey::Epoch);
        let info = &certificate[182..];
        check(info, &[(0, "308201fa0201038020"), (41, SHA512), (54, "a082012a308189"), (61 + 55, "0450"), (198, SPKI)]);
        check(info, &[(356, "300a06082a8648ce3d04030404818b3081880242"), (442, "0242")]);
        check(info, &[(510, "30821c6d0201038020"), (551, SHA512), (564, "a08209d2308189"), (708, "30820942300f")]);
        check(info, &[(714, DILITHIUM), (727, "05000382092d0030820928032100"), (773, "0382090100")]);
        check(info, &[(3082, "300d"), (3084, DILITHIUM), (3097, "04821252300f"), (3103, DILITHIUM)]);
        check(info, &[(3116, "05000382123d00")]);
        assert_eq!(info.len(), 7791);
        let subject = P521KeyPair::from_scalar(&[7]).unwrap().public();
        assert_eq!(info[61 + 23..61 + 55], *subject.oa_key_id().as_bytes());
        assert_eq!(info[198 + 25..356], subject.to_point());
        let signer = P521KeyPair::from_scalar(&[11]).unwrap().public();
        let signature: [u8; 132] = [&info[376..442], &info[444..510]].concat().try_into().unwrap();
        assert!(signer.verify_fixed(&[&certificate[4..182], &info[54..356]].concat(), &signature));
    }

    #[test]
    fn what_is_issued_reads_back() {
        let (subject, signer) = (P521KeyPair::from_scalar(&[7]).unwrap(), P521KeyPair::from_scalar(&[11]).unwrap());
        for key in [OaKey::Epoch, OaKey::Device] {
            let certificate = Oa3Certificate::decode(&issued(key)).unwrap();
            assert_eq!((certificate.subject, certificate.key), (subject.public().oa_key_id(), subject.public()));
            assert_eq!(certificate.signer, signer.public().oa_key_id());
            assert_eq!((&certificate.adapter_type, &certificate.adapter_id), (b"4770    ", b"93AABC01\0\0\0\0"));
            assert_eq!(certificate.boot_count, 1);
        }
    }
}
