//! RSASSA-PSS (RFC 8017, section 8.1) over digests.

use rand_core::CryptoRng;

use super::{RsaFault, RsaPrivateKey, RsaPublicKey, mgf};
use crate::hash::Hash;

/// What both sides of a signature agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PssParameters {
    /// The hash function of the message, and of the frame.
    pub hash: Hash,
    /// The hash function in the mask generation function MGF1.
    pub mgf_hash: Hash,
    /// Size of the salt in bytes; often that of a digest. Zero makes equal signatures of equal digests.
    pub salt_len: usize,
}

impl RsaPrivateKey {
    /// Signs `digest` by RSASSA-PSS.
    ///
    /// # Errors
    /// [`RsaFault::Length`] when `digest` does not have the size of the hash function, or the modulus is too short for
    /// digest and salt.
    pub fn sign_pss(
        &self,
        parameters: PssParameters,
        digest: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, RsaFault> {
        if parameters.salt_len > self.public().modulus_len() {
            return Err(RsaFault::Length);
        }
        let mut salt = vec![0; parameters.salt_len];
        rng.fill_bytes(&mut salt);
        let frame = frame(self.public(), parameters, digest, &salt).ok_or(RsaFault::Length)?;
        Ok(self.private_operation(&frame)?.to_vec())
    }
}

impl RsaPublicKey {
    /// Whether `signature` is this key's over `digest` by RSASSA-PSS.
    #[must_use]
    pub fn verify_pss(&self, parameters: PssParameters, digest: &[u8], signature: &[u8]) -> bool {
        // With the salt, the whole frame follows from the digest: what differs from it anywhere is wrong.
        let Ok(signed) = self.public_operation(signature) else { return false };
        let salt = salt_in(&signed, self, parameters);
        salt.and_then(|salt| frame(self, parameters, digest, &salt)).is_some_and(|frame| frame == signed)
    }
}

/// The last byte of every frame.
const TRAILER: u8 = 0xBC;

/// The frame, as long as the modulus of `key`: `masked(zeros | 01 | salt) | digest of (zeros, digest, salt) | BC`. `None`
/// when digest and salt do not fit.
fn frame(key: &RsaPublicKey, parameters: PssParameters, digest: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
    let digest_len = parameters.hash.output_len();
    // Frames have one bit less than the modulus, which can be a byte less.
    let frame_bits = key.modulus_bits() - 1;
    let data_len = frame_bits.div_ceil(8).checked_sub(digest_len + 1)?;
    let zeros = data_len.checked_sub(1)?.checked_sub(salt.len())?;
    if digest.len() != digest_len {
        return None;
    }
    let mut state = parameters.hash.start();
    state.update(&[0; 8]);
    state.update(digest);
    state.update(salt);
    let seed = state.finish();
    let mut data = [&vec![0; zeros], &[1][..], salt].concat();
    mgf::mask(parameters.mgf_hash, &seed, &mut data);
    if let Some(first) = data.first_mut() {
        *first &= 0xFF >> (frame_bits.next_multiple_of(8) - frame_bits);
    }
    let leading_zeros = vec![0; key.modulus_len() - frame_bits.div_ceil(8)];
    Some([leading_zeros, data, seed, vec![TRAILER]].concat())
}

/// The salt in something that may be a frame.
fn salt_in(signed: &[u8], key: &RsaPublicKey, parameters: PssParameters) -> Option<Vec<u8>> {
    let leading_zeros = key.modulus_len() - (key.modulus_bits() - 1).div_ceil(8);
    let data_end = signed.len().checked_sub(parameters.hash.output_len() + 1)?;
    let mut data = signed.get(leading_zeros..data_end)?.to_vec();
    let seed = signed.get(data_end..signed.len() - 1)?;
    mgf::mask(parameters.mgf_hash, seed, &mut data);
    let salt_start = data.len().checked_sub(parameters.salt_len)?;
    data.get(salt_start..).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::super::test_keys::{key_1024, key_2048, rng};
    use super::*;

    fn sha256(salt_len: usize) -> PssParameters {
        PssParameters { hash: Hash::Sha256, mgf_hash: Hash::Sha256, salt_len }
    }

    #[test]
    fn every_pair_of_hash_functions_signs() {
        let key = key_2048();
        for hash in Hash::ALL {
            for mgf_hash in [Hash::Sha1, hash] {
                for salt_len in [0, hash.output_len()] {
                    let parameters = PssParameters { hash, mgf_hash, salt_len };
                    let digest = hash.digest(b"message");
                    let signature = key.sign_pss(parameters, &digest, &mut rng(1)).unwrap();
                    assert!(key.public().verify_pss(parameters, &digest, &signature));
                    assert!(!key.public().verify_pss(parameters, &hash.digest(b"massage"), &signature));
                    let other = PssParameters { salt_len: salt_len + 1, ..parameters };
                    assert!(!key.public().verify_pss(other, &digest, &signature));
                }
            }
        }
    }

    #[test]
    fn the_salt_goes_as_far_as_the_modulus() {
        let (key, digest) = (key_1024(), Hash::Sha256.digest(b"message"));
        let signature = key.sign_pss(sha256(94), &digest, &mut rng(1)).unwrap();
        assert!(key.public().verify_pss(sha256(94), &digest, &signature));
        for salt_len in [95, 128, usize::MAX] {
            let parameters = sha256(salt_len);
            assert_eq!(key.sign_pss(parameters, &digest, &mut rng(1)).err(), Some(RsaFault::Length));
            assert!(!key.public().verify_pss(parameters, &digest, &signature));
        }
        assert_eq!(key.sign_pss(sha256(0), &digest[1..], &mut rng(1)).err(), Some(RsaFault::Length));
        assert!(!key.public().verify_pss(sha256(94), &digest[1..], &signature));
        assert!(!key.public().verify_pss(sha256(94), &digest, &[0; 128]));
    }

    /// `generate` makes no moduli of 1025 or 1021 bits, so the frames for them are looked at alone.
    #[test]
    fn frames_have_one_bit_less_than_the_modulus() {
        for (modulus, top) in [([&[1][..], &[0xFF; 128]].concat(), 0), (vec![0xFF; 128], 0x7F), (vec![0x1F; 128], 0x0F)]
        {
            let key = RsaPublicKey::from_components(&modulus, &[3]).unwrap();
            let frame = frame(&key, sha256(32), &[5; 32], &[6; 32]).unwrap();
            assert_eq!(frame.len(), key.modulus_len());
            assert_eq!(frame[0] & !top, 0);
            assert_eq!(salt_in(&frame, &key, sha256(32)).unwrap(), [6; 32]);
        }
    }
}
