//! Subject key identifiers: which key, by its hash.

use std::fmt;
use std::str::FromStr;

use super::IdError;
use crate::hexadecimal;

/// A subject key identifier (SKI), 32 bytes. Which hash it is depends on whose key it names:
/// [`PublicKey::subject_key_id`](crate::PublicKey::subject_key_id) for administrators,
/// [`PublicKey::importer_id`](crate::PublicKey::importer_id) for importer keys,
/// [`P521PublicKey::oa_key_id`](crate::P521PublicKey::oa_key_id) for module keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectKeyId(pub [u8; 32]);

impl SubjectKeyId {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for SubjectKeyId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let rule = IdError::new("subject key identifier", "64 hexadecimal digits");
        hexadecimal::decode_array(text.as_bytes()).map(Self).ok_or(rule)
    }
}

impl fmt::Display for SubjectKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal::fmt_lower(&self.0, f)
    }
}

impl fmt::Debug for SubjectKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubjectKeyId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_lower_case_and_read_in_either_case() {
        let text = "d20f65714c3b5aa971fbccf0162898d4d21cf703a67cb9865d3dcd878fbf591e";
        let id: SubjectKeyId = text.to_uppercase().parse().unwrap();
        assert_eq!(id.to_string(), text);
        let error = text[2..].parse::<SubjectKeyId>().unwrap_err();
        assert_eq!(error.to_string(), "not a subject key identifier, which has 64 hexadecimal digits");
    }
}
