//! NEW and CURRENT MASTER KEY REGISTER.

use std::fmt;

use hpcs_ep11::VerificationPattern;

use crate::console::Paint;
use crate::table::Table;
use crate::texts;
use crate::views::{Block, recovery_footnote, section};

/// A master key register as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Register {
    pub(crate) status: RegisterStatus,
    /// Zeros when the register is empty.
    pub(crate) pattern: VerificationPattern,
}

impl Register {
    /// Whether both have the same status and key. Patterns are compared by their first 28 bytes, because only some
    /// modules keep the rest.
    pub(crate) fn agrees_with(&self, other: &Register) -> bool {
        self.status == other.status && self.pattern.matches(&other.pattern)
    }
}

/// The states of both registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegisterStatus {
    Empty,
    /// Of the new register only.
    FullUncommitted,
    /// Of the new register only.
    FullCommitted,
    /// Of the current register only.
    Valid,
}

impl fmt::Display for RegisterStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RegisterStatus::Empty => "Empty",
            RegisterStatus::FullUncommitted => "Full Uncommitted",
            RegisterStatus::FullCommitted => "Full Committed",
            RegisterStatus::Valid => "Valid",
        })
    }
}

/// The section with the new master key registers. It has no footnote about recovery units: published transcripts have
/// none either.
pub(crate) fn new_registers(blocks: &[Block<Register>], paint: Paint) -> String {
    section(texts::NEW_MASTER_KEY_REGISTER, blocks, &[], paint, table)
}

/// The section with the current master key registers.
pub(crate) fn current_registers(blocks: &[Block<Register>], paint: Paint) -> String {
    section(texts::CURRENT_MASTER_KEY_REGISTER, blocks, &recovery_footnote(blocks), paint, table)
}

fn table(block: &Block<Register>) -> Table {
    let mut table = Table::new(["CRYPTO UNIT NUM", "STATUS", "VERIFICATION PATTERN"]);
    for (label, register) in &block.units {
        let (first, second) = pattern_rows(&register.pattern);
        table.row([label.text(), register.status.to_string(), first]);
        table.row([String::new(), String::new(), second]);
    }
    table
}

/// A verification pattern in its two rows of 32 digits.
pub(super) fn pattern_rows(pattern: &VerificationPattern) -> (String, String) {
    let digits = pattern.to_string();
    let (first, second) = digits.split_at_checked(32).unwrap_or((&digits, ""));
    (first.to_owned(), second.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::fixtures::{block, padded};

    #[test]
    fn a_loaded_register_is_full_uncommitted() {
        let expected = "
NEW MASTER KEY REGISTER
SERVICE INSTANCE: 3395bd87-0814-42e1-9800-3ce199cf769b
CRYPTO UNIT NUM   STATUS             VERIFICATION PATTERN
1                 Full Uncommitted   7a6ba030d18a0bc1c80abd5931bff8e3
                                     10154b88430968ee534ad01413dda886
2                 Full Uncommitted   7a6ba030d18a0bc1c80abd5931bff8e3
                                     10154b88430968ee534ad01413dda886
";
        let pattern = "7a6ba030d18a0bc1c80abd5931bff8e310154b88430968ee534ad01413dda886".parse().unwrap();
        let blocks = block(false, &Register { status: RegisterStatus::FullUncommitted, pattern });
        assert_eq!(new_registers(&blocks, Paint::Plain), padded(expected, &["CRYPTO UNIT NUM", "1", "2", " "]));
    }

    #[test]
    fn only_the_current_register_explains_the_star() {
        let blocks = block(true, &Register { status: RegisterStatus::Empty, pattern: VerificationPattern([0; 32]) });
        assert!(!new_registers(&blocks, Paint::Plain).contains(texts::RECOVERY_FOOTNOTE));
        assert!(current_registers(&blocks, Paint::Plain).contains(texts::RECOVERY_FOOTNOTE));
    }

    #[test]
    fn the_last_four_bytes_of_a_pattern_do_not_count() {
        let register = |tail: u8, first: u8| {
            let mut pattern = [7; 32];
            pattern[31] = tail;
            pattern[0] = first;
            Register { status: RegisterStatus::Valid, pattern: VerificationPattern(pattern) }
        };
        assert!(register(7, 7).agrees_with(&register(0, 7)));
        assert!(!register(7, 7).agrees_with(&register(7, 0)));
    }
}
