//! The signature of a module over an answer (section 4.8).

use crate::{P521KeyPair, P521PublicKey, SignatureScheme, SignerInfo};

/// The SignerInfo of the module key `key` over `block`, the encoded xcpAdminRspBlk.
pub fn sign_response(block: &[u8], key: &P521KeyPair) -> Vec<u8> {
    let signature = key.sign(block);
    let ski = key.public().oa_key_id();
    SignerInfo { ski, scheme: SignatureScheme::EcdsaP521Sha512, signature: &signature }.encode()
}

/// Whether the first SignerInfo in `signer_info` is a signature of `key` over `block`, the encoded xcpAdminRspBlk as
/// received.
///
/// Like real clients it looks neither at the identifier nor at what follows: newer modules add a signature of another
/// algorithm.
#[must_use]
pub fn verify_response(block: &[u8], signer_info: &[u8], key: &P521PublicKey) -> bool {
    SignerInfo::first(signer_info)
        .is_ok_and(|signer| signer.scheme == SignatureScheme::EcdsaP521Sha512 && key.verify(block, signer.signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 14.6: the answer to a query of the attributes of a fresh unit, and its signature by scalar 7.
    const BLOCK: &str = "306404040001000a040800000003000000010410393341414243303100112233445566770410000000000000000000000000000000000404000000000428000000010000000000000002000000000000000381ff001100000004000000000000000500000001";
    const SIGNER_INFO: &str = "308200d10201038020888755eadd6776684d6412f58847dc732080e08c0c00bd7869f2c6a4dd4db5d7300d06096086480165030402030500300c06082a8648ce3d04030405000482008b308188024201be8c218ef861820668cebb8295e642507316f6d02c801489e8d533a203396d9956ce0a91701d0a85925ac8fe621ee3d756004fc31bd096b6feee709b13b64f14cd02420167e2d4ddea9fbb5be022440690c4a733bacf7eb45f3350d2243dfd55e10c676e4198cc89c99f6e2195209752f92e8ddc2792bbf0a95ebcf05e623bac2a60c3f2bb";

    fn key() -> P521KeyPair {
        P521KeyPair::from_scalar(&[7]).unwrap()
    }

    #[test]
    fn the_published_signature_verifies() {
        let (block, signer_info) = (hex::decode(BLOCK).unwrap(), hex::decode(SIGNER_INFO).unwrap());
        assert_eq!(SignerInfo::first(&signer_info).unwrap().ski, key().public().oa_key_id());
        assert!(verify_response(&block, &signer_info, &key().public()));
        assert!(!verify_response(&block[1..], &signer_info, &key().public()));
    }

    #[test]
    fn a_second_signature_of_another_algorithm_is_ignored() {
        let both = [sign_response(b"block", &key()), vec![0x30, 0x03, 0x02, 0x01, 0x09]].concat();
        assert!(verify_response(b"block", &both, &key().public()));
    }

    #[test]
    fn a_missing_or_foreign_signature_is_wrong() {
        let other = P521KeyPair::from_scalar(&[8]).unwrap();
        assert!(!verify_response(b"block", &[], &key().public()));
        assert!(!verify_response(b"block", &sign_response(b"block", &other), &key().public()));
        assert!(!verify_response(b"black", &sign_response(b"block", &key()), &key().public()));
    }
}
