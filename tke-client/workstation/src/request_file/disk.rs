//! Request files on disk.

use std::path::Path;

use super::{RequestError, RequestFile};
use crate::files::{FilesError, read_file, write_atomically, write_new};

impl RequestFile {
    /// Reads the file at `path` and verifies all of it.
    ///
    /// # Errors
    /// [`RequestError::File`] when it cannot be read, has more than 64 KiB or is no text; otherwise as
    /// [`RequestFile::from_json`].
    pub fn open(path: &Path) -> Result<Self, RequestError> {
        let content = read_file(path)?;
        let text = std::str::from_utf8(&content)
            .map_err(|fault| RequestError::File { fault: format!("{}: {fault}", path.display()) })?;
        Self::from_json(text)
    }

    /// Makes the file at `path`. One that is there is never replaced.
    ///
    /// # Errors
    /// [`RequestError::File`]: then nothing is left.
    pub fn save_new(&self, path: &Path) -> Result<(), RequestError> {
        Ok(write_new(path, self.to_json().as_bytes())?)
    }

    /// Replaces the file at `path`, a copy of this request. Signatures that came into it since it was read are taken
    /// over first, so that administrators who sign one file on a shared disk do not undo each other. Says how many.
    ///
    /// # Errors
    /// As [`RequestFile::open`] and [`RequestFile::merge`]; [`RequestError::File`] when it cannot be written. Then the
    /// file is as it was.
    pub fn merge_and_save(&mut self, path: &Path) -> Result<usize, RequestError> {
        let count = self.merge(&Self::open(path)?)?;
        write_atomically(path, self.to_json().as_bytes())?;
        Ok(count)
    }
}

impl From<FilesError> for RequestError {
    fn from(error: FilesError) -> Self {
        Self::File { fault: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{request, signed};
    use super::*;
    use crate::files::MAX_FILE_SIZE;
    use crate::files::testing::workspace;
    use crate::testing::{signer, wait};

    #[test]
    fn signatures_that_came_into_the_file_meanwhile_are_kept() {
        let workspace = workspace();
        let path = workspace.files.root().join("request.json");
        request().save_new(&path).unwrap();
        let mut first = RequestFile::open(&path).unwrap();
        let mut second = RequestFile::open(&path).unwrap();
        wait(first.sign("admin1", &signer(1))).unwrap();
        wait(second.sign("admin2", &signer(2))).unwrap();
        assert_eq!(first.merge_and_save(&path).unwrap(), 0);
        assert_eq!(second.merge_and_save(&path).unwrap(), 1);
        assert_eq!(RequestFile::open(&path).unwrap().signatures().len(), 2);
    }

    #[test]
    fn a_file_that_is_there_is_not_created_again() {
        let workspace = workspace();
        let path = workspace.files.root().join("request.json");
        signed(&[1]).save_new(&path).unwrap();
        assert!(matches!(request().save_new(&path), Err(RequestError::File { .. })));
        assert_eq!(RequestFile::open(&path).unwrap(), signed(&[1]));
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let workspace = workspace();
        let path = workspace.files.root().join("request.json");
        std::fs::write(&path, " ".repeat(MAX_FILE_SIZE + 1)).unwrap();
        let text = RequestFile::open(&path).unwrap_err().to_string();
        assert!(text.ends_with("request.json: too large; the limit is 65536 bytes"), "{text}");
    }
}
