//! Published numbers are easier to compare with their source in hexadecimal.

/// The bytes of `hex`, lower case and of `LENGTH` times two digits: anything else does not compile in a constant.
pub(crate) const fn decode<const LENGTH: usize>(hex: &str) -> [u8; LENGTH] {
    let digits = hex.as_bytes();
    assert!(digits.len() == 2 * LENGTH);
    let mut bytes = [0; LENGTH];
    let mut index = 0;
    while index < LENGTH {
        bytes[index] = value(digits[2 * index]) << 4 | value(digits[2 * index + 1]);
        index += 1;
    }
    bytes
}

const fn value(digit: u8) -> u8 {
    if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 }
}
