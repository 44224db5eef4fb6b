//! A public key of either algorithm.

use sha2::{Digest, Sha256};

use super::{P521PublicKey, RsaPublicKey, SignatureScheme, spki};
use crate::der::{Reader, Writer};
use crate::{DecodeError, SubjectKeyId};

/// The public key of an administrator or of an importer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// On P-521.
    P521(P521PublicKey),
    /// RSA with 2048 to 4096 bits.
    Rsa(RsaPublicKey),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo, 158 bytes for P-521 and 294 for RSA-2048.
    ///
    /// # Errors
    /// When the structure is wrong, the algorithm is another one ([`Fault::Unsupported`](crate::Fault::Unsupported) in
    /// `algorithm`), or the key is impossible.
    pub fn from_spki(der: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("SubjectPublicKeyInfo", der);
        let key = spki::read(&mut reader)?;
        reader.finish("subjectPublicKeyInfo")?;
        Ok(key)
    }

    /// The SubjectPublicKeyInfo, byte for byte what *generate importer key* answers (section 5.9).
    pub fn to_spki(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        spki::write(&mut writer, self);
        writer.into_bytes()
    }

    /// The subject key identifier of an administrator: SHA-256 over the content of the BIT STRING (section 7.4), so
    /// over `04 || X || Y` or `SEQUENCE { n, e }`. Also the recipient that an export names (section 8.2).
    pub fn subject_key_id(&self) -> SubjectKeyId {
        SubjectKeyId(Sha256::digest(self.bits()).into())
    }

    /// The identifier that the SDK computes for an importer key (section 8.2): as [`PublicKey::subject_key_id`], but
    /// over `X || Y` without the `04`.
    pub fn importer_id(&self) -> SubjectKeyId {
        let bits = self.bits();
        let hashed = match self {
            Self::P521(_) => bits.get(1..).unwrap_or_default(),
            Self::Rsa(_) => &bits,
        };
        SubjectKeyId(Sha256::digest(hashed).into())
    }

    /// Whether `signature` is this key's over `message`. A scheme of the other algorithm, and anything malformed, is a
    /// wrong signature.
    #[must_use]
    pub fn verify(&self, scheme: SignatureScheme, message: &[u8], signature: &[u8]) -> bool {
        match (self, scheme) {
            (Self::P521(key), SignatureScheme::EcdsaP521Sha512) => key.verify(message, signature),
            (Self::Rsa(key), SignatureScheme::RsaX931Sha256) => key.verify_x931(message, signature),
            (Self::Rsa(key), SignatureScheme::RsaPkcs1Sha256) => key.verify_pkcs1(message, signature),
            _ => false,
        }
    }

    /// The content of the BIT STRING in the SubjectPublicKeyInfo, without the count of unused bits.
    pub(crate) fn bits(&self) -> Vec<u8> {
        match self {
            Self::P521(key) => key.to_point().to_vec(),
            Self::Rsa(key) => key.to_pkcs1_der(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fault, P521KeyPair, RsaKeyPair, SigningKey};
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn three_g() -> PublicKey {
        PublicKey::P521(P521KeyPair::from_scalar(&[3]).unwrap().public())
    }

    fn rsa() -> RsaKeyPair {
        RsaKeyPair::generate_2048(&mut ChaCha20Rng::seed_from_u64(1))
    }

    #[test]
    fn identifiers_match_the_published_vectors() {
        let id = "d20f65714c3b5aa971fbccf0162898d4d21cf703a67cb9865d3dcd878fbf591e";
        assert_eq!(three_g().subject_key_id().to_string(), id);
        let id = "2fd0b0dfbb0fef4ca56a3ae0de7776bdbf22c84ebc9bcd8c164123e28287e64b";
        assert_eq!(three_g().importer_id().to_string(), id);
    }

    #[test]
    fn the_published_point_is_three_times_the_generator() {
        let point = "0401a73d352443de29195dd91d6a64b5959479b52a6e5b123d9ab9e5ad7a112d7a8dd1ad3f164a3a4832051da6bd16b59fe21baeb490862c32ea05a5919d2ede37ad7d013e9b03b97dfa62ddd9979f86c6cab814f2f1557fa82a9d0317d2f8ab1fa355ceec2e2dd4cf8dc575b02d5aced1dec3c70cf105c9bc93a590425f588ca1ee86c0e5";
        assert_eq!(hex::encode(three_g().bits()), point);
    }

    #[test]
    fn p521_key_info_has_the_published_shape() {
        let spki = three_g().to_spki();
        assert_eq!(spki.len(), 158);
        assert!(hex::encode(&spki).starts_with("30819b301006072a8648ce3d020106052b810400230381860004"));
        assert_eq!(PublicKey::from_spki(&spki), Ok(three_g()));
    }

    #[test]
    fn rsa_key_info_has_the_published_shape() {
        let key = PublicKey::Rsa(rsa().public());
        let spki = key.to_spki();
        assert_eq!((spki.len(), key.bits().len()), (294, 270));
        let head = "30820122300d06092a864886f70d01010105000382010f003082010a0282010100";
        assert!(hex::encode(&spki).starts_with(head));
        assert!(hex::encode(&spki).ends_with("0203010001"));
        assert_eq!(PublicKey::from_spki(&spki).as_ref(), Ok(&key));
        assert_eq!(key.importer_id(), key.subject_key_id());
    }

    #[test]
    fn another_curve_is_unsupported() {
        let mut spki = three_g().to_spki();
        spki[20] = 0x22; // secp384r1
        let error = PublicKey::from_spki(&spki).unwrap_err();
        assert!(matches!((error.field, error.fault), ("algorithm", Fault::Unsupported(_))));
    }

    #[test]
    fn an_error_in_the_point_names_its_offset() {
        let mut spki = three_g().to_spki();
        spki[157] ^= 1;
        let error = PublicKey::from_spki(&spki).unwrap_err();
        assert_eq!((error.field, error.offset, error.fault), ("point", 25, Fault::OutOfRange));
    }

    #[test]
    fn a_scheme_of_the_other_algorithm_never_verifies() {
        let key = SigningKey::P521(P521KeyPair::from_scalar(&[3]).unwrap());
        let signature = key.sign(b"message");
        assert!(key.public().verify(SignatureScheme::EcdsaP521Sha512, b"message", &signature));
        assert!(!key.public().verify(SignatureScheme::RsaX931Sha256, b"message", &signature));
        let public = PublicKey::Rsa(rsa().public());
        assert!(!public.verify(SignatureScheme::EcdsaP521Sha512, b"message", &signature));
    }
}
