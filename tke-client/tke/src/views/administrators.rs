//! CRYPTO UNIT ADMINISTRATORS.

use hpcs_ep11::SubjectKeyId;

use crate::console::Paint;
use crate::table::Table;
use crate::texts;
use crate::views::{Block, recovery_footnote, section};

/// An administrator of a crypto unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AdministratorRow {
    pub(crate) name: String,
    pub(crate) ski: SubjectKeyId,
}

/// The section with the administrators of all units, in the order of their installation.
pub(crate) fn administrators(blocks: &[Block<Vec<AdministratorRow>>], paint: Paint) -> String {
    let footnotes = recovery_footnote(blocks);
    section(texts::CRYPTO_UNIT_ADMINISTRATORS, blocks, &footnotes, paint, |block| {
        let mut table = Table::new(["CRYPTO UNIT NUM", "ADMIN NAME", "SUBJECT KEY IDENTIFIER"]);
        for (label, administrators) in &block.units {
            if administrators.is_empty() {
                table.row([label.text(), texts::NO_ADMINISTRATORS.to_owned(), String::new()]);
            }
            for (number, administrator) in administrators.iter().enumerate() {
                let label = if number == 0 { label.text() } else { String::new() };
                table.row([label, administrator.name.clone(), texts::short_ski(administrator.ski)]);
            }
        }
        table
    })
}

/// The listing of `cryptounit-admins`: an instance without any administrator has a sentence and no table.
pub(crate) fn administrators_or_none(blocks: Vec<Block<Vec<AdministratorRow>>>, paint: Paint) -> String {
    let (with, without): (Vec<_>, Vec<_>) =
        blocks.into_iter().partition(|block| block.units.iter().any(|(_, rows)| !rows.is_empty()));
    let mut text = if with.is_empty() { String::new() } else { administrators(&with, paint) };
    for block in without {
        text.push_str(&format!("\n{}\n", texts::no_administrators_in(block.instance)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::fixtures::{block, padded};

    #[test]
    fn a_unit_without_administrators_says_so() {
        let mut blocks = block(false, &Vec::new());
        let ski = "2ce6f22b1d965eb480b1646bdd1886000000000000000000000000000000000f".parse().unwrap();
        blocks[0].units[1].1.push(AdministratorRow { name: "admin1".into(), ski });
        let expected = "
CRYPTO UNIT ADMINISTRATORS
SERVICE INSTANCE: 3395bd87-0814-42e1-9800-3ce199cf769b
CRYPTO UNIT NUM   ADMIN NAME          SUBJECT KEY IDENTIFIER
1                 No administrators
2                 admin1              2ce6f22b1d965eb480b1646bdd1886...
";
        let expected =
            padded(expected, &["CRYPTO UNIT NUM", "2"]).replace("No administrators\n", "No administrators      \n");
        assert_eq!(administrators(&blocks, Paint::Plain), expected);
        assert_eq!(administrators_or_none(blocks, Paint::Plain), expected);
    }

    #[test]
    fn an_instance_without_administrators_has_a_sentence() {
        assert_eq!(
            administrators_or_none(block(true, &Vec::new()), Paint::Plain),
            "\nNo crypto unit administrators for service instance 3395bd87-0814-42e1-9800-3ce199cf769b\n"
        );
    }
}
