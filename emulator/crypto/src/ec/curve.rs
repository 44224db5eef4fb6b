//! The curves and what is fixed about each.

/// An elliptic curve by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-192 (secp192r1).
    P192,
    /// NIST P-224 (secp224r1).
    P224,
    /// NIST P-256 (secp256r1).
    P256,
    /// NIST P-384 (secp384r1).
    P384,
    /// NIST P-521 (secp521r1).
    P521,
    /// secp256k1, SEC 2.
    Secp256k1,
    /// brainpoolP160r1, RFC 5639.
    Bp160R,
    /// brainpoolP160t1, RFC 5639.
    Bp160T,
    /// brainpoolP192r1, RFC 5639.
    Bp192R,
    /// brainpoolP192t1, RFC 5639.
    Bp192T,
    /// brainpoolP224r1, RFC 5639.
    Bp224R,
    /// brainpoolP224t1, RFC 5639.
    Bp224T,
    /// brainpoolP256r1, RFC 5639.
    Bp256R,
    /// brainpoolP256t1, RFC 5639.
    Bp256T,
    /// brainpoolP320r1, RFC 5639.
    Bp320R,
    /// brainpoolP320t1, RFC 5639.
    Bp320T,
    /// brainpoolP384r1, RFC 5639.
    Bp384R,
    /// brainpoolP384t1, RFC 5639.
    Bp384T,
    /// brainpoolP512r1, RFC 5639.
    Bp512R,
    /// brainpoolP512t1, RFC 5639.
    Bp512T,
    /// Curve25519 for key agreement, RFC 7748.
    X25519,
    /// Curve448 for key agreement, RFC 7748.
    X448,
    /// edwards25519 for signatures, RFC 8032.
    Ed25519,
    /// edwards448 for signatures, RFC 8032.
    Ed448,
}

/// The form of a curve's equation, which decides what its keys look like and what they can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// y² = x³ + ax + b over a prime field, of prime order: ECDSA and ECDH.
    Weierstrass,
    /// by² = x³ + ax² + x: the functions X25519 and X448.
    Montgomery,
    /// ax² + y² = 1 + dx²y²: EdDSA.
    Edwards,
}

/// What is fixed about a curve.
struct Constants {
    name: &'static str,
    object_identifier: &'static [u8],
    family: Family,
    field_length: usize,
    order_bits: usize,
}

impl Curve {
    /// Every curve.
    pub const ALL: [Self; 24] = [
        Self::P192,
        Self::P224,
        Self::P256,
        Self::P384,
        Self::P521,
        Self::Secp256k1,
        Self::Bp160R,
        Self::Bp160T,
        Self::Bp192R,
        Self::Bp192T,
        Self::Bp224R,
        Self::Bp224T,
        Self::Bp256R,
        Self::Bp256T,
        Self::Bp320R,
        Self::Bp320T,
        Self::Bp384R,
        Self::Bp384T,
        Self::Bp512R,
        Self::Bp512T,
        Self::X25519,
        Self::X448,
        Self::Ed25519,
        Self::Ed448,
    ];

    /// The curve whose object identifier this is, as a DER element with tag and length and nothing after it.
    pub fn from_object_identifier(der: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.object_identifier() == der)
    }

    /// The curve with this [name](Curve::name). Upper and lower case differ.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.name().as_bytes() == name)
    }

    /// The name: `P-256`, `BP-256R`, `SECP256K1`, `curve25519`, `x448`, `ed25519`, `ed448` and so on.
    pub fn name(self) -> &'static str {
        self.constants().name
    }

    /// The object identifier as a DER element, tag and length included.
    pub fn object_identifier(self) -> &'static [u8] {
        self.constants().object_identifier
    }

    /// The form of the equation.
    pub fn family(self) -> Family {
        self.constants().family
    }

    /// The bytes of one coordinate: 20 to 66.
    pub fn field_length(self) -> usize {
        self.constants().field_length
    }

    /// The bits of the order of the base point.
    pub fn order_bits(self) -> usize {
        self.constants().order_bits
    }

    /// The bytes of a private key: as many as the order has on a Weierstrass curve, otherwise as many as a public key.
    pub fn private_key_length(self) -> usize {
        match self.family() {
            Family::Weierstrass => self.order_bits().div_ceil(8),
            Family::Montgomery | Family::Edwards => self.public_key_length(),
        }
    }

    /// The bytes of a public key: an uncompressed point on a Weierstrass curve; 32 for Curve25519, 56 for X448 and 57 for
    /// Ed448, which has a byte for the sign alone.
    pub fn public_key_length(self) -> usize {
        match self {
            Self::Ed448 => self.field_length() + 1,
            Self::X25519 | Self::X448 | Self::Ed25519 => self.field_length(),
            _ => 1 + 2 * self.field_length(),
        }
    }

    /// The bytes of an ECDSA or EdDSA signature, two numbers as long as a private key; none for key agreement.
    pub fn signature_length(self) -> Option<usize> {
        (self.family() != Family::Montgomery).then(|| 2 * self.private_key_length())
    }

    fn constants(self) -> Constants {
        use Family::{Edwards, Montgomery, Weierstrass};
        let (name, object_identifier, family, field_length, order_bits): (_, &[u8], _, _, _) = match self {
            Self::P192 => ("P-192", b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x01", Weierstrass, 24, 192),
            Self::P224 => ("P-224", b"\x06\x05\x2b\x81\x04\x00\x21", Weierstrass, 28, 224),
            Self::P256 => ("P-256", b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", Weierstrass, 32, 256),
            Self::P384 => ("P-384", b"\x06\x05\x2b\x81\x04\x00\x22", Weierstrass, 48, 384),
            Self::P521 => ("P-521", b"\x06\x05\x2b\x81\x04\x00\x23", Weierstrass, 66, 521),
            Self::Secp256k1 => ("SECP256K1", b"\x06\x05\x2b\x81\x04\x00\x0a", Weierstrass, 32, 256),
            Self::Bp160R => ("BP-160R", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x01", Weierstrass, 20, 160),
            Self::Bp160T => ("BP-160T", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x02", Weierstrass, 20, 160),
            Self::Bp192R => ("BP-192R", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x03", Weierstrass, 24, 192),
            Self::Bp192T => ("BP-192T", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x04", Weierstrass, 24, 192),
            Self::Bp224R => ("BP-224R", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x05", Weierstrass, 28, 224),
            Self::Bp224T => ("BP-224T", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x06", Weierstrass, 28, 224),
            Self::Bp256R => ("BP-256R", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x07", Weierstrass, 32, 256),
            Self::Bp256T => ("BP-256T", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x08", Weierstrass, 32, 256),
            Self::Bp320R => ("BP-320R", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x09", Weierstrass, 40, 320),
            Self::Bp320T => ("BP-320T", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x0a", Weierstrass, 40, 320),
            Self::Bp384R => ("BP-384R", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x0b", Weierstrass, 48, 384),
            Self::Bp384T => ("BP-384T", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x0c", Weierstrass, 48, 384),
            Self::Bp512R => ("BP-512R", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x0d", Weierstrass, 64, 512),
            Self::Bp512T => ("BP-512T", b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x0e", Weierstrass, 64, 512),
            Self::X25519 => ("curve25519", b"\x06\x03\x2b\x65\x6e", Montgomery, 32, 253),
            Self::X448 => ("x448", b"\x06\x03\x2b\x65\x6f", Montgomery, 56, 446),
            Self::Ed25519 => ("ed25519", b"\x06\x03\x2b\x65\x70", Edwards, 32, 253),
            Self::Ed448 => ("ed448", b"\x06\x03\x2b\x65\x71", Edwards, 56, 446),
        };
        Constants { name, object_identifier, family, field_length, order_bits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_is_found_by_its_identifiers() {
        for curve in Curve::ALL {
            assert_eq!(Curve::from_name(curve.name().as_bytes()), Some(curve));
            assert_eq!(Curve::from_object_identifier(curve.object_identifier()), Some(curve));
            let length = usize::from(curve.object_identifier()[1]);
            assert_eq!(curve.object_identifier().len(), 2 + length);
        }
    }

    #[test]
    fn names_and_identifiers_are_taken_as_they_are() {
        for name in [b"p-256".as_slice(), b"X448", b"ED25519", b"secp256k1", b"P-256 ", b""] {
            assert_eq!(Curve::from_name(name), None);
        }
        let longer = [Curve::P256.object_identifier(), &[0]].concat();
        assert_eq!(Curve::from_object_identifier(&longer), None);
        assert_eq!(Curve::from_object_identifier(&longer[..longer.len() - 2]), None);
    }

    #[test]
    fn lengths_are_those_of_the_standards() {
        let lengths = |curve: Curve| (curve.private_key_length(), curve.public_key_length(), curve.signature_length());
        assert_eq!(lengths(Curve::P521), (66, 133, Some(132)));
        assert_eq!(lengths(Curve::Bp160T), (20, 41, Some(40)));
        assert_eq!(lengths(Curve::Ed25519), (32, 32, Some(64)));
        assert_eq!(lengths(Curve::Ed448), (57, 57, Some(114)));
        assert_eq!(lengths(Curve::X25519), (32, 32, None));
        assert_eq!(lengths(Curve::X448), (56, 56, None));
    }
}
