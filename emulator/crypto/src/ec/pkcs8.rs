//! PrivateKeyInfo: PKCS #8 (RFC 5208 and RFC 5958) around an ECPrivateKey (RFC 5915) or a CurvePrivateKey (RFC 8410).

use zeroize::Zeroizing;

use super::spki::{Form, algorithm, read_algorithm};
use super::{Curve, PrivateKey};
use crate::der::{self, Reader};

/// The INTEGER 0, the version of a PrivateKeyInfo.
const VERSION_0: &[u8] = b"\x02\x01\x00";
/// The INTEGER 1, the version of an ECPrivateKey.
const VERSION_1: &[u8] = b"\x02\x01\x01";

impl PrivateKey {
    /// The PrivateKeyInfo: version 0, the algorithm ecPublicKey with the curve as its parameter, and an ECPrivateKey of
    /// version 1, the private key at full length and the public key.
    ///
    /// It has this form for every curve, Ed25519, Ed448, X25519 and X448 too, with the key or seed as it is.
    pub fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        let secret = der::element(der::OCTET_STRING, &[self.expose_bytes()]);
        let public = der::element(der::BIT_STRING, &[&[0], self.public().as_bytes()]);
        let public = der::element(der::constructed(1), &[&public]);
        let key = der::element(der::SEQUENCE, &[VERSION_1, &secret, &public]);
        let key = der::element(der::OCTET_STRING, &[&key]);
        der::element(der::SEQUENCE, &[VERSION_0, &algorithm(self.curve()), &key])
    }

    /// Reads a PrivateKeyInfo, with nothing after it.
    ///
    /// Besides what [`PrivateKey::to_pkcs8_der`] writes, the ECPrivateKey may name its curve and may lack the public key,
    /// keys on the curves of RFC 8410 may have its form, and attributes may follow. A public key that comes along is not
    /// compared, for the private one decides. `None` when the structure is wrong, the curve is unknown or named
    /// differently in two places, or the key is none on it.
    pub fn from_pkcs8_der(der: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(der);
        let mut info = reader.enter(der::SEQUENCE)?;
        reader.finish()?;
        let version = info.element(der::INTEGER)?;
        if !matches!(version, [0 | 1]) {
            return None;
        }
        let (curve, form) = read_algorithm(&mut info)?;
        let mut key = Reader::new(info.element(der::OCTET_STRING)?);
        info.element(der::constructed(0)); // attributes
        info.element(der::primitive(1)); // the public key, in version 1
        info.finish()?;
        let secret = match form {
            Form::EcPublicKey => ec_private_key(&mut key, curve)?,
            Form::Rfc8410 => key.element(der::OCTET_STRING)?,
        };
        key.finish()?;
        Self::from_bytes(curve, secret)
    }
}

/// The private key inside an ECPrivateKey, which may not name another curve.
fn ec_private_key<'a>(reader: &mut Reader<'a>, curve: Curve) -> Option<&'a [u8]> {
    let mut key = reader.enter(der::SEQUENCE)?;
    if key.element(der::INTEGER)? != [1] {
        return None;
    }
    let secret = key.element(der::OCTET_STRING)?;
    if key.element(der::constructed(0)).is_some_and(|named| named != curve.object_identifier()) {
        return None;
    }
    if let Some(mut public) = key.enter(der::constructed(1)) {
        public.bit_string()?;
        public.finish()?;
    }
    key.finish()?;
    Some(secret)
}
