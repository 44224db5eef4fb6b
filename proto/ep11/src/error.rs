//! What is wrong with bytes that do not decode.

use std::fmt;

/// Bytes that are not what a format asks for: names the format, the field and where it starts.
///
/// `offset` counts from the start of the bytes given to the decoder of `format`. The text never holds input bytes other
/// than a tag or a size, so that it may be logged and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The structure being read, by its name in the specification: `xcpAdminBlk`.
    pub format: &'static str,
    /// The field of it that is wrong: `counter`.
    pub field: &'static str,
    /// Where the field starts, in bytes (in characters for HTP strings).
    pub offset: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The input ends before the field does, or the field is missing.
    Truncated,
    /// Another BER tag stands where the field should be.
    UnexpectedTag {
        /// The tag of the field.
        expected: u8,
        /// The tag found.
        found: u8,
    },
    /// A length that is reserved, or larger than any message.
    BadLength,
    /// Bytes follow the last field.
    TrailingBytes,
    /// The field has a fixed size in bytes and another one was found.
    WrongSize {
        /// The size of the field.
        expected: usize,
        /// The size found.
        found: usize,
    },
    /// A form that the protocol does not use, or a fixed value that differs; says which.
    Unsupported(&'static str),
    /// A value outside the set or range of the field.
    OutOfRange,
}

impl DecodeError {
    /// An error of `field` in `format`, at `offset`.
    pub(crate) fn new(format: &'static str, field: &'static str, offset: usize, fault: Fault) -> Self {
        Self { format, field, offset, fault }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} at byte {}: {}", self.format, self.field, self.offset, self.fault)
    }
}

impl std::error::Error for DecodeError {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("missing or cut off"),
            Self::UnexpectedTag { expected, found } => write!(f, "tag {found:02x} instead of {expected:02x}"),
            Self::BadLength => f.write_str("impossible length"),
            Self::TrailingBytes => f.write_str("bytes follow the end"),
            Self::WrongSize { expected, found } => write!(f, "{found} bytes instead of {expected}"),
            Self::Unsupported(what) => write!(f, "not supported: {what}"),
            Self::OutOfRange => f.write_str("value out of range"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_format_field_and_offset() {
        let error = DecodeError::new("xcpAdminBlk", "counter", 42, Fault::WrongSize { expected: 16, found: 15 });
        assert_eq!(error.to_string(), "xcpAdminBlk.counter at byte 42: 15 bytes instead of 16");
    }

    #[test]
    fn tags_are_shown_in_hex() {
        let fault = Fault::UnexpectedTag { expected: 0x04, found: 0x30 };
        assert_eq!(fault.to_string(), "tag 30 instead of 04");
    }
}
