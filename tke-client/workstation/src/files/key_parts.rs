//! Master key part files: `<n>.mkpart`, 32 bytes each, kept under a password.
//!
//! The format of the real files is not published. This one shares the envelope of signature key files; its members are
//! `description`, `encpart`, `seaSalt` and `vp`. Verification patterns of key parts keep their last four bytes.

use std::fmt;
use std::path::{Path, PathBuf};

use hpcs_ep11::{KeyPart, PatternTail, VerificationPattern};
use rand_core::CryptoRng;
use serde::Serialize;
use zeroize::Zeroizing;

use super::envelope::{self, Envelope};
use super::json::to_json;
use super::{FieldFault, FilesError, Listing, Password, WorkstationFiles, atomic};
use crate::texts;

/// What can be said about a key part without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPartEntry {
    /// Its KEYNUM.
    pub keynum: u32,
    /// What its owner called it.
    pub description: String,
    /// The verification pattern that the file names; [`WorkstationFiles::open_key_part`] checks it.
    pub verification_pattern: VerificationPattern,
    /// The file.
    pub path: PathBuf,
}

impl WorkstationFiles {
    /// All key parts.
    ///
    /// # Errors
    /// [`FilesError::Io`] when the directory cannot be read. What is wrong with a file is in the listing.
    pub fn key_parts(&self) -> Result<Listing<KeyPartEntry>, FilesError> {
        self.listing(EXTENSION, entry)
    }

    /// Keeps `part` under `password`.
    ///
    /// # Errors
    /// [`FilesError::Io`].
    pub fn add_key_part(
        &self,
        description: &str,
        part: &KeyPart,
        password: &Password,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<KeyPartEntry, FilesError> {
        let verification_pattern = part.verification_pattern(PatternTail::Kept);
        let sealed = envelope::seal(Zeroizing::new(part.expose().to_vec()), password, rng);
        let file = PartFile {
            description,
            encpart: &sealed.content,
            sea_salt: &sealed.salt,
            vp: &verification_pattern.to_string(),
        };
        let (keynum, path) = atomic::create_numbered(self.root(), EXTENSION, &to_json(&file))?;
        Ok(KeyPartEntry { keynum, description: description.to_owned(), verification_pattern, path })
    }

    /// The key part with this KEYNUM.
    ///
    /// # Errors
    /// [`FilesError::NoSuchKeynum`], [`FilesError::InvalidPassword`], [`FilesError::PatternMiscompare`] when the file
    /// names another part, [`FilesError::Damaged`], [`FilesError::Io`].
    pub fn open_key_part(&self, keynum: u32, password: &Password) -> Result<KeyPart, FilesError> {
        let file = Envelope::read(&self.existing(keynum, EXTENSION)?)?;
        let named = pattern(&file)?;
        let content = file.open("encpart", password)?;
        let part = KeyPart::from_slice(&content).ok_or_else(|| file.damaged("encpart", FieldFault::WrongSize))?;
        let same = part.verification_pattern(PatternTail::Kept).matches(&named);
        if same { Ok(part) } else { Err(FilesError::PatternMiscompare) }
    }

    /// Deletes the key part with this KEYNUM.
    ///
    /// # Errors
    /// [`FilesError::NoSuchKeynum`], [`FilesError::Io`].
    pub fn remove_key_part(&self, keynum: u32) -> Result<(), FilesError> {
        let path = self.existing(keynum, EXTENSION)?;
        std::fs::remove_file(&path).map_err(FilesError::io(path))
    }
}

/// A key part from 64 hexadecimal digits, as a custodian types it. Blanks around it do not matter.
///
/// # Errors
/// [`KeyPartHexError`] for any other text.
pub fn key_part_from_hex(text: &str) -> Result<KeyPart, KeyPartHexError> {
    KeyPart::try_filled_by(|part| hex::decode_to_slice(text.trim(), part)).map_err(|_| KeyPartHexError)
}

/// The text is not a key part. It says no more, so that no part of the key gets into a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPartHexError;

impl fmt::Display for KeyPartHexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(texts::KEY_PART_FORM)
    }
}

impl std::error::Error for KeyPartHexError {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PartFile<'a> {
    description: &'a str,
    encpart: &'a str,
    sea_salt: &'a str,
    vp: &'a str,
}

fn entry(keynum: u32, path: &Path) -> Result<KeyPartEntry, FilesError> {
    let file = Envelope::read(path)?;
    let description = file.text("description")?.to_owned();
    Ok(KeyPartEntry { keynum, description, verification_pattern: pattern(&file)?, path: path.to_owned() })
}

fn pattern(file: &Envelope) -> Result<VerificationPattern, FilesError> {
    file.text("vp")?.parse().map_err(|_| file.damaged("vp", FieldFault::Malformed))
}

const EXTENSION: &str = "mkpart";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{Workspace, rng, workspace};
    use super::*;

    fn password() -> Password {
        Password::new("secret".to_owned())
    }

    fn with_part() -> (Workspace, KeyPartEntry) {
        let workspace = workspace();
        let part = key_part_from_hex(&"0f".repeat(32)).unwrap();
        let entry = workspace.files.add_key_part("First key", &part, &password(), &mut rng()).unwrap();
        (workspace, entry)
    }

    fn change(entry: &KeyPartEntry, change: impl FnOnce(&mut Value)) {
        let mut file: Value = serde_json::from_slice(&std::fs::read(&entry.path).unwrap()).unwrap();
        change(&mut file);
        std::fs::write(&entry.path, file.to_string()).unwrap();
    }

    #[test]
    fn a_part_opens_again_and_is_listed() {
        let (workspace, entry) = with_part();
        assert_eq!(workspace.files.key_parts().unwrap().entries, [entry]);
        let part = workspace.files.open_key_part(1, &password()).unwrap();
        assert!(part.ct_eq(&key_part_from_hex(&"0f".repeat(32)).unwrap()));
    }

    #[test]
    fn the_pattern_keeps_its_last_four_bytes() {
        let part = key_part_from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").unwrap();
        let entry = workspace().files.add_key_part("x", &part, &password(), &mut rng()).unwrap();
        assert!(entry.verification_pattern.to_string().ends_with("77677ab6f919"));
    }

    #[test]
    fn a_wrong_password_and_a_foreign_pattern_are_told_apart() {
        let (workspace, entry) = with_part();
        let wrong = workspace.files.open_key_part(1, &Password::new("x".to_owned())).err().unwrap();
        assert_eq!(wrong.to_string(), "Invalid password.");
        change(&entry, |file| file["vp"] = json!("00".repeat(32)));
        assert!(matches!(workspace.files.open_key_part(1, &password()), Err(FilesError::PatternMiscompare)));
    }

    #[test]
    fn damaged_members_are_named() {
        for field in ["description", "vp"] {
            let (workspace, entry) = with_part();
            change(&entry, |file| file[field] = json!(7));
            let listing = workspace.files.key_parts().unwrap();
            assert!(listing.entries.is_empty());
            assert!(listing.damaged[0].to_string().contains(field), "{field}");
        }
    }

    #[test]
    fn a_removed_part_is_gone() {
        let (workspace, _) = with_part();
        workspace.files.remove_key_part(1).unwrap();
        assert!(matches!(workspace.files.remove_key_part(1), Err(FilesError::NoSuchKeynum { keynum: 1 })));
    }

    #[test]
    fn typed_parts_have_64_digits() {
        assert!(key_part_from_hex(&format!(" {}\n", "Ab".repeat(32))).is_ok());
        for text in ["", "00", &"0g".repeat(32), &"00".repeat(33)] {
            assert_eq!(key_part_from_hex(text).err(), Some(KeyPartHexError), "{text}");
        }
    }
}
