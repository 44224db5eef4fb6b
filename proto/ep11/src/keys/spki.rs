//! SubjectPublicKeyInfo: how a public key stands in certificates and in the answer to *generate importer key* (section
//! 5.9).

use super::{P521PublicKey, PublicKey, RsaPublicKey, oid};
use crate::der::{self, Reader, Writer};
use crate::{DecodeError, Fault};

/// Reads the SubjectPublicKeyInfo that comes next.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<PublicKey, DecodeError> {
    let mut info = reader.sequence("subjectPublicKeyInfo")?;
    let mut algorithm = info.sequence("algorithm")?;
    let kind = algorithm.element("algorithm", der::OID)?.content;
    let curve = match algorithm.peek_tag() {
        Some(der::OID) => Some(algorithm.element("namedCurve", der::OID)?.content),
        _ => None,
    };
    let unsupported = info.error("algorithm", Fault::Unsupported("anything but P-521 and RSA"));
    let key = bit_string(&mut info, "subjectPublicKey")?;
    info.finish("subjectPublicKeyInfo")?;
    match (kind, curve) {
        (oid::EC_PUBLIC_KEY, Some(oid::SECP521R1)) => {
            P521PublicKey::from_point(key.rest()).map(PublicKey::P521).map_err(|error| key.error("point", error.fault))
        }
        (oid::RSA_ENCRYPTION, _) => read_rsa(key).map(PublicKey::Rsa),
        _ => Err(unsupported),
    }
}

/// Writes the SubjectPublicKeyInfo of `key`.
pub(crate) fn write(writer: &mut Writer, key: &PublicKey) {
    writer.sequence(|info| {
        info.sequence(|algorithm| match key {
            PublicKey::P521(_) => {
                algorithm.element(der::OID, oid::EC_PUBLIC_KEY).element(der::OID, oid::SECP521R1);
            }
            PublicKey::Rsa(_) => {
                algorithm.element(der::OID, oid::RSA_ENCRYPTION).element(der::NULL, &[]);
            }
        });
        write_bit_string(info, &key.bits());
    });
}

/// A reader of the next element, a BIT STRING of whole bytes, behind its count of unused bits.
pub(crate) fn bit_string<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<Reader<'a>, DecodeError> {
    let mut content = reader.enter(field, der::BIT_STRING)?;
    let [unused] = content.array(field)?;
    if unused != 0 {
        return Err(content.error(field, Fault::Unsupported("unused bits")));
    }
    Ok(content)
}

/// Writes a BIT STRING of whole bytes.
pub(crate) fn write_bit_string(writer: &mut Writer, bytes: &[u8]) {
    writer.nested(der::BIT_STRING, |bits| {
        bits.raw(&[0]).raw(bytes);
    });
}

/// `SEQUENCE { INTEGER n, INTEGER e }`.
fn read_rsa(mut bits: Reader<'_>) -> Result<RsaPublicKey, DecodeError> {
    let mut key = bits.sequence("RSAPublicKey")?;
    bits.finish("RSAPublicKey")?;
    let start = key.clone();
    let modulus = key.unsigned_integer("modulus")?;
    let exponent = key.unsigned_integer("publicExponent")?;
    key.finish("publicExponent")?;
    RsaPublicKey::from_components(modulus, exponent).map_err(|error| start.error(error.field, error.fault))
}
