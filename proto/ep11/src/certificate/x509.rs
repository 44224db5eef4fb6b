//! Reads of an X.509 certificate what the protocol needs of it (section 7.5), and passes over the rest.

use crate::der::{self, Reader};
use crate::keys::{oid, spki};
use crate::{DecodeError, PublicKey};

/// The parts of a certificate that mean something here.
pub(super) struct X509<'a> {
    /// What the signature covers, as received.
    pub(super) tbs: &'a [u8],
    /// The issuer's common name as received, padding and all.
    pub(super) common_name: Option<&'a [u8]>,
    /// The subject's public key.
    pub(super) key: PublicKey,
    /// The signature, whatever its algorithm.
    pub(super) signature: &'a [u8],
}

impl<'a> X509<'a> {
    /// Reads `input`, a certificate of the kind `format`.
    pub(super) fn decode(format: &'static str, input: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(format, input);
        let mut certificate = reader.sequence("certificate")?;
        reader.finish("certificate")?;
        let tbs = certificate.element("tbsCertificate", der::SEQUENCE)?;
        let (common_name, key) = read_tbs(certificate.inside(tbs))?;
        certificate.sequence("signatureAlgorithm")?;
        let signature = spki::bit_string(&mut certificate, "signature")?.rest();
        certificate.finish("signature")?;
        Ok(Self { tbs: tbs.whole, common_name, key, signature })
    }
}

/// Walks over the part that is signed. What follows the public key does not matter: the server computes identifiers
/// itself.
fn read_tbs(mut tbs: Reader<'_>) -> Result<(Option<&[u8]>, PublicKey), DecodeError> {
    if tbs.peek_tag() == Some(der::constructed(0)) {
        tbs.any("version")?;
    }
    tbs.element("serialNumber", der::INTEGER)?;
    tbs.sequence("signature")?;
    let common_name = read_common_name(tbs.sequence("issuer")?)?;
    tbs.sequence("validity")?;
    tbs.sequence("subject")?;
    Ok((common_name, spki::read(&mut tbs)?))
}

/// The first common name among the sets of attributes of a distinguished name, in any kind of string.
fn read_common_name(mut name: Reader<'_>) -> Result<Option<&[u8]>, DecodeError> {
    while !name.is_empty() {
        let mut set = name.enter("issuer", der::SET)?;
        while !set.is_empty() {
            let mut attribute = set.sequence("issuer")?;
            let kind = attribute.element("issuer", der::OID)?.content;
            let value = attribute.any("issuer")?.content;
            if kind == oid::COMMON_NAME {
                return Ok(Some(value));
            }
        }
    }
    Ok(None)
}
