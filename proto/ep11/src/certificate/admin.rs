//! Administrator certificates (section 7).
//!
//! They look like X.509 with every choice fixed: the SDK reads back only the exact shape that it makes, so
//! [`AdminCertificate::build`] makes it byte for byte, and units return certificates as they were installed.
//! [`AdminCertificate::decode`] takes ordinary X.509 as well, as real modules do.

use std::fmt;

use super::SelfSignature;
use super::x509::X509;
use crate::der::{self, Writer};
use crate::keys::{oid, spki};
use crate::{DecodeError, PublicKey, SigningKey};

/// What a crypto unit takes from an administrator certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminCertificate {
    /// The administrator's name: the issuer's common name without blanks around it, or the identifier in hex when there
    /// is none.
    pub name: String,
    /// The administrator's public key. [`PublicKey::subject_key_id`] is the administrator's identifier, whatever the
    /// certificate says itself.
    pub key: PublicKey,
    /// What the certificate's own signature covers.
    pub self_signature: SelfSignature,
}

impl AdminCertificate {
    /// The longest name in bytes. Shorter ones are padded with blanks to this size.
    pub const NAME_SIZE: usize = 30;

    /// Reads a certificate of the SDK's shape or an ordinary X.509 certificate. A wrong self-signature is no error.
    ///
    /// # Errors
    /// When the structure is not that of X.509; in `algorithm` with [`Fault::Unsupported`](crate::Fault::Unsupported)
    /// when the key is neither on P-521 nor RSA, in `modulus` with the same fault when it has fewer than 2048 or more
    /// than 4096 bits.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let certificate = X509::decode(FORMAT, input)?;
        let self_signature = SelfSignature::classify(&certificate);
        Ok(Self { name: name(&certificate), key: certificate.key, self_signature })
    }

    /// Name and key alone, without a look at the certificate's own signature: for whoever does not act on it. Looking
    /// costs up to three verifications.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode).
    pub fn name_and_key(input: &[u8]) -> Result<(String, PublicKey), DecodeError> {
        let certificate = X509::decode(FORMAT, input)?;
        Ok((name(&certificate), certificate.key))
    }

    /// The certificate that the SDK makes from a key file: 567 to 569 bytes for P-521, 824 for RSA-2048.
    ///
    /// With RSA the signature covers the empty message, as the SDK's does ([`SelfSignature::EmptyMessage`]).
    ///
    /// # Errors
    /// When `name` has more than 30 bytes.
    pub fn build(name: &str, key: &SigningKey) -> Result<Vec<u8>, NameError> {
        let unsigned = Self::unsigned(name, &key.public())?;
        let signature = match key {
            SigningKey::P521(_) => key.sign(unsigned.tbs()),
            SigningKey::Rsa(_) => key.sign(&[]),
        };
        Ok(unsigned.signed(&signature))
    }

    /// The certificate before its own signature, for a key that is elsewhere.
    ///
    /// # Errors
    /// When `name` has more than 30 bytes.
    pub fn unsigned(name: &str, key: &PublicKey) -> Result<UnsignedAdminCertificate, NameError> {
        let padding = Self::NAME_SIZE
            .checked_sub(name.len())
            .ok_or_else(|| NameError { size: name.len(), characters: name.chars().count() })?;
        let name = [name.as_bytes(), &vec![b' '; padding]].concat();
        Ok(UnsignedAdminCertificate { tbs: der::sequence(|tbs| write_tbs(tbs, &name, key)), key: key.clone() })
    }
}

/// An administrator certificate before its own signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedAdminCertificate {
    tbs: Vec<u8>,
    key: PublicKey,
}

impl UnsignedAdminCertificate {
    /// The bytes to be signed: TBSCertificate.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// The whole certificate with this signature, which is not looked at.
    #[must_use]
    pub fn signed(&self, signature: &[u8]) -> Vec<u8> {
        der::sequence(|certificate| {
            certificate.raw(&self.tbs);
            write_algorithm(certificate, &self.key);
            spki::write_bit_string(certificate, signature);
        })
    }
}

/// A name that does not fit into an administrator certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError {
    /// Its size in bytes of UTF-8.
    pub size: usize,
    /// How many characters these are.
    pub characters: usize,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "administrator names have at most {} bytes, not {}", AdminCertificate::NAME_SIZE, self.size)
    }
}

impl std::error::Error for NameError {}

/// The issuer's common name without blanks around it, or the identifier in hex when there is none.
fn name(certificate: &X509<'_>) -> String {
    let name = certificate.common_name.map(|name| String::from_utf8_lossy(name).trim_matches(' ').to_owned());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| certificate.key.subject_key_id().to_string())
}

fn write_tbs(tbs: &mut Writer, name: &[u8], key: &PublicKey) {
    tbs.nested(der::constructed(0), |version| {
        version.unsigned_integer(&[VERSION_3]);
    });
    tbs.unsigned_integer(&[SERIAL_NUMBER]);
    write_algorithm(tbs, key);
    write_name(tbs, name);
    tbs.sequence(|validity| {
        validity.element(GENERALIZED_TIME, NOT_BEFORE).element(GENERALIZED_TIME, NOT_AFTER);
    });
    write_name(tbs, name);
    spki::write(tbs, key);
    tbs.nested(der::constructed(3), |explicit| {
        explicit.sequence(|extensions| {
            extensions.sequence(|extension| {
                extension.element(der::OID, oid::SUBJECT_KEY_IDENTIFIER).nested(der::OCTET_STRING, |value| {
                    value.octets(key.subject_key_id().as_bytes());
                });
            });
        });
    });
}

/// The signature algorithm, without parameters in both cases.
fn write_algorithm(writer: &mut Writer, key: &PublicKey) {
    let identifier = match key {
        PublicKey::P521(_) => oid::ECDSA_WITH_SHA512,
        PublicKey::Rsa(_) => oid::SHA256_WITH_RSA,
    };
    writer.sequence(|algorithm| {
        algorithm.element(der::OID, identifier);
    });
}

/// Issuer or subject: the organisational unit and the common name, each in a set of its own.
fn write_name(writer: &mut Writer, common_name: &[u8]) {
    writer.sequence(|name| {
        for (kind, value) in [(oid::ORGANIZATIONAL_UNIT, ORGANIZATIONAL_UNIT), (oid::COMMON_NAME, common_name)] {
            name.nested(der::SET, |set| {
                set.sequence(|attribute| {
                    attribute.element(der::OID, kind).element(PRINTABLE_STRING, value);
                });
            });
        }
    });
}

const FORMAT: &str = "administrator certificate";
const VERSION_3: u8 = 2;
const SERIAL_NUMBER: u8 = 0;
const ORGANIZATIONAL_UNIT: &[u8] = b"TKE Administration";
const NOT_BEFORE: &[u8] = b"20000101000000Z";
const NOT_AFTER: &[u8] = b"21001231235959Z";
/// The tag of both strings, whatever characters they have.
const PRINTABLE_STRING: u8 = 0x13;
const GENERALIZED_TIME: u8 = 0x18;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fault, P521KeyPair, RsaKeyPair};
    use chacha20::ChaCha20Rng;
    use proptest::prelude::*;
    use rand_core::SeedableRng;
    use sha2::{Digest, Sha512};

    fn p521() -> SigningKey {
        SigningKey::P521(P521KeyPair::from_scalar(&[3]).unwrap())
    }

    fn rsa() -> SigningKey {
        SigningKey::Rsa(RsaKeyPair::generate_2048(&mut ChaCha20Rng::seed_from_u64(1)))
    }

    /// The certificate of `p521` with a signature over `message` in place of its own.
    fn signed_over(message: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let built = AdminCertificate::build("admin", &p521()).unwrap();
        let tbs = &built[4..][..409];
        let signature = p521().sign(&message(tbs));
        der::sequence(|certificate| {
            certificate.raw(tbs);
            write_algorithm(certificate, &p521().public());
            spki::write_bit_string(certificate, &signature);
        })
    }

    #[test]
    fn p521_certificate_has_the_published_layout() {
        let built = AdminCertificate::build("admin", &p521()).unwrap();
        assert!((567..=569).contains(&built.len()), "{}", built.len());
        let tbs = &built[4..];
        let at = |start: usize, end: usize| hex::encode(&tbs[start..end]);
        assert_eq!(at(0, 24), "30820195a003020102020100300a06082a8648ce3d040304");
        assert_eq!(at(24, 37), "3046311b3019060355040b1312");
        assert_eq!(&tbs[37..55], b"TKE Administration");
        assert_eq!(at(55, 66), "312730250603550403131e");
        assert_eq!(&tbs[66..96], b"admin                         ");
        assert_eq!(&tbs[96..132], b"\x30\x22\x18\x0f20000101000000Z\x18\x0f21001231235959Z");
        assert_eq!(&tbs[174..204], b"admin                         ");
        assert_eq!(&tbs[204..362], &p521().public().to_spki());
        assert_eq!(at(362, 377), "a32d302b30290603551d0e04220420");
        assert_eq!(at(377, 409), p521().public().subject_key_id().to_string());
        assert_eq!(at(409, 421), "300a06082a8648ce3d040304");
    }

    #[test]
    fn rsa_certificate_has_the_published_layout() {
        let (key, name) = (rsa(), "an administrator with 30 bytes");
        let built = AdminCertificate::build(name, &key).unwrap();
        assert_eq!(built.len(), 824);
        let tbs = &built[4..];
        let at = |start: usize, end: usize| hex::encode(&tbs[start..end]);
        assert_eq!(at(0, 25), "3082021ea003020102020100300b06092a864886f70d01010b");
        assert_eq!((&tbs[67..97], &tbs[175..205]), (name.as_bytes(), name.as_bytes()));
        assert_eq!(&tbs[205..499], &key.public().to_spki());
        assert_eq!(at(499, 514), "a32d302b30290603551d0e04220420");
        assert_eq!(at(546, 564), "300b06092a864886f70d01010b0382010100");
    }

    #[test]
    fn each_producer_is_recognised_by_its_signature() {
        let classified = |certificate: &[u8]| AdminCertificate::decode(certificate).unwrap().self_signature;
        assert_eq!(classified(&AdminCertificate::build("a", &p521()).unwrap()), SelfSignature::Tbs);
        assert_eq!(classified(&AdminCertificate::build("a", &rsa()).unwrap()), SelfSignature::EmptyMessage);
        assert_eq!(classified(&signed_over(|tbs| Sha512::digest(tbs).to_vec())), SelfSignature::DoubleHashed);
        assert_eq!(classified(&signed_over(|_| b"something else".to_vec())), SelfSignature::Invalid);
    }

    #[test]
    fn a_name_of_31_bytes_is_refused() {
        let error = AdminCertificate::build(&"n".repeat(31), &p521()).unwrap_err();
        assert_eq!(error.to_string(), "administrator names have at most 30 bytes, not 31");
    }

    #[test]
    fn a_blank_name_falls_back_to_the_identifier() {
        let built = AdminCertificate::build("   ", &p521()).unwrap();
        let decoded = AdminCertificate::decode(&built).unwrap();
        assert_eq!(decoded.name, p521().public().subject_key_id().to_string());
    }

    #[test]
    fn an_ordinary_x509_certificate_is_taken() {
        let key = p521();
        let tbs = der::sequence(|tbs| {
            tbs.unsigned_integer(&[0x12, 0x34]);
            write_algorithm(tbs, &key.public());
            tbs.sequence(|issuer| {
                issuer.nested(der::SET, |set| {
                    set.sequence(|attribute| {
                        attribute.element(der::OID, oid::COMMON_NAME).element(0x0C, "Zoë".as_bytes());
                    });
                });
            });
            tbs.sequence(|_| {}).sequence(|_| {});
            spki::write(tbs, &key.public());
        });
        let certificate = der::sequence(|certificate| {
            certificate.raw(&tbs);
            write_algorithm(certificate, &key.public());
            spki::write_bit_string(certificate, &key.sign(&tbs));
        });
        let decoded = AdminCertificate::decode(&certificate).unwrap();
        assert_eq!((decoded.name.as_str(), decoded.self_signature), ("Zoë", SelfSignature::Tbs));
        assert_eq!(decoded.key, key.public());
    }

    #[test]
    fn an_unsupported_key_is_told_apart_from_a_broken_certificate() {
        let mut built = AdminCertificate::build("admin", &p521()).unwrap();
        built[4 + 224] = 0x22; // the curve becomes secp384r1
        let error = AdminCertificate::decode(&built).unwrap_err();
        assert!(matches!((error.field, &error.fault), ("algorithm", Fault::Unsupported(_))), "{error}");
        assert_eq!(AdminCertificate::decode(&built[..400]).unwrap_err().fault, Fault::Truncated);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn a_built_certificate_reads_back(name in "[a-zA-Z0-9._-]{1,30}") {
            let built = AdminCertificate::build(&name, &p521()).unwrap();
            prop_assert_eq!(AdminCertificate::name_and_key(&built).unwrap(), (name.clone(), p521().public()));
            let expected = AdminCertificate { name, key: p521().public(), self_signature: SelfSignature::Tbs };
            prop_assert_eq!(AdminCertificate::decode(&built).unwrap(), expected);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_do_not_panic(input: Vec<u8>) {
            let _ = AdminCertificate::decode(&input);
        }
    }
}
