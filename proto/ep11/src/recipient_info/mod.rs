//! RecipientInfo: one key part encrypted for one crypto unit (sections 8.5 and 8.6).
//!
//! ```text
//! importer key P-521: ephemeral key --ECDH--> Z --X9.63 KDF, SHA-256, SharedInfo--> KEK --AES-256 key wrap--> 40 bytes
//! importer key RSA:   RSAES-PKCS1-v1_5 of the 32 bytes
//! ```
//!
//! [`RecipientInfo`] is the structure, [`seal_key_part`] and [`open_key_part`] are the cryptography on either end. A
//! workstation or an exporting unit seals, the unit with the importer key opens.

mod kek;
mod open;
mod seal;

use crate::der::{self, Reader};
use crate::keys::{oid, spki};
use crate::{DecodeError, Fault, PublicKey};

pub use open::{OpenError, open_key_part};
pub use seal::{SealError, seal_key_part};

/// An encrypted key part as it travels. Decoding checks the structure only: whether the point is on the curve and the
/// sizes are right shows when the part is opened, because each has a reason code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecipientInfo<'a> {
    /// For an importer key on P-521.
    Ecdh {
        /// The sender's ephemeral point, 133 bytes when it is right.
        ephemeral: &'a [u8],
        /// User keying material, 40 random bytes in the SDK.
        ukm: &'a [u8],
        /// The AlgorithmIdentifier of AES-256 key wrap as received: it goes into the key derivation, and senders differ
        /// in its NULL.
        wrap_algorithm: &'a [u8],
        /// The identifier of the importer key in some form. Senders differ, so it decides nothing (section 8.2).
        recipient: &'a [u8],
        /// The wrapped key part, 40 bytes when it is right.
        wrapped: &'a [u8],
    },
    /// For an RSA importer key.
    Rsa {
        /// The identifier of the importer key. It decides nothing.
        recipient: &'a [u8],
        /// The encrypted key part, as long as the modulus when it is right.
        encrypted: &'a [u8],
    },
}

impl<'a> RecipientInfo<'a> {
    /// Reads a complete RecipientInfo.
    ///
    /// # Errors
    /// When the structure is neither form or an algorithm differs.
    pub fn decode(input: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("RecipientInfo", input);
        let mut info = reader.sequence("RecipientInfo")?;
        reader.finish("RecipientInfo")?;
        let start = info.clone();
        let version = info.unsigned_integer("version")?;
        let (decoded, expected) = match info.peek_tag() {
            Some(KEY_IDENTIFIER) => (Self::decode_rsa(&mut info)?, VERSION_RSA),
            _ => (Self::decode_ecdh(&mut info)?, VERSION_ECDH),
        };
        if version != [expected] {
            return Err(start.error("version", Fault::OutOfRange));
        }
        info.finish("RecipientInfo")?;
        Ok(decoded)
    }

    /// The complete RecipientInfo: 313 bytes for P-521, 316 for RSA-2048.
    pub fn encode(&self) -> Vec<u8> {
        match *self {
            Self::Ecdh { ephemeral, ukm, wrap_algorithm, recipient, wrapped } => der::sequence(|info| {
                info.unsigned_integer(&[VERSION_ECDH]);
                info.nested(der::constructed(0), |originator| {
                    originator.nested(der::constructed(1), |key| {
                        key.sequence(|key| {
                            key.element(der::OID, oid::EC_PUBLIC_KEY);
                            spki::write_bit_string(key, ephemeral);
                        });
                    });
                });
                info.nested(der::constructed(1), |material| {
                    material.octets(ukm);
                });
                info.sequence(|algorithm| {
                    algorithm.element(der::OID, oid::STD_DH_SHA256_KDF).raw(wrap_algorithm);
                });
                info.sequence(|keys| {
                    keys.sequence(|key| {
                        key.nested(der::constructed(0), |identifier| {
                            identifier.octets(recipient);
                        });
                        key.octets(wrapped);
                    });
                });
            }),
            Self::Rsa { recipient, encrypted } => der::sequence(|info| {
                info.unsigned_integer(&[VERSION_RSA]).element(KEY_IDENTIFIER, recipient);
                info.sequence(|algorithm| {
                    algorithm.element(der::OID, oid::RSA_ENCRYPTION).element(der::NULL, &[]);
                });
                info.octets(encrypted);
            }),
        }
    }

    fn decode_ecdh(info: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut originator = info.enter("originator", der::constructed(0))?;
        let mut originator_key = originator.enter("originatorKey", der::constructed(1))?;
        let mut key = originator_key.sequence("originatorKey")?;
        read_identifier(&mut key, "originatorKey", oid::EC_PUBLIC_KEY)?;
        let ephemeral = spki::bit_string(&mut key, "ephemeral")?.rest();
        for part in [key, originator_key, originator] {
            part.finish("originator")?;
        }
        let mut material = info.enter("ukm", der::constructed(1))?;
        let start = material.clone();
        let ukm = material.octets("ukm")?;
        if ukm.len() > MAX_UKM {
            return Err(start.error("ukm", Fault::OutOfRange));
        }
        material.finish("ukm")?;
        let mut agreement = info.sequence("keyEncryptionAlgorithm")?;
        read_identifier(&mut agreement, "keyEncryptionAlgorithm", oid::STD_DH_SHA256_KDF)?;
        let wrap_algorithm = agreement.element("keyWrapAlgorithm", der::SEQUENCE)?;
        read_identifier(&mut agreement.inside(wrap_algorithm), "keyWrapAlgorithm", oid::AES256_WRAP)?;
        agreement.finish("keyEncryptionAlgorithm")?;
        let mut keys = info.sequence("recipientEncryptedKeys")?;
        let mut key = keys.sequence("recipientEncryptedKey")?;
        let mut identifier = key.enter("recipient", der::constructed(0))?;
        let recipient = identifier.octets("recipient")?;
        let wrapped = key.octets("encryptedKey")?;
        for part in [identifier, key, keys] {
            part.finish("recipientEncryptedKeys")?;
        }
        Ok(Self::Ecdh { ephemeral, ukm, wrap_algorithm: wrap_algorithm.whole, recipient, wrapped })
    }

    fn decode_rsa(info: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let recipient = info.element("recipient", KEY_IDENTIFIER)?.content;
        let mut algorithm = info.sequence("keyEncryptionAlgorithm")?;
        read_identifier(&mut algorithm, "keyEncryptionAlgorithm", oid::RSA_ENCRYPTION)?;
        let encrypted = info.octets("encryptedKey")?;
        Ok(Self::Rsa { recipient, encrypted })
    }
}

/// The identifier that an export names: that of section 7.4, also for importer keys.
fn recipient_id(key: &PublicKey) -> [u8; 32] {
    key.subject_key_id().0
}

/// Reads an OBJECT IDENTIFIER that must be `expected`.
fn read_identifier(reader: &mut Reader<'_>, field: &'static str, expected: &[u8]) -> Result<(), DecodeError> {
    let start = reader.clone();
    if reader.element(field, der::OID)?.content == expected {
        Ok(())
    } else {
        Err(start.error(field, Fault::Unsupported("another algorithm")))
    }
}

const VERSION_ECDH: u8 = 3;
const VERSION_RSA: u8 = 2;
/// The bare key identifier of the RSA form.
const KEY_IDENTIFIER: u8 = der::context(0);
/// The longest user keying material in bytes that real modules take.
const MAX_UKM: usize = 127;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ecdh<'a>(ephemeral: &'a [u8], ukm: &'a [u8], recipient: &'a [u8], wrapped: &'a [u8]) -> RecipientInfo<'a> {
        RecipientInfo::Ecdh { ephemeral, ukm, wrap_algorithm: &kek::WRAP_WITH_NULL, recipient, wrapped }
    }

    #[test]
    fn both_forms_have_their_published_sizes() {
        assert_eq!(ecdh(&[4; 133], &[0; 40], &[0; 32], &[0; 40]).encode().len(), 313);
        let rsa = RecipientInfo::Rsa { recipient: &[0; 32], encrypted: &[0; 256] }.encode();
        assert_eq!(rsa.len(), 316);
        assert!(hex::encode(&rsa).starts_with("308201380201028020"));
        assert_eq!(hex::encode(&rsa[41..60]), "300d06092a864886f70d010101050004820100");
    }

    #[test]
    fn a_null_less_wrap_algorithm_is_kept_as_received() {
        let info = RecipientInfo::Ecdh {
            ephemeral: &[4; 133],
            ukm: &[0; 40],
            wrap_algorithm: &kek::WRAP_WITHOUT_NULL,
            recipient: &[0; 32],
            wrapped: &[0; 40],
        };
        assert_eq!(RecipientInfo::decode(&info.encode()), Ok(info));
    }

    #[test]
    fn the_version_must_match_the_form() {
        let mut encoded = ecdh(&[4; 133], &[0; 40], &[0; 32], &[0; 40]).encode();
        encoded[6] = 2;
        assert_eq!(RecipientInfo::decode(&encoded).unwrap_err().field, "version");
    }

    #[test]
    fn another_algorithm_is_unsupported() {
        let encoded = ecdh(&[4; 133], &[0; 40], &[0; 32], &[0; 40]).encode();
        for (offset, field) in [(24, "originatorKey"), (215, "keyEncryptionAlgorithm"), (228, "keyWrapAlgorithm")] {
            let mut encoded = encoded.clone();
            encoded[offset] ^= 1;
            let error = RecipientInfo::decode(&encoded).unwrap_err();
            assert!(matches!(error.fault, Fault::Unsupported(_)) && error.field == field, "{offset}: {error}");
        }
    }

    #[test]
    fn user_keying_material_has_at_most_127_bytes() {
        assert!(RecipientInfo::decode(&ecdh(&[], &[0; 127], &[], &[]).encode()).is_ok());
        let error = RecipientInfo::decode(&ecdh(&[], &[0; 128], &[], &[]).encode()).unwrap_err();
        assert_eq!((error.field, error.fault), ("ukm", Fault::OutOfRange));
    }

    proptest! {
        #[test]
        fn ecdh_form_reads_back(
            ephemeral: Vec<u8>,
            ukm in prop::collection::vec(any::<u8>(), 0..=127),
            recipient: Vec<u8>,
            wrapped: Vec<u8>,
        ) {
            let info = ecdh(&ephemeral, &ukm, &recipient, &wrapped);
            let encoded = info.encode();
            prop_assert_eq!(RecipientInfo::decode(&encoded), Ok(info));
        }

        #[test]
        fn rsa_form_reads_back(recipient: Vec<u8>, encrypted: Vec<u8>) {
            let info = RecipientInfo::Rsa { recipient: &recipient, encrypted: &encrypted };
            let encoded = info.encode();
            prop_assert_eq!(RecipientInfo::decode(&encoded), Ok(info));
        }

        #[test]
        fn arbitrary_bytes_do_not_panic(input: Vec<u8>) {
            let _ = RecipientInfo::decode(&input);
        }
    }
}
