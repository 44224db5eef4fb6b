//! HTP responses.

use super::HtpError;
use crate::{Cprb, DecodeError, Fault, hexadecimal};

/// A response: a CPRB, or the error that kept the host program from getting one. Specification, section 2.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HtpResponse {
    /// The CPRB with which the crypto module answered.
    Cprb(Vec<u8>),
    /// The request never reached the crypto module.
    Error(HtpError),
}

impl HtpResponse {
    /// Reads a response as clients do: the length in front is not looked at, only the error type decides.
    ///
    /// # Errors
    /// When the error block is shorter than 156 characters, a number in it is not one, or the type says success and no
    /// complete CPRB header follows.
    pub fn decode(text: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = text.split(|character| *character == b';');
        let length = fields.next().unwrap_or_default().len();
        let start = length + 1;
        let Some(field) = fields.next() else { return Err(fault("error block", length, Fault::Truncated)) };
        let block: &[u8; BLOCK] = field
            .first_chunk()
            .ok_or_else(|| fault("error block", start, Fault::WrongSize { expected: BLOCK, found: field.len() }))?;
        if !block.starts_with(SUCCESS) {
            return decode_error(block, start).map(Self::Error);
        }
        let start = start + field.len() + 1;
        let digits = fields.next().unwrap_or_default();
        let cprb = hexadecimal::decode(digits).ok_or_else(|| fault("CPRB", start, Fault::Unsupported("not hex")))?;
        if cprb.len() < Cprb::HEADER_SIZE {
            return Err(fault("CPRB", start, Fault::Truncated));
        }
        Ok(Self::Cprb(cprb))
    }

    /// The string, with upper-case hexadecimal digits. Its length counts like that of a request.
    ///
    /// Clients crash on success without a CPRB, so bytes shorter than its header are sent as an internal error. Text
    /// that does not fit its field is cut; semicolons and characters outside printable ASCII become question marks.
    pub fn encode(&self) -> String {
        let mut counted = String::from(";");
        match self {
            Self::Cprb(cprb) if cprb.len() >= Cprb::HEADER_SIZE => {
                counted.push_str(&format!("00{:<8}{:<8}{:138}", 0, 0, ""));
                counted.push(';');
                hexadecimal::push_upper(&mut counted, cprb);
            }
            Self::Cprb(_) => push_error(&mut counted, &HtpError::internal()),
            Self::Error(error) => push_error(&mut counted, error),
        }
        format!("{}{counted}", counted.len())
    }
}

fn push_error(text: &mut String, error: &HtpError) {
    // A single digit is followed by a blank: clients do not find "09" in their table, and "00" would be success.
    text.push_str(&format!("{:<2}", error.kind.min(MAX_KIND)));
    text.push_str(&format!("{:<8}{:<8}", error.code.min(MAX_CODE), error.reason.min(MAX_CODE)));
    for (field, width) in [(&error.program, PROGRAM), (&error.location, LOCATION), (&error.text, TEXT)] {
        let fitting: String = field.chars().take(width).map(printable).collect();
        text.push_str(&format!("{fitting:width$}"));
    }
}

fn decode_error(block: &[u8; BLOCK], start: usize) -> Result<HtpError, DecodeError> {
    let mut offset = 0;
    let mut next = |width: usize| {
        let from = offset;
        offset += width;
        let characters = block.get(from..offset).unwrap_or_default();
        let text: String = characters.iter().map(|byte| printable(char::from(*byte))).collect();
        (start + from, text.trim().to_owned())
    };
    let number = |field: &'static str, (at, text): (usize, String)| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let value = if digits { text.parse().ok() } else { None };
        value.ok_or_else(|| fault(field, at, Fault::OutOfRange))
    };
    let kind: u32 = number("error type", next(2))?;
    Ok(HtpError {
        // Two digits always fit.
        kind: u8::try_from(kind).unwrap_or(MAX_KIND),
        code: number("return code", next(8))?,
        reason: number("reason code", next(8))?,
        program: next(PROGRAM).1,
        location: next(LOCATION).1,
        text: next(TEXT).1,
    })
}

fn printable(character: char) -> char {
    if character == ';' || !(' '..='~').contains(&character) { '?' } else { character }
}

fn fault(field: &'static str, offset: usize, fault: Fault) -> DecodeError {
    DecodeError::new("HTPResponse", field, offset, fault)
}

/// Error type of a response that carries a CPRB.
const SUCCESS: &[u8] = b"00";
/// Characters of the error block: type 2, codes 8 and 8, then program, location and text.
const BLOCK: usize = 156;
const PROGRAM: usize = 8;
const LOCATION: usize = 30;
const TEXT: usize = 100;
const MAX_KIND: u8 = 99;
const MAX_CODE: u32 = 99_999_999;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn success_is_zeros_and_138_blanks() {
        let text = HtpResponse::Cprb(vec![0x5A; 134]).encode();
        assert_eq!(text, format!("426;000       0       {};{}", " ".repeat(138), "5A".repeat(134)));
    }

    /// The example at the end of section 2.3.
    #[test]
    fn an_error_has_157_characters_after_the_length() {
        let text = HtpResponse::Error(HtpError::invalid_hex_in_parameters()).encode();
        let expected =
            format!("157;{:<156}", "9 43      0       TKEEMU  request parser                Invalid hex data");
        assert_eq!(text, expected);
        assert_eq!(HtpResponse::decode(text.as_bytes()), Ok(HtpResponse::Error(HtpError::invalid_hex_in_parameters())));
    }

    #[test]
    fn success_without_a_cprb_is_never_sent() {
        for size in [0, 1, 31] {
            let text = HtpResponse::Cprb(vec![0; size]).encode();
            assert_eq!(HtpResponse::decode(text.as_bytes()), Ok(HtpResponse::Error(HtpError::internal())), "{size}");
        }
    }

    #[test]
    fn an_error_of_type_0_is_not_sent_as_success() {
        let error = HtpError { kind: 0, ..HtpError::internal() };
        let text = HtpResponse::Error(error.clone()).encode();
        assert!(text.starts_with("157;0 6 "));
        assert_eq!(HtpResponse::decode(text.as_bytes()), Ok(HtpResponse::Error(error)));
    }

    #[test]
    fn text_cannot_break_the_block() {
        let error = HtpError { text: "a;b\u{e9}".repeat(50), code: u32::MAX, kind: 255, ..HtpError::internal() };
        let text = HtpResponse::Error(error).encode();
        assert_eq!(text.len(), 160);
        let HtpResponse::Error(read) = HtpResponse::decode(text.as_bytes()).unwrap() else { panic!("an error") };
        assert_eq!((read.kind, read.code), (99, 99_999_999));
        assert_eq!(read.text, "a?b?".repeat(25));
    }

    #[test]
    fn short_blocks_and_missing_cprbs_are_refused() {
        let block = format!("426;000       0       {:138}", "");
        assert_eq!(HtpResponse::decode(block.as_bytes()).unwrap_err().field, "CPRB");
        assert_eq!(HtpResponse::decode(&block.as_bytes()[..159]).unwrap_err().field, "error block");
        assert_eq!(HtpResponse::decode(b"426").unwrap_err().field, "error block");
        assert_eq!(HtpResponse::decode(format!("{block};0").as_bytes()).unwrap_err().offset, 161);
    }

    #[test]
    fn a_number_that_is_none_is_refused_with_its_place() {
        let text = format!("157;{:<156}", "9 x");
        assert_eq!(
            HtpResponse::decode(text.as_bytes()),
            Err(DecodeError::new("HTPResponse", "return code", 6, Fault::OutOfRange))
        );
    }

    proptest! {
        #[test]
        fn cprbs_survive(cprb in proptest::collection::vec(any::<u8>(), 32..400)) {
            let response = HtpResponse::Cprb(cprb);
            prop_assert_eq!(HtpResponse::decode(response.encode().as_bytes()), Ok(response));
        }

        #[test]
        fn errors_that_fit_survive(
            kind in 0_u8..100, code in 0_u32..100_000_000, reason in 0_u32..100_000_000,
            program in "[!-:<-~]{0,8}", location in "[!-:<-~]{0,30}", text in "[!-:<-~]{0,100}",
        ) {
            let response = HtpResponse::Error(HtpError { kind, code, reason, program, location, text });
            prop_assert_eq!(HtpResponse::decode(response.encode().as_bytes()), Ok(response));
        }

        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = HtpResponse::decode(&text);
        }
    }
}
