//! Signatures of ANSI X9.31 (section 4) over digests.
//!
//! ```text
//! 6B | BB ... BB | BA | digest | hash identifier | CC          together as long as the modulus
//! ```
//!
//! The signature is the smaller of `s` and `n - s`, so that it has one bit less than the modulus; the verifier tries both.

use super::{RsaFault, RsaPrivateKey, RsaPublicKey};
use crate::hash::Hash;

const HEAD: u8 = 0x6B;
const PADDING: u8 = 0xBB;
const DELIMITER: u8 = 0xBA;
const TRAILER: u8 = 0xCC;
/// Everything but padding and digest: head, delimiter, hash identifier, trailer.
const OVERHEAD: usize = 4;

impl RsaPrivateKey {
    /// Signs `digest`, made by `hash`, by ANSI X9.31.
    ///
    /// # Errors
    /// [`RsaFault::Hash`] for a hash function without an identifier in X9.31, all but SHA-1 and SHA-224 to SHA-512;
    /// [`RsaFault::Length`] when `digest` does not have the size of the hash function, or the modulus is too short;
    /// [`RsaFault::Range`] when the size of the modulus in bits is no multiple of 8.
    pub fn sign_x931(&self, hash: Hash, digest: &[u8]) -> Result<Vec<u8>, RsaFault> {
        let frame = frame(hash, digest, self.public().modulus_len())?;
        let signature = self.private_operation(&frame)?.to_vec();
        let complement = self.public().complement(&signature)?;
        Ok(signature.min(complement))
    }
}

impl RsaPublicKey {
    /// Whether `signature` is this key's over `digest`, made by `hash`, by ANSI X9.31. Both representatives, `s` and
    /// `n - s`, are right: there are signers that do not take the smaller one.
    #[must_use]
    pub fn verify_x931(&self, hash: Hash, digest: &[u8], signature: &[u8]) -> bool {
        let Ok(frame) = frame(hash, digest, self.modulus_len()) else { return false };
        let Ok(signed) = self.public_operation(signature) else { return false };
        signed == frame || self.complement(&signed).is_ok_and(|signed| signed == frame)
    }
}

fn frame(hash: Hash, digest: &[u8], modulus_len: usize) -> Result<Vec<u8>, RsaFault> {
    let identifier = identifier(hash).ok_or(RsaFault::Hash)?;
    if digest.len() != hash.output_len() {
        return Err(RsaFault::Length);
    }
    let padding = modulus_len.checked_sub(OVERHEAD + digest.len()).ok_or(RsaFault::Length)?;
    Ok([&[HEAD], &vec![PADDING; padding][..], &[DELIMITER], digest, &[identifier, TRAILER]].concat())
}

/// The number of the hash function in ISO/IEC 10118-3, which the frame ends with.
fn identifier(hash: Hash) -> Option<u8> {
    match hash {
        Hash::Sha1 => Some(0x33),
        Hash::Sha256 => Some(0x34),
        Hash::Sha512 => Some(0x35),
        Hash::Sha384 => Some(0x36),
        Hash::Sha224 => Some(0x38),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_keys::{key_1024, key_2048};
    use super::*;

    const SHA: [Hash; 5] = [Hash::Sha1, Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512];

    #[test]
    fn frames_have_the_published_form() {
        let ends = ["33cc", "38cc", "34cc", "36cc", "35cc"];
        for (hash, end) in SHA.into_iter().zip(ends) {
            let digest = hash.digest(b"abc");
            let padding = "bb".repeat(128 - 4 - digest.len());
            let expected = format!("6b{padding}ba{}{end}", hex::encode(&digest));
            assert_eq!(hex::encode(frame(hash, &digest, 128).unwrap()), expected);
        }
    }

    #[test]
    fn signatures_verify_in_both_representations_and_are_the_smaller() {
        for key in [key_1024(), key_2048()] {
            for hash in SHA {
                let (digest, other) = (hash.digest(b"message"), hash.digest(b"massage"));
                let signature = key.sign_x931(hash, &digest).unwrap();
                let complement = key.public().complement(&signature).unwrap();
                assert!(signature < complement);
                for signature in [&signature, &complement] {
                    assert!(key.public().verify_x931(hash, &digest, signature));
                    assert!(!key.public().verify_x931(hash, &other, signature));
                }
            }
        }
    }

    #[test]
    fn other_hash_functions_and_sizes_are_refused() {
        let key = key_1024();
        for hash in Hash::ALL.into_iter().filter(|hash| !SHA.contains(hash)) {
            let digest = hash.digest(b"message");
            assert_eq!(key.sign_x931(hash, &digest).err(), Some(RsaFault::Hash));
            assert!(!key.public().verify_x931(hash, &digest, &[1; 128]));
        }
        assert_eq!(key.sign_x931(Hash::Sha1, &[0; 32]).err(), Some(RsaFault::Length));
        assert_eq!(frame(Hash::Sha512, &[0; 64], 67).err(), Some(RsaFault::Length));
        assert_eq!(frame(Hash::Sha512, &[0; 64], 68).unwrap().len(), 68);
        for signature in [&[][..], &[0; 128], &[0xFF; 128], &[0; 127]] {
            assert!(!key.public().verify_x931(Hash::Sha1, &[0; 20], signature));
        }
    }
}
