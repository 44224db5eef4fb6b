//! Reads a CEX5 certificate and verifies its signature.

use super::super::common::{self, Signature};
use super::layout;
use crate::der::{Element, Reader};
use crate::{DecodeError, Fault, P521PublicKey};

/// A certificate of the CEX5 generation, with the fields that say something. The others are passed over.
///
/// It has no identifiers of keys: the signatures alone make the links of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cex5Certificate {
    /// The name of the key that this certificate holds.
    pub own_name: [u8; 8],
    /// The name of the key that signed it.
    pub parent_name: [u8; 8],
    /// The subject's public key.
    pub key: P521PublicKey,
    /// The public key section as received: what clients keep of the certificate.
    pub key_section: [u8; layout::KEY_SECTION_SIZE],
    /// The serial number of the module.
    pub adapter_id: [u8; 8],
    signed: Vec<u8>,
    signature: Signature,
}

impl Cex5Certificate {
    /// Reads a certificate.
    ///
    /// # Errors
    /// When a part lies outside the certificate, its type is not 1, or the key is not one of P-521.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("CEX5 certificate", input);
        let whole = Element { whole: input, content: input, offset: 0 };
        reader.bytes("names", 4)?;
        let start = reader.clone();
        if reader.u32("type")? != layout::NEW_CERTIFICATE {
            return Err(start.error("type", Fault::Unsupported("anything but type 1")));
        }
        let body = part(&mut reader, whole, "body", layout::BODY_OFFSET_AT)?;
        let signature = part(&mut reader, whole, "signature", layout::SIGNATURE_OFFSET_AT)?;
        let signature = read_signature(reader.inside(signature))?;
        let Body { own_name, parent_name, key, key_section, adapter_id } = read_body(&reader, body)?;
        Ok(Self { own_name, parent_name, key, key_section, adapter_id, signed: body.content.to_vec(), signature })
    }

    /// Whether a root may have signed this certificate: it is that of a device key (section 9.4).
    #[must_use]
    pub fn may_end_a_chain(&self) -> bool {
        let [_, _, _, _, type_high, type_low, index_high, index_low] = self.own_name;
        u16::from_be_bytes([type_high, type_low]) == layout::DEVICE_NAME_TYPE && (index_high, index_low) != (0, 0)
    }

    /// Whether `signer` signed this certificate.
    #[must_use]
    pub fn verify(&self, signer: &P521PublicKey) -> bool {
        signer.verify_fixed(&self.signed, &self.signature)
    }
}

struct Body {
    own_name: [u8; 8],
    parent_name: [u8; 8],
    key: P521PublicKey,
    key_section: [u8; layout::KEY_SECTION_SIZE],
    adapter_id: [u8; 8],
}

fn read_body<'a>(outer: &Reader<'a>, body: Element<'a>) -> Result<Body, DecodeError> {
    let mut reader = outer.inside(body);
    reader.bytes("body", 4)?;
    let start = reader.clone();
    if reader.u32("publicKeyKind")? != layout::ECC {
        return Err(start.error("publicKeyKind", Fault::Unsupported("keys that are not on a curve")));
    }
    let section = part(&mut reader, body, "publicKey", layout::KEY_OFFSET_AT)?;
    part(&mut reader, body, "descriptorA", layout::DESCRIPTOR_A_OFFSET_AT)?;
    part(&mut reader, body, "descriptorB", layout::DESCRIPTOR_B_OFFSET_AT)?;
    reader.bytes("deviceName", 4)?;
    let adapter_id = reader.array("adapterId")?;
    reader.bytes("deviceName", 8)?;
    let own_name = reader.array("ownName")?;
    reader.u32("keyType")?;
    let parent_name = reader.array("parentName")?;
    let (key_section, key) = read_key(outer.inside(section))?;
    Ok(Body { own_name, parent_name, key, key_section, adapter_id })
}

fn read_key(mut reader: Reader<'_>) -> Result<([u8; layout::KEY_SECTION_SIZE], P521PublicKey), DecodeError> {
    let (expected, found) = (layout::KEY_SECTION_SIZE, reader.rest().len());
    let section = reader.rest().try_into();
    let section = section.map_err(|_| reader.error("publicKey", Fault::WrongSize { expected, found }))?;
    reader.bytes("publicKey", 20)?;
    let start = reader.clone();
    let [curve_type, _] = reader.array("curve")?;
    let (bits, size) = (reader.array("curve")?, reader.array("curve")?);
    let curve = (curve_type, u16::from_be_bytes(bits), u16::from_be_bytes(size));
    if curve != (layout::PRIME_CURVE, layout::CURVE_BITS, layout::POINT_SIZE) {
        return Err(start.error("curve", Fault::Unsupported("anything but a point on P-521")));
    }
    let key = P521PublicKey::from_point(reader.rest()).map_err(|error| reader.error("point", error.fault))?;
    Ok((section, key))
}

fn read_signature(mut reader: Reader<'_>) -> Result<Signature, DecodeError> {
    let (expected, found) = (layout::SIGNATURE_SIZE, reader.rest().len());
    if found != expected {
        return Err(reader.error("signature", Fault::WrongSize { expected, found }));
    }
    reader.bytes("signature", 8)?;
    common::read_signature(&mut reader, 0)
}

/// The part of `whole` that the next two fields, an offset and a length, describe. The offset counts from the field that
/// holds it, which stands at `at`.
fn part<'a>(
    reader: &mut Reader<'a>,
    whole: Element<'a>,
    field: &'static str,
    at: usize,
) -> Result<Element<'a>, DecodeError> {
    let truncated = reader.error(field, Fault::Truncated);
    let (offset, length) = (reader.u32(field)? as usize, reader.u32(field)? as usize);
    let start = at.checked_add(offset);
    let end = start.and_then(|start| start.checked_add(length));
    let range = start.zip(end).and_then(|(start, end)| Some((start, whole.content.get(start..end)?)));
    let (start, content) = range.ok_or(truncated)?;
    Ok(Element { whole: content, content, offset: whole.offset + start })
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
        issue(&OaCertificateSpec::for_tests(), key, &subject, &root())
    }

    fn fault(certificate: &[u8]) -> (&'static str, Fault) {
        let error = Cex5Certificate::decode(certificate).unwrap_err();
        (error.field, error.fault)
    }

    #[test]
    fn every_byte_of_the_body_counts() {
        let certificate = issued(OaKey::Epoch);
        for offset in 52..283 {
            let mut damaged = certificate.clone();
            damaged[offset] ^= 0x40;
            let verified = Cex5Certificate::decode(&damaged).is_ok_and(|damaged| damaged.verify(&root().public()));
            assert!(!verified, "byte {offset}");
        }
    }

    #[test]
    fn a_chain_ends_at_device_keys_alone() {
        assert!(Cex5Certificate::decode(&issued(OaKey::Device)).unwrap().may_end_a_chain());
        assert!(!Cex5Certificate::decode(&issued(OaKey::Epoch)).unwrap().may_end_a_chain());
        let mut unnumbered = issued(OaKey::Device);
        unnumbered[52 + 59] = 0;
        assert!(!Cex5Certificate::decode(&unnumbered).unwrap().may_end_a_chain());
    }

    #[test]
    fn parts_are_found_by_their_offsets() {
        let certificate = issued(OaKey::Epoch);
        // Four bytes between header and body, four between body and signature.
        let mut moved =
            [&certificate[..52], &[0xAA; 4], &certificate[52..283], &[0xBB; 4], &certificate[283..]].concat();
        moved[11] += 4;
        moved[18..20].copy_from_slice(&(267_u16 + 8).to_be_bytes());
        let read = |bytes| Cex5Certificate::decode(bytes).unwrap();
        assert_eq!(read(&moved), read(&certificate));
    }

    #[test]
    fn parts_outside_the_certificate_are_named() {
        for (at, field) in [
            (8, "body"),
            (12, "body"),
            (16, "signature"),
            (20, "signature"),
            (60, "publicKey"),
            (64, "publicKey"),
            (68, "descriptorA"),
            (76, "descriptorB"),
        ] {
            let mut certificate = issued(OaKey::Epoch);
            certificate[at..at + 4].copy_from_slice(&[0xFF; 4]);
            assert_eq!(fault(&certificate), (field, Fault::Truncated), "byte {at}");
        }
    }

    #[test]
    fn rsa_keys_and_other_curves_are_unsupported() {
        for (at, value, field) in [(7, 0, "type"), (59, 0, "publicKeyKind"), (144, 1, "curve"), (147, 8, "curve")] {
            let mut certificate = issued(OaKey::Epoch);
            certificate[at] = value;
            let (found, fault) = fault(&certificate);
            assert!(found == field && matches!(fault, Fault::Unsupported(_)), "{found}: {fault}");
        }
        let mut short = issued(OaKey::Epoch);
        short[67] = 158;
        assert_eq!(fault(&short), ("publicKey", Fault::WrongSize { expected: 159, found: 158 }));
    }

    #[test]
    fn nothing_may_be_missing() {
        let certificate = issued(OaKey::Epoch);
        for length in 0..certificate.len() {
            assert!(Cex5Certificate::decode(&certificate[..length]).is_err(), "{length} bytes");
        }
    }
}
