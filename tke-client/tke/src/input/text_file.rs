//! Text files that the user names.

use std::path::Path;

use hpcs_workstation::read_file;
use zeroize::{Zeroize, Zeroizing};

use crate::texts;

/// The content of a text file, which may hold secrets. The fault is a sentence that names the file: it cannot be read, is
/// too large or is not text.
pub(crate) fn read_text(path: &Path) -> Result<Zeroizing<String>, String> {
    let mut content = read_file(path).map_err(|fault| fault.to_string())?;
    // The vector becomes the string: nothing is copied.
    String::from_utf8(std::mem::take(&mut *content)).map(Zeroizing::new).map_err(|fault| {
        fault.into_bytes().zeroize();
        texts::file_not_text(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_bytes_than_text_are_refused_by_the_name_of_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("passwords");
        std::fs::write(&path, b"se\xffcret").unwrap();
        assert_eq!(read_text(&path).unwrap_err(), format!("{}: not UTF-8 text", path.display()));
        std::fs::write(&path, "text").unwrap();
        assert_eq!(*read_text(&path).unwrap(), "text");
    }
}
