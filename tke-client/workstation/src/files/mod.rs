//! The directory that `CLOUDTKEFILES` names, and the files in it.
//!
//! | File | Content |
//! |---|---|
//! | `<n>.sigkey` | a signature key, encrypted under a password, in the format of the published SDK |
//! | `<n>.mkpart` | a master key part, encrypted under a password |
//! | `SIGKEYSEL` | the signature keys that sign later commands |
//! | `SIGNSERVKEYS` | the keys of a signing service that sign commands instead; written by the user |
//! | `DOMAINS` | the crypto units seen, and which of them are selected |
//! | `CRYPTOMODULES` | the public keys of crypto modules seen |
//!
//! Part of the specification: TKE workflows 3.2, TKE administration protocol 10. Every file is replaced as a whole: a
//! reader sees the old content or the new one. Files with keys are readable by their owner only.

mod atomic;
mod bounded;
mod domains;
mod envelope;
mod error;
mod json;
mod key_parts;
mod keynum;
mod modules;
mod password;
mod pem;
mod selection;
mod signature_keys;
mod signing_service_keys;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub use atomic::{write_atomically, write_new};
pub use bounded::{LineError, MAX_FILE_SIZE, MAX_LINE_SIZE, read_file, read_line};
pub use domains::{DomainEntry, refresh_domains};
pub use error::{FieldFault, FilesError};
pub use key_parts::{KeyPartEntry, KeyPartHexError, key_part_from_hex};
pub use modules::ModuleKeyEntry;
pub use password::Password;
pub use signature_keys::check_name as check_administrator_name;
pub(crate) use signature_keys::check_name;
pub use signature_keys::{SignatureKeyEntry, open_signature_key_file, seal_signature_key, signature_key_file_ski};
pub use signing_service_keys::SigningServiceKeyEntry;

/// The files of one workstation.
#[derive(Clone, Debug)]
pub struct WorkstationFiles {
    root: PathBuf,
}

impl WorkstationFiles {
    /// The files in `directory`: the value of `CLOUDTKEFILES`, which the shell reads, or `None` when it is not set.
    ///
    /// # Errors
    /// [`FilesError::DirectoryUnset`] and [`FilesError::DirectoryInaccessible`], with the documented texts.
    pub fn open(directory: Option<&OsStr>) -> Result<Self, FilesError> {
        let directory = directory.filter(|value| !value.is_empty()).ok_or(FilesError::DirectoryUnset)?;
        // Listing it is the proof that it is a directory and can be read.
        match std::fs::read_dir(directory) {
            Ok(_) => Ok(Self { root: PathBuf::from(directory) }),
            Err(_) => Err(FilesError::DirectoryInaccessible { value: directory.to_string_lossy().into_owned() }),
        }
    }

    /// The directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// Numbered files as they were found: those that can be read, and what is wrong with the others.
///
/// One damaged file must not hide the others, and must not be passed over in silence either.
#[derive(Debug)]
pub struct Listing<T> {
    /// The readable files, in ascending order of KEYNUM.
    pub entries: Vec<T>,
    /// One error for each file that cannot be read, in ascending order of KEYNUM.
    pub damaged: Vec<FilesError>,
}

#[cfg(test)]
pub(crate) mod testing {
    use chacha20::ChaCha20Rng;
    use chacha20::rand_core::SeedableRng;

    use super::WorkstationFiles;

    /// An empty directory with files in it; dropping it removes them.
    pub(crate) struct Workspace {
        pub(crate) files: WorkstationFiles,
        _directory: tempfile::TempDir,
    }

    pub(crate) fn workspace() -> Workspace {
        let directory = tempfile::tempdir().unwrap();
        let files = WorkstationFiles::open(Some(directory.path().as_os_str())).unwrap();
        Workspace { files, _directory: directory }
    }

    pub(crate) fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(7)
    }

    /// A directory with the key files that the published SDK was run with; their password is `pw`.
    pub(crate) fn sdk_files() -> Workspace {
        let workspace = workspace();
        let fixtures: [(&str, &str); 3] = [
            ("1.sigkey", include_str!("../../tests/fixtures/1.sigkey")),
            ("2.sigkey", include_str!("../../tests/fixtures/2.sigkey")),
            ("3.sigkey", include_str!("../../tests/fixtures/3.sigkey")),
        ];
        for (name, content) in fixtures {
            std::fs::write(workspace.files.root().join(name), content).unwrap();
        }
        workspace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_has_the_documented_text() {
        for value in [None, Some(OsStr::new(""))] {
            let text = WorkstationFiles::open(value).unwrap_err().to_string();
            assert_eq!(
                text.lines().next(),
                Some("The CLOUDTKEFILES environment variable is not defined on this workstation.")
            );
            assert_eq!(text.lines().nth(1), Some(""));
        }
    }

    #[test]
    fn a_bad_directory_is_named_in_the_last_line() {
        let text = WorkstationFiles::open(Some(OsStr::new("/no/such/place"))).unwrap_err().to_string();
        assert_eq!(text.lines().last(), Some("CLOUDTKEFILES=/no/such/place"));
        assert_eq!(text.lines().count(), 5);
    }
}
