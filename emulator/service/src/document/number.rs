//! Numbers that do not fit into a number of JSON, or that people write in hexadecimal.

use std::fmt;

use hpcs_ep11::{Permissions, TransactionCounter};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// A transaction counter: written as a text of decimal digits, because it has 128 bits. A number is read too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter(pub TransactionCounter);

/// A permission word: written as `"0x01FF2055"`. A number is read too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermissionWord(pub Permissions);

impl Serialize for Counter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for PermissionWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Counter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadingCounter)
    }
}

impl<'de> Deserialize<'de> for PermissionWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadingWord)
    }
}

struct ReadingCounter;

impl Visitor<'_> for ReadingCounter {
    type Value = Counter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of at most 128 bits, or its decimal digits in quotes")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Counter, E> {
        Ok(Counter(TransactionCounter(number.into())))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Counter, E> {
        Ok(Counter(TransactionCounter(number)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Counter, E> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        number.map(|number| Counter(TransactionCounter(number))).ok_or_else(|| E::custom(NO_COUNTER))
    }
}

struct ReadingWord;

impl Visitor<'_> for ReadingWord {
    type Value = PermissionWord;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of at most 32 bits, or 0x and its hexadecimal digits in quotes")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<PermissionWord, E> {
        let word = u32::try_from(number).map_err(|_| E::custom(NO_WORD))?;
        Ok(PermissionWord(Permissions(word)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<PermissionWord, E> {
        let digits = text.strip_prefix("0x").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let word = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        word.map(|word| PermissionWord(Permissions(word))).ok_or_else(|| E::custom(NO_WORD))
    }
}

const NO_COUNTER: &str = "transaction_counter: not a number of at most 128 bits";
const NO_WORD: &str = "permissions: not a number of at most 32 bits, such as 0x81FF0011";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_decimal_texts_or_numbers() {
        let largest = Counter(TransactionCounter(u128::MAX));
        let text = serde_json::to_string(&largest).unwrap();
        assert_eq!(text, "\"340282366920938463463374607431768211455\"");
        assert_eq!(serde_json::from_str::<Counter>(&text).unwrap(), largest);
        assert_eq!(serde_json::from_str::<Counter>("41").unwrap(), Counter(TransactionCounter(41)));
        for wrong in ["\"\"", "\"+1\"", "\"340282366920938463463374607431768211456\"", "-1", "1.5", "null"] {
            assert!(serde_json::from_str::<Counter>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn permissions_are_hexadecimal_texts_or_numbers() {
        let factory = PermissionWord(Permissions::FACTORY);
        assert_eq!(serde_json::to_string(&factory).unwrap(), "\"0x81FF0011\"");
        for text in ["\"0x81FF0011\"", "\"0x81ff0011\"", "2180972561"] {
            assert_eq!(serde_json::from_str::<PermissionWord>(text).unwrap(), factory, "{text}");
        }
        for wrong in ["\"81FF0011\"", "\"0x\"", "\"0x+1\"", "\"0x181FF0011\"", "4294967296", "-1"] {
            assert!(serde_json::from_str::<PermissionWord>(wrong).is_err(), "{wrong}");
        }
    }
}
