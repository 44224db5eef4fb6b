//! RSAES-PKCS1-v1_5 and RSASSA-PKCS1-v1_5 (RFC 8017, sections 7.2 and 8.2).

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{RsaFault, RsaPrivateKey, RsaPublicKey};
use crate::hash::Hash;

/// What a block holds besides message and padding: two bytes in front, a zero between.
const OVERHEAD: usize = 3;
/// The least size of the padding.
const SHORTEST_PADDING: usize = 8;

impl RsaPublicKey {
    /// Encrypts `message` by RSAES-PKCS1-v1_5.
    ///
    /// # Errors
    /// [`RsaFault::Length`] when it is longer than the modulus less 11 bytes.
    pub fn encrypt_pkcs1(&self, message: &[u8], rng: &mut (impl CryptoRng + ?Sized)) -> Result<Vec<u8>, RsaFault> {
        let mut padding = Zeroizing::new(vec![0; padding_len(self.modulus_len(), message.len())?]);
        for byte in padding.iter_mut() {
            while *byte == 0 {
                rng.fill_bytes(std::slice::from_mut(byte));
            }
        }
        self.public_operation(&Zeroizing::new([&[0, 2], &padding[..], &[0], message].concat()))
    }

    /// Whether `signature` is this key's over `data` by RSASSA-PKCS1-v1_5 without a `DigestInfo`: over the bytes that
    /// [`RsaPrivateKey::sign_pkcs1_raw`] takes.
    #[must_use]
    pub fn verify_pkcs1_raw(&self, data: &[u8], signature: &[u8]) -> bool {
        let Ok(block) = signature_block(self.modulus_len(), data) else { return false };
        self.public_operation(signature).is_ok_and(|signed| signed == block)
    }

    /// Whether `signature` is this key's over `digest`, made by `hash`, by RSASSA-PKCS1-v1_5.
    #[must_use]
    pub fn verify_pkcs1(&self, hash: Hash, digest: &[u8], signature: &[u8]) -> bool {
        digest_info(hash, digest).is_ok_and(|info| self.verify_pkcs1_raw(&info, signature))
    }
}

impl RsaPrivateKey {
    /// Decrypts what [`RsaPublicKey::encrypt_pkcs1`] made.
    ///
    /// # Errors
    /// [`RsaFault::Length`] or [`RsaFault::Range`] when `encrypted` is no number for this key, [`RsaFault::Padding`]
    /// when no message is inside.
    pub fn decrypt_pkcs1(&self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, RsaFault> {
        let block = self.private_operation(encrypted)?;
        // The callers have an answer of their own for bad padding, so hiding it in the timing here would hide nothing.
        message_in(&block).map(|message| Zeroizing::new(message.to_vec())).ok_or(RsaFault::Padding)
    }

    /// Signs `data` by RSASSA-PKCS1-v1_5 as it is, which is the mechanism without a hash function of PKCS#11: the caller
    /// brings the `DigestInfo`, or something else.
    ///
    /// # Errors
    /// [`RsaFault::Length`] when `data` is longer than the modulus less 11 bytes.
    pub fn sign_pkcs1_raw(&self, data: &[u8]) -> Result<Vec<u8>, RsaFault> {
        let block = signature_block(self.public().modulus_len(), data)?;
        Ok(self.private_operation(&block)?.to_vec())
    }

    /// Signs `digest`, made by `hash`, by RSASSA-PKCS1-v1_5.
    ///
    /// # Errors
    /// [`RsaFault::Length`] when `digest` does not have the size of the hash function, or the modulus is too short.
    pub fn sign_pkcs1(&self, hash: Hash, digest: &[u8]) -> Result<Vec<u8>, RsaFault> {
        self.sign_pkcs1_raw(&digest_info(hash, digest)?)
    }
}

fn padding_len(modulus_len: usize, message_len: usize) -> Result<usize, RsaFault> {
    modulus_len
        .checked_sub(OVERHEAD)
        .and_then(|room| room.checked_sub(message_len))
        .filter(|padding| *padding >= SHORTEST_PADDING)
        .ok_or(RsaFault::Length)
}

/// `00 01 | at least eight FF | 00 | data`
fn signature_block(modulus_len: usize, data: &[u8]) -> Result<Vec<u8>, RsaFault> {
    let padding = vec![0xFF; padding_len(modulus_len, data.len())?];
    Ok([&[0, 1], &padding[..], &[0], data].concat())
}

/// The message in `00 02 | at least eight bytes that are not zero | 00 | message`.
fn message_in(block: &[u8]) -> Option<&[u8]> {
    let padded = block.strip_prefix(&[0, 2])?;
    let end = padded.iter().position(|byte| *byte == 0).filter(|end| *end >= SHORTEST_PADDING)?;
    padded.get(end + 1..)
}

/// `SEQUENCE { SEQUENCE { OBJECT IDENTIFIER hash, NULL }, OCTET STRING digest }` (RFC 8017, section 9.2 and appendix B.1).
/// It is shorter than 128 bytes, so every length is one byte.
fn digest_info(hash: Hash, digest: &[u8]) -> Result<Vec<u8>, RsaFault> {
    if digest.len() != hash.output_len() {
        return Err(RsaFault::Length);
    }
    /// 2.16.840.1.101.3.4.2: the hash functions of NIST.
    const NIST_HASHES: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
    let nist = |number: u8| [&NIST_HASHES[..], &[number]].concat();
    let identifier = match hash {
        Hash::Sha1 => vec![0x2B, 0x0E, 0x03, 0x02, 0x1A],
        Hash::Sha256 => nist(1),
        Hash::Sha384 => nist(2),
        Hash::Sha512 => nist(3),
        Hash::Sha224 => nist(4),
        Hash::Sha512_224 => nist(5),
        Hash::Sha512_256 => nist(6),
        Hash::Sha3_224 => nist(7),
        Hash::Sha3_256 => nist(8),
        Hash::Sha3_384 => nist(9),
        Hash::Sha3_512 => nist(10),
    };
    let tagged = |tag: u8, content: &[u8]| [&[tag, content.len() as u8], content].concat();
    let algorithm = tagged(0x30, &[tagged(0x06, &identifier), tagged(0x05, &[])].concat());
    Ok(tagged(0x30, &[algorithm, tagged(0x04, digest)].concat()))
}

#[cfg(test)]
mod tests {
    use super::super::test_keys::{key_1024, rng};
    use super::*;

    /// RFC 8017, section 9.2, note 1.
    #[test]
    fn digest_infos_start_as_the_rfc_says() {
        let prefixes = [
            (Hash::Sha1, "3021300906052b0e03021a05000414"),
            (Hash::Sha224, "302d300d06096086480165030402040500041c"),
            (Hash::Sha256, "3031300d060960864801650304020105000420"),
            (Hash::Sha384, "3041300d060960864801650304020205000430"),
            (Hash::Sha512, "3051300d060960864801650304020305000440"),
            (Hash::Sha512_224, "302d300d06096086480165030402050500041c"),
            (Hash::Sha512_256, "3031300d060960864801650304020605000420"),
        ];
        for (hash, prefix) in prefixes {
            let digest = hash.digest(b"message");
            assert_eq!(hex::encode(digest_info(hash, &digest).unwrap()), format!("{prefix}{}", hex::encode(&digest)));
            assert_eq!(digest_info(hash, &digest[1..]).err(), Some(RsaFault::Length));
        }
    }

    #[test]
    fn every_hash_function_signs() {
        let key = key_1024();
        for hash in Hash::ALL {
            let digest = hash.digest(b"message");
            let signature = key.sign_pkcs1(hash, &digest).unwrap();
            assert!(key.public().verify_pkcs1(hash, &digest, &signature));
            assert!(key.public().verify_pkcs1_raw(&digest_info(hash, &digest).unwrap(), &signature));
            assert!(!key.public().verify_pkcs1(hash, &hash.digest(b"massage"), &signature));
            assert!(!key.public().verify_pkcs1(hash, &digest, &signature[1..]));
            assert!(!key.public().verify_pkcs1(hash, &digest[1..], &signature));
        }
    }

    #[test]
    fn raw_data_is_up_to_eleven_bytes_shorter_than_the_modulus() {
        let key = key_1024();
        for size in [0, 1, 117] {
            let signature = key.sign_pkcs1_raw(&vec![7; size]).unwrap();
            assert!(key.public().verify_pkcs1_raw(&vec![7; size], &signature));
            let encrypted = key.public().encrypt_pkcs1(&vec![7; size], &mut rng(1)).unwrap();
            assert_eq!(*key.decrypt_pkcs1(&encrypted).unwrap(), vec![7; size]);
        }
        for size in [118, 128, 1000] {
            assert_eq!(key.sign_pkcs1_raw(&vec![7; size]).err(), Some(RsaFault::Length));
            assert!(!key.public().verify_pkcs1_raw(&vec![7; size], &[0; 128]));
            assert_eq!(key.public().encrypt_pkcs1(&vec![7; size], &mut rng(1)).err(), Some(RsaFault::Length));
        }
    }

    #[test]
    fn what_does_not_open_says_why() {
        let key = key_1024();
        let mut encrypted = key.public().encrypt_pkcs1(&[7; 20], &mut rng(2)).unwrap();
        assert_eq!(key.decrypt_pkcs1(&encrypted[1..]).err(), Some(RsaFault::Length));
        assert_eq!(key.decrypt_pkcs1(&[0xFF; 128]).err(), Some(RsaFault::Range));
        encrypted[100] ^= 1;
        assert_eq!(key.decrypt_pkcs1(&encrypted).err(), Some(RsaFault::Padding));
    }

    #[test]
    fn padding_needs_eight_bytes_and_an_end() {
        let filled = |count: usize, tail: &[u8]| [&[0, 2][..], &vec![9; count], tail].concat();
        assert_eq!(message_in(&filled(8, &[0, 5, 6])), Some(&[5, 6][..]));
        assert_eq!(message_in(&filled(8, &[0])), Some(&[][..]));
        assert_eq!(message_in(&filled(7, &[0, 5])), None);
        assert_eq!(message_in(&filled(20, &[])), None);
        assert_eq!(message_in(&[0, 1, 9, 9, 9, 9, 9, 9, 9, 9, 0, 5]), None);
        assert_eq!(message_in(&[]), None);
    }
}
