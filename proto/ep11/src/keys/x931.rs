//! The ANSI X9.31 frame that administrators with an RSA key sign (section 4.7).
//!
//! ```text
//! 6B | BB ... BB | BA | SHA-256 digest, 32 bytes | 34 | CC          together as long as the modulus
//! ```
//!
//! The digest of the message is all that it protects: `34` names SHA-256, `CC` ends every X9.31 frame.

use sha2::{Digest, Sha256};

/// The frame for `message`, `size` bytes long. `None` when `size` leaves no room for it.
pub(super) fn frame(message: &[u8], size: usize) -> Option<Vec<u8>> {
    let padding = size.checked_sub(OVERHEAD)?;
    let mut frame = Vec::with_capacity(size);
    frame.push(HEAD);
    frame.extend(std::iter::repeat_n(PADDING, padding));
    frame.push(DELIMITER);
    frame.extend_from_slice(&Sha256::digest(message));
    frame.extend_from_slice(&TRAILER);
    Some(frame)
}

const HEAD: u8 = 0x6B;
const PADDING: u8 = 0xBB;
const DELIMITER: u8 = 0xBA;
const TRAILER: [u8; 2] = [0x34, 0xCC];
/// Everything but the padding: head, delimiter, digest, trailer.
const OVERHEAD: usize = 1 + 1 + 32 + 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_for_2048_bits_matches_the_published_block() {
        let expected = [
            "6b".to_owned(),
            "bb".repeat(220),
            "ba".to_owned(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned(),
            "34cc".to_owned(),
        ];
        assert_eq!(hex::encode(frame(b"abc", 256).unwrap()), expected.concat());
    }

    #[test]
    fn padding_fills_larger_moduli() {
        assert_eq!(frame(b"abc", 512).unwrap().len(), 512);
    }

    #[test]
    fn a_size_below_the_fixed_bytes_has_no_frame() {
        assert_eq!(frame(b"abc", 35), None);
        assert_eq!(frame(b"abc", 36).unwrap().len(), 36);
    }
}
