//! Decrypts a key part with the importer key.

use std::fmt;

use aes_kw::{KeyInit, KwAes256};

use super::seal::WRAPPED_SIZE;
use super::{RecipientInfo, kek};
use crate::keys::RsaDecryptError;
use crate::{ImporterKey, KeyPart, P521KeyPair, P521PublicKey};

/// Decrypts the key part in `info` with `key`. The recipient that `info` names decides nothing (section 8.2).
///
/// Senders on P-521 differ in the NULL of the key derivation, so this tries with it, without it, and the bytes as
/// received; the integrity check of the key wrap says which was right.
///
/// # Errors
/// One variant for each way to fail that has a reason code.
pub fn open_key_part(info: &RecipientInfo<'_>, key: &ImporterKey) -> Result<KeyPart, OpenError> {
    match (*info, key) {
        (RecipientInfo::Ecdh { ephemeral, ukm, wrap_algorithm, wrapped, .. }, ImporterKey::P521(key)) => {
            open_ecdh(key, ephemeral, ukm, wrap_algorithm, wrapped)
        }
        (RecipientInfo::Rsa { encrypted, .. }, ImporterKey::Rsa(key)) => {
            let message = key.decrypt_pkcs1(encrypted).map_err(|error| match error {
                RsaDecryptError::Size => OpenError::Size,
                RsaDecryptError::Padding => OpenError::Rsa,
            })?;
            let message: &[u8; KeyPart::SIZE] = message.as_slice().try_into().map_err(|_| OpenError::PartSize)?;
            Ok(KeyPart::filled_by(|part| *part = *message))
        }
        _ => Err(OpenError::KeyMismatch),
    }
}

/// Why a key part does not open. The numbers are reason codes beside return code 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenError {
    /// 23: the RSA decryption gave no message.
    Rsa,
    /// 24: the encrypted part has the wrong size.
    Size,
    /// 25: the sender's point is not on the curve.
    Point,
    /// 27: the integrity check of the key wrap failed.
    Unwrap,
    /// 28: the recovered part has not 32 bytes.
    PartSize,
    /// The form is for the other algorithm than the importer key's.
    KeyMismatch,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa => "the RSA decryption of the key part failed",
            Self::Size => "the encrypted key part has the wrong size",
            Self::Point => "the sender's public point is not on P-521",
            Self::Unwrap => "the key part was wrapped under another key",
            Self::PartSize => "the recovered key part has not 32 bytes",
            Self::KeyMismatch => "the key part was encrypted for another kind of importer key",
        })
    }
}

impl std::error::Error for OpenError {}

fn open_ecdh(
    key: &P521KeyPair,
    ephemeral: &[u8],
    ukm: &[u8],
    received: &[u8],
    wrapped: &[u8],
) -> Result<KeyPart, OpenError> {
    if wrapped.len() != WRAPPED_SIZE {
        return Err(OpenError::Size);
    }
    let ephemeral = P521PublicKey::from_point(ephemeral).map_err(|_| OpenError::Point)?;
    let secret = key.agree(&ephemeral);
    [&kek::WRAP_WITH_NULL[..], &kek::WRAP_WITHOUT_NULL, received]
        .into_iter()
        .find_map(|wrap_algorithm| {
            let kek = kek::derive(&secret, &kek::shared_info(wrap_algorithm, ukm));
            let cipher = KwAes256::new((&*kek).into());
            KeyPart::try_filled_by(|part| cipher.unwrap_key(wrapped, part).map(|_| ())).ok()
        })
        .ok_or(OpenError::Unwrap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImporterKeyType, PublicKey, seal_key_part};
    use chacha20::ChaCha20Rng;
    use proptest::prelude::*;
    use rand_core::SeedableRng;

    fn rng(seed: u64) -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(seed)
    }

    fn importer(kind: ImporterKeyType) -> ImporterKey {
        ImporterKey::generate(kind, &mut rng(1))
    }

    fn counting() -> KeyPart {
        KeyPart::filled_by(|part| *part = std::array::from_fn(|index| index as u8))
    }

    /// A part sealed for scalar 3 with ephemeral scalar 5, whose derivation used `derived_with` and whose structure
    /// says `sent`.
    fn sealed_with(derived_with: &[u8], sent: &[u8]) -> Vec<u8> {
        let ephemeral = P521KeyPair::from_scalar(&[5]).unwrap();
        let recipient = P521KeyPair::from_scalar(&[3]).unwrap().public();
        let kek = kek::derive(&ephemeral.agree(&recipient), &kek::shared_info(derived_with, &[9; 40]));
        let mut wrapped = [0; WRAPPED_SIZE];
        KwAes256::new((&*kek).into()).wrap_key(counting().expose(), &mut wrapped).unwrap();
        let ephemeral = &ephemeral.public().to_point();
        RecipientInfo::Ecdh { ephemeral, ukm: &[9; 40], wrap_algorithm: sent, recipient: &[], wrapped: &wrapped }
            .encode()
    }

    fn scalar_3() -> ImporterKey {
        ImporterKey::P521(P521KeyPair::from_scalar(&[3]).unwrap())
    }

    fn opened(info: &[u8], key: &ImporterKey) -> Result<KeyPart, OpenError> {
        open_key_part(&RecipientInfo::decode(info).unwrap(), key)
    }

    #[test]
    fn a_sealed_part_opens_for_both_types() {
        for kind in [ImporterKeyType::P521, ImporterKeyType::Rsa2048] {
            let key = importer(kind);
            let sealed = seal_key_part(&counting(), &key.public(), &mut rng(2)).unwrap();
            assert!(opened(&sealed, &key).is_ok_and(|part| part.ct_eq(&counting())), "{kind:?}");
        }
    }

    #[test]
    fn every_form_of_shared_info_opens() {
        // NULL as a non-minimal element: only the bytes as received open this one.
        let odd = [&[0x30, 0x81, 0x0D][..], &kek::WRAP_WITH_NULL[2..]].concat();
        for derived_with in [&kek::WRAP_WITH_NULL[..], &kek::WRAP_WITHOUT_NULL] {
            for sent in [&kek::WRAP_WITH_NULL[..], &kek::WRAP_WITHOUT_NULL] {
                assert!(opened(&sealed_with(derived_with, sent), &scalar_3()).is_ok());
            }
        }
        assert!(opened(&sealed_with(&odd, &odd), &scalar_3()).is_ok());
        let error = opened(&sealed_with(&odd, &kek::WRAP_WITH_NULL), &scalar_3()).err();
        assert_eq!(error, Some(OpenError::Unwrap));
    }

    #[test]
    fn each_failure_has_its_own_error() {
        let key = scalar_3();
        let sealed = seal_key_part(&counting(), &key.public(), &mut rng(2)).unwrap();
        let RecipientInfo::Ecdh { ephemeral, ukm, wrap_algorithm, recipient, wrapped } =
            RecipientInfo::decode(&sealed).unwrap()
        else {
            panic!("the P-521 form")
        };
        let open = |ephemeral, wrapped| {
            let info = RecipientInfo::Ecdh { ephemeral, ukm, wrap_algorithm, recipient, wrapped };
            open_key_part(&info, &key).err()
        };
        assert_eq!(open(ephemeral, wrapped), None);
        assert_eq!(open(ephemeral, &wrapped[8..]), Some(OpenError::Size));
        assert_eq!(open(&[4; 133], wrapped), Some(OpenError::Point));
        assert_eq!(open(&ephemeral[1..], wrapped), Some(OpenError::Point));
        assert_eq!(open(ephemeral, &[0; 40]), Some(OpenError::Unwrap));
        let rsa = importer(ImporterKeyType::Rsa2048);
        assert_eq!(opened(&sealed, &rsa).err(), Some(OpenError::KeyMismatch));
    }

    #[test]
    fn each_rsa_failure_has_its_own_error() {
        let key = importer(ImporterKeyType::Rsa2048);
        let PublicKey::Rsa(public) = key.public() else { panic!("an RSA key") };
        let open = |encrypted: &[u8]| open_key_part(&RecipientInfo::Rsa { recipient: &[], encrypted }, &key).err();
        assert_eq!(open(&public.encrypt_pkcs1(&mut rng(2), &[1; 32]).unwrap()), None);
        assert_eq!(open(&public.encrypt_pkcs1(&mut rng(2), &[1; 31]).unwrap()), Some(OpenError::PartSize));
        assert_eq!(open(&[1; 255]), Some(OpenError::Size));
        assert_eq!(open(&[1; 256]), Some(OpenError::Rsa));
        let info = RecipientInfo::Rsa { recipient: &[], encrypted: &[1; 256] };
        assert_eq!(open_key_part(&info, &scalar_3()).err(), Some(OpenError::KeyMismatch));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn any_part_opens_only_undamaged(bytes: [u8; 32], seed: u64, byte in 273_usize..313, bit in 0_u8..8) {
            let part = KeyPart::filled_by(|part| *part = bytes);
            let key = scalar_3();
            let mut sealed = seal_key_part(&part, &key.public(), &mut rng(seed)).unwrap();
            prop_assert!(opened(&sealed, &key).is_ok_and(|opened| opened.ct_eq(&part)));
            sealed[byte] ^= 1 << bit;
            prop_assert_eq!(opened(&sealed, &key).err(), Some(OpenError::Unwrap));
        }
    }
}
