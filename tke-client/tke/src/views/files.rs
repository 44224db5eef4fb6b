//! Lists of what the workstation holds, and the list to choose an administrator from.

use hpcs_ep11::{SubjectKeyId, VerificationPattern};

use crate::console::Paint;
use crate::table::Table;
use crate::texts;
use crate::views::AdministratorRow;
use crate::views::registers::pattern_rows;

/// A signature key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignatureKeyRow {
    pub(crate) keynum: u32,
    pub(crate) name: String,
    pub(crate) ski: SubjectKeyId,
}

/// A master key part file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyPartRow {
    pub(crate) keynum: u32,
    pub(crate) description: String,
    pub(crate) pattern: VerificationPattern,
}

/// The signature keys and, after a blank line, which of them are selected.
pub(crate) fn signature_keys(keys: &[SignatureKeyRow], selected: &[u32], paint: Paint) -> String {
    if keys.is_empty() {
        return lines(&texts::NO_SIGNATURE_KEYS);
    }
    format!("{}\n{}\n", signature_key_files(keys, paint), texts::selected_signature_keys(selected))
}

/// The signature keys alone.
pub(crate) fn signature_key_files(keys: &[SignatureKeyRow], paint: Paint) -> String {
    let mut table = Table::new(["KEYNUM", "DESCRIPTION", "SUBJECT KEY IDENTIFIER"]);
    for key in keys {
        table.row([key.keynum.to_string(), key.name.clone(), texts::short_ski(key.ski)]);
    }
    table.render(paint)
}

/// The master key parts.
pub(crate) fn key_parts(parts: &[KeyPartRow], paint: Paint) -> String {
    if parts.is_empty() {
        return lines(&[texts::NO_KEY_PARTS]);
    }
    let mut table = Table::new(["KEYNUM", "DESCRIPTION", "VERIFICATION PATTERN"]);
    for part in parts {
        let (first, second) = pattern_rows(&part.pattern);
        table.row([part.keynum.to_string(), part.description.clone(), first]);
        table.row([String::new(), String::new(), second]);
    }
    table.render(paint)
}

/// Administrators with numbers from 1 on.
pub(crate) fn numbered_administrators(administrators: &[AdministratorRow], paint: Paint) -> String {
    let mut table = Table::new(["ADMIN NUM", "ADMIN NAME", "SUBJECT KEY IDENTIFIER"]);
    for (row, number) in administrators.iter().zip(1_u32..) {
        table.row([number.to_string(), row.name.clone(), texts::short_ski(row.ski)]);
    }
    table.render(paint)
}

fn lines(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::fixtures::padded;

    #[test]
    fn signature_keys_are_listed_with_the_selection() {
        let ski = format!("{:0<64}", "754adadbd731a5344c2e606b51993c").parse().unwrap();
        let keys = [SignatureKeyRow { keynum: 1, name: "admin1".into(), ski }];
        let expected = "KEYNUM   DESCRIPTION   SUBJECT KEY IDENTIFIER
1        admin1        754adadbd731a5344c2e606b51993c...

KEYNUM 1 is selected as the current signature key.
";
        assert_eq!(signature_keys(&keys, &[1], Paint::Plain), padded(expected, &["KEYNUM   ", "1"]));
    }

    #[test]
    fn key_parts_have_patterns_in_two_rows() {
        let part = |keynum, description: &str, pattern: &str| KeyPartRow {
            keynum,
            description: description.into(),
            pattern: pattern.parse().unwrap(),
        };
        let parts = [
            part(1, "First key", "34c73048e81a08b69243dae23e8943bb8874261d58bca67c4d308071ff2b6462"),
            part(2, "second key", "ce7b7d2198de8f46195667e725b593fccfbc10e9c211d9bf80b358c2513ac18c"),
        ];
        let expected = "KEYNUM   DESCRIPTION   VERIFICATION PATTERN
1        First key     34c73048e81a08b69243dae23e8943bb
                       8874261d58bca67c4d308071ff2b6462
2        second key    ce7b7d2198de8f46195667e725b593fc
                       cfbc10e9c211d9bf80b358c2513ac18c
";
        assert_eq!(key_parts(&parts, Paint::Plain), padded(expected, &["KEYNUM", "1", "2", " "]));
    }

    #[test]
    fn empty_directories_say_so() {
        assert_eq!(
            signature_keys(&[], &[], Paint::Plain),
            "No files containing a signature key were found.\n\n\
             To create a file containing a signature key, use the 'ibmcloud tke sigkey-add' command.\n"
        );
        assert_eq!(key_parts(&[], Paint::Plain), "No files containing an EP11 master key part were found.\n");
    }
}
