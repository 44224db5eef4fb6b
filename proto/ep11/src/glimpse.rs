//! A look at requests that do not decode.
//!
//! A request that is cut off, damaged behind its head or sent to the wrong place still says what its sender tried to
//! do, and the audit trail names it. Nothing is decided on what is found here.

use crate::der;
use crate::{AdminFunction, Cprb, FunctionWord, hexadecimal};

/// The administrative function that an HTP string asks for, if its hexadecimal digits are whole up to there.
///
/// Lengths, module, domain, header fields and everything behind the function identifier are not looked at. Reads at
/// most the first 512 bytes of the CPRB, which is ten times what a request needs. `None` when the string has no sixth
/// field or holds another message than an administrative one.
pub fn glimpse_function(htp: &[u8]) -> Option<AdminFunction> {
    let digits = htp.splitn(6, |character| *character == b';').nth(5)?;
    let mut bytes = [0; 512];
    let mut known = 0;
    for (target, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
        let Some(byte) = hexadecimal::byte(*pair) else { break };
        *target = byte;
        known += 1;
    }
    let mut head = Head(bytes.get(Cprb::HEADER_SIZE..known)?);
    head.enter(der::SEQUENCE)?;
    let word = FunctionWord::from_bytes(head.octets()?.try_into().ok()?);
    if !word.is_admin() {
        return None;
    }
    head.octets()?;
    head.enter(der::OCTET_STRING)?;
    head.enter(der::SEQUENCE)?;
    Some(AdminFunction(u32::from_be_bytes(head.octets()?.try_into().ok()?)))
}

/// The bytes not read yet. Unlike a [`der::Reader`] it steps into elements whose end is missing.
struct Head<'a>(&'a [u8]);

impl<'a> Head<'a> {
    /// Steps over tag and length of an element; returns the length.
    fn enter(&mut self, tag: u8) -> Option<usize> {
        let ([found, first], rest) = self.0.split_first_chunk()?;
        let count = if *first < 0x80 { 0 } else { usize::from(*first & 0x7F) };
        let (digits, rest) = rest.split_at_checked(count)?;
        let long =
            digits.iter().try_fold(0_usize, |value, digit| value.checked_mul(256)?.checked_add((*digit).into()))?;
        self.0 = rest;
        (*found == tag).then_some(if *first < 0x80 { usize::from(*first) } else { long })
    }

    /// The content of a complete OCTET STRING.
    fn octets(&mut self) -> Option<&'a [u8]> {
        let length = self.enter(der::OCTET_STRING)?;
        let (content, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Specification, section 14.4.
    const ZEROIZE: &str = "245;PCI request;XPNUM   ;0;        ;00200400008054340000000000000003000000000000000000000000\
                           0000004A304804040001002904040000000304383036040400000010040800000003000000010410393341414243\
                           3031001122334455667704100000000000000000000000000000000104000400";
    /// Where the function identifier ends.
    const KNOWN: usize = ZEROIZE.len() - 2 * 50;

    fn glimpse(text: &str) -> Option<AdminFunction> {
        glimpse_function(text.as_bytes())
    }

    #[test]
    fn a_whole_request_says_what_it_asks_for() {
        assert_eq!(glimpse(ZEROIZE), Some(AdminFunction::ZEROIZE));
    }

    #[test]
    fn everything_behind_the_identifier_may_be_missing() {
        for end in 0..=ZEROIZE.len() {
            let expected = (end >= KNOWN).then_some(AdminFunction::ZEROIZE);
            assert_eq!(glimpse(&ZEROIZE[..end]), expected, "{end}");
        }
    }

    #[test]
    fn everything_behind_the_identifier_may_be_damaged() {
        let damaged = format!("{}XX{}", &ZEROIZE[..KNOWN], &ZEROIZE[KNOWN + 2..]);
        assert_eq!(glimpse(&damaged), Some(AdminFunction::ZEROIZE));
        assert_eq!(glimpse(&ZEROIZE.replace("00000010040800", "000000X0040800")), None);
    }

    #[test]
    fn a_wrong_length_module_or_domain_does_not_hide_it() {
        for (from, to) in [("245;", "9;"), (";0;", ";17;"), (";0;", ";none;"), ("040400000003", "040400000099")] {
            assert_eq!(glimpse(&ZEROIZE.replacen(from, to, 1)), Some(AdminFunction::ZEROIZE), "{from}");
        }
    }

    #[test]
    fn an_unknown_function_is_named_too() {
        assert_eq!(glimpse(&ZEROIZE.replace("040400000010", "040400000777")), Some(AdminFunction(0x777)));
    }

    #[test]
    fn other_messages_have_none() {
        assert_eq!(glimpse(&ZEROIZE.replace("00010029", "00010026")), None);
        assert_eq!(glimpse(""), None);
        assert_eq!(glimpse(";;;;;"), None);
    }

    #[test]
    fn lengths_that_do_not_fit_end_the_look() {
        let header = "00".repeat(32);
        for head in ["30FF", "3004 04880000000000000004 00010029", "3004 0489FFFFFFFFFFFFFFFFFF"] {
            assert_eq!(glimpse(&format!(";;;;;{header}{}", head.replace(' ', ""))), None, "{head}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            glimpse_function(&text);
        }

        #[test]
        fn no_digits_panic(digits in "[0-9A-F]{64,200}") {
            glimpse(&format!(";;;;;{digits}"));
        }
    }
}
