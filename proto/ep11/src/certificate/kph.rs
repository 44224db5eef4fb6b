//! KPH certificates: the public key of a key part holder, to whom an export is encrypted (section 8.3).
//!
//! The SDK wraps the target unit's importer key into a fixed layout of 309 bytes:
//!
//! | Offset | Size | Content |
//! |---|---|---|
//! | 36 | 1 | `K` |
//! | 37 | 1 + 1 | M and N policy, 1 and 1 |
//! | 40 | 1 | 0, a prime curve |
//! | 41 | 1 | 133, the size of the point |
//! | 42 | 2 | 521, the size of the curve |
//! | 44 | 133 | the point |
//!
//! All else is zero: 36 bytes before, 132 bytes after for a signature that nobody makes.

use super::x509::X509;
use crate::der::{self, Reader};
use crate::{DecodeError, Fault, P521PublicKey, PublicKey};

/// The certificate of a key part holder.
#[derive(Clone, Copy, Debug)]
pub struct KphCertificate;

impl KphCertificate {
    /// Size of the SDK's form in bytes.
    pub const SDK_SIZE: usize = 309;

    /// The public key in a certificate of the SDK's form, of which the signature may be missing, or in an X.509
    /// certificate.
    ///
    /// # Errors
    /// When the input has neither form, or the key is not on P-521 and not RSA with 2048 to 4096 bits.
    pub fn decode(input: &[u8]) -> Result<PublicKey, DecodeError> {
        if input.first() == Some(&der::SEQUENCE) {
            return X509::decode(FORMAT, input).map(|certificate| certificate.key);
        }
        let mut reader = Reader::new(FORMAT, input);
        reader.bytes("reserved", RESERVED)?;
        let start = reader.clone();
        if reader.array("type")? != [KIND] {
            return Err(start.error("type", Fault::OutOfRange));
        }
        reader.bytes("policy", POLICY.len())?;
        let start = reader.clone();
        if reader.array("curve")? != CURVE {
            return Err(start.error("curve", Fault::Unsupported("anything but P-521")));
        }
        let start = reader.clone();
        let point = reader.bytes("point", P521PublicKey::POINT_SIZE)?;
        P521PublicKey::from_point(point).map(PublicKey::P521).map_err(|error| start.error("point", error.fault))
    }

    /// The form that the SDK sends, with M = N = 1 and no signature.
    pub fn encode_sdk(key: &P521PublicKey) -> [u8; Self::SDK_SIZE] {
        let mut certificate = [0; Self::SDK_SIZE];
        let content = [&[KIND][..], &POLICY, &CURVE, &key.to_point()].concat();
        certificate.iter_mut().skip(RESERVED).zip(content).for_each(|(to, from)| *to = from);
        certificate
    }
}

const FORMAT: &str = "KPH certificate";
/// Bytes in front that mean nothing.
const RESERVED: usize = 36;
const KIND: u8 = b'K';
/// M, N and a zero.
const POLICY: [u8; 3] = [1, 1, 0];
/// Prime curve, size of the point, size of the curve in bits.
const CURVE: [u8; 4] = [0, 0x85, 0x02, 0x09];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AdminCertificate, P521KeyPair, RsaKeyPair, SigningKey};
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn key() -> P521PublicKey {
        P521KeyPair::from_scalar(&[3]).unwrap().public()
    }

    #[test]
    fn sdk_form_has_the_published_layout() {
        let certificate = KphCertificate::encode_sdk(&key());
        assert_eq!(certificate[..36], [0; 36]);
        assert_eq!(hex::encode(&certificate[36..44]), "4b01010000850209");
        assert_eq!(certificate[44..177], key().to_point());
        assert_eq!(certificate[177..], [0; 132]);
        assert_eq!(KphCertificate::decode(&certificate), Ok(PublicKey::P521(key())));
    }

    #[test]
    fn policy_reserved_bytes_and_signature_do_not_matter() {
        let mut certificate = KphCertificate::encode_sdk(&key());
        certificate[..36].fill(0xEE);
        certificate[0] = 0x31;
        certificate[37..40].fill(9);
        assert!(KphCertificate::decode(&certificate[..177]).is_ok());
        assert_eq!(KphCertificate::decode(&certificate[..176]).unwrap_err().fault, Fault::Truncated);
    }

    #[test]
    fn another_type_curve_or_point_is_refused() {
        for (offset, field) in [(36, "type"), (40, "curve"), (41, "curve"), (43, "curve"), (176, "point")] {
            let mut certificate = KphCertificate::encode_sdk(&key());
            certificate[offset] ^= 1;
            assert_eq!(KphCertificate::decode(&certificate).unwrap_err().field, field);
        }
    }

    #[test]
    fn x509_certificates_of_both_algorithms_are_taken() {
        let rsa = RsaKeyPair::generate_2048(&mut ChaCha20Rng::seed_from_u64(1));
        for key in [SigningKey::P521(P521KeyPair::from_scalar(&[3]).unwrap()), SigningKey::Rsa(rsa)] {
            let certificate = AdminCertificate::build("holder", &key).unwrap();
            assert_eq!(KphCertificate::decode(&certificate), Ok(key.public()));
        }
    }
}
