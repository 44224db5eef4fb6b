//! Attributes of keys.

use std::fmt;

/// The number of an attribute, a `CK_ATTRIBUTE_TYPE`. On the wire it has 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeType(pub u64);

impl AttributeType {
    /// The name of the constant: `CKA_EXTRACTABLE`.
    pub fn name(self) -> Option<&'static str> {
        NAMES.binary_search_by_key(&self.0, |(number, _)| *number).ok().and_then(|at| NAMES.get(at)).map(|row| row.1)
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "CKA 0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! attributes {
    ($($number:literal $name:ident $text:literal;)*) => {
        impl AttributeType {
            $(#[doc = concat!("`", $text, "`.")] pub const $name: Self = Self($number);)*
        }

        /// Number and name of each, ascending.
        const NAMES: &[(u64, &str)] = &[$(($number, $text)),*];
    };
}

attributes! {
    0x0 CLASS "CKA_CLASS";
    0x1 TOKEN "CKA_TOKEN";
    0x2 PRIVATE "CKA_PRIVATE";
    0x3 LABEL "CKA_LABEL";
    0x10 APPLICATION "CKA_APPLICATION";
    0x11 VALUE "CKA_VALUE";
    0x86 TRUSTED "CKA_TRUSTED";
    0x90 CHECK_VALUE "CKA_CHECK_VALUE";
    0x100 KEY_TYPE "CKA_KEY_TYPE";
    0x101 SUBJECT "CKA_SUBJECT";
    0x102 ID "CKA_ID";
    0x103 SENSITIVE "CKA_SENSITIVE";
    0x104 ENCRYPT "CKA_ENCRYPT";
    0x105 DECRYPT "CKA_DECRYPT";
    0x106 WRAP "CKA_WRAP";
    0x107 UNWRAP "CKA_UNWRAP";
    0x108 SIGN "CKA_SIGN";
    0x109 SIGN_RECOVER "CKA_SIGN_RECOVER";
    0x10A VERIFY "CKA_VERIFY";
    0x10B VERIFY_RECOVER "CKA_VERIFY_RECOVER";
    0x10C DERIVE "CKA_DERIVE";
    0x120 MODULUS "CKA_MODULUS";
    0x121 MODULUS_BITS "CKA_MODULUS_BITS";
    0x122 PUBLIC_EXPONENT "CKA_PUBLIC_EXPONENT";
    0x123 PRIVATE_EXPONENT "CKA_PRIVATE_EXPONENT";
    0x124 PRIME_1 "CKA_PRIME_1";
    0x125 PRIME_2 "CKA_PRIME_2";
    0x126 EXPONENT_1 "CKA_EXPONENT_1";
    0x127 EXPONENT_2 "CKA_EXPONENT_2";
    0x128 COEFFICIENT "CKA_COEFFICIENT";
    0x129 PUBLIC_KEY_INFO "CKA_PUBLIC_KEY_INFO";
    0x130 PRIME "CKA_PRIME";
    0x131 SUBPRIME "CKA_SUBPRIME";
    0x132 BASE "CKA_BASE";
    0x133 PRIME_BITS "CKA_PRIME_BITS";
    0x134 SUBPRIME_BITS "CKA_SUBPRIME_BITS";
    0x160 VALUE_BITS "CKA_VALUE_BITS";
    0x161 VALUE_LEN "CKA_VALUE_LEN";
    0x162 EXTRACTABLE "CKA_EXTRACTABLE";
    0x163 LOCAL "CKA_LOCAL";
    0x164 NEVER_EXTRACTABLE "CKA_NEVER_EXTRACTABLE";
    0x165 ALWAYS_SENSITIVE "CKA_ALWAYS_SENSITIVE";
    0x166 KEY_GEN_MECHANISM "CKA_KEY_GEN_MECHANISM";
    0x170 MODIFIABLE "CKA_MODIFIABLE";
    0x171 COPYABLE "CKA_COPYABLE";
    0x172 DESTROYABLE "CKA_DESTROYABLE";
    0x180 EC_PARAMS "CKA_EC_PARAMS";
    0x181 EC_POINT "CKA_EC_POINT";
    0x210 WRAP_WITH_TRUSTED "CKA_WRAP_WITH_TRUSTED";
    0x8001_0001 IBM_RESTRICTABLE "CKA_IBM_RESTRICTABLE";
    0x8001_0002 IBM_NEVER_MODIFIABLE "CKA_IBM_NEVER_MODIFIABLE";
    0x8001_0003 IBM_RETAINKEY "CKA_IBM_RETAINKEY";
    0x8001_0004 IBM_ATTRBOUND "CKA_IBM_ATTRBOUND";
    0x8001_0005 IBM_KEYTYPE "CKA_IBM_KEYTYPE";
    0x8001_0006 IBM_CV "CKA_IBM_CV";
    0x8001_0007 IBM_MACKEY "CKA_IBM_MACKEY";
    0x8001_0008 IBM_USE_AS_DATA "CKA_IBM_USE_AS_DATA";
    0x8001_0009 IBM_STRUCT_PARAMS "CKA_IBM_STRUCT_PARAMS";
    0x8001_000A IBM_STD_COMPLIANCE1 "CKA_IBM_STD_COMPLIANCE1";
    0x8001_000C IBM_PROTKEY_EXTRACTABLE "CKA_IBM_PROTKEY_EXTRACTABLE";
    0x8001_000D IBM_PROTKEY_NEVER_EXTRACTABLE "CKA_IBM_PROTKEY_NEVER_EXTRACTABLE";
    0x8001_000E IBM_PQC_PARAMS "CKA_IBM_PQC_PARAMS";
    0x8001_000F IBM_LOGIN_SESSION "CKA_IBM_LOGIN_SESSION";
    0x8002_0002 IBM_MACED_PUBLIC_KEY_INFO "CKA_IBM_MACED_PUBLIC_KEY_INFO";
    0x8004_0001 GREP11_TOKEN_LABEL "CKA_GREP11_TOKEN_LABEL";
    0x8004_0002 GREP11_WKID "CKA_GREP11_WKID";
    0x8004_0003 GREP11_KEYSTORE_PASSWORD "CKA_GREP11_KEYSTORE_PASSWORD";
    0x8004_0004 GREP11_KEYBLOB_HAS_ROTATION "CKA_GREP11_KEYBLOB_HAS_ROTATION";
    0x8004_0005 GREP11_NEXTWKID "CKA_GREP11_NEXTWKID";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_ascends_so_that_it_can_be_searched() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(AttributeType::IBM_ATTRBOUND.to_string(), "CKA_IBM_ATTRBOUND");
    }
}
