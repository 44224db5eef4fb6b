//! The key encryption key of the P-521 form: ANSI X9.63 key derivation with SHA-256 over the shared secret and
//! ECC-CMS-SharedInfo (section 8.6).

use p521::ecdh::SharedSecret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::der;

/// An AES-256 key that clears itself.
pub(super) type Kek = Zeroizing<[u8; 32]>;

/// ECC-CMS-SharedInfo: which key wrap, which keying material, and 256 bits of key.
///
/// `wrap_algorithm` is a complete AlgorithmIdentifier; whether it has a NULL changes the result.
pub(super) fn shared_info(wrap_algorithm: &[u8], ukm: &[u8]) -> Vec<u8> {
    der::sequence(|info| {
        info.raw(wrap_algorithm);
        info.nested(der::constructed(0), |entity| {
            entity.octets(ukm);
        });
        info.nested(der::constructed(2), |public| {
            public.octets_u32(KEK_BITS);
        });
    })
}

/// The key encryption key: one block of the derivation is all it takes.
pub(super) fn derive(secret: &SharedSecret, shared_info: &[u8]) -> Kek {
    let mut kek = Zeroizing::new([0; 32]);
    Sha256::new()
        .chain_update(secret.raw_secret_bytes())
        .chain_update(FIRST_BLOCK.to_be_bytes())
        .chain_update(shared_info)
        .finalize_into((&mut *kek).into());
    kek
}

/// `SEQUENCE { aes256-wrap, NULL }`, as the SDK and this emulator write it.
pub(super) const WRAP_WITH_NULL: [u8; 15] =
    [0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2D, 0x05, 0x00];
/// `SEQUENCE { aes256-wrap }`, as some senders may derive with.
pub(super) const WRAP_WITHOUT_NULL: [u8; 13] =
    [0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2D];
const KEK_BITS: u32 = 256;
const FIRST_BLOCK: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::P521KeyPair;

    fn secret() -> SharedSecret {
        P521KeyPair::from_scalar(&[5]).unwrap().agree(&P521KeyPair::from_scalar(&[3]).unwrap().public())
    }

    fn ukm() -> [u8; 40] {
        std::array::from_fn(|index| index as u8)
    }

    #[test]
    fn shared_secret_matches_the_published_vector() {
        let z = "006b6ad89abcb92465f041558fc546d4300fb8fbcc30b40a0852d697b532df128e11b91cce27dbd00ffe7875bd1c8fc0331d9b8d96981e3f92bde9afe337bcb8db55";
        assert_eq!(hex::encode(secret().raw_secret_bytes()), z);
    }

    #[test]
    fn shared_info_matches_the_published_vector() {
        let info = "3043300d060960864801650304012d0500a02a0428000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627a206040400000100";
        assert_eq!(hex::encode(shared_info(&WRAP_WITH_NULL, &ukm())), info);
    }

    #[test]
    fn keys_with_and_without_null_match_the_published_vectors() {
        let with_null = "7c965136b5418c9ba579cd61e95fb26431ed85e6671acea22956f11a9dd4379f";
        let without = "bb782b581b7708cd8757f6f76f28482c92d786d8918042628ff0c18fca017d93";
        assert_eq!(hex::encode(*derive(&secret(), &shared_info(&WRAP_WITH_NULL, &ukm()))), with_null);
        assert_eq!(hex::encode(*derive(&secret(), &shared_info(&WRAP_WITHOUT_NULL, &ukm()))), without);
    }
}
