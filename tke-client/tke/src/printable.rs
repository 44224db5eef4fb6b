//! Foreign text on its way to the user.
//!
//! Names and messages come from key files, request files, the service and crypto units. None of them may steer the
//! terminal, add lines of its own, or turn the direction of writing.

pub(crate) use hpcs_workstation::printable;

/// Text of several lines, each made [`printable`].
pub(crate) fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_feeds_stay_in_texts_of_several_lines() {
        assert_eq!(printable_lines("one\n\x07two\r\n"), "one\n\\u{7}two\\u{d}\n");
    }
}
