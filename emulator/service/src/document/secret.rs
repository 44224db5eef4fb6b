//! Secrets in documents.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeStruct, Serializer};
use zeroize::Zeroizing;

use super::{Blob, Why};
use crate::sealing::{Opener, SealFault, Sealer};

/// A secret in a document. Its text is hexadecimal digits in the clear, or `{"sealed": "<base64>"}`.
///
/// Has no `Debug` and no `Clone`; what is in the clear is zeroized.
pub struct Secret(Form);

enum Form {
    /// Serialising it is an error.
    Clear(Zeroizing<Vec<u8>>),
    /// Serialises as hexadecimal digits.
    Disclosed(Zeroizing<Vec<u8>>),
    Sealed(Vec<u8>),
    /// Was a text of something else than hexadecimal digits or base64; the fault is found where the path is known.
    Unreadable,
}

impl Secret {
    /// A secret in the clear, which is not serialised as it is: it has to be [sealed](Secret::seal) or
    /// [disclosed](Secret::disclose) first.
    pub fn clear(secret: Zeroizing<Vec<u8>>) -> Self {
        Secret(Form::Clear(secret))
    }

    /// Seals it for the field of this path; what is sealed already stays.
    pub fn seal(&mut self, field: &str, sealer: &mut dyn Sealer) {
        if let Form::Clear(secret) | Form::Disclosed(secret) = &self.0 {
            self.0 = Form::Sealed(sealer.seal(field, secret));
        }
    }

    /// Opens what was sealed for the field of this path; what is in the clear stays.
    ///
    /// # Errors
    /// [`SealFault`].
    pub fn open(&mut self, field: &str, opener: &dyn Opener) -> Result<(), SealFault> {
        if let Form::Sealed(sealed) = &self.0 {
            self.0 = Form::Clear(opener.open(field, sealed)?);
        }
        Ok(())
    }

    /// Lets it be serialised in the clear; what is sealed stays sealed.
    pub fn disclose(&mut self) {
        if let Form::Clear(secret) = &mut self.0 {
            self.0 = Form::Disclosed(std::mem::take(secret));
        }
    }

    /// Whether it is sealed.
    pub fn is_sealed(&self) -> bool {
        matches!(self.0, Form::Sealed(_))
    }

    /// The secret, which whoever calls this answers for.
    ///
    /// # Errors
    /// [`Why::Sealed`], or [`Why::Expected`] when it was no hexadecimal text.
    pub fn expose(&self) -> Result<&[u8], Why> {
        match &self.0 {
            Form::Clear(secret) | Form::Disclosed(secret) => Ok(secret),
            Form::Sealed(_) => Err(Why::Sealed),
            Form::Unreadable => Err(Why::Expected("a text of hexadecimal digits, nor something sealed in base64")),
        }
    }

    fn from_hex(text: &str) -> Self {
        let mut secret = Zeroizing::new(vec![0; text.len() / 2]);
        match hex::decode_to_slice(text, &mut secret) {
            Ok(()) => Secret(Form::Clear(secret)),
            Err(_) => Secret(Form::Unreadable),
        }
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::Disclosed(secret) => {
                let mut text = Zeroizing::new(vec![0; 2 * secret.len()]);
                hex::encode_to_slice(secret, &mut text).map_err(S::Error::custom)?;
                serializer.serialize_str(std::str::from_utf8(&text).map_err(S::Error::custom)?)
            }
            Form::Sealed(sealed) => {
                let mut sealing = serializer.serialize_struct("Sealed", 1)?;
                sealing.serialize_field(SEALED, &STANDARD.encode(sealed))?;
                sealing.end()
            }
            Form::Clear(_) | Form::Unreadable => {
                Err(S::Error::custom("a secret in the clear is not written: seal the document, or disclose it"))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hexadecimal digits in quotes, or {\"sealed\": ...}")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::from_hex(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Secret, E> {
        Ok(Secret::from_hex(&Zeroizing::new(text)))
    }

    // Numbers would be repeated by the message that serde makes.
    fn visit_u64<E: Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::custom(NO_NUMBER))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Secret, E> {
        Err(E::custom(NO_NUMBER))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::custom(NO_NUMBER))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::custom(NO_NUMBER))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let mut sealed = None;
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if name != SEALED {
                // The name may be a part of a secret, or all of it.
                return Err(A::Error::custom(ONE_MEMBER));
            }
            if sealed.replace(map.next_value::<Blob>()?).is_some() {
                return Err(A::Error::duplicate_field(SEALED));
            }
        }
        let sealed = sealed.ok_or_else(|| A::Error::missing_field(SEALED))?;
        Ok(Secret(sealed.into_bytes().map_or(Form::Unreadable, Form::Sealed)))
    }
}

const SEALED: &str = "sealed";
const ONE_MEMBER: &str = "a sealed secret has one member, `sealed`";
const NO_NUMBER: &str = "a secret is a text of hexadecimal digits in quotes, not a number";

#[cfg(test)]
mod tests {
    use super::*;

    struct Reversing;

    impl Sealer for Reversing {
        fn seal(&mut self, field: &str, secret: &[u8]) -> Vec<u8> {
            field.bytes().chain(secret.iter().rev().copied()).collect()
        }
    }

    impl Opener for Reversing {
        fn open(&self, field: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault> {
            let content = sealed.strip_prefix(field.as_bytes()).ok_or(SealFault::Damaged)?;
            Ok(Zeroizing::new(content.iter().rev().copied().collect()))
        }
    }

    fn secret() -> Secret {
        Secret::clear(Zeroizing::new(vec![1, 2, 0xAB]))
    }

    fn read(json: &str) -> Secret {
        serde_json::from_str(json).ok().unwrap()
    }

    #[test]
    fn a_secret_in_the_clear_is_written_only_when_disclosed() {
        let mut secret = secret();
        let error = serde_json::to_string(&secret).unwrap_err().to_string();
        assert!(!error.contains("ab") && !error.contains("171"), "{error}");
        secret.disclose();
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"0102ab\"");
        assert_eq!(read("\"0102AB\"").expose(), Ok(&[1, 2, 0xAB][..]));
        assert!(serde_json::to_string(&read("\"0102ab\"")).is_err(), "what was read is not disclosed");
    }

    #[test]
    fn a_sealed_secret_is_written_sealed_and_opens_in_its_place() {
        let mut secret = secret();
        secret.seal("key", &mut Reversing);
        secret.disclose();
        let text = serde_json::to_string(&secret).unwrap();
        assert_eq!(text, r#"{"sealed":"a2V5qwIB"}"#);
        let mut read = read(&text);
        assert!(read.is_sealed());
        assert_eq!(read.expose(), Err(Why::Sealed));
        assert_eq!(read.open("kex", &Reversing), Err(SealFault::Damaged));
        assert_eq!(read.open("key", &Reversing), Ok(()));
        assert_eq!(read.expose(), Ok(&[1, 2, 0xAB][..]));
    }

    #[test]
    fn other_texts_are_unreadable_and_other_forms_are_refused() {
        for json in ["\"0g\"", "\"abc\"", r#"{"sealed":"%"}"#] {
            assert!(matches!(read(json).expose(), Err(Why::Expected(_))), "{json}");
        }
        for json in ["1", "null", "[]", "{}", r#"{"sealed":"","x":1}"#, r#"{"sealed":"","sealed":""}"#] {
            assert!(serde_json::from_str::<Secret>(json).is_err(), "{json}");
        }
    }
}
