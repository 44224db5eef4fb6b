//! Errors that the host program in front of the crypto modules answers with.

use std::fmt;

use super::meanings::meaning;

/// The content of the error block of a response that carries no CPRB. Specification, sections 2.2 and 2.3.
///
/// Clients look up a text for (kind, code, reason) and show the other fields as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtpError {
    /// Who found the error: 9 syntax of the request, 11 the host program itself, 15 the connection to the module.
    pub kind: u8,
    /// Return code, up to eight digits.
    pub code: u32,
    /// Reason code, up to eight digits.
    pub reason: u32,
    /// Program that answers, up to eight characters.
    pub program: String,
    /// Place in the program, up to 30 characters.
    pub location: String,
    /// Explanation, up to 100 characters.
    pub text: String,
}

impl HtpError {
    /// 9/1: the index of the crypto module is not an integer.
    pub fn module_index_not_integer() -> Self {
        Self::syntax(1, "Crypto module index is not an integer")
    }

    /// 9/2: the index of the crypto module is out of range, or not that of the addressed unit.
    pub fn module_index_out_of_range() -> Self {
        Self::syntax(2, "Crypto module index is out of range")
    }

    /// 9/4: the domain index is not an integer.
    pub fn domain_index_not_integer() -> Self {
        Self::syntax(4, "Domain index is not an integer")
    }

    /// 9/5: the domain index is out of range.
    pub fn domain_index_out_of_range() -> Self {
        Self::syntax(5, "Domain index is out of range")
    }

    /// 9/12: a character of the command is not a hexadecimal digit.
    pub fn invalid_hex_in_command() -> Self {
        Self::syntax(12, "Invalid hex data in command")
    }

    /// 9/13: the command has an odd number of hexadecimal digits.
    pub fn odd_command_length() -> Self {
        Self::syntax(13, "Odd number of hex digits in command")
    }

    /// 9/19: the CPRB does not decode. Which of 19 to 26 a real host uses is not known.
    pub fn malformed_cprb() -> Self {
        Self::syntax(19, "Malformed CPRB")
    }

    /// 9/27: the length in front of the request is wrong, or the request is too long.
    pub fn message_length() -> Self {
        Self::syntax(27, "Message length is wrong")
    }

    /// 9/43: a character of a parameter block is not a hexadecimal digit.
    pub fn invalid_hex_in_parameters() -> Self {
        Self::syntax(43, "Invalid hex data")
    }

    /// 9/47: the module letter is not that of EP11 crypto modules.
    pub fn invalid_module_letter() -> Self {
        Self::syntax(47, "Invalid crypto module letter")
    }

    /// 11/3: the request is not of the one message type there is.
    pub fn invalid_message_type() -> Self {
        Self::new(11, 3, 0, PARSER, "Invalid message type")
    }

    /// 11/6: the host program cannot answer. Used where nothing better is known.
    pub fn internal() -> Self {
        Self::new(11, 6, 0, DISPATCHER, "Internal error")
    }

    /// 15/2: no answer from the crypto module within this many seconds.
    pub fn read_timeout(seconds: u32) -> Self {
        Self::new(15, 2, seconds, DISPATCHER, "Read timeout")
    }

    fn syntax(code: u32, text: &str) -> Self {
        Self::new(9, code, 0, PARSER, text)
    }

    fn new(kind: u8, code: u32, reason: u32, location: &str, text: &str) -> Self {
        Self { kind, code, reason, program: PROGRAM.to_owned(), location: location.to_owned(), text: text.to_owned() }
    }
}

/// The codes in the form clients use as a key, what they mean if that is known, then program, place and text.
impl fmt::Display for HtpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, code, reason, program, location, text } = self;
        write!(f, "HTPResponse error. {kind}-{code}-{reason} ")?;
        if let Some(meaning) = meaning(*kind, *code, *reason) {
            write!(f, "{meaning} ")?;
        }
        write!(f, "{program} {location}: {text}")
    }
}

impl std::error::Error for HtpError {}

// What real hosts put into program, location and text is not known. These come from the example in section 2.3, and
// the choices of return codes above follow the list in section 13.3; a captured response changes them here.
const PROGRAM: &str = "TKEEMU";
const PARSER: &str = "request parser";
const DISPATCHER: &str = "request dispatcher";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_the_key_of_the_client_table() {
        let text = HtpError::read_timeout(30).to_string();
        assert_eq!(
            text,
            "HTPResponse error. 15-2-30 The crypto module did not answer within the seconds that the reason code gives. \
             TKEEMU request dispatcher: Read timeout"
        );
        let unknown = HtpError { kind: 77, ..HtpError::read_timeout(30) }.to_string();
        assert_eq!(unknown, "HTPResponse error. 77-2-30 TKEEMU request dispatcher: Read timeout");
    }

    #[test]
    fn every_error_fits_its_fields() {
        for error in [
            HtpError::module_index_not_integer(),
            HtpError::domain_index_not_integer(),
            HtpError::domain_index_out_of_range(),
            HtpError::malformed_cprb(),
            HtpError::invalid_hex_in_parameters(),
            HtpError::odd_command_length(),
            HtpError::internal(),
        ] {
            assert!(error.program.len() <= 8 && error.location.len() <= 30 && error.text.len() <= 100, "{error}");
        }
    }
}
