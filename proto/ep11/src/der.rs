//! A tolerant reader of BER and a writer of minimal DER.
//!
//! The formats of this crate are not strict DER: real modules send non-minimal lengths, fixed-size integers and missing
//! NULLs, and clients depend on them (specification, section 0). So the reader takes any definite length and leaves the
//! meaning of contents to its caller. It copies nothing and recurses nowhere.

use crate::{DecodeError, Fault};

/// An INTEGER.
pub(crate) const INTEGER: u8 = 0x02;
/// A BIT STRING.
pub(crate) const BIT_STRING: u8 = 0x03;
/// An OCTET STRING.
pub(crate) const OCTET_STRING: u8 = 0x04;
/// A NULL.
pub(crate) const NULL: u8 = 0x05;
/// An OBJECT IDENTIFIER.
pub(crate) const OID: u8 = 0x06;
/// A SEQUENCE.
pub(crate) const SEQUENCE: u8 = 0x30;
/// A SET.
pub(crate) const SET: u8 = 0x31;

/// The primitive context-specific tag `[n]`.
pub(crate) const fn context(n: u8) -> u8 {
    0x80 | n
}

/// The constructed context-specific tag `[n]`.
pub(crate) const fn constructed(n: u8) -> u8 {
    0xA0 | n
}

/// Walks over the elements of one structure and remembers where it is, for errors.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    format: &'static str,
    input: &'a [u8],
    /// Offset of `input` from the start of the bytes first given to `new`.
    offset: usize,
}

/// One element: its content, and all of it as received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    /// Tag, length and content, exactly as received: what a signature covers.
    pub(crate) whole: &'a [u8],
    /// The content alone.
    pub(crate) content: &'a [u8],
    /// Offset of the content from the start of the format.
    pub(crate) offset: usize,
}

impl<'a> Reader<'a> {
    /// Reads `input` as a `format`; the name is for errors.
    pub(crate) fn new(format: &'static str, input: &'a [u8]) -> Self {
        Self { format, input, offset: 0 }
    }

    /// A reader of the content of `element`, with offsets that go on counting.
    pub(crate) fn inside(&self, element: Element<'a>) -> Self {
        Self { format: self.format, input: element.content, offset: element.offset }
    }

    /// Where the next byte is, from the start of the format.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// The bytes not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.input
    }

    /// Whether all bytes are read.
    pub(crate) fn is_empty(&self) -> bool {
        self.input.is_empty()
    }

    /// The tag of the next element, if there is one.
    pub(crate) fn peek_tag(&self) -> Option<u8> {
        self.input.first().copied()
    }

    /// An error about `field` at the current place.
    pub(crate) fn error(&self, field: &'static str, fault: Fault) -> DecodeError {
        DecodeError::new(self.format, field, self.offset, fault)
    }

    /// The next `count` bytes, whatever they are.
    pub(crate) fn bytes(&mut self, field: &'static str, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.input.split_at_checked(count).ok_or_else(|| self.error(field, Fault::Truncated))?;
        self.input = rest;
        self.offset += count;
        Ok(taken)
    }

    /// The next `N` bytes as an array.
    pub(crate) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let error = self.error(field, Fault::Truncated);
        self.bytes(field, N)?.try_into().map_err(|_| error)
    }

    /// The next four bytes as an integer.
    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_be_bytes)
    }

    /// The next element, whatever its tag.
    pub(crate) fn any(&mut self, field: &'static str) -> Result<Element<'a>, DecodeError> {
        let mut ahead = self.clone();
        let [tag] = ahead.array(field)?;
        if tag & 0x1F == 0x1F {
            return Err(self.error(field, Fault::Unsupported("a tag of several bytes")));
        }
        let length = ahead.length(field).map_err(|error| DecodeError { offset: self.offset, ..error })?;
        let offset = ahead.offset;
        let content = ahead.bytes(field, length).map_err(|error| DecodeError { offset: self.offset, ..error })?;
        let whole = self.bytes(field, offset - self.offset + length)?;
        Ok(Element { whole, content, offset })
    }

    /// The next element, which must have this tag.
    pub(crate) fn element(&mut self, field: &'static str, tag: u8) -> Result<Element<'a>, DecodeError> {
        match self.peek_tag() {
            Some(found) if found != tag => Err(self.error(field, Fault::UnexpectedTag { expected: tag, found })),
            _ => self.any(field),
        }
    }

    /// A reader of the content of the next element, which must have this tag.
    pub(crate) fn enter(&mut self, field: &'static str, tag: u8) -> Result<Self, DecodeError> {
        let element = self.element(field, tag)?;
        Ok(self.inside(element))
    }

    /// A reader of the content of the next element, a SEQUENCE.
    pub(crate) fn sequence(&mut self, field: &'static str) -> Result<Self, DecodeError> {
        self.enter(field, SEQUENCE)
    }

    /// The content of the next element, an OCTET STRING.
    pub(crate) fn octets(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        self.element(field, OCTET_STRING).map(|element| element.content)
    }

    /// The content of the next element, an OCTET STRING of `N` bytes.
    pub(crate) fn octets_array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let start = self.clone();
        let content = self.octets(field)?;
        content.try_into().map_err(|_| start.error(field, Fault::WrongSize { expected: N, found: content.len() }))
    }

    /// The content of the next element, an OCTET STRING of four bytes, as an integer.
    pub(crate) fn octets_u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.octets_array(field).map(u32::from_be_bytes)
    }

    /// The magnitude of the next element, an INTEGER: its bytes without leading zeros, empty for zero.
    ///
    /// Non-minimal integers are taken; negative ones are refused, since no format has them.
    pub(crate) fn unsigned_integer(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let start = self.clone();
        let content = self.element(field, INTEGER)?.content;
        match content.first() {
            None => Err(start.error(field, Fault::BadLength)),
            Some(first) if first & 0x80 != 0 => Err(start.error(field, Fault::OutOfRange)),
            Some(_) => Ok(without_leading_zeros(content)),
        }
    }

    /// Refuses bytes that nobody read.
    pub(crate) fn finish(&self, field: &'static str) -> Result<(), DecodeError> {
        if self.is_empty() { Ok(()) } else { Err(self.error(field, Fault::TrailingBytes)) }
    }

    /// A definite length in short or long form, minimal or not.
    fn length(&mut self, field: &'static str) -> Result<usize, DecodeError> {
        let [first] = self.array(field)?;
        match first {
            0..=0x7F => Ok(usize::from(first)),
            0x80 => Err(self.error(field, Fault::Unsupported("indefinite length"))),
            // Eight bytes are more than any sender uses and keep the sum below from overflowing.
            0x81..=0x88 => {
                let digits = self.bytes(field, usize::from(first & 0x7F))?;
                let value = digits.iter().fold(0_u64, |value, digit| value << 8 | u64::from(*digit));
                usize::try_from(value)
                    .ok()
                    .filter(|length| *length <= MAX_LENGTH)
                    .ok_or_else(|| self.error(field, Fault::BadLength))
            }
            _ => Err(self.error(field, Fault::BadLength)),
        }
    }
}

/// Appends elements with minimal lengths.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The bytes written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// An element with this tag and content.
    pub(crate) fn element(&mut self, tag: u8, content: &[u8]) -> &mut Self {
        self.header(tag, content.len()).raw(content)
    }

    /// An element with this tag whose content `write` writes.
    pub(crate) fn nested(&mut self, tag: u8, write: impl FnOnce(&mut Writer)) -> &mut Self {
        let mut content = Writer::new();
        write(&mut content);
        self.element(tag, &content.bytes)
    }

    /// A SEQUENCE whose content `write` writes.
    pub(crate) fn sequence(&mut self, write: impl FnOnce(&mut Writer)) -> &mut Self {
        self.nested(SEQUENCE, write)
    }

    /// An OCTET STRING.
    pub(crate) fn octets(&mut self, content: &[u8]) -> &mut Self {
        self.element(OCTET_STRING, content)
    }

    /// An OCTET STRING of four bytes.
    pub(crate) fn octets_u32(&mut self, value: u32) -> &mut Self {
        self.octets(&value.to_be_bytes())
    }

    /// An INTEGER from its magnitude, leading zeros or not, in minimal form.
    pub(crate) fn unsigned_integer(&mut self, magnitude: &[u8]) -> &mut Self {
        let digits = without_leading_zeros(magnitude);
        let sign: &[u8] = if digits.first().is_none_or(|first| first & 0x80 != 0) { &[0] } else { &[] };
        self.header(INTEGER, sign.len() + digits.len()).raw(sign).raw(digits)
    }

    /// A tag and a minimal length.
    fn header(&mut self, tag: u8, length: usize) -> &mut Self {
        self.bytes.push(tag);
        match u8::try_from(length) {
            Ok(short @ 0..=0x7F) => self.bytes.push(short),
            _ => {
                let digits = length.to_be_bytes();
                let digits = without_leading_zeros(&digits);
                // A usize has at most eight digits.
                self.bytes.push(0x80 | digits.len() as u8);
                self.bytes.extend_from_slice(digits);
            }
        }
        self
    }
}

/// One complete SEQUENCE.
pub(crate) fn sequence(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.sequence(write);
    writer.into_bytes()
}

/// The SEQUENCEs that stand in `input` one after the other, each with tag and length as received.
pub(crate) fn split_sequences<'a>(
    format: &'static str,
    field: &'static str,
    input: &'a [u8],
) -> Result<Vec<&'a [u8]>, DecodeError> {
    let mut reader = Reader::new(format, input);
    let mut parts = Vec::new();
    while !reader.is_empty() {
        parts.push(reader.element(field, SEQUENCE)?.whole);
    }
    Ok(parts)
}

fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    digits.get(zeros..).unwrap_or_default()
}

/// The longest element, in bytes: far above any message, far below an overflow.
const MAX_LENGTH: usize = 1 << 24;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn only(input: &[u8]) -> Result<Element<'_>, DecodeError> {
        Reader::new("test", input).any("field")
    }

    #[test]
    fn non_minimal_lengths_are_taken() {
        for header in ["0402", "048102", "04820002", "04880000000000000002"] {
            let input = [hex::decode(header).unwrap(), vec![0xAB, 0xCD]].concat();
            let element = only(&input).unwrap();
            assert_eq!((element.content, element.whole), (&[0xAB, 0xCD][..], &input[..]), "{header}");
        }
    }

    #[test]
    fn indefinite_and_reserved_lengths_are_refused() {
        assert_eq!(only(&[0x30, 0x80, 0, 0]).unwrap_err().fault, Fault::Unsupported("indefinite length"));
        assert_eq!(only(&[0x30, 0xFF, 0, 0]).unwrap_err().fault, Fault::BadLength);
        let huge = [0x30, 0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        assert_eq!(only(&huge).unwrap_err().fault, Fault::BadLength);
    }

    #[test]
    fn tags_of_several_bytes_are_refused() {
        assert_eq!(only(&[0x1F, 0x81, 0x01, 0x00]).unwrap_err().fault, Fault::Unsupported("a tag of several bytes"));
    }

    #[test]
    fn an_error_points_at_the_start_of_the_field_inside_its_parent() {
        let mut reader = Reader::new("test", &[0x30, 0x06, 0x04, 0x01, 0xAA, 0x04, 0x05, 0xBB]);
        let mut inner = reader.sequence("outer").unwrap();
        inner.octets("first").unwrap();
        assert_eq!(inner.octets("second").unwrap_err(), DecodeError::new("test", "second", 5, Fault::Truncated));
    }

    #[test]
    fn a_missing_element_is_truncated_and_not_a_wrong_tag() {
        assert_eq!(Reader::new("test", &[]).octets("field").unwrap_err().fault, Fault::Truncated);
    }

    #[test]
    fn a_failed_read_moves_nothing() {
        let mut reader = Reader::new("test", &[0x04, 0x01, 0xAA]);
        reader.sequence("field").unwrap_err();
        assert_eq!(reader.octets("field").unwrap(), &[0xAA]);
    }

    #[test]
    fn integers_are_written_minimal_and_read_with_padding() {
        let mut writer = Writer::new();
        writer.unsigned_integer(&[0, 0, 0x80]).unsigned_integer(&[]).unsigned_integer(&[0x7F]);
        let bytes = writer.into_bytes();
        assert_eq!(hex::encode(&bytes), "0202008002010002017f");
        let mut padded = Reader::new("test", &[0x02, 0x03, 0x00, 0x00, 0x80]);
        assert_eq!(padded.unsigned_integer("r").unwrap(), &[0x80]);
    }

    #[test]
    fn negative_and_empty_integers_are_refused() {
        assert_eq!(Reader::new("test", &[2, 1, 0x80]).unsigned_integer("r").unwrap_err().fault, Fault::OutOfRange);
        assert_eq!(Reader::new("test", &[2, 0]).unsigned_integer("r").unwrap_err().fault, Fault::BadLength);
    }

    #[test]
    fn concatenated_sequences_are_split_as_received() {
        let input = [0x30, 0x00, 0x30, 0x81, 0x01, 0xAA];
        assert_eq!(split_sequences("test", "part", &input).unwrap(), vec![&input[..2], &input[2..]]);
        assert!(split_sequences("test", "part", &[]).unwrap().is_empty());
        assert_eq!(split_sequences("test", "part", &input[..5]).unwrap_err().offset, 2);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(content in proptest::collection::vec(any::<u8>(), 0..70_000)) {
            let mut writer = Writer::new();
            writer.octets(&content);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new("test", &bytes);
            prop_assert_eq!(reader.octets("field").unwrap(), &content[..]);
            prop_assert!(reader.finish("end").is_ok());
        }
    }
}
