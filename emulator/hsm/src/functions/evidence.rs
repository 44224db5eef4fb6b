//! What stands behind each mechanism: who does the arithmetic, and what shows that it is right.

use hpcs_crypto::block::BlockCipher;
use hpcs_crypto::ec::Curve;

use super::registry::{Family, MechanismRow};

/// What stands behind a mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The crate that does the arithmetic; "own" for what is written here.
    pub implementation: &'static str,
    /// Published vectors that the tests of the algorithms pass; a dash where there are none.
    pub vectors: &'static str,
}

impl MechanismRow {
    /// What stands behind it.
    pub fn evidence(&self) -> Evidence {
        let (implementation, vectors) = match self.family {
            Family::Digest(_) => ("sha1, sha2, sha3", "FIPS 180-4 and 202"),
            Family::Hmac(_) => ("own, over the digests", "Wycheproof 1906, RFC 4231"),
            Family::Cmac(BlockCipher::Aes) => ("own, over aes", "Wycheproof 306, SP 800-38B"),
            Family::Cmac(BlockCipher::TripleDes) => ("own, over des", "SP 800-38B"),
            Family::Cipher(BlockCipher::Aes, _) => ("aes, own modes", "Wycheproof 216 (CBC), FIPS 197, SP 800-38A"),
            Family::Cipher(BlockCipher::TripleDes, _) | Family::EncryptDerive(_) => ("des, own modes", "SP 800-67"),
            Family::SecretKey(_) => ("own", "check values of the GREP11 specification"),
            Family::RsaKeyPair => ("rsa", "-"),
            Family::RsaPkcs(_) => ("rsa, own padding", "Wycheproof 5426 verify, 201 decrypt"),
            Family::RsaOaep => ("rsa, own padding", "Wycheproof 1053"),
            Family::RsaPss(_) => ("rsa, own padding", "Wycheproof 2717"),
            Family::RsaX931(_) => ("rsa, own frame", "-"),
            Family::DsaParameters => ("published domains", "RFC 6979, Wycheproof"),
            Family::DsaKeyPair | Family::Dsa(_) => ("own, over crypto-bigint", "Wycheproof 524, RFC 6979"),
            Family::DhParameters => ("published groups", "RFC 2409, RFC 3526"),
            Family::DhKeyPair | Family::DhDerive => ("own, over crypto-bigint", "-"),
            Family::EcKeyPair => ("the crates of each curve", "as the signatures and agreements"),
            Family::Ecdsa(_) => ("own, over elliptic-curve", "Wycheproof 4512, RFC 6979, RFC 7027"),
            Family::EdDsa(Curve::Ed448) => ("ed448-goldilocks", "Wycheproof 87, RFC 8032"),
            Family::EdDsa(_) => ("ed25519-dalek", "Wycheproof 151, RFC 8032"),
            Family::OtherSignature => ("own (Schnorr), blst (BLS)", "Ethereum and ERC-2333 (BLS)"),
            Family::Ecdh(Some(Curve::X448)) => ("x448", "Wycheproof 510, RFC 7748"),
            Family::Ecdh(Some(_)) => ("x25519-dalek", "Wycheproof 518, RFC 7748"),
            Family::Ecdh(None) => ("elliptic-curve", "Wycheproof 10397, ANSI X9.63 KDF of CAVS"),
            Family::HdDerive => ("own, over elliptic-curve", "BIP32, SLIP-0010"),
            Family::HashDerive(_) => ("sha1, sha2", "as the digests"),
            Family::AttributeBoundWrap => ("own format", "-"),
            Family::TransportKey => ("own", "-"),
            Family::Dilithium => ("own", "NIST KAT, all 100 of R2-65, R3-44, R3-65, R3-87; 2 of R2-87"),
            Family::Kyber => ("own", "NIST KAT of round 2, all 100 of each strength"),
            Family::EcAggregate => ("blst", "Ethereum"),
        };
        Evidence { implementation, vectors }
    }
}
