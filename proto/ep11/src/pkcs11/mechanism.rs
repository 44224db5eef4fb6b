//! Mechanisms: what a key is used for and how.

use std::fmt;

/// The number of a mechanism, a `CK_MECHANISM_TYPE`. On the wire it has 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MechanismType(pub u64);

impl MechanismType {
    /// The name of the constant: `CKM_AES_CBC_PAD`.
    pub fn name(self) -> Option<&'static str> {
        NAMES.binary_search_by_key(&self.0, |(number, _)| *number).ok().and_then(|at| NAMES.get(at)).map(|row| row.1)
    }
}

impl fmt::Display for MechanismType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "CKM 0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for MechanismType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a mechanism can be used for and how, the flags of a `CK_MECHANISM_INFO`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MechanismFlags(pub u64);

#[allow(missing_docs, reason = "each constant is the PKCS#11 flag of its name")]
impl MechanismFlags {
    pub const ENCRYPT: Self = Self(0x100);
    pub const DECRYPT: Self = Self(0x200);
    pub const DIGEST: Self = Self(0x400);
    pub const SIGN: Self = Self(0x800);
    pub const VERIFY: Self = Self(0x2000);
    pub const GENERATE: Self = Self(0x8000);
    pub const GENERATE_KEY_PAIR: Self = Self(0x1_0000);
    pub const WRAP: Self = Self(0x2_0000);
    pub const UNWRAP: Self = Self(0x4_0000);
    pub const DERIVE: Self = Self(0x8_0000);
    pub const EC_F_P: Self = Self(0x10_0000);
    pub const EC_NAMED_CURVE: Self = Self(0x80_0000);
    pub const EC_UNCOMPRESS: Self = Self(0x100_0000);

    /// These and the others.
    #[must_use]
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether all of the others are among these.
    pub const fn has(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

macro_rules! mechanisms {
    ($($number:literal $name:ident $text:literal;)*) => {
        impl MechanismType {
            $(#[doc = concat!("`", $text, "`.")] pub const $name: Self = Self($number);)*
        }

        /// Number and name of each, ascending.
        const NAMES: &[(u64, &str)] = &[$(($number, $text)),*];
    };
}

mechanisms! {
    0x0 RSA_PKCS_KEY_PAIR_GEN "CKM_RSA_PKCS_KEY_PAIR_GEN";
    0x1 RSA_PKCS "CKM_RSA_PKCS";
    0x6 SHA1_RSA_PKCS "CKM_SHA1_RSA_PKCS";
    0x9 RSA_PKCS_OAEP "CKM_RSA_PKCS_OAEP";
    0xA RSA_X9_31_KEY_PAIR_GEN "CKM_RSA_X9_31_KEY_PAIR_GEN";
    0xB RSA_X9_31 "CKM_RSA_X9_31";
    0xC SHA1_RSA_X9_31 "CKM_SHA1_RSA_X9_31";
    0xD RSA_PKCS_PSS "CKM_RSA_PKCS_PSS";
    0xE SHA1_RSA_PKCS_PSS "CKM_SHA1_RSA_PKCS_PSS";
    0x10 DSA_KEY_PAIR_GEN "CKM_DSA_KEY_PAIR_GEN";
    0x11 DSA "CKM_DSA";
    0x12 DSA_SHA1 "CKM_DSA_SHA1";
    0x20 DH_PKCS_KEY_PAIR_GEN "CKM_DH_PKCS_KEY_PAIR_GEN";
    0x21 DH_PKCS_DERIVE "CKM_DH_PKCS_DERIVE";
    0x40 SHA256_RSA_PKCS "CKM_SHA256_RSA_PKCS";
    0x41 SHA384_RSA_PKCS "CKM_SHA384_RSA_PKCS";
    0x42 SHA512_RSA_PKCS "CKM_SHA512_RSA_PKCS";
    0x43 SHA256_RSA_PKCS_PSS "CKM_SHA256_RSA_PKCS_PSS";
    0x44 SHA384_RSA_PKCS_PSS "CKM_SHA384_RSA_PKCS_PSS";
    0x45 SHA512_RSA_PKCS_PSS "CKM_SHA512_RSA_PKCS_PSS";
    0x46 SHA224_RSA_PKCS "CKM_SHA224_RSA_PKCS";
    0x47 SHA224_RSA_PKCS_PSS "CKM_SHA224_RSA_PKCS_PSS";
    0x48 SHA512_224 "CKM_SHA512_224";
    0x49 SHA512_224_HMAC "CKM_SHA512_224_HMAC";
    0x4B SHA512_224_KEY_DERIVATION "CKM_SHA512_224_KEY_DERIVATION";
    0x4C SHA512_256 "CKM_SHA512_256";
    0x4D SHA512_256_HMAC "CKM_SHA512_256_HMAC";
    0x4F SHA512_256_KEY_DERIVATION "CKM_SHA512_256_KEY_DERIVATION";
    0x130 DES2_KEY_GEN "CKM_DES2_KEY_GEN";
    0x131 DES3_KEY_GEN "CKM_DES3_KEY_GEN";
    0x132 DES3_ECB "CKM_DES3_ECB";
    0x133 DES3_CBC "CKM_DES3_CBC";
    0x136 DES3_CBC_PAD "CKM_DES3_CBC_PAD";
    0x138 DES3_CMAC "CKM_DES3_CMAC";
    0x220 SHA_1 "CKM_SHA_1";
    0x221 SHA_1_HMAC "CKM_SHA_1_HMAC";
    0x250 SHA256 "CKM_SHA256";
    0x251 SHA256_HMAC "CKM_SHA256_HMAC";
    0x255 SHA224 "CKM_SHA224";
    0x256 SHA224_HMAC "CKM_SHA224_HMAC";
    0x260 SHA384 "CKM_SHA384";
    0x261 SHA384_HMAC "CKM_SHA384_HMAC";
    0x270 SHA512 "CKM_SHA512";
    0x271 SHA512_HMAC "CKM_SHA512_HMAC";
    0x350 GENERIC_SECRET_KEY_GEN "CKM_GENERIC_SECRET_KEY_GEN";
    0x392 SHA1_KEY_DERIVATION "CKM_SHA1_KEY_DERIVATION";
    0x393 SHA256_KEY_DERIVATION "CKM_SHA256_KEY_DERIVATION";
    0x394 SHA384_KEY_DERIVATION "CKM_SHA384_KEY_DERIVATION";
    0x395 SHA512_KEY_DERIVATION "CKM_SHA512_KEY_DERIVATION";
    0x396 SHA224_KEY_DERIVATION "CKM_SHA224_KEY_DERIVATION";
    0x1040 EC_KEY_PAIR_GEN "CKM_EC_KEY_PAIR_GEN";
    0x1041 ECDSA "CKM_ECDSA";
    0x1042 ECDSA_SHA1 "CKM_ECDSA_SHA1";
    0x1043 ECDSA_SHA224 "CKM_ECDSA_SHA224";
    0x1044 ECDSA_SHA256 "CKM_ECDSA_SHA256";
    0x1045 ECDSA_SHA384 "CKM_ECDSA_SHA384";
    0x1046 ECDSA_SHA512 "CKM_ECDSA_SHA512";
    0x1050 ECDH1_DERIVE "CKM_ECDH1_DERIVE";
    0x1080 AES_KEY_GEN "CKM_AES_KEY_GEN";
    0x1081 AES_ECB "CKM_AES_ECB";
    0x1082 AES_CBC "CKM_AES_CBC";
    0x1085 AES_CBC_PAD "CKM_AES_CBC_PAD";
    0x108A AES_CMAC "CKM_AES_CMAC";
    0x1102 DES3_ECB_ENCRYPT_DATA "CKM_DES3_ECB_ENCRYPT_DATA";
    0x2000 DSA_PARAMETER_GEN "CKM_DSA_PARAMETER_GEN";
    0x2001 DH_PKCS_PARAMETER_GEN "CKM_DH_PKCS_PARAMETER_GEN";
    0x8001_0001 IBM_SHA3_224 "CKM_IBM_SHA3_224";
    0x8001_0002 IBM_SHA3_256 "CKM_IBM_SHA3_256";
    0x8001_0003 IBM_SHA3_384 "CKM_IBM_SHA3_384";
    0x8001_0004 IBM_SHA3_512 "CKM_IBM_SHA3_512";
    0x8001_0007 IBM_CMAC "CKM_IBM_CMAC";
    0x8001_0008 IBM_ECDSA_SHA224 "CKM_IBM_ECDSA_SHA224";
    0x8001_0009 IBM_ECDSA_SHA256 "CKM_IBM_ECDSA_SHA256";
    0x8001_000A IBM_ECDSA_SHA384 "CKM_IBM_ECDSA_SHA384";
    0x8001_000B IBM_ECDSA_SHA512 "CKM_IBM_ECDSA_SHA512";
    0x8001_0012 IBM_SHA512_256 "CKM_IBM_SHA512_256";
    0x8001_0013 IBM_SHA512_224 "CKM_IBM_SHA512_224";
    0x8001_0014 IBM_SHA512_256_HMAC "CKM_IBM_SHA512_256_HMAC";
    0x8001_0015 IBM_SHA512_224_HMAC "CKM_IBM_SHA512_224_HMAC";
    0x8001_001B IBM_EC_X25519 "CKM_IBM_EC_X25519";
    0x8001_001C IBM_ED25519_SHA512 "CKM_IBM_ED25519_SHA512";
    0x8001_001E IBM_EC_X448 "CKM_IBM_EC_X448";
    0x8001_001F IBM_ED448_SHA3 "CKM_IBM_ED448_SHA3";
    0x8001_0023 IBM_DILITHIUM "CKM_IBM_DILITHIUM";
    0x8001_0024 IBM_KYBER "CKM_IBM_KYBER";
    0x8001_0025 IBM_SHA3_224_HMAC "CKM_IBM_SHA3_224_HMAC";
    0x8001_0026 IBM_SHA3_256_HMAC "CKM_IBM_SHA3_256_HMAC";
    0x8001_0027 IBM_SHA3_384_HMAC "CKM_IBM_SHA3_384_HMAC";
    0x8001_0028 IBM_SHA3_512_HMAC "CKM_IBM_SHA3_512_HMAC";
    0x8001_0031 IBM_ECDSA_OTHER "CKM_IBM_ECDSA_OTHER";
    0x8001_0034 IBM_EC_AGGREGATE "CKM_IBM_EC_AGGREGATE";
    0x8002_0004 IBM_ATTRIBUTEBOUND_WRAP "CKM_IBM_ATTRIBUTEBOUND_WRAP";
    0x8002_0005 IBM_TRANSPORTKEY "CKM_IBM_TRANSPORTKEY";
    0x8007_0001 IBM_BTC_DERIVE "CKM_IBM_BTC_DERIVE";
    0x8007_0002 IBM_ETH_DERIVE "CKM_IBM_ETH_DERIVE";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_ascends_so_that_it_can_be_searched() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(MechanismType::AES_CBC_PAD.to_string(), "CKM_AES_CBC_PAD");
    }
}
