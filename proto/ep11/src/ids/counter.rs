//! The counter that makes every command of a domain different.

use std::fmt;

/// The transaction counter of a domain: 16 bytes, unsigned, big-endian.
///
/// A client sends the counter it read plus one; a domain takes any value above its own. So a repeated command fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionCounter(pub u128);

impl TransactionCounter {
    /// The counter of a new or zeroized domain.
    pub const ZERO: Self = Self(0);

    /// The counter for the next command; after the largest value comes zero, as in clients.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// The counter in these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The 16 bytes.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for TransactionCounter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Specification, section 14.9.
    #[test]
    fn next_carries_and_wraps() {
        for (before, after) in [
            ("00000000000000000000000000000000", "00000000000000000000000000000001"),
            ("000000000000000000000000000000ff", "00000000000000000000000000000100"),
            ("ffffffffffffffffffffffffffffffff", "00000000000000000000000000000000"),
        ] {
            let before: [u8; 16] = hex::decode(before).unwrap().try_into().unwrap();
            assert_eq!(hex::encode(TransactionCounter::from_bytes(before).next().to_bytes()), after);
        }
    }

    #[test]
    fn order_is_that_of_unsigned_numbers() {
        assert!(TransactionCounter::from_bytes([0xFF; 16]) > TransactionCounter::ZERO.next());
    }
}
