//! The recovery crypto units that hold a master key.

use hpcs_ep11::VerificationPattern;
use hpcs_names::{InstanceId, Location};

use crate::console::Paint;
use crate::table::Table;
use crate::views::registers::pattern_rows;

/// A recovery crypto unit whose current master key register is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceRow {
    pub(crate) number: u32,
    pub(crate) instance: InstanceId,
    pub(crate) location: Location,
    pub(crate) pattern: VerificationPattern,
}

/// Their table.
pub(crate) fn sources(rows: &[SourceRow], paint: Paint) -> String {
    let mut table = Table::new(["CRYPTO UNIT NUM", "SERVICE INSTANCE", "LOCATION", "VERIFICATION PATTERN"]);
    for row in rows {
        let (first, second) = pattern_rows(&row.pattern);
        table.row([row.number.to_string(), row.instance.to_string(), row.location.to_string(), first]);
        table.row([String::new(), String::new(), String::new(), second]);
    }
    table.render(paint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::fixtures::padded;

    #[test]
    fn a_source_has_its_pattern_in_two_rows() {
        let row = SourceRow {
            number: 3,
            instance: "3395bd87-0814-42e1-9800-3ce199cf769b".parse().unwrap(),
            location: "[us-south].[AZ3-CS9].[01].[38]".parse().unwrap(),
            pattern: "875ee76406167498a2c6474f19a611c95e5bf22ae9b63da133cd8170f620aef4".parse().unwrap(),
        };
        let expected = "\
CRYPTO UNIT NUM   SERVICE INSTANCE                       LOCATION                         VERIFICATION PATTERN
3                 3395bd87-0814-42e1-9800-3ce199cf769b   [us-south].[AZ3-CS9].[01].[38]   875ee76406167498a2c6474f19a611c9
                                                                                          5e5bf22ae9b63da133cd8170f620aef4
";
        assert_eq!(sources(&[row], Paint::Plain), padded(expected, &["CRYPTO UNIT NUM", "3", " "]));
    }
}
