//! The password file: passwords for unattended use.

use std::collections::VecDeque;
use std::path::Path;

use zeroize::Zeroizing;

use crate::input::read_text;
use crate::{Failure, texts};

/// Passwords from a file.
///
/// A line `LABEL=PASSWORD` answers every prompt for that key. The label is the name of a signature key, the description
/// of a key part, or a KEYNUM; `sigkey:1` and `mk:1` tell signature key 1 from key part 1, and `token:NAME` is the token
/// of a signing service's key. A line without `=` answers
/// the next prompt that no label fits, once, in the order of the file; such a password that contains `=`, or starts
/// with `#`, is written with a `=` before it. Empty lines and lines that start with `#` are skipped.
#[derive(Default)]
pub(crate) struct PasswordFile {
    labelled: Vec<(String, Zeroizing<String>)>,
    unlabelled: VecDeque<Zeroizing<String>>,
}

/// The key that a password protects.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyOwner<'a> {
    /// A signature key; it has no KEYNUM before it exists.
    SignatureKey { keynum: Option<u32>, name: &'a str },
    /// A master key part; it has no KEYNUM before it exists.
    KeyPart { keynum: Option<u32>, description: &'a str },
    /// A key of a signing service, which a token protects.
    ServiceKey { name: &'a str },
}

impl PasswordFile {
    /// Reads the file.
    ///
    /// # Errors
    /// [`Failure::Refused`] when it cannot be read as text or is too large.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = read_text(path).map_err(|fault| Failure::new(texts::password_file_unreadable(&fault)))?;
        Ok(PasswordFile::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut file = PasswordFile::default();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.split_once('=') {
                Some(("", password)) => file.unlabelled.push_back(Zeroizing::new(password.to_owned())),
                Some((label, password)) => {
                    file.labelled.push((label.trim().to_owned(), Zeroizing::new(password.to_owned())));
                }
                None => file.unlabelled.push_back(Zeroizing::new(line.to_owned())),
            }
        }
        file
    }

    /// The password for a key. One without a label is used up.
    pub(crate) fn take(&mut self, owner: KeyOwner<'_>) -> Option<Zeroizing<String>> {
        let (kind, keynum, name) = match owner {
            KeyOwner::SignatureKey { keynum, name } => ("sigkey", keynum, name),
            KeyOwner::KeyPart { keynum, description } => ("mk", keynum, description),
            KeyOwner::ServiceKey { name } => ("token", None, name),
        };
        let named = format!("{kind}:{name}");
        let numbered = keynum.map(|keynum| (format!("{kind}:{keynum}"), keynum.to_string()));
        let fits = |wanted: &str| self.labelled.iter().find(|(label, _)| label == wanted);
        let found = match &numbered {
            Some((exact, bare)) => fits(exact).or_else(|| fits(name)).or_else(|| fits(bare)),
            None => fits(&named).or_else(|| fits(name)),
        };
        match found {
            Some((_, password)) => Some(password.clone()),
            None => self.unlabelled.pop_front(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: KeyOwner<'_> = KeyOwner::SignatureKey { keynum: Some(1), name: "admin1" };
    const PART: KeyOwner<'_> = KeyOwner::KeyPart { keynum: Some(1), description: "First key" };

    fn take(file: &mut PasswordFile, owner: KeyOwner<'_>) -> String {
        file.take(owner).map(|password| password.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_label_answers_every_time() {
        let mut file = PasswordFile::parse("# ours\nadmin1=a=b\n\nFirst key=c\n");
        assert_eq!(take(&mut file, ADMIN), "a=b");
        assert_eq!(take(&mut file, ADMIN), "a=b");
        assert_eq!(take(&mut file, PART), "c");
    }

    #[test]
    fn the_kind_tells_equal_numbers_apart() {
        let mut file = PasswordFile::parse("1=both\nmk:1=part\n");
        assert_eq!(take(&mut file, ADMIN), "both");
        assert_eq!(take(&mut file, PART), "part");
    }

    #[test]
    fn a_token_is_told_apart_from_the_password_of_a_file_with_the_same_name() {
        let mut file = PasswordFile::parse("admin1=password\ntoken:admin1=t\nother=o\n");
        assert_eq!(take(&mut file, KeyOwner::ServiceKey { name: "admin1" }), "t");
        assert_eq!(take(&mut file, KeyOwner::ServiceKey { name: "other" }), "o");
        assert_eq!(take(&mut file, ADMIN), "password");
    }

    #[test]
    fn lines_without_label_answer_in_order_and_once() {
        let mut file = PasswordFile::parse("one\n=#two=2\n");
        assert_eq!(take(&mut file, ADMIN), "one");
        assert_eq!(take(&mut file, PART), "#two=2");
        assert!(file.take(ADMIN).is_none());
    }
}
