//! Numbered files: `<KEYNUM>.<extension>`.

use std::path::{Path, PathBuf};

use super::{FilesError, Listing, WorkstationFiles};

impl WorkstationFiles {
    /// The KEYNUMs of all files with this extension, ascending.
    pub(super) fn numbers(&self, extension: &str) -> Result<Vec<u32>, FilesError> {
        list(self.root(), extension)
    }

    /// The path of a numbered file that must exist.
    pub(super) fn existing(&self, keynum: u32, extension: &str) -> Result<PathBuf, FilesError> {
        let path = self.root().join(file_name(keynum, extension));
        if path.is_file() { Ok(path) } else { Err(FilesError::NoSuchKeynum { keynum }) }
    }

    /// All numbered files with this extension, each read by `read`.
    pub(super) fn listing<T>(
        &self,
        extension: &str,
        read: impl Fn(u32, &Path) -> Result<T, FilesError>,
    ) -> Result<Listing<T>, FilesError> {
        let mut listing = Listing { entries: Vec::new(), damaged: Vec::new() };
        for keynum in self.numbers(extension)? {
            match read(keynum, &self.root().join(file_name(keynum, extension))) {
                Ok(entry) => listing.entries.push(entry),
                Err(error) => listing.damaged.push(error),
            }
        }
        Ok(listing)
    }
}

/// The KEYNUMs of all files with this extension, ascending.
pub(super) fn list(directory: &Path, extension: &str) -> Result<Vec<u32>, FilesError> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(FilesError::io(directory))? {
        let name = entry.map_err(FilesError::io(directory))?.file_name();
        numbers.extend(name.to_str().and_then(|name| parse(name, extension)));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The name of the file with this number.
pub(super) fn file_name(number: u32, extension: &str) -> String {
    format!("{number}.{extension}")
}

fn parse(name: &str, extension: &str) -> Option<u32> {
    let number = name.strip_suffix(extension)?.strip_suffix('.')?;
    // "01.sigkey" is another file than "1.sigkey": only the form that we write counts.
    let canonical = number.bytes().all(|digit| digit.is_ascii_digit()) && !number.starts_with('0');
    if canonical { number.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_numbers_count() {
        assert_eq!(parse("12.sigkey", "sigkey"), Some(12));
        for name in [
            "0.sigkey",
            "01.sigkey",
            "+1.sigkey",
            ".sigkey",
            "1.mkpart",
            "1sigkey",
            "4294967296.sigkey",
            ".1.sigkey.tmp",
        ] {
            assert_eq!(parse(name, "sigkey"), None, "{name}");
        }
    }
}
