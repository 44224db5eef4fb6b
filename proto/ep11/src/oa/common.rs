//! What the layouts share: values of fields that are not public, and the pieces that OA2 and OA3 have alike.

use crate::der::{self, Reader, Writer};
use crate::keys::{oid, spki};
use crate::{DecodeError, Fault, P521PublicKey, PublicKey, SerialNumber};

/// `r` and `s` of 66 bytes each, whatever their value.
pub(super) type Signature = [u8; 2 * HALF];

/// Size of the SubjectPublicKeyInfo of a P-521 key, in bytes.
pub(super) const SPKI_SIZE: usize = 158;
/// Size of the auxiliary data without padding, in bytes.
pub(super) const AUXILIARY_SIZE: usize = 83;

/// The serial number and padding, as OA2 and OA3 name the adapter.
pub(super) fn adapter_id(serial: SerialNumber) -> [u8; 12] {
    let mut id = [0; 12];
    id.iter_mut().zip(serial.as_bytes()).for_each(|(to, from)| *to = *from);
    id
}

/// The auxiliary data. The real values are not public; no client reads them.
pub(super) fn write_auxiliary_data(certificate: &mut Writer) {
    certificate.sequence(|data| {
        data.octets(&[AUXILIARY_VERSION]).octets(&SEGMENT_HASH);
        data.octets_u32(OWNER_2).octets_u32(OWNER_3);
    });
}

/// The identifier of an algorithm, without the NULL that other formats have.
pub(super) fn write_algorithm(writer: &mut Writer, algorithm: &[u8]) {
    writer.sequence(|identifier| {
        identifier.element(der::OID, algorithm);
    });
}

/// The algorithm and the value of an ECDSA signature. The integers are not minimal.
pub(super) fn write_signature(info: &mut Writer, signature: &Signature) {
    let (r, s) = signature.split_at(HALF);
    write_algorithm(info, oid::ECDSA_WITH_SHA512);
    info.nested(der::OCTET_STRING, |value| {
        value.sequence(|pair| {
            pair.element(der::INTEGER, r).element(der::INTEGER, s);
        });
    });
}

/// Reads a SubjectPublicKeyInfo, which has to be one of P-521.
pub(super) fn read_spki(reader: &mut Reader<'_>) -> Result<P521PublicKey, DecodeError> {
    let start = reader.clone();
    match spki::read(reader)? {
        PublicKey::P521(key) if reader.offset() - start.offset() == SPKI_SIZE => Ok(key),
        _ => Err(start.error("spki", Fault::Unsupported("anything but a P-521 key of 158 bytes"))),
    }
}

/// Reads `r` and `s` with `between` bytes between them.
pub(super) fn read_signature(reader: &mut Reader<'_>, between: usize) -> Result<Signature, DecodeError> {
    let r: [u8; HALF] = reader.array("r")?;
    reader.bytes("signature", between)?;
    let s: [u8; HALF] = reader.array("s")?;
    let mut signature = [0; 2 * HALF];
    signature.iter_mut().zip(r.into_iter().chain(s)).for_each(|(to, from)| *to = from);
    Ok(signature)
}

/// Version of every object in a certificate.
pub(super) const OBJECT_VERSION: u32 = 1;
/// No certificate here is a root's.
pub(super) const NOT_A_ROOT: u8 = 0;
pub(super) const TRUST_BITS: u8 = 0;
pub(super) const ALGORITHM_ID: u32 = 1;
pub(super) const SOURCE_CONFIGURATION: [u8; 32] = [0; 32];
pub(super) const SIGNER_INFO_VERSION: u8 = 3;

const AUXILIARY_VERSION: u8 = 1;
const SEGMENT_HASH: [u8; 64] = [0; 64];
/// Owner identifiers of segments 2 and 3.
const OWNER_2: u32 = 2;
const OWNER_3: u32 = 6;
/// Size of `r` and of `s` in bytes.
const HALF: usize = 66;
