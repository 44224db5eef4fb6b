//! Identifiers: UUIDs of instances, crypto units, keystores and their keys, and account numbers.

use std::fmt;
use std::str::FromStr;

/// A UUID: 16 bytes, written in lower case as 8-4-4-4-12 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid([u8; 16]);

impl Uuid {
    /// A version 4 UUID made of these bytes; the version and variant bits are overwritten.
    ///
    /// Where the bytes come from is the caller's affair: identifiers are handed in, never drawn here.
    pub fn from_random_bytes(mut bytes: [u8; 16]) -> Self {
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Uuid(bytes)
    }

    /// A version 4 UUID made of the first half of a SHA-256 digest.
    pub fn from_digest(digest: &[u8; 32]) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        Uuid::from_random_bytes(half)
    }

    /// The UUID of these bytes, whatever its version: for identifiers that clients choose.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Uuid(bytes)
    }

    /// The 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl FromStr for Uuid {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let fault =
            || IdError { text: text.to_owned(), expected: "a UUID such as 7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c" };
        let hyphens_fit = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| (byte == b'-') == matches!(at, 8 | 13 | 18 | 23));
        if !hyphens_fit {
            return Err(fault());
        }
        let mut bytes = [0; 16];
        let mut digits = text.bytes().filter(|byte| *byte != b'-').map(|byte| (byte as char).to_digit(16));
        for byte in &mut bytes {
            match (digits.next().flatten(), digits.next().flatten()) {
                (Some(high), Some(low)) => *byte = (high * 16 + low) as u8,
                _ => return Err(fault()),
            }
        }
        Ok(Uuid(bytes))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut at = 0;
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                at += 1;
            }
            text[at] = DIGITS[usize::from(byte >> 4)];
            text[at + 1] = DIGITS[usize::from(byte & 15)];
            at += 2;
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// A service instance: the UUID that is the eighth part of its CRN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceId(pub Uuid);

/// A crypto unit: the UUID that the TKE interface calls `hsm_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CryptoUnitId(pub Uuid);

/// An EP11 keystore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeystoreId(pub Uuid);

/// A key in an EP11 keystore; no two keys of an instance have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoredKeyId(pub Uuid);

macro_rules! uuid_name {
    ($name:ident) => {
        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse().map($name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_name!(InstanceId);
uuid_name!(CryptoUnitId);
uuid_name!(KeystoreId);
uuid_name!(StoredKeyId);

/// An IBM Cloud account: 32 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

impl AccountId {
    /// The account number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
            Ok(AccountId(text.to_owned()))
        } else {
            Err(IdError { text: text.to_owned(), expected: "an account of 32 lower-case hexadecimal digits" })
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not an identifier of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdError {
    text: String,
    expected: &'static str,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not {}", self.text, self.expected)
    }
}

impl std::error::Error for IdError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_round_trips_and_prints_in_lower_case() {
        let text = "7F3C2B1A-5d4e-4f6a-9b8c-0d1e2f3a4b5c";
        assert_eq!(text.parse::<Uuid>().unwrap().to_string(), text.to_lowercase());
    }

    #[test]
    fn random_bytes_become_version_4() {
        assert_eq!(Uuid::from_random_bytes([0xff; 16]).to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn malformed_identifiers_are_refused() {
        for text in [
            "",
            "7f3c2b1a5d4e4f6a9b8c0d1e2f3a4b5c",
            "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5g",
            "7f3c2b1-a5d4e-4f6a-9b8c-0d1e2f3a4b5c",
        ] {
            assert!(text.parse::<Uuid>().is_err(), "{text}");
        }
        assert!("4E1A9F0C7B2D4A5E8F3C6B1D9E0A7C52".parse::<AccountId>().is_err());
        assert!("4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse::<AccountId>().is_ok());
    }
}
