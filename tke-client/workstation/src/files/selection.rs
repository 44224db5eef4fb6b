//! `SIGKEYSEL`: the signature keys that sign later commands.

use super::json::{read_array, to_json};
use super::{FilesError, WorkstationFiles, atomic, signature_keys};

impl WorkstationFiles {
    /// The KEYNUMs of the selected signature keys, ascending. Keys whose file is gone are left out.
    ///
    /// # Errors
    /// [`FilesError::Io`], and [`FilesError::Damaged`] when the file is not an array of numbers.
    pub fn selection(&self) -> Result<Vec<u32>, FilesError> {
        let mut selected: Vec<u32> = read_array(&self.root().join(NAME))?;
        let present = self.numbers(signature_keys::EXTENSION)?;
        selected.retain(|keynum| present.contains(keynum));
        selected.sort_unstable();
        selected.dedup();
        Ok(selected)
    }

    /// Selects these signature keys and no others.
    ///
    /// # Errors
    /// [`FilesError::NoSuchKeynum`] when there is no file with one of the numbers: then nothing changes.
    /// [`FilesError::Io`].
    pub fn select(&self, keynums: &[u32]) -> Result<(), FilesError> {
        let present = self.numbers(signature_keys::EXTENSION)?;
        if let Some(&keynum) = keynums.iter().find(|keynum| !present.contains(keynum)) {
            return Err(FilesError::NoSuchKeynum { keynum });
        }
        let mut selected = keynums.to_vec();
        selected.sort_unstable();
        selected.dedup();
        atomic::write_atomically(&self.root().join(NAME), &to_json(&selected))
    }
}

const NAME: &str = "SIGKEYSEL";

#[cfg(test)]
mod tests {
    use super::super::testing::{sdk_files, workspace};
    use super::*;

    #[test]
    fn nothing_is_selected_at_first() {
        assert!(workspace().files.selection().unwrap().is_empty());
    }

    #[test]
    fn a_selection_replaces_the_one_before() {
        let workspace = sdk_files();
        workspace.files.select(&[3, 1, 3]).unwrap();
        assert_eq!(workspace.files.selection().unwrap(), [1, 3]);
        workspace.files.select(&[2]).unwrap();
        assert_eq!(workspace.files.selection().unwrap(), [2]);
    }

    #[test]
    fn an_unknown_number_changes_nothing() {
        let workspace = sdk_files();
        workspace.files.select(&[1]).unwrap();
        assert!(matches!(workspace.files.select(&[2, 9]), Err(FilesError::NoSuchKeynum { keynum: 9 })));
        assert_eq!(workspace.files.selection().unwrap(), [1]);
    }

    #[test]
    fn a_removed_key_leaves_the_selection() {
        let workspace = sdk_files();
        workspace.files.select(&[1, 2]).unwrap();
        workspace.files.remove_signature_key(1).unwrap();
        assert_eq!(workspace.files.selection().unwrap(), [2]);
        // The number is used again, for another key that nobody selected.
        let password = crate::Password::new("pw".to_owned());
        let entry = workspace.files.add_signature_key("new", &password, &mut super::super::testing::rng()).unwrap();
        assert_eq!((entry.keynum, workspace.files.selection().unwrap()), (1, vec![2]));
    }

    #[test]
    fn a_damaged_selection_is_reported() {
        let workspace = sdk_files();
        std::fs::write(workspace.files.root().join(NAME), b"[1,").unwrap();
        assert!(matches!(workspace.files.selection(), Err(FilesError::Damaged { .. })));
    }
}
