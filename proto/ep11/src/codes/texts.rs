//! The texts clients show for a refusal, to the letter: double blanks and repeated words are theirs.

use super::{ReasonCode, ReturnCode};

/// The error message a client shows for a refusal, or `None` when it shows none.
///
/// Clients look for the pair first, then for the return code alone. Specification: TKE workflows, section 2.4.
pub fn client_text(code: ReturnCode, reason: Option<ReasonCode>) -> Option<&'static str> {
    let find = |reason: Option<ReasonCode>| {
        TEXTS.iter().find(|row| (row.0, row.1) == (code.0, reason.map(|reason| reason.0))).map(|row| row.2)
    };
    find(reason).or_else(|| find(None))
}

/// Return code, reason code or `None` for the text of the return code alone, text.
const TEXTS: &[(u32, Option<u32>, &str)] = &[
    (3, None, "The domain specified for the command is invalid."),
    (3, Some(102), "An invalid KPH certificate was supplied for Export WK."),
    (7, None, "Bad arguments were provided."),
    (32, None, "Invalid data was provided for the command.  The format or value of the data is incorrect."),
    (
        32,
        Some(32),
        "Administrator not found.  The administrator does not exist on the target domain or crypto module, or the \
         supplied Subject Key Identifier (SKI) has incorrect length.",
    ),
    (33, None, "Command arguments were not provided, or were provided when none were expected."),
    (49, None, "Insufficient transient memory is available for the command to be executed."),
    (80, None, "The attribute or control point settings do not allow the command to be executed."),
    (
        80,
        Some(46),
        "Change not allowed.  The control point management bits for this domain prohibit setting control points.",
    ),
    (
        80,
        Some(47),
        "Change not allowed.  The control point management bits for this domain prohibit resetting control points.",
    ),
    (
        80,
        Some(52),
        "Operation not allowed.  The permissions for this domain prohibit loading random master key values.",
    ),
    (80, Some(80), "Operation not allowed.  The permissions for this domain prohibit loading master keys."),
    (80, Some(131), "Operation not allowed.  The permissions for this domain prohibit exporting master master keys."),
    (84, None, "The requested function is not supported on the host crypto module."),
    (96, None, "A requested key, certificate, or audit log record was not found."),
    (
        101,
        Some(48),
        "Commit failed.  The supplied verification pattern of the new master key does not match the verification \
         pattern of the key in the register.  This error will occur if the master keys being committed in a domain \
         group are not all the same.",
    ),
    (
        102,
        None,
        "A key needed by the operation is missing.  Concurrent Patch Apply during configuration migration can cause \
         this condition.  To recover, restart the Apply Configuration Data task.",
    ),
    (163, None, "Invalid transaction counter."),
    (179, None, "Operation not allowed in imprint mode."),
    (192, None, "One or more signatures provided with the command is invalid."),
    (193, None, "A signature was malformed."),
    (208, None, "Not enough signatures were provided on the command."),
    (209, None, "Inconsistent template.  The data associated with a command is invalid or inconsistent."),
    (209, Some(36), LEAVING_IMPRINT_WITH_REVOCATION_ZERO),
    (209, Some(56), LEAVING_IMPRINT_WITH_REVOCATION_ZERO),
    (
        209,
        Some(57),
        "Invalid value.  You may not set the signature threshold to a number greater than the number of installed \
         administrators.",
    ),
    (
        209,
        Some(58),
        "Invalid value.  You may not set the revocation signature threshold to a number greater than the number of \
         installed administrators.",
    ),
    (
        209,
        Some(66),
        "Change not allowed.  You may not remove an administrator if that would drop the number of installed \
         administrators below one of the threshold values.",
    ),
    (
        209,
        Some(69),
        "Change not allowed.  You are not allowed to set an attribute control bit after it has been reset.",
    ),
    (
        209,
        Some(70),
        "Change not allowed.  You are not allowed to change an attribute if the corresponding attribute control bit \
         is reset.",
    ),
    (
        209,
        Some(71),
        "Change not allowed.  You are not allowed to change a threshold value if the corresponding attribute control \
         bit is reset.",
    ),
    (
        209,
        Some(74),
        "Change not allowed.  You may not remove the Threshold values of 1 allowed permission if a threshold value \
         is 1.",
    ),
    (209, Some(76), "Invalid value.  You are not allowed to set the signature threshold to 0."),
    (209, Some(77), "Invalid value.  You are not allowed to set the revocation signature threshold to 0."),
    (209, Some(78), "Invalid value.  The permissions do not allow you to set the signature threshold to 1."),
    (209, Some(79), "Invalid value.  The permissions do not allow you to set the revocation signature threshold to 1."),
    (
        209,
        Some(85),
        "Change not allowed.  You are not allowed to exit imprint mode at the domain level when the crypto module is \
         still in imprint mode.  You must exit imprint mode at the crypto module level first.",
    ),
    (256, None, "An administrator could not be added because it already exists on the target."),
    (257, None, "An unauthorized administrator signed the command."),
    (
        261,
        None,
        "An administrator could not be added because the maximum supported number of administrators already exists \
         on the target.",
    ),
];

const LEAVING_IMPRINT_WITH_REVOCATION_ZERO: &str =
    "Invalid value.  You are not allowed to exit imprint mode with the revocation signature threshold set to 0.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_wins_over_the_return_code() {
        let text = client_text(ReturnCode::TEMPLATE_INCONSISTENT, Some(ReasonCode::PROTECTED_THRESHOLD)).unwrap();
        assert_eq!(
            text,
            "Change not allowed.  You are not allowed to change a threshold value if the corresponding attribute \
             control bit is reset."
        );
    }

    #[test]
    fn a_reason_without_a_text_of_its_own_gets_that_of_the_return_code() {
        let generic = client_text(ReturnCode::FUNCTION_CANCELED, None);
        assert!(generic.is_some());
        assert_eq!(client_text(ReturnCode::FUNCTION_CANCELED, Some(ReasonCode::SINGLE_PART_IMPORT)), generic);
    }

    #[test]
    fn key_changed_has_a_text_for_one_reason_only() {
        assert!(client_text(ReturnCode::KEY_CHANGED, Some(ReasonCode::PATTERN_MISMATCH)).is_some());
        assert_eq!(client_text(ReturnCode::KEY_CHANGED, None), None);
    }

    #[test]
    fn codes_outside_the_table_have_no_text() {
        assert_eq!(client_text(ReturnCode(0x8001_0009), None), None);
        assert_eq!(client_text(ReturnCode::IBM_INTERNAL_ERROR, None), None);
    }

    #[test]
    fn no_pair_is_listed_twice() {
        let keys: std::collections::BTreeSet<_> = TEXTS.iter().map(|row| (row.0, row.1)).collect();
        assert_eq!(keys.len(), TEXTS.len());
    }
}
