//! The mechanisms: one row each. The list, the info, the dispatch, the documentation and the tests read this table.

use hpcs_crypto::block::{BlockCipher, Mode};
use hpcs_crypto::ec::Curve;
use hpcs_crypto::hash::Hash;
use hpcs_ep11::pkcs11::{MechanismFlags as Flags, MechanismType};

use super::cost::Cost;
use crate::Profile;

/// A mechanism.
pub struct MechanismRow {
    /// Its number and name.
    pub kind: MechanismType,
    /// What it is for, and the flags of its info.
    pub flags: Flags,
    /// Sizes of keys: smallest and largest, in the unit of the family (section 4.2).
    pub sizes: (u64, u64),
    /// How it is done.
    pub(crate) family: Family,
    /// Whether it takes its data in one piece.
    pub single_part: bool,
    /// The control points that hide it when one is off.
    pub control_points: &'static [u8],
    /// The first generation of modules that has it.
    pub since: Profile,
    /// Whether the list shows it.
    pub listed: bool,
    /// Where it is done.
    pub cost: Cost,
}

/// How a mechanism is done. What it is done with is the value of the variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Digest(Hash),
    Hmac(Hash),
    Cmac(BlockCipher),
    Cipher(BlockCipher, Mode),
    SecretKey(SecretKind),
    RsaKeyPair,
    RsaPkcs(Option<Hash>),
    RsaOaep,
    RsaPss(Option<Hash>),
    RsaX931(Option<Hash>),
    DsaParameters,
    DsaKeyPair,
    Dsa(Option<Hash>),
    DhParameters,
    DhKeyPair,
    DhDerive,
    EcKeyPair,
    Ecdsa(Option<Hash>),
    EdDsa(Curve),
    OtherSignature,
    /// On any curve in Weierstrass form, or on this one.
    Ecdh(Option<Curve>),
    HdDerive,
    HashDerive(Hash),
    EncryptDerive(BlockCipher),
    AttributeBoundWrap,
    TransportKey,
    Dilithium,
    Kyber,
    EcAggregate,
}

/// What kind of secret key is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretKind {
    Generic,
    Aes,
    Des2,
    Des3,
}

/// The row of a mechanism.
pub(crate) fn find(kind: MechanismType) -> Option<&'static MechanismRow> {
    MECHANISMS.iter().find(|row| row.kind == kind)
}

const CRYPT: Flags = Flags::ENCRYPT.with(Flags::DECRYPT);
const WRAPS: Flags = Flags::WRAP.with(Flags::UNWRAP);
const SIGNS: Flags = Flags::SIGN.with(Flags::VERIFY);
const CURVES: Flags = Flags::EC_F_P.with(Flags::EC_NAMED_CURVE).with(Flags::EC_UNCOMPRESS);
const CURVE_SIZES: (u64, u64) = (160, 521);
const RSA_SIZES: (u64, u64) = (512, 4096);
const DISCRETE_SIZES: (u64, u64) = (512, 3072);

const ALG_RSA: u8 = 30;
const ALG_DSA: u8 = 31;
const ALG_EC: u8 = 32;
const ALG_DH: u8 = 46;
const DERIVE: u8 = 47;
const KEYGEN_ASYMM: u8 = 12;
const KEYGEN_SYMM: u8 = 13;
const ALG_EC_25519: u8 = 55;
const BTC: u8 = 66;
const ALG_PQC: u8 = 65;
const ECDSA_OTHER: u8 = 67;

/// A row of what most rows are.
const fn row(kind: MechanismType, family: Family, flags: Flags, sizes: (u64, u64)) -> MechanismRow {
    MechanismRow {
        kind,
        flags,
        sizes,
        family,
        single_part: false,
        control_points: &[],
        since: Profile::Cex5,
        listed: true,
        cost: Cost::Light,
    }
}

impl MechanismRow {
    /// The name of the mechanism.
    pub fn name(&self) -> &'static str {
        self.kind.name().unwrap_or("")
    }

    const fn whole(self) -> Self {
        MechanismRow { single_part: true, ..self }
    }

    const fn heavy(self) -> Self {
        MechanismRow { cost: Cost::Heavy, ..self }
    }

    const fn slow(self) -> Self {
        MechanismRow { cost: Cost::Slow, ..self }
    }

    const fn under(self, control_points: &'static [u8]) -> Self {
        MechanismRow { control_points, ..self }
    }

    const fn since(self, since: Profile) -> Self {
        MechanismRow { since, ..self }
    }

    const fn unlisted(self) -> Self {
        MechanismRow { listed: false, ..self }
    }
}

const fn digest(kind: MechanismType, hash: Hash) -> MechanismRow {
    row(kind, Family::Digest(hash), Flags::DIGEST, (0, 0))
}

const fn hmac(kind: MechanismType, hash: Hash, least: u64) -> MechanismRow {
    row(kind, Family::Hmac(hash), SIGNS, (least, 256))
}

const fn cipher(kind: MechanismType, cipher: BlockCipher, mode: Mode) -> MechanismRow {
    let sizes = if matches!(cipher, BlockCipher::Aes) { (16, 32) } else { (16, 24) };
    row(kind, Family::Cipher(cipher, mode), CRYPT.with(WRAPS), sizes)
}

const fn secret(kind: MechanismType, family: SecretKind, sizes: (u64, u64)) -> MechanismRow {
    row(kind, Family::SecretKey(family), Flags::GENERATE, sizes).under(&[KEYGEN_SYMM])
}

const fn rsa(kind: MechanismType, family: Family, flags: Flags) -> MechanismRow {
    row(kind, family, flags, RSA_SIZES).under(&[ALG_RSA]).heavy()
}

const fn ecdsa(kind: MechanismType, hash: Option<Hash>) -> MechanismRow {
    row(kind, Family::Ecdsa(hash), SIGNS.with(CURVES), CURVE_SIZES).under(&[ALG_EC])
}

const fn hash_derive(kind: MechanismType, hash: Hash, longest: u64) -> MechanismRow {
    row(kind, Family::HashDerive(hash), Flags::DERIVE, (1, longest)).under(&[DERIVE])
}

/// Every mechanism, in the order of the list: clients print the first one.
pub static MECHANISMS: &[MechanismRow] = &{
    use BlockCipher::{Aes, TripleDes};
    use Family::{
        AttributeBoundWrap, Cmac, DhDerive, DhKeyPair, DhParameters, Dilithium, Dsa, DsaKeyPair, DsaParameters,
        EcAggregate, EcKeyPair, Ecdh, EdDsa, EncryptDerive, HdDerive, Kyber, OtherSignature, RsaKeyPair, RsaOaep,
        RsaPkcs, RsaPss, RsaX931, TransportKey,
    };
    use Hash::{Sha1, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
    use MechanismType as M;
    use Mode::{Cbc, CbcPad, Ecb};
    [
        rsa(M::RSA_PKCS, RsaPkcs(None), CRYPT.with(SIGNS).with(WRAPS)).whole(),
        rsa(M::RSA_PKCS_KEY_PAIR_GEN, RsaKeyPair, Flags::GENERATE_KEY_PAIR).under(&[ALG_RSA, KEYGEN_ASYMM]).slow(),
        rsa(M::RSA_X9_31_KEY_PAIR_GEN, RsaKeyPair, Flags::GENERATE_KEY_PAIR).under(&[ALG_RSA, KEYGEN_ASYMM]).slow(),
        rsa(M::RSA_PKCS_OAEP, RsaOaep, CRYPT.with(WRAPS)).whole(),
        rsa(M::RSA_PKCS_PSS, RsaPss(None), SIGNS).whole(),
        rsa(M::RSA_X9_31, RsaX931(None), SIGNS).whole(),
        rsa(M::SHA1_RSA_X9_31, RsaX931(Some(Sha1)), SIGNS),
        rsa(M::SHA1_RSA_PKCS, RsaPkcs(Some(Sha1)), SIGNS),
        rsa(M::SHA224_RSA_PKCS, RsaPkcs(Some(Sha224)), SIGNS),
        rsa(M::SHA256_RSA_PKCS, RsaPkcs(Some(Sha256)), SIGNS),
        rsa(M::SHA384_RSA_PKCS, RsaPkcs(Some(Sha384)), SIGNS),
        rsa(M::SHA512_RSA_PKCS, RsaPkcs(Some(Sha512)), SIGNS),
        rsa(M::SHA1_RSA_PKCS_PSS, RsaPss(Some(Sha1)), SIGNS),
        rsa(M::SHA224_RSA_PKCS_PSS, RsaPss(Some(Sha224)), SIGNS),
        rsa(M::SHA256_RSA_PKCS_PSS, RsaPss(Some(Sha256)), SIGNS),
        rsa(M::SHA384_RSA_PKCS_PSS, RsaPss(Some(Sha384)), SIGNS),
        rsa(M::SHA512_RSA_PKCS_PSS, RsaPss(Some(Sha512)), SIGNS),
        row(M::DSA_PARAMETER_GEN, DsaParameters, Flags::GENERATE, DISCRETE_SIZES).under(&[ALG_DSA]),
        row(M::DSA_KEY_PAIR_GEN, DsaKeyPair, Flags::GENERATE_KEY_PAIR, DISCRETE_SIZES)
            .under(&[ALG_DSA, KEYGEN_ASYMM])
            .heavy(),
        row(M::DSA, Dsa(None), SIGNS, DISCRETE_SIZES).under(&[ALG_DSA]).heavy().whole(),
        row(M::DSA_SHA1, Dsa(Some(Sha1)), SIGNS, DISCRETE_SIZES).under(&[ALG_DSA]).heavy(),
        row(M::DH_PKCS_PARAMETER_GEN, DhParameters, Flags::GENERATE, DISCRETE_SIZES).under(&[ALG_DH]),
        row(M::DH_PKCS_KEY_PAIR_GEN, DhKeyPair, Flags::GENERATE_KEY_PAIR, DISCRETE_SIZES)
            .under(&[ALG_DH, KEYGEN_ASYMM])
            .heavy(),
        row(M::DH_PKCS_DERIVE, DhDerive, Flags::DERIVE, DISCRETE_SIZES).under(&[ALG_DH, DERIVE]).heavy(),
        row(M::EC_KEY_PAIR_GEN, EcKeyPair, Flags::GENERATE_KEY_PAIR.with(CURVES), CURVE_SIZES)
            .under(&[ALG_EC, KEYGEN_ASYMM])
            .heavy(),
        ecdsa(M::ECDSA, None).whole(),
        ecdsa(M::ECDSA_SHA1, Some(Sha1)),
        ecdsa(M::ECDSA_SHA224, Some(Sha224)),
        ecdsa(M::ECDSA_SHA256, Some(Sha256)),
        ecdsa(M::ECDSA_SHA384, Some(Sha384)),
        ecdsa(M::ECDSA_SHA512, Some(Sha512)),
        ecdsa(M::IBM_ECDSA_SHA224, Some(Sha224)),
        ecdsa(M::IBM_ECDSA_SHA256, Some(Sha256)),
        ecdsa(M::IBM_ECDSA_SHA384, Some(Sha384)),
        ecdsa(M::IBM_ECDSA_SHA512, Some(Sha512)),
        row(M::ECDH1_DERIVE, Ecdh(None), Flags::DERIVE.with(CURVES), CURVE_SIZES)
            .under(&[ALG_EC, ALG_DH, DERIVE])
            .heavy(),
        secret(M::GENERIC_SECRET_KEY_GEN, SecretKind::Generic, (1, 256)),
        secret(M::AES_KEY_GEN, SecretKind::Aes, (16, 32)),
        cipher(M::AES_ECB, Aes, Ecb),
        cipher(M::AES_CBC, Aes, Cbc),
        cipher(M::AES_CBC_PAD, Aes, CbcPad),
        row(M::AES_CMAC, Cmac(Aes), SIGNS, (16, 32)),
        secret(M::DES2_KEY_GEN, SecretKind::Des2, (16, 16)),
        secret(M::DES3_KEY_GEN, SecretKind::Des3, (24, 24)),
        cipher(M::DES3_ECB, TripleDes, Ecb),
        cipher(M::DES3_CBC, TripleDes, Cbc),
        cipher(M::DES3_CBC_PAD, TripleDes, CbcPad),
        row(M::DES3_CMAC, Cmac(TripleDes), SIGNS, (16, 24)),
        row(M::DES3_ECB_ENCRYPT_DATA, EncryptDerive(TripleDes), Flags::DERIVE, (16, 24)).under(&[DERIVE]),
        digest(M::SHA_1, Sha1),
        digest(M::SHA224, Sha224),
        digest(M::SHA256, Sha256),
        digest(M::SHA384, Sha384),
        digest(M::SHA512, Sha512),
        digest(M::SHA512_224, Sha512_224),
        digest(M::SHA512_256, Sha512_256),
        digest(M::IBM_SHA512_256, Sha512_256),
        digest(M::IBM_SHA512_224, Sha512_224),
        digest(M::IBM_SHA3_224, Sha3_224).since(Profile::Cex7),
        digest(M::IBM_SHA3_256, Sha3_256).since(Profile::Cex7),
        digest(M::IBM_SHA3_384, Sha3_384).since(Profile::Cex7),
        digest(M::IBM_SHA3_512, Sha3_512).since(Profile::Cex7),
        hmac(M::SHA_1_HMAC, Sha1, 10),
        hmac(M::SHA224_HMAC, Sha224, 14),
        hmac(M::SHA256_HMAC, Sha256, 16),
        hmac(M::SHA384_HMAC, Sha384, 24),
        hmac(M::SHA512_HMAC, Sha512, 32),
        hmac(M::SHA512_224_HMAC, Sha512_224, 14),
        hmac(M::SHA512_256_HMAC, Sha512_256, 16),
        hmac(M::IBM_SHA512_256_HMAC, Sha512_256, 16),
        hmac(M::IBM_SHA512_224_HMAC, Sha512_224, 14),
        hmac(M::IBM_SHA3_224_HMAC, Sha3_224, 14).since(Profile::Cex7),
        hmac(M::IBM_SHA3_256_HMAC, Sha3_256, 16).since(Profile::Cex7),
        hmac(M::IBM_SHA3_384_HMAC, Sha3_384, 24).since(Profile::Cex7),
        hmac(M::IBM_SHA3_512_HMAC, Sha3_512, 32).since(Profile::Cex7),
        hash_derive(M::SHA1_KEY_DERIVATION, Sha1, 20),
        hash_derive(M::SHA224_KEY_DERIVATION, Sha224, 28),
        hash_derive(M::SHA256_KEY_DERIVATION, Sha256, 32),
        hash_derive(M::SHA384_KEY_DERIVATION, Sha384, 48),
        hash_derive(M::SHA512_KEY_DERIVATION, Sha512, 64),
        hash_derive(M::SHA512_224_KEY_DERIVATION, Sha512_224, 28),
        hash_derive(M::SHA512_256_KEY_DERIVATION, Sha512_256, 32),
        row(M::IBM_ED25519_SHA512, EdDsa(Curve::Ed25519), SIGNS.with(CURVES), CURVE_SIZES)
            .under(&[ALG_EC, ALG_EC_25519])
            .heavy()
            .whole(),
        row(M::IBM_ED448_SHA3, EdDsa(Curve::Ed448), SIGNS.with(CURVES), CURVE_SIZES)
            .under(&[ALG_EC, ALG_EC_25519])
            .heavy()
            .whole(),
        row(M::IBM_EC_X25519, Ecdh(Some(Curve::X25519)), Flags::DERIVE.with(CURVES), CURVE_SIZES)
            .under(&[ALG_EC, ALG_DH, DERIVE, ALG_EC_25519])
            .heavy(),
        row(M::IBM_EC_X448, Ecdh(Some(Curve::X448)), Flags::DERIVE.with(CURVES), CURVE_SIZES)
            .under(&[ALG_EC, ALG_DH, DERIVE, ALG_EC_25519])
            .heavy(),
        row(M::IBM_ECDSA_OTHER, OtherSignature, SIGNS.with(CURVES), CURVE_SIZES)
            .under(&[ALG_EC, ECDSA_OTHER])
            .heavy()
            .whole(),
        row(M::IBM_BTC_DERIVE, HdDerive, Flags::DERIVE.with(CURVES), CURVE_SIZES).under(&[ALG_EC, BTC]).heavy(),
        row(M::IBM_EC_AGGREGATE, EcAggregate, Flags::SIGN.with(Flags::DERIVE).with(CURVES), CURVE_SIZES)
            .under(&[ALG_EC, ECDSA_OTHER])
            .since(Profile::Cex7)
            .heavy()
            .whole(),
        row(M::IBM_DILITHIUM, Dilithium, SIGNS.with(Flags::GENERATE_KEY_PAIR), (256, 256))
            .under(&[ALG_PQC])
            .since(Profile::Cex7)
            .heavy()
            .whole(),
        row(M::IBM_KYBER, Kyber, Flags::GENERATE_KEY_PAIR.with(Flags::DERIVE), (256, 256))
            .under(&[ALG_PQC])
            .since(Profile::Cex8)
            .heavy()
            .whole(),
        row(M::IBM_ATTRIBUTEBOUND_WRAP, AttributeBoundWrap, WRAPS, (0, 0)).heavy(),
        row(M::IBM_TRANSPORTKEY, TransportKey, Flags::UNWRAP, (0, 0)).unlisted(),
    ]
};

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_first_row_is_the_one_that_clients_print_and_no_mechanism_has_two() {
        assert_eq!(MECHANISMS[0].kind, MechanismType::RSA_PKCS);
        let kinds: HashSet<_> = MECHANISMS.iter().map(|row| row.kind).collect();
        assert_eq!(kinds.len(), MECHANISMS.len());
        assert!(MECHANISMS.iter().all(|row| !row.name().is_empty()));
    }

    #[test]
    fn the_infos_that_are_known_are_exact() {
        let info = |kind| find(kind).map(|row| (row.sizes, row.flags.0)).unwrap();
        assert_eq!(info(MechanismType::RSA_PKCS), ((512, 4096), 0x6_2B00));
        assert_eq!(info(MechanismType::AES_KEY_GEN), ((16, 32), 0x8000));
        assert_eq!(info(MechanismType::ECDSA).1, 0x0190_2800);
        assert_eq!(info(MechanismType::ECDH1_DERIVE).1, 0x0198_0000);
        assert_eq!(info(MechanismType::EC_KEY_PAIR_GEN).1, 0x0191_0000);
        assert_eq!(info(MechanismType::RSA_PKCS_OAEP).1, 0x6_0300);
    }
}
