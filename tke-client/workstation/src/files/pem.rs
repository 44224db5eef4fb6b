//! The PEM block inside a signature key file.
//!
//! Its label is `PRIVATE KEY` for both kinds of keys, although the content is not PKCS#8 but SEC 1 or PKCS#1: the
//! published SDK reads and writes it so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// `der` as a PEM text.
pub(super) fn encode(der: &[u8]) -> Zeroizing<Vec<u8>> {
    let body = Zeroizing::new(STANDARD.encode(der));
    let lines = body.len().div_ceil(LINE);
    // The exact size: growing would leave copies of the key behind.
    let mut text = Zeroizing::new(Vec::with_capacity(BEGIN.len() + END.len() + body.len() + lines + 2));
    text.extend_from_slice(BEGIN.as_bytes());
    text.push(b'\n');
    for line in body.as_bytes().chunks(LINE) {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.extend_from_slice(END.as_bytes());
    text.push(b'\n');
    text
}

/// The content of the first block in `text`, or `None` if there is no complete one.
pub(super) fn decode(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = std::str::from_utf8(text).ok()?;
    let (_, rest) = text.split_once(BEGIN)?;
    let (lines, _) = rest.split_once(END)?;
    let mut body = Zeroizing::new(Vec::with_capacity(lines.len()));
    body.extend(lines.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    STANDARD.decode(&*body).ok().map(Zeroizing::new)
}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
/// Characters in a line.
const LINE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_64_characters_and_the_content_survives() {
        let der: Vec<u8> = (0..=200).collect();
        let text = encode(&der);
        assert_eq!(text.capacity(), text.len());
        let lines: Vec<&str> = std::str::from_utf8(&text).unwrap().lines().collect();
        assert_eq!((lines[0], lines[1].len()), (BEGIN, 64));
        assert_eq!(*decode(&text).unwrap(), der);
    }

    #[test]
    fn other_labels_and_cut_off_blocks_are_refused() {
        assert!(decode(b"-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n").is_none());
        assert!(decode(b"-----BEGIN PRIVATE KEY-----\nAAAA\n").is_none());
        assert!(decode(b"-----BEGIN PRIVATE KEY-----\nA*AA\n-----END PRIVATE KEY-----\n").is_none());
        assert!(decode(b"\xff\xfe").is_none());
    }
}
