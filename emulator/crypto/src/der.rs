//! As much DER (X.690) as keys need: elements with one-byte tags and definite, minimal lengths.

use zeroize::Zeroizing;

/// The tag of INTEGER.
pub const INTEGER: u8 = 0x02;
/// The tag of BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// The tag of OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// The tag of OBJECT IDENTIFIER.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// The tag of SEQUENCE.
pub const SEQUENCE: u8 = 0x30;

/// The constructed context-specific tag `[n]`.
pub const fn constructed(n: u8) -> u8 {
    0xA0 | n
}

/// The primitive context-specific tag `[n]`.
pub const fn primitive(n: u8) -> u8 {
    0x80 | n
}

/// Takes elements off the front of some bytes.
#[derive(Clone, Copy)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The content of the next element if it has this tag; otherwise nothing is read.
    pub fn element(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (content, rest) = split(self.0, tag)?;
        self.0 = rest;
        Some(content)
    }

    /// The next element with tag and length if it has this tag; otherwise nothing is read.
    pub fn whole_element(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (_, rest) = split(self.0, tag)?;
        let (whole, _) = self.0.split_at_checked(self.0.len() - rest.len())?;
        self.0 = rest;
        Some(whole)
    }

    /// A reader of the content of the next element if it has this tag.
    pub fn enter(&mut self, tag: u8) -> Option<Self> {
        self.element(tag).map(Self)
    }

    /// The magnitude of the next element, an INTEGER that is not negative, without leading zeros.
    pub fn unsigned_integer(&mut self) -> Option<&'a [u8]> {
        match self.element(INTEGER)? {
            [0, magnitude @ ..] => Some(magnitude),
            magnitude @ [..=0x7F, ..] => Some(magnitude),
            _ => None,
        }
    }

    /// The content of the next element, a BIT STRING of whole bytes.
    pub fn bit_string(&mut self) -> Option<&'a [u8]> {
        match self.element(BIT_STRING)?.split_first()? {
            (0, bytes) => Some(bytes),
            _ => None,
        }
    }

    /// `Some` when everything is read.
    pub fn finish(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// An INTEGER with this magnitude, big-endian; leading zeros do not count.
pub fn unsigned_integer(magnitude: &[u8]) -> Zeroizing<Vec<u8>> {
    let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
    let significant = magnitude.get(zeros..).unwrap_or_default();
    // A zero is one byte, and a set highest bit would be a sign.
    let sign: &[u8] = if significant.first().is_none_or(|first| *first >= 0x80) { &[0] } else { &[] };
    element(INTEGER, &[sign, significant])
}

/// The content of the element in front, which must have this tag, and what follows the element.
fn split(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first != tag {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(*first), rest),
        // Four bytes count further than any key.
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            let length = digits.iter().fold(0_u32, |length, digit| length << 8 | u32::from(*digit));
            let minimal = length > 0x7F && digits.first() != Some(&0);
            (usize::try_from(length).ok().filter(|_| minimal)?, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// One element with these parts as its content.
///
/// The parts and the result may be secret, so no copy is left behind.
pub fn element(tag: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let digits = length.to_be_bytes();
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let digits = digits.get(zeros..).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 + digits.len() + length));
    bytes.push(tag);
    match u8::try_from(length) {
        Ok(short @ 0..=0x7F) => bytes.push(short),
        _ => {
            // A usize has at most eight digits.
            bytes.push(0x80 | digits.len() as u8);
            bytes.extend_from_slice(digits);
        }
    }
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_minimal() {
        for (length, header) in
            [(0, "0400"), (0x7F, "047f"), (0x80, "048180"), (0xFF, "0481ff"), (0x100, "04820100"), (0x1234, "04821234")]
        {
            let content = vec![7; length];
            let whole = element(OCTET_STRING, &[&content]);
            assert!(hex::encode(&*whole).starts_with(header), "{length}");
            let mut reader = Reader::new(&whole);
            assert_eq!(reader.element(OCTET_STRING), Some(content.as_slice()));
            assert_eq!(reader.finish(), Some(()));
        }
    }

    #[test]
    fn integers_have_a_sign_and_no_more_bytes_than_they_need() {
        for (magnitude, encoded) in [("", "020100"), ("00", "020100"), ("007f", "02017f"), ("80", "02020080")] {
            let integer = unsigned_integer(&hex::decode(magnitude).unwrap());
            assert_eq!(hex::encode(&*integer), encoded);
        }
        assert_eq!(Reader::new(&[2, 2, 0, 0x80]).unsigned_integer(), Some(&[0x80][..]));
        assert_eq!(Reader::new(&[2, 1, 0]).unsigned_integer(), Some(&[][..]));
        assert_eq!(Reader::new(&[2, 1, 0x80]).unsigned_integer(), None);
        assert_eq!(Reader::new(&[2, 0]).unsigned_integer(), None);
    }

    #[test]
    fn malformed_elements_are_refused() {
        for bytes in ["", "04", "0401", "0480", "048100", "04817f00", "0482", "04820001ff", "0485000000000100", "04ff"]
        {
            let bytes = hex::decode(bytes).unwrap();
            assert_eq!(Reader::new(&bytes).element(OCTET_STRING), None, "{bytes:02x?}");
        }
        assert_eq!(Reader::new(&[0x04, 0x00]).element(INTEGER), None);
        assert_eq!(Reader::new(&[0x03, 0x02, 0x01, 0x80]).bit_string(), None);
        assert_eq!(Reader::new(&[0x03, 0x00]).bit_string(), None);
    }

    #[test]
    fn a_whole_element_keeps_its_header() {
        let mut reader = Reader::new(&[0x06, 0x01, 0x2A, 0x05]);
        assert_eq!(reader.whole_element(INTEGER), None);
        assert_eq!(reader.whole_element(OBJECT_IDENTIFIER), Some([0x06, 0x01, 0x2A].as_slice()));
        assert_eq!(reader.0, [0x05]);
    }
}
