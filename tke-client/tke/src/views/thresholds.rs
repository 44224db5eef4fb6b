//! SIGNATURE THRESHOLDS.

use crate::console::Paint;
use crate::table::Table;
use crate::texts;
use crate::views::{Block, recovery_footnote, section};

/// The thresholds of one crypto unit. A signature threshold of 0 means imprint mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThresholdRow {
    pub(crate) signature: u32,
    pub(crate) revocation: u32,
}

/// The section with the thresholds of all units.
pub(crate) fn thresholds(blocks: &[Block<ThresholdRow>], paint: Paint) -> String {
    let mut footnotes = recovery_footnote(blocks);
    footnotes.push(texts::IMPRINT_FOOTNOTE);
    section(texts::SIGNATURE_THRESHOLDS, blocks, &footnotes, paint, |block| {
        let mut table = Table::new(["CRYPTO UNIT NUM", "SIGNATURE THRESHOLD", "REVOCATION THRESHOLD"]);
        for (label, row) in &block.units {
            table.row([label.text(), row.signature.to_string(), row.revocation.to_string()]);
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::fixtures::{block, padded};

    #[test]
    fn operational_units_have_no_footnote_about_recovery() {
        let expected = "
SIGNATURE THRESHOLDS
SERVICE INSTANCE: 3395bd87-0814-42e1-9800-3ce199cf769b
CRYPTO UNIT NUM   SIGNATURE THRESHOLD   REVOCATION THRESHOLD
1                 1                     1
2                 1                     1

==> Crypto units with a signature threshold of 0 are in IMPRINT MODE. <==
";
        let blocks = block(false, &ThresholdRow { signature: 1, revocation: 1 });
        assert_eq!(thresholds(&blocks, Paint::Plain), padded(expected, &["CRYPTO UNIT NUM", "1", "2"]));
    }

    #[test]
    fn a_second_instance_follows_after_a_blank_line() {
        let mut blocks = block(false, &ThresholdRow { signature: 0, revocation: 0 });
        blocks.extend(block(false, &ThresholdRow { signature: 2, revocation: 2 }));
        let text = thresholds(&blocks, Paint::Plain);
        assert!(text.contains("2                 0                     0   \n\nSERVICE INSTANCE: 3395"), "{text}");
    }
}
