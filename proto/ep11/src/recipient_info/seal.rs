//! Encrypts a key part for an importer key.

use std::fmt;

use aes_kw::{KeyInit, KwAes256};
use rand_core::CryptoRng;

use super::{RecipientInfo, kek, recipient_id};
use crate::{KeyPart, P521KeyPair, P521PublicKey, PublicKey};

/// Encrypts `part` for the importer key `to`: a complete RecipientInfo.
///
/// For P-521 it draws an ephemeral key and 40 bytes of keying material from `rng`, in this order; for RSA the padding.
///
/// # Errors
/// When the public-key operation fails, which no supported key lets it do.
pub fn seal_key_part(
    part: &KeyPart,
    to: &PublicKey,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, SealError> {
    match to {
        PublicKey::P521(key) => {
            let ephemeral = P521KeyPair::generate(rng);
            let mut ukm = [0; UKM_SIZE];
            rng.fill_bytes(&mut ukm);
            seal_ecdh(part, key, &ephemeral, &ukm)
        }
        PublicKey::Rsa(key) => {
            let encrypted = key.encrypt_pkcs1(rng, part.expose()).ok_or(SealError)?;
            Ok(RecipientInfo::Rsa { recipient: &recipient_id(to), encrypted: &encrypted }.encode())
        }
    }
}

/// A key part that could not be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealError;

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key part could not be encrypted for the importer key")
    }
}

impl std::error::Error for SealError {}

/// The P-521 form with everything random handed in.
fn seal_ecdh(
    part: &KeyPart,
    to: &P521PublicKey,
    ephemeral: &P521KeyPair,
    ukm: &[u8; UKM_SIZE],
) -> Result<Vec<u8>, SealError> {
    let kek = kek::derive(&ephemeral.agree(to), &kek::shared_info(&kek::WRAP_WITH_NULL, ukm));
    let mut wrapped = [0; WRAPPED_SIZE];
    KwAes256::new((&*kek).into()).wrap_key(part.expose(), &mut wrapped).map_err(|_| SealError)?;
    let info = RecipientInfo::Ecdh {
        ephemeral: &ephemeral.public().to_point(),
        ukm,
        wrap_algorithm: &kek::WRAP_WITH_NULL,
        recipient: &recipient_id(&PublicKey::P521(*to)),
        wrapped: &wrapped,
    };
    Ok(info.encode())
}

/// Size of the keying material that the SDK insists on, in bytes.
const UKM_SIZE: usize = 40;
/// A key part and the integrity block of AES key wrap.
pub(super) const WRAPPED_SIZE: usize = KeyPart::SIZE + 8;

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn counting() -> KeyPart {
        KeyPart::filled_by(|part| *part = std::array::from_fn(|index| index as u8))
    }

    #[test]
    fn recipient_info_matches_the_published_vector() {
        let expected = "30820135020103a08198a1819530819206072a8648ce3d0201038186000400652bf3c52927a432c73dbc3391c04eb0bf7a596efdb53f0d24cf03dab8f177ace4383c0c6d5e3014237112feaf137e79a329d7e1e6d8931738d5ab5096ec8f3078015be6ef1bdd6601d6ec8a2b73114a8112911cd8fe8e872e0051edd817c9a0347087bb6897c9072cf374311540211cf5ff79d1f007257354f7f8173cc3e8deb090cba12a0428000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627301706062b8104010b01300d060960864801650304012d05003050304ea0220420d20f65714c3b5aa971fbccf0162898d4d21cf703a67cb9865d3dcd878fbf591e0428ce65c9dd8c40a3728c8b1d31f5ab8f0cf91fd604fea333e4f674e940f0d4da25c357720e9c552da6";
        let recipient = P521KeyPair::from_scalar(&[3]).unwrap().public();
        let ephemeral = P521KeyPair::from_scalar(&[5]).unwrap();
        let ukm = std::array::from_fn(|index| index as u8);
        assert_eq!(hex::encode(seal_ecdh(&counting(), &recipient, &ephemeral, &ukm).unwrap()), expected);
    }

    #[test]
    fn the_same_randomness_gives_the_same_bytes() {
        let to = PublicKey::P521(P521KeyPair::from_scalar(&[3]).unwrap().public());
        let sealed = |seed| seal_key_part(&counting(), &to, &mut ChaCha20Rng::seed_from_u64(seed)).unwrap();
        assert_eq!(sealed(1), sealed(1));
        assert_ne!(sealed(1), sealed(2));
    }
}
