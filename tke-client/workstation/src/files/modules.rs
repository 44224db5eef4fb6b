//! `CRYPTOMODULES`: the public keys of the crypto modules that the workstation has seen.

use std::path::Path;

use hpcs_ep11::SerialNumber;
use serde::{Deserialize, Serialize};

use super::json::{read_array, to_json};
use super::{FieldFault, FilesError, WorkstationFiles, atomic};

/// A crypto module and the key that verifies its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleKeyEntry {
    /// Its serial number.
    pub serial: SerialNumber,
    /// Its public key in hexadecimal: the 133 bytes of a point on P-521; of a CEX5 module the 159 bytes of the section of
    /// its certificate that holds the point.
    pub public_key: String,
}

impl ModuleKeyEntry {
    /// The entry among `known` with this serial number and another key: the module was replaced or restarted with new
    /// keys, or something else answers in its place. `None` when the module is new or has the key that is known.
    #[must_use]
    pub fn changed_from<'a>(&self, known: &'a [Self]) -> Option<&'a Self> {
        let mut same_module = known.iter().filter(|entry| entry.serial == self.serial);
        same_module.find(|entry| !entry.public_key.eq_ignore_ascii_case(&self.public_key))
    }
}

impl WorkstationFiles {
    /// The modules seen, in the order of the file; none when there is no file.
    ///
    /// # Errors
    /// [`FilesError::Damaged`], [`FilesError::Io`].
    pub fn module_keys(&self) -> Result<Vec<ModuleKeyEntry>, FilesError> {
        let path = self.root().join(NAME);
        let stored: Vec<StoredModule> = read_array(&path)?;
        stored.into_iter().map(|module| module.parse(&path)).collect()
    }

    /// Replaces the list of modules.
    ///
    /// # Errors
    /// [`FilesError::Io`].
    pub fn save_module_keys(&self, modules: &[ModuleKeyEntry]) -> Result<(), FilesError> {
        let stored: Vec<StoredModule> = modules.iter().map(StoredModule::from).collect();
        atomic::write_atomically(&self.root().join(NAME), &to_json(&stored))
    }
}

#[derive(Deserialize, Serialize)]
struct StoredModule {
    serial_num: String,
    public_key: String,
}

impl StoredModule {
    fn parse(self, path: &Path) -> Result<ModuleKeyEntry, FilesError> {
        let serial = self.serial_num.parse().map_err(|_| FilesError::Damaged {
            path: path.to_owned(),
            field: "serial_num",
            fault: FieldFault::Malformed,
        })?;
        Ok(ModuleKeyEntry { serial, public_key: self.public_key })
    }
}

impl From<&ModuleKeyEntry> for StoredModule {
    fn from(module: &ModuleKeyEntry) -> Self {
        Self { serial_num: module.serial.to_string(), public_key: module.public_key.clone() }
    }
}

const NAME: &str = "CRYPTOMODULES";

#[cfg(test)]
mod tests {
    use super::super::testing::workspace;
    use super::*;

    #[test]
    fn the_file_is_an_array_of_two_strings_each() {
        let workspace = workspace();
        assert!(workspace.files.module_keys().unwrap().is_empty());
        let module = ModuleKeyEntry { serial: "93AABC01".parse().unwrap(), public_key: "04ab".to_owned() };
        workspace.files.save_module_keys(std::slice::from_ref(&module)).unwrap();
        let content = std::fs::read_to_string(workspace.files.root().join(NAME)).unwrap();
        assert_eq!(content, "[{\"serial_num\":\"93AABC01\",\"public_key\":\"04ab\"}]\n");
        assert_eq!(workspace.files.module_keys().unwrap(), [module]);
    }

    #[test]
    fn a_known_module_with_another_key_is_noticed() {
        let entry =
            |serial: &str, key: &str| ModuleKeyEntry { serial: serial.parse().unwrap(), public_key: key.to_owned() };
        let known = [entry("93AABC01", "04ab"), entry("93AABC02", "04cd")];
        assert_eq!(entry("93AABC02", "04ab").changed_from(&known), Some(&known[1]));
        assert_eq!(entry("93AABC01", "04AB").changed_from(&known), None);
        assert_eq!(entry("93AABC03", "04ab").changed_from(&known), None);
    }

    #[test]
    fn a_serial_number_of_another_form_is_damage() {
        let workspace = workspace();
        std::fs::write(workspace.files.root().join(NAME), r#"[{"serial_num":"x","public_key":""}]"#).unwrap();
        let error = workspace.files.module_keys().unwrap_err();
        assert!(matches!(error, FilesError::Damaged { field: "serial_num", .. }));
    }
}
