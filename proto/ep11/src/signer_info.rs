//! SignerInfo: one signature with the identifier of its key (sections 4.7 and 4.8).
//!
//! Administrators sign the encoded xcpAdminBlk and put one SignerInfo after another into the request; a module signs
//! the encoded xcpAdminRspBlk. The structure is that of CMS with the key named by its identifier, and with the
//! signature always last.

use crate::der::{self, Reader, Writer};
use crate::keys::oid;
use crate::{DecodeError, Fault, SignatureScheme, SubjectKeyId};

/// One signature and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignerInfo<'a> {
    /// Which key signed. The identifier rule depends on whose key it is.
    pub ski: SubjectKeyId,
    /// How it signed.
    pub scheme: SignatureScheme,
    /// The signature: `SEQUENCE { r, s }`, or a number as long as the modulus.
    pub signature: &'a [u8],
}

impl<'a> SignerInfo<'a> {
    /// Reads SignerInfos that follow one another without a wrapper, as requests carry them. No bytes are no signatures.
    ///
    /// # Errors
    /// When one of them is malformed or names a pair of algorithms that is none of [`SignatureScheme`]. Absent NULL
    /// parameters are fine.
    pub fn sequence(input: &'a [u8]) -> Result<Vec<Self>, DecodeError> {
        let mut reader = Reader::new(FORMAT, input);
        let mut signers = Vec::new();
        while !reader.is_empty() {
            signers.push(Self::read(&mut reader)?);
        }
        Ok(signers)
    }

    /// Reads the first SignerInfo of `input` and ignores what follows: a module may add one of an algorithm unknown
    /// here.
    pub(crate) fn first(input: &'a [u8]) -> Result<Self, DecodeError> {
        Self::read(&mut Reader::new(FORMAT, input))
    }

    /// The complete SignerInfo: 331 bytes for RSA-2048, about 210 for P-521.
    pub fn encode(&self) -> Vec<u8> {
        let (digest, algorithm) = oids(self.scheme);
        der::sequence(|info| {
            info.unsigned_integer(&[VERSION]).element(der::context(0), self.ski.as_bytes());
            write_algorithm(info, digest);
            write_algorithm(info, algorithm);
            info.octets(self.signature);
        })
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut info = reader.sequence("SignerInfo")?;
        let start = info.clone();
        if info.unsigned_integer("version")? != [VERSION] {
            return Err(start.error("version", Fault::OutOfRange));
        }
        let start = info.clone();
        let ski = info.element("ski", der::context(0))?.content;
        let ski = ski
            .try_into()
            .map(SubjectKeyId)
            .map_err(|_| start.error("ski", Fault::WrongSize { expected: 32, found: ski.len() }))?;
        let start = info.clone();
        let digest = read_algorithm(&mut info, "digestAlgorithm")?;
        let algorithm = read_algorithm(&mut info, "signatureAlgorithm")?;
        let scheme = SCHEMES
            .into_iter()
            .find(|scheme| oids(*scheme) == (digest, algorithm))
            .ok_or_else(|| start.error("signatureAlgorithm", Fault::Unsupported("this pair of algorithms")))?;
        let signature = info.octets("signature")?;
        info.finish("signature")?;
        Ok(Self { ski, scheme, signature })
    }
}

/// The identifier of an AlgorithmIdentifier whose parameters are NULL or absent.
fn read_algorithm<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<&'a [u8], DecodeError> {
    let mut algorithm = reader.sequence(field)?;
    let identifier = algorithm.element(field, der::OID)?.content;
    if !algorithm.is_empty() {
        algorithm.element(field, der::NULL)?;
    }
    algorithm.finish(field)?;
    Ok(identifier)
}

/// An AlgorithmIdentifier with NULL parameters.
fn write_algorithm(writer: &mut Writer, identifier: &[u8]) {
    writer.sequence(|algorithm| {
        algorithm.element(der::OID, identifier).element(der::NULL, &[]);
    });
}

/// The digest algorithm and the signature algorithm that stand for a scheme.
fn oids(scheme: SignatureScheme) -> (&'static [u8], &'static [u8]) {
    match scheme {
        SignatureScheme::EcdsaP521Sha512 => (oid::SHA512, oid::ECDSA_WITH_SHA512),
        SignatureScheme::RsaX931Sha256 => (oid::SHA256, oid::RSA_ENCRYPTION),
        SignatureScheme::RsaPkcs1Sha256 => (oid::SHA256, oid::SHA256_WITH_RSA),
    }
}

const FORMAT: &str = "SignerInfo";
/// The CMS version of SignerInfos that name the key by its identifier.
const VERSION: u8 = 3;
const SCHEMES: [SignatureScheme; 3] =
    [SignatureScheme::EcdsaP521Sha512, SignatureScheme::RsaX931Sha256, SignatureScheme::RsaPkcs1Sha256];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{P521KeyPair, RsaKeyPair, SigningKey};
    use chacha20::ChaCha20Rng;
    use proptest::prelude::*;
    use rand_core::SeedableRng;

    const SKI: SubjectKeyId = SubjectKeyId([0xAB; 32]);

    fn any_scheme() -> impl Strategy<Value = SignatureScheme> {
        prop::sample::select(&SCHEMES)
    }

    #[test]
    fn rsa_form_has_331_bytes() {
        let key = SigningKey::Rsa(RsaKeyPair::generate_2048(&mut ChaCha20Rng::seed_from_u64(1)));
        let encoded = key.signer_info(b"block");
        assert_eq!(encoded.len(), 331);
        assert!(hex::encode(&encoded).starts_with("308201470201038020"));
        let [signer] = SignerInfo::sequence(&encoded).unwrap()[..] else { panic!("one signer") };
        assert_eq!((signer.ski, signer.scheme), (key.public().subject_key_id(), SignatureScheme::RsaX931Sha256));
        assert!(key.public().verify(signer.scheme, b"block", signer.signature));
    }

    #[test]
    fn p521_form_has_the_published_algorithms() {
        let key = SigningKey::P521(P521KeyPair::from_scalar(&[7]).unwrap());
        let encoded = key.signer_info(b"block");
        assert!((208..=211).contains(&encoded.len()));
        assert!(hex::encode(&encoded).contains("300d06096086480165030402030500300c06082a8648ce3d0403040500"));
        let [signer] = SignerInfo::sequence(&encoded).unwrap()[..] else { panic!("one signer") };
        assert!(key.public().verify(signer.scheme, b"block", signer.signature));
    }

    #[test]
    fn absent_null_parameters_are_fine() {
        let text = format!("30400201038020{}300b0609608648016503040203300a06082a8648ce3d0403040400", SKI);
        let encoded = hex::decode(text).unwrap();
        let expected = SignerInfo { ski: SKI, scheme: SignatureScheme::EcdsaP521Sha512, signature: &[] };
        assert_eq!(SignerInfo::sequence(&encoded), Ok(vec![expected]));
    }

    #[test]
    fn no_bytes_are_no_signatures() {
        assert_eq!(SignerInfo::sequence(&[]), Ok(vec![]));
    }

    #[test]
    fn a_digest_of_the_other_algorithm_is_unsupported() {
        let mut encoded = SignerInfo { ski: SKI, scheme: SignatureScheme::RsaX931Sha256, signature: &[1] }.encode();
        let digest = encoded.windows(9).position(|window| window == oid::SHA256).unwrap();
        encoded[digest + 8] = 3; // SHA-512
        let error = SignerInfo::sequence(&encoded).unwrap_err();
        assert!(matches!((error.field, error.fault), ("signatureAlgorithm", Fault::Unsupported(_))));
    }

    #[test]
    fn an_identifier_of_wrong_size_names_its_place() {
        let error = SignerInfo::sequence(&[0x30, 0x07, 2, 1, 3, 0x80, 2, 0, 0]).unwrap_err();
        assert_eq!(error.to_string(), "SignerInfo.ski at byte 5: 2 bytes instead of 32");
    }

    proptest! {
        #[test]
        fn concatenated_signer_infos_read_back(
            schemes in prop::collection::vec(any_scheme(), 0..9),
            skis: [[u8; 32]; 9],
            signature: Vec<u8>,
        ) {
            let signers: Vec<_> = schemes
                .into_iter()
                .zip(skis)
                .map(|(scheme, ski)| SignerInfo { ski: SubjectKeyId(ski), scheme, signature: &signature })
                .collect();
            let encoded: Vec<u8> = signers.iter().flat_map(SignerInfo::encode).collect();
            prop_assert_eq!(SignerInfo::sequence(&encoded).unwrap(), signers);
        }

        #[test]
        fn arbitrary_bytes_do_not_panic(input: Vec<u8>) {
            let _ = SignerInfo::sequence(&input);
        }
    }
}
