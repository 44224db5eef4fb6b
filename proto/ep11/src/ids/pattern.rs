//! Verification patterns: fingerprints of key values.

use std::fmt;
use std::str::FromStr;

use super::IdError;
use crate::hexadecimal;

/// The verification pattern of a master key or key part: SHA-256 over `01` and the 32-byte key, the tail per firmware.
///
/// Newer firmware zeroes the last four bytes, older firmware keeps them; so only the first 28 bytes are ever compared,
/// with [`matches`](Self::matches). `==` compares all 32. Specification, section 11.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerificationPattern(pub [u8; 32]);

/// What becomes of the last four bytes of a verification pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternTail {
    /// They stay as hashed: CEX5 and CEX6 modules, and identifiers of key parts everywhere.
    Kept,
    /// They are zero: CEX7 and CEX8 modules.
    Zeroed,
}

impl VerificationPattern {
    /// What an empty register reports: 32 zero bytes.
    pub const ZERO: Self = Self([0; 32]);

    /// The pattern in these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are patterns of the same key: the first 28 bytes are equal.
    pub fn matches(&self, other: &Self) -> bool {
        self.with_tail(PatternTail::Zeroed) == other.with_tail(PatternTail::Zeroed)
    }

    /// The pattern as firmware with this habit reports it.
    #[must_use]
    pub fn with_tail(mut self, tail: PatternTail) -> Self {
        if let (PatternTail::Zeroed, Some(last)) = (tail, self.0.last_chunk_mut::<4>()) {
            *last = [0; 4];
        }
        self
    }
}

impl FromStr for VerificationPattern {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let rule = IdError::new("verification pattern", "64 hexadecimal digits");
        hexadecimal::decode_array(text.as_bytes()).map(Self).ok_or(rule)
    }
}

impl fmt::Display for VerificationPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal::fmt_lower(&self.0, f)
    }
}

impl fmt::Debug for VerificationPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerificationPattern({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Specification, section 11, both forms.
    const OLD: &str = "491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e77677ab6f919";
    const NEW: &str = "491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e776700000000";

    #[test]
    fn the_zeroed_tail_is_four_bytes() {
        let old: VerificationPattern = OLD.parse().unwrap();
        assert_eq!(old.with_tail(PatternTail::Zeroed).to_string(), NEW);
        assert_eq!(old.with_tail(PatternTail::Kept).to_string(), OLD);
    }

    #[test]
    fn only_the_first_28_bytes_count() {
        let old: VerificationPattern = OLD.parse().unwrap();
        let new: VerificationPattern = NEW.parse().unwrap();
        assert!(old.matches(&new) && old != new);
        let mut other = old;
        other.0[27] ^= 1;
        assert!(!old.matches(&other));
    }

    #[test]
    fn texts_are_64_digits_of_either_case() {
        assert_eq!(OLD.to_uppercase().parse::<VerificationPattern>().unwrap().to_string(), OLD);
        assert!(OLD[1..].parse::<VerificationPattern>().is_err());
    }
}
