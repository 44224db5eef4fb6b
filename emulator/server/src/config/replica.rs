//! What tells one replica of a database from another.

use std::fmt;
use std::str::FromStr;

/// The name of a replica: 1 to 64 letters, digits, `.`, `_` or `-`. Two replicas at work have not the same; a replica
/// that is started again has the one it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaName(String);

/// The text is not a replica's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaNameError;

impl ReplicaName {
    /// The name as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReplicaName {
    type Err = ReplicaNameError;

    fn from_str(text: &str) -> Result<Self, ReplicaNameError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(fits) {
            Ok(ReplicaName(text.to_owned()))
        } else {
            Err(ReplicaNameError)
        }
    }
}

impl fmt::Display for ReplicaNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a replica's name is 1 to {LONGEST} letters, digits, '.', '_' or '-'")
    }
}

impl std::error::Error for ReplicaNameError {}

const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_has_neither_spaces_nor_slashes() {
        let longest = "x".repeat(64);
        for text in ["a", "hpcs-emulator-0", "node_1.example.com", &longest] {
            assert_eq!(text.parse::<ReplicaName>().unwrap().as_str(), text);
        }
        for text in ["", "a b", "a/b", "a:", "\u{e9}", &format!("{longest}x")] {
            assert_eq!(text.parse::<ReplicaName>(), Err(ReplicaNameError), "{text}");
        }
    }
}
