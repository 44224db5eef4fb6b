//! Hexadecimal text: upper case inside messages, lower case for people.

use std::fmt;

/// Appends the bytes in upper case.
pub(crate) fn push_upper(text: &mut String, bytes: &[u8]) {
    text.reserve(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0x0F] {
            text.push(char::from(if nibble < 10 { b'0' + nibble } else { b'A' - 10 + nibble }));
        }
    }
}

/// Writes the bytes in lower case.
pub(crate) fn fmt_lower(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// The bytes of a text of either case; `None` for an odd length or another character.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    pairs.iter().map(|pair| byte(*pair)).collect()
}

/// The bytes of a text of exactly `2 * N` characters of either case.
pub(crate) fn decode_array<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    if pairs.len() != N {
        return None;
    }
    let mut bytes = [0; N];
    for (target, pair) in bytes.iter_mut().zip(pairs) {
        *target = byte(*pair)?;
    }
    Some(bytes)
}

/// The byte of two characters of either case.
pub(crate) fn byte([high, low]: [u8; 2]) -> Option<u8> {
    Some(nibble(high)? << 4 | nibble(low)?)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_both_cases() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut upper = String::new();
        push_upper(&mut upper, &bytes);
        assert_eq!(upper, hex::encode_upper(&bytes));
        assert_eq!(decode(upper.as_bytes()).unwrap(), bytes);
        assert_eq!(decode(upper.to_lowercase().as_bytes()).unwrap(), bytes);
    }

    #[test]
    fn odd_length_wrong_size_and_other_characters_are_refused() {
        assert_eq!(decode(b"abc"), None);
        assert_eq!(decode(b"0g"), None);
        assert_eq!(decode_array::<2>(b"aabbcc"), None);
        assert_eq!(decode_array::<2>(b"aabb"), Some([0xAA, 0xBB]));
    }
}
