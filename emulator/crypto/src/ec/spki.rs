//! SubjectPublicKeyInfo: how a public key stands in certificates (RFC 5280, section 4.1.2.7, and RFC 5480).

use super::{Curve, PublicKey};
use crate::der::{self, Reader};

/// The object identifier ecPublicKey, 1.2.840.10045.2.1, as a DER element.
const EC_PUBLIC_KEY: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";

impl PublicKey {
    /// The SubjectPublicKeyInfo: the algorithm ecPublicKey with the curve as its parameter, and the key in a BIT STRING.
    ///
    /// It has this form for every curve, Ed25519, Ed448, X25519 and X448 too, whose form in RFC 8410 is another.
    pub fn to_spki_der(&self) -> Vec<u8> {
        let key = der::element(der::BIT_STRING, &[&[0], self.as_bytes()]);
        der::element(der::SEQUENCE, &[&algorithm(self.curve()), &key]).to_vec()
    }

    /// Reads a SubjectPublicKeyInfo, with nothing after it.
    ///
    /// Keys on the curves of RFC 8410 are also taken in its form, with the curve as the algorithm. `None` when the
    /// structure is wrong, the curve is unknown or the key is none on it.
    pub fn from_spki_der(der: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(der);
        let mut info = reader.enter(der::SEQUENCE)?;
        reader.finish()?;
        let (curve, _) = read_algorithm(&mut info)?;
        let key = info.bit_string()?;
        info.finish()?;
        Self::from_bytes(curve, key)
    }
}

/// The length of the SEQUENCE in front of `bytes`, such as a SubjectPublicKeyInfo with something after it, with tag and
/// length. `None` when it is not there as a whole.
pub fn spki_length(bytes: &[u8]) -> Option<usize> {
    Reader::new(bytes).whole_element(der::SEQUENCE).map(<[u8]>::len)
}

/// Which of the two ways an AlgorithmIdentifier names a curve.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The curve is the parameter of ecPublicKey.
    EcPublicKey,
    /// The curve is the algorithm (RFC 8410, section 3).
    Rfc8410,
}

/// The AlgorithmIdentifier of keys on this curve.
pub(super) fn algorithm(curve: Curve) -> Vec<u8> {
    der::element(der::SEQUENCE, &[EC_PUBLIC_KEY, curve.object_identifier()]).to_vec()
}

/// Reads the AlgorithmIdentifier that comes next.
pub(super) fn read_algorithm(reader: &mut Reader<'_>) -> Option<(Curve, Form)> {
    let mut identifier = reader.enter(der::SEQUENCE)?;
    let algorithm = identifier.whole_element(der::OBJECT_IDENTIFIER)?;
    let found = if algorithm == EC_PUBLIC_KEY {
        let curve = identifier.whole_element(der::OBJECT_IDENTIFIER)?;
        (Curve::from_object_identifier(curve)?, Form::EcPublicKey)
    } else {
        let curve = Curve::from_object_identifier(algorithm)?;
        let allowed = matches!(curve, Curve::X25519 | Curve::X448 | Curve::Ed25519 | Curve::Ed448);
        (curve, allowed.then_some(Form::Rfc8410)?)
    };
    identifier.finish()?;
    Some(found)
}
