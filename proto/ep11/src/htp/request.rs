//! HTP requests.

use super::HtpError;
use crate::hexadecimal;

/// A request: a CPRB for the crypto module with this index. Specification, section 2.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtpRequest {
    /// Index of the crypto module: third part of a unit's location.
    pub module_index: u32,
    /// The CPRB.
    pub cprb: Vec<u8>,
}

impl HtpRequest {
    /// The longest request that is read, in characters. The published client sends up to 3,000.
    pub const MAX_LENGTH: usize = 128 * 1024;

    /// Reads a request: length, message type, module letter, module index, blanks, CPRB, separated by semicolons.
    ///
    /// # Errors
    /// The [`HtpError`] to answer with: 9/27 wrong length, 11/3 wrong message type, 9/47 wrong module letter, 9/1 or
    /// 9/2 module index, 9/13 odd number of hexadecimal digits, 9/12 another character among them. Whether the index is
    /// that of the addressed unit is for the caller to check, and to answer with
    /// [`module_index_out_of_range`](HtpError::module_index_out_of_range).
    pub fn decode(text: &[u8]) -> Result<Self, HtpError> {
        if text.len() > Self::MAX_LENGTH {
            return Err(HtpError::message_length());
        }
        let digits = text.iter().take_while(|character| **character != SEPARATOR).count();
        let (length, counted) = text.split_at_checked(digits).ok_or_else(HtpError::message_length)?;
        if decimal(length).is_none_or(|length| usize::try_from(length) != Ok(counted.len())) {
            return Err(HtpError::message_length());
        }
        // The part counted starts with a separator, so the first field is empty.
        let mut fields = counted.split(|character| *character == SEPARATOR).skip(1);
        if fields.next() != Some(MESSAGE_TYPE) {
            return Err(HtpError::invalid_message_type());
        }
        if fields.next().map(<[u8]>::trim_ascii) != Some(MODULE_LETTER.trim_ascii()) {
            return Err(HtpError::invalid_module_letter());
        }
        let module_index = module_index(fields.next().unwrap_or_default())?;
        let (Some(blanks), Some(digits), None) = (fields.next(), fields.next(), fields.next()) else {
            return Err(HtpError::invalid_message_type());
        };
        if !blanks.trim_ascii().is_empty() {
            return Err(HtpError::invalid_message_type());
        }
        if digits.len() % 2 != 0 {
            return Err(HtpError::odd_command_length());
        }
        let cprb = hexadecimal::decode(digits).ok_or_else(HtpError::invalid_hex_in_command)?;
        Ok(Self { module_index, cprb })
    }

    /// The string, with upper-case hexadecimal digits.
    pub fn encode(&self) -> String {
        let mut counted = format!(";PCI request;XPNUM   ;{};        ;", self.module_index);
        hexadecimal::push_upper(&mut counted, &self.cprb);
        format!("{}{counted}", counted.len())
    }
}

fn module_index(field: &[u8]) -> Result<u32, HtpError> {
    let field = field.trim_ascii();
    if field.is_empty() || !field.iter().all(u8::is_ascii_digit) {
        return Err(HtpError::module_index_not_integer());
    }
    decimal(field).ok_or_else(HtpError::module_index_out_of_range)
}

/// The value of decimal digits, if they are nothing else and fit.
fn decimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

const SEPARATOR: u8 = b';';
const MESSAGE_TYPE: &[u8] = b"PCI request";
const MODULE_LETTER: &[u8] = b"XPNUM   ";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> (u8, u32, u32) {
        let error = HtpRequest::decode(text.as_bytes()).unwrap_err();
        (error.kind, error.code, error.reason)
    }

    /// A request with this text after the length, and the right length.
    fn counted(rest: &str) -> String {
        format!("{}{rest}", rest.len())
    }

    #[test]
    fn the_length_counts_from_the_first_separator_to_the_end() {
        let request = HtpRequest { module_index: 2, cprb: vec![0xAB; 74] };
        let text = request.encode();
        assert!(text.starts_with("181;PCI request;XPNUM   ;2;        ;ABAB"));
        assert_eq!(text.len(), 184);
        assert_eq!(HtpRequest::decode(text.as_bytes()), Ok(request));
    }

    #[test]
    fn a_wrong_or_missing_length_is_9_27() {
        for text in ["", ";", "34;PCI request;XPNUM   ;2;        ;", "x;PCI request;XPNUM   ;2;        ;AB"] {
            assert_eq!(code(text), (9, 27, 0), "{text}");
        }
        assert_eq!(code("+35;PCI request;XPNUM   ;2;        ;AB"), (9, 27, 0));
    }

    #[test]
    fn an_oversize_request_is_9_27() {
        let text = counted(&format!(";PCI request;XPNUM   ;0;        ;{}", "A".repeat(HtpRequest::MAX_LENGTH)));
        assert_eq!(code(&text), (9, 27, 0));
    }

    #[test]
    fn each_field_has_its_code() {
        for (rest, expected) in [
            (";PCI reply;XPNUM   ;2;        ;AB", (11, 3, 0)),
            (";PCI request", (9, 47, 0)),
            (";PCI request;XQNUM   ;2;        ;AB", (9, 47, 0)),
            (";PCI request;XPNUM   ;two;        ;AB", (9, 1, 0)),
            (";PCI request;XPNUM   ;-2;        ;AB", (9, 1, 0)),
            (";PCI request;XPNUM   ;;        ;AB", (9, 1, 0)),
            (";PCI request;XPNUM   ;4294967296;        ;AB", (9, 2, 0)),
            (";PCI request;XPNUM   ;2;   x    ;AB", (11, 3, 0)),
            (";PCI request;XPNUM   ;2;        ", (11, 3, 0)),
            (";PCI request;XPNUM   ;2;        ;AB;", (11, 3, 0)),
            (";PCI request;XPNUM   ;2;        ;ABC", (9, 13, 0)),
            (";PCI request;XPNUM   ;2;        ;AG", (9, 12, 0)),
            (";PCI request;XPNUM   ;2;        ;\u{e9}", (9, 12, 0)),
        ] {
            assert_eq!(code(&counted(rest)), expected, "{rest}");
        }
    }

    #[test]
    fn lower_case_digits_are_read() {
        let text = counted(";PCI request;XPNUM   ;2;        ;abcd");
        assert_eq!(HtpRequest::decode(text.as_bytes()).unwrap().cprb, [0xAB, 0xCD]);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(module_index: u32, cprb in proptest::collection::vec(any::<u8>(), 0..400)) {
            let request = HtpRequest { module_index, cprb };
            prop_assert_eq!(HtpRequest::decode(request.encode().as_bytes()), Ok(request));
        }

        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = HtpRequest::decode(&text);
        }
    }
}
