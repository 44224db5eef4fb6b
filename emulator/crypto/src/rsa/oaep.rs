//! RSAES-OAEP (RFC 8017, section 7.1).

use rand_core::CryptoRng;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{RsaFault, RsaPrivateKey, RsaPublicKey, mgf};
use crate::hash::Hash;

/// What both sides of an encryption agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OaepParameters<'a> {
    /// The hash function of the label; its size is that of the seed.
    pub hash: Hash,
    /// The hash function in the mask generation function MGF1.
    pub mgf_hash: Hash,
    /// The label, which is often empty.
    pub label: &'a [u8],
}

impl RsaPublicKey {
    /// Encrypts `message` by RSAES-OAEP.
    ///
    /// # Errors
    /// [`RsaFault::Length`] when it is longer than the modulus less two digests and two bytes.
    pub fn encrypt_oaep(
        &self,
        parameters: OaepParameters<'_>,
        message: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, RsaFault> {
        let digest_len = parameters.hash.output_len();
        let zeros = self
            .modulus_len()
            .checked_sub(2 * digest_len + 2)
            .and_then(|room| room.checked_sub(message.len()))
            .ok_or(RsaFault::Length)?;
        let mut seed = Zeroizing::new(vec![0; digest_len]);
        rng.fill_bytes(&mut seed);
        let label_digest = parameters.hash.digest(parameters.label);
        let mut data = Zeroizing::new([&label_digest[..], &vec![0; zeros], &[1], message].concat());
        mgf::mask(parameters.mgf_hash, &seed, &mut data);
        mgf::mask(parameters.mgf_hash, &data, &mut seed);
        self.public_operation(&Zeroizing::new([&[0], &seed[..], &data].concat()))
    }
}

impl RsaPrivateKey {
    /// Decrypts what [`RsaPublicKey::encrypt_oaep`] made with the same parameters.
    ///
    /// # Errors
    /// [`RsaFault::Length`] or [`RsaFault::Range`] when `encrypted` is no number for this key, or the key is too short
    /// for the hash function; [`RsaFault::Padding`] when no message is inside.
    pub fn decrypt_oaep(
        &self,
        parameters: OaepParameters<'_>,
        encrypted: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, RsaFault> {
        let digest_len = parameters.hash.output_len();
        if self.public().modulus_len() < 2 * digest_len + 2 {
            return Err(RsaFault::Length);
        }
        let mut block = self.private_operation(encrypted)?;
        let (first, masked) = block.split_at_mut(1);
        let (seed, data) = masked.split_at_mut(digest_len);
        mgf::mask(parameters.mgf_hash, data, seed);
        mgf::mask(parameters.mgf_hash, seed, data);

        let (label_digest, padded) = data.split_at(digest_len);
        let frame_is_right = first.ct_eq(&[0]) & label_digest.ct_eq(&parameters.hash.digest(parameters.label));
        let (message_start, padding_is_right) = after_padding(padded);
        if !bool::from(frame_is_right & padding_is_right) {
            return Err(RsaFault::Padding);
        }
        let message = padded.get(message_start..).unwrap_or_default();
        Ok(Zeroizing::new(message.to_vec()))
    }
}

/// Where the message starts in `zeros | 01 | message`, and whether it does. Which of the things that can be wrong with
/// the block is wrong must not show in the time, or the sender of many blocks learns the message of one (Manger's
/// attack).
fn after_padding(padded: &[u8]) -> (usize, Choice) {
    let (mut start, mut found, mut only_zeros) = (0_u32, Choice::from(0), Choice::from(1));
    for (end, byte) in (1_u32..).zip(padded) {
        let is_end = byte.ct_eq(&1) & !found;
        start.conditional_assign(&end, is_end);
        found |= is_end;
        only_zeros &= found | byte.ct_eq(&0);
    }
    (start as usize, found & only_zeros)
}

#[cfg(test)]
mod tests {
    use super::super::test_keys::{key_1024, key_2048, rng};
    use super::*;

    const EMPTY: OaepParameters<'static> = OaepParameters { hash: Hash::Sha256, mgf_hash: Hash::Sha256, label: &[] };

    #[test]
    fn every_pair_of_hash_functions_encrypts() {
        let key = key_2048();
        for hash in Hash::ALL {
            for mgf_hash in [Hash::Sha1, Hash::Sha512, hash] {
                let parameters = OaepParameters { hash, mgf_hash, label: b"label" };
                let encrypted = key.public().encrypt_oaep(parameters, b"message", &mut rng(1)).unwrap();
                assert_eq!(&key.decrypt_oaep(parameters, &encrypted).unwrap()[..], b"message");
                let other = OaepParameters { label: b"", ..parameters };
                assert_eq!(key.decrypt_oaep(other, &encrypted).err(), Some(RsaFault::Padding));
            }
        }
    }

    #[test]
    fn messages_are_up_to_two_digests_and_two_bytes_shorter_than_the_modulus() {
        let key = key_1024();
        for size in [0, 1, 62] {
            let encrypted = key.public().encrypt_oaep(EMPTY, &vec![0; size], &mut rng(1)).unwrap();
            assert_eq!(*key.decrypt_oaep(EMPTY, &encrypted).unwrap(), vec![0; size]);
        }
        assert_eq!(key.public().encrypt_oaep(EMPTY, &[0; 63], &mut rng(1)).err(), Some(RsaFault::Length));
        let too_long = OaepParameters { hash: Hash::Sha512, ..EMPTY };
        assert_eq!(key.public().encrypt_oaep(too_long, &[], &mut rng(1)).err(), Some(RsaFault::Length));
        assert_eq!(key.decrypt_oaep(too_long, &[0; 128]).err(), Some(RsaFault::Length));
    }

    #[test]
    fn padding_is_zeros_up_to_a_one() {
        let read = |padded: &[u8]| {
            let (start, right) = after_padding(padded);
            bool::from(right).then_some(start)
        };
        assert_eq!(read(&[0, 0, 1, 5, 6]), Some(3));
        assert_eq!(read(&[1]), Some(1));
        assert_eq!(read(&[0, 1, 1, 0]), Some(2));
        assert_eq!(read(&[0, 2, 1, 5]), None);
        assert_eq!(read(&[0, 0]), None);
        assert_eq!(read(&[]), None);
    }
}
