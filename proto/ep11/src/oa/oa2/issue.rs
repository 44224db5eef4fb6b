//! Makes OA2 certificates.

use super::super::OaCertificateSpec;
use super::super::common::{
    ALGORITHM_ID, NOT_A_ROOT, OBJECT_VERSION, SIGNER_INFO_VERSION, SOURCE_CONFIGURATION, Signature, TRUST_BITS,
    adapter_id, write_algorithm, write_auxiliary_data, write_signature,
};
use super::layout;
use crate::der::{self, Writer};
use crate::keys::oid;
use crate::{P521KeyPair, P521PublicKey, PublicKey, SubjectKeyId};

/// The certificate of `subject`, signed by `signer`: 672 bytes, the same form for every key.
pub(in crate::oa) fn issue(
    spec: &OaCertificateSpec,
    subject: &P521PublicKey,
    signer: &P521KeyPair,
    signer_id: SubjectKeyId,
) -> Vec<u8> {
    let mut certificate = Writer::new();
    write_header(&mut certificate);
    certificate.raw(&ALGORITHM_ID.to_be_bytes()).raw(&[0; layout::INFO_PAD]);
    write_metadata(&mut certificate, spec, subject.oa_key_id(), signer_id);
    write_auxiliary_data(&mut certificate);
    certificate.raw(&[0; layout::AUXILIARY_PAD]);
    certificate.raw(&PublicKey::P521(*subject).to_spki()).raw(&[0; layout::SPKI_PAD]);
    let signed = certificate.into_bytes();
    let signature = signer.sign_fixed(&signed);
    let mut certificate = Writer::new();
    certificate.raw(&signed);
    write_signer_info(&mut certificate, signer_id, &signature);
    certificate.raw(&[0; layout::SIGNER_PAD]);
    certificate.into_bytes()
}

fn write_metadata(certificate: &mut Writer, spec: &OaCertificateSpec, subject: SubjectKeyId, signer: SubjectKeyId) {
    certificate.sequence(|metadata| {
        metadata.octets_u32(OBJECT_VERSION);
        metadata.octets(&[NOT_A_ROOT, TRUST_BITS, spec.issuing_segment, spec.subject_segment]);
        metadata.octets(&spec.adapter_type);
        metadata.octets(&adapter_id(spec.serial));
        metadata.octets(&SOURCE_CONFIGURATION);
        metadata.octets_u32(spec.boot_count);
        metadata.octets_u32(spec.key_type);
        metadata.octets(subject.as_bytes());
        metadata.octets(signer.as_bytes());
        metadata.octets(&spec.signing_time);
        metadata.octets(&[]);
    });
    certificate.raw(&[0; layout::METADATA_PAD]);
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

/// Like a SignerInfo, except that the algorithms have no NULL and the integers are not minimal.
fn write_signer_info(certificate: &mut Writer, signer: SubjectKeyId, signature: &Signature) {
    certificate.sequence(|info| {
        info.unsigned_integer(&[SIGNER_INFO_VERSION]).element(der::context(0), signer.as_bytes());
        write_algorithm(info, oid::SHA512);
        write_signature(info, signature);
    });
}

#[cfg(test)]
mod tests {
    use super::super::Oa2Certificate;
    use super::*;

    #[test]
    fn layout_is_that_of_the_specification() {
        let (subject, signer) = (P521KeyPair::from_scalar(&[7]).unwrap(), P521KeyPair::from_scalar(&[11]).unwrap());
        let id = signer.public().oa_key_id();
        let certificate = issue(&OaCertificateSpec::for_tests(), &subject.public(), &signer, id);
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
        let certificate = issue(&OaCertificateSpec::for_tests(), &subject.public(), &signer, id);
        let decoded = Oa2Certificate::decode(&certificate).unwrap();
        assert_eq!(
            (decoded.subject, decoded.signer, decoded.key),
            (subject.public().oa_key_id(), id, subject.public())
        );
        assert_eq!((&decoded.adapter_type, &decoded.adapter_id), (b"4769    ", b"93AABC01\0\0\0\0"));
        assert_eq!(decoded.boot_count, 1);
        assert!(decoded.verify(&signer.public()));
    }
}
