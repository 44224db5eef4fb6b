//! `SIGNSERVKEYS`: the keys of a signing service that sign commands, written by the user.
//!
//! ```json
//! [{"key": "first-key"}, {"key": "second-key", "token": "..."}]
//! ```
//!
//! Tokens go from the file's bytes into memory that clears itself, and never into an error. Part of the specification: TKE
//! workflows 3.2, TKE administration protocol 10.3.

use std::fmt;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use super::bounded::read_file;
use super::{FieldFault, FilesError, WorkstationFiles};
use crate::signer::check_key_name;

/// A key that a signing service keeps.
pub struct SigningServiceKeyEntry {
    /// Its name at the service.
    pub key: String,
    /// The token that it is used with; without one the user is asked.
    pub token: Option<Zeroizing<String>>,
}

impl WorkstationFiles {
    /// The keys in the order of the file; none when there is no file.
    ///
    /// # Errors
    /// [`FilesError::UnknownMember`], [`FilesError::Damaged`] with the member that is missing or cannot be used,
    /// [`FilesError::TooLarge`], [`FilesError::Io`].
    pub fn signing_service_keys(&self) -> Result<Vec<SigningServiceKeyEntry>, FilesError> {
        let path = self.root().join(NAME);
        let content = match read_file(&path) {
            Ok(content) => content,
            Err(FilesError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        // The library's own words could repeat a token.
        let damaged = |fault| FilesError::Damaged { path: path.clone(), field: "file", fault };
        let entries: Vec<Entry> = serde_json::from_slice(&content).map_err(|_| damaged(FieldFault::Malformed))?;
        entries.into_iter().map(|entry| entry.check(&path)).collect()
    }
}

/// An element of the array.
enum Entry {
    Object(Vec<(String, Member)>),
    Other,
}

enum Member {
    Text(Zeroizing<String>),
    Other,
}

impl Entry {
    fn check(self, path: &Path) -> Result<SigningServiceKeyEntry, FilesError> {
        let damaged = |field, fault| FilesError::Damaged { path: path.to_owned(), field, fault };
        let Self::Object(members) = self else { return Err(damaged("file", FieldFault::WrongType)) };
        let (mut key, mut token) = (None, None);
        for (name, member) in members {
            let (field, place) = match name.as_str() {
                "key" => ("key", &mut key),
                "token" => ("token", &mut token),
                _ => return Err(FilesError::UnknownMember { path: path.to_owned(), member: name }),
            };
            let Member::Text(text) = member else { return Err(damaged(field, FieldFault::WrongType)) };
            if place.replace(text).is_some() {
                return Err(damaged(field, FieldFault::Repeated));
            }
        }
        let key = key.ok_or_else(|| damaged("key", FieldFault::Missing))?.to_string();
        check_key_name(&key).map_err(|_| damaged("key", FieldFault::Malformed))?;
        if token.as_ref().is_some_and(|token| token.chars().any(char::is_control)) {
            return Err(damaged("token", FieldFault::Malformed));
        }
        Ok(SigningServiceKeyEntry { key, token })
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct EntryVisitor;

struct MemberVisitor;

/// The values of JSON that a visitor takes for something of another type.
macro_rules! other_values {
    ($other:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
            while sequence.next_element::<IgnoredAny>()?.is_some() {}
            Ok($other)
        }
    };
}

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    other_values!(Entry::Other);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_str<E>(self, _: &str) -> Result<Entry, E> {
        Ok(Entry::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Entry::Object(members))
    }
}

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member;

    other_values!(Member::Other);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Member, E> {
        Ok(Member::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Member, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}

const NAME: &str = "SIGNSERVKEYS";

#[cfg(test)]
mod tests {
    use super::super::testing::workspace;
    use super::*;

    fn read(content: &str) -> Result<Vec<SigningServiceKeyEntry>, String> {
        let workspace = workspace();
        std::fs::write(workspace.files.root().join(NAME), content).unwrap();
        workspace.files.signing_service_keys().map_err(|error| {
            let text = error.to_string();
            text.split_once("SIGNSERVKEYS: ").unwrap().1.to_owned()
        })
    }

    #[test]
    fn keys_come_in_the_order_of_the_file_with_and_without_token() {
        let keys = read(r#"[{"key":"second~key"}, {"token":"t=1","key":"first-key"}]"#).unwrap();
        let keys: Vec<_> =
            keys.iter().map(|entry| (entry.key.as_str(), entry.token.as_ref().map(|token| token.as_str()))).collect();
        assert_eq!(keys, [("second~key", None), ("first-key", Some("t=1"))]);
    }

    #[test]
    fn without_a_file_there_are_no_keys() {
        assert!(workspace().files.signing_service_keys().unwrap().is_empty());
        assert!(read("[]").unwrap().is_empty());
    }

    #[test]
    fn the_member_that_cannot_be_used_is_named_and_no_token_is_repeated() {
        for (content, expected) in [
            (r#"[{"key":"a","tokne":"s3cret"}]"#, "tokne is not a known member"),
            (r#"[{"token":"s3cret"}]"#, "key not found"),
            (r#"[{"key":1,"token":"s3cret"}]"#, "key does not have the right type"),
            (r#"[{"key":"a","token":["s3cret"]}]"#, "token does not have the right type"),
            (r#"[{"key":"a","token":null}]"#, "token does not have the right type"),
            (r#"[{"key":"a","token":{"b":"s3cret"}}]"#, "token does not have the right type"),
            (r#"[{"key":"a/b"}]"#, "key is malformed"),
            (r#"[{"key":"a","token":"s3\ncret"}]"#, "token is malformed"),
            (r#"[{"key":"a","key":"b"}]"#, "key is there more than once"),
            (r#"["s3cret"]"#, "file does not have the right type"),
            (r#"[["s3cret"], 7]"#, "file does not have the right type"),
            (r#"{"key":"s3cret"}"#, "file is malformed"),
            (r#"[{"key":"s3cret"#, "file is malformed"),
        ] {
            assert_eq!(read(content).err().unwrap(), expected, "{content}");
        }
    }

    #[test]
    fn the_size_of_the_file_is_bounded() {
        let text = read(&" ".repeat(64 * 1024 + 1)).err().unwrap();
        assert_eq!(text, "too large; the limit is 65536 bytes");
    }
}
