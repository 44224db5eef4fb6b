//! Bytes in documents that are no secret.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use super::Why;

/// Bytes: written in base64, in hexadecimal digits when they are at most 32. Both are read.
///
/// A text of hexadecimal digits alone is read as such; base64 of more than a few bytes never looks like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob(Option<Vec<u8>>);

impl Blob {
    /// The document's form of these bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Blob(Some(bytes))
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`Why::Expected`] when the text was neither.
    pub fn bytes(&self) -> Result<&[u8], Why> {
        self.0.as_deref().ok_or(UNREADABLE)
    }

    /// The bytes, if the text was one of both.
    pub(super) fn into_bytes(self) -> Option<Vec<u8>> {
        self.0
    }

    /// The bytes when there are `N`.
    ///
    /// # Errors
    /// [`Why::Size`] with `expected` when there are not, or that of [`Blob::bytes`].
    pub(super) fn array<const N: usize>(&self, expected: &'static str) -> Result<[u8; N], Why> {
        let bytes = self.bytes()?;
        bytes.try_into().map_err(|_| Why::Size { expected, found: bytes.len() })
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.0.as_deref().unwrap_or_default();
        if bytes.len() <= SHORT {
            serializer.serialize_str(&hex::encode(bytes))
        } else {
            serializer.serialize_str(&STANDARD.encode(bytes))
        }
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reading)
    }
}

struct Reading;

impl Visitor<'_> for Reading {
    type Value = Blob;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text of hexadecimal digits or base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Blob, E> {
        Ok(Blob(hex::decode(text).ok().or_else(|| STANDARD.decode(text).ok())))
    }
}

/// The most bytes that are written in hexadecimal digits.
const SHORT: usize = 32;
const UNREADABLE: Why = Why::Expected("a text of hexadecimal digits or base64");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_bytes_are_written_in_hexadecimal_and_long_ones_in_base64() {
        assert_eq!(serde_json::to_string(&Blob::new(vec![0xAB; 2])).unwrap(), "\"abab\"");
        let long = serde_json::to_string(&Blob::new(vec![0xFF; 33])).unwrap();
        assert_eq!(long, format!("\"{}\"", "/".repeat(44)));
    }

    #[test]
    fn what_is_neither_is_told_where_its_path_is_known() {
        let blob: Blob = serde_json::from_str("\"%%\"").unwrap();
        assert_eq!(blob.bytes(), Err(UNREADABLE));
        assert_eq!(Blob::new(vec![1]).array::<2>("2"), Err(Why::Size { expected: "2", found: 1 }));
        assert!(serde_json::from_str::<Blob>("12").is_err());
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes: Vec<u8>) {
            let text = serde_json::to_string(&Blob::new(bytes.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<Blob>(&text).unwrap(), Blob::new(bytes));
        }
    }
}
