//! Makes CEX5 certificates.

use super::super::{OaCertificateSpec, OaKey};
use super::layout;
use crate::der::Writer;
use crate::{P521KeyPair, P521PublicKey};

/// The certificate of `subject`, signed by `signer`. 423 bytes; names and numbers of keys follow from `key`.
pub(in crate::oa) fn issue(
    spec: &OaCertificateSpec,
    key: OaKey,
    subject: &P521PublicKey,
    signer: &P521KeyPair,
) -> Vec<u8> {
    let names = Names::of(key);
    let mut body = Writer::new();
    write_body(&mut body, spec, &names, subject);
    let body = body.into_bytes();
    let mut certificate = Writer::new();
    write_header(&mut certificate, &names);
    certificate.raw(&body).raw(&UNUSED[..8]).raw(&signer.sign_fixed(&body));
    certificate.into_bytes()
}

/// The names of a key and of its parent.
struct Names {
    own: [u8; 8],
    parent: [u8; 8],
}

impl Names {
    /// Values that clients were seen to take (section 9.4).
    fn of(key: OaKey) -> Self {
        let device = name(layout::DEVICE_NAME_TYPE, 1);
        match key {
            OaKey::Epoch => Names { own: name(layout::EPOCH_NAME_TYPE, 2), parent: device },
            OaKey::Device => Names { own: device, parent: name(layout::DEVICE_NAME_TYPE, 0) },
        }
    }
}

fn name(kind: u16, index: u16) -> [u8; 8] {
    let ([kind_high, kind_low], [index_high, index_low]) = (kind.to_be_bytes(), index.to_be_bytes());
    [0, 0, 0, 0, kind_high, kind_low, index_high, index_low]
}

fn write_header(certificate: &mut Writer, names: &Names) {
    certificate.raw(&[STRUCTURE, VERSION, 0, 0]);
    numbers(certificate, &[layout::NEW_CERTIFICATE]);
    part(certificate, layout::BODY_OFFSET_AT, layout::HEADER_SIZE, layout::BODY_SIZE);
    let signature = layout::HEADER_SIZE + layout::BODY_SIZE;
    part(certificate, layout::SIGNATURE_OFFSET_AT, signature, layout::SIGNATURE_SIZE);
    numbers(certificate, &[SIGNATURE_TYPE]);
    certificate.raw(&names.own);
    numbers(certificate, &[KEY_TYPE, KEY_STATUS]);
    certificate.raw(&names.parent);
}

fn write_body(body: &mut Writer, spec: &OaCertificateSpec, names: &Names, subject: &P521PublicKey) {
    body.raw(&[STRUCTURE, VERSION, 0, 0]);
    numbers(body, &[layout::ECC]);
    part(body, layout::KEY_OFFSET_AT, layout::BODY_FIELDS_SIZE, layout::KEY_SECTION_SIZE);
    // Real certificates describe the software there; what they say is not public.
    part(body, layout::DESCRIPTOR_A_OFFSET_AT, layout::BODY_SIZE, 0);
    part(body, layout::DESCRIPTOR_B_OFFSET_AT, layout::BODY_SIZE, 0);
    body.raw(&[STRUCTURE, VERSION, 0, 0]).raw(spec.serial.as_bytes()).raw(&UNUSED[..8]);
    body.raw(&names.own);
    numbers(body, &[KEY_TYPE]);
    body.raw(&names.parent);
    body.raw(&UNUSED).raw(&[layout::PRIME_CURVE, 0]);
    body.raw(&layout::CURVE_BITS.to_be_bytes()).raw(&layout::POINT_SIZE.to_be_bytes()).raw(&subject.to_point());
}

/// Where a part starts, counted from this field at `at`, and its length. All of them are the small constants of the
/// layout.
fn part(writer: &mut Writer, at: usize, start: usize, length: usize) {
    numbers(writer, &[(start - at) as u32, length as u32]);
}

fn numbers(writer: &mut Writer, numbers: &[u32]) {
    for number in numbers {
        writer.raw(&number.to_be_bytes());
    }
}

/// Names and versions of the structures. The real ones are not public; no client reads them. The first byte must not be
/// that of OA2.
const STRUCTURE: u8 = 0;
const VERSION: u8 = 0;
/// Not public either.
const SIGNATURE_TYPE: u32 = 0;
const KEY_TYPE: u32 = 0;
const KEY_STATUS: u32 = 0;
/// Bytes without meaning.
const UNUSED: [u8; 20] = [0; 20];

#[cfg(test)]
mod tests {
    use super::super::Cex5Certificate;
    use super::*;

    fn issued(key: OaKey) -> Vec<u8> {
        let (subject, signer) = (P521KeyPair::from_scalar(&[7]).unwrap(), P521KeyPair::from_scalar(&[11]).unwrap());
        issue(&OaCertificateSpec::for_tests(), key, &subject.public(), &signer)
    }

    #[test]
    fn layout_is_that_of_the_specification() {
        let certificate = issued(OaKey::Epoch);
        let at = |start: usize, size: usize| hex::encode(&certificate[start..start + size]);
        assert_eq!(certificate.len(), 423);
        // Type 1; the body at 8 + 44, the signature at 16 + 267.
        assert_eq!(at(4, 20), "000000010000002c000000e70000010b0000008c");
        assert_eq!((at(28, 8), at(44, 8)), ("0000000090010002".to_owned(), "0000000090000001".to_owned()));
        // The body: an ECC key at 8 + 64, empty descriptors at its end.
        assert_eq!(at(56, 12), "00000002000000400000009f");
        assert_eq!(at(68, 16), "000000d700000000000000cf00000000");
        assert_eq!(&certificate[88..96], b"93AABC01");
        assert_eq!((at(104, 8), at(116, 8)), ("0000000090010002".to_owned(), "0000000090000001".to_owned()));
        // The public key section.
        assert_eq!(at(124 + 20, 6), "000002090085");
        let subject = P521KeyPair::from_scalar(&[7]).unwrap().public();
        assert_eq!(certificate[124 + 26..124 + 159], subject.to_point());
        assert_eq!(at(283, 8), "0000000000000000");
        let root = P521KeyPair::from_scalar(&[11]).unwrap().public();
        let signature: [u8; 132] = certificate[291..].try_into().unwrap();
        assert!(root.verify_fixed(&certificate[52..283], &signature));
    }

    #[test]
    fn keys_have_the_names_that_clients_were_seen_to_take() {
        let names = |key| {
            let certificate = Cex5Certificate::decode(&issued(key)).unwrap();
            [certificate.own_name, certificate.parent_name].map(hex::encode)
        };
        assert_eq!(names(OaKey::Epoch), ["0000000090010002", "0000000090000001"]);
        assert_eq!(names(OaKey::Device), ["0000000090000001", "0000000090000000"]);
    }
}
