//! Signature key files: `<n>.sigkey`, the private keys of crypto unit administrators.
//!
//! The format is that of the published SDK, which reads what this module writes and the other way round. All members
//! are strings. New keys are P-521; files with RSA keys are opened too.

use std::path::{Path, PathBuf};

use hpcs_ep11::{P521KeyPair, PublicKey, RsaKeyPair, SigningKey, SubjectKeyId};
use rand_core::CryptoRng;
use serde::Serialize;
use zeroize::Zeroizing;

use super::envelope::{self, Envelope};
use super::json::to_json;
use super::{FieldFault, FilesError, Listing, Password, WorkstationFiles, atomic, pem};

/// What can be said about a signature key without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureKeyEntry {
    /// Its KEYNUM.
    pub keynum: u32,
    /// The administrator name, or nothing when the file has none.
    pub name: String,
    /// The subject key identifier that the file names; [`WorkstationFiles::open_signature_key`] checks it.
    pub ski: SubjectKeyId,
    /// The file.
    pub path: PathBuf,
}

impl WorkstationFiles {
    /// All signature keys.
    ///
    /// # Errors
    /// [`FilesError::Io`] when the directory cannot be read. What is wrong with a file is in the listing.
    pub fn signature_keys(&self) -> Result<Listing<SignatureKeyEntry>, FilesError> {
        self.listing(EXTENSION, entry)
    }

    /// Makes a new P-521 key for the administrator `name` and keeps it under `password`.
    ///
    /// # Errors
    /// [`FilesError::NameTooLong`], [`FilesError::NameNotPrintable`], [`FilesError::Io`].
    pub fn add_signature_key(
        &self,
        name: &str,
        password: &Password,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<SignatureKeyEntry, FilesError> {
        check_name(name)?;
        let key = P521KeyPair::generate(rng);
        let ski = PublicKey::P521(key.public()).subject_key_id();
        let content = seal_signature_key(name, &key, password, rng);
        let (keynum, path) = atomic::create_numbered(self.root(), EXTENSION, &content)?;
        Ok(SignatureKeyEntry { keynum, name: name.to_owned(), ski, path })
    }

    /// The private key with this KEYNUM.
    ///
    /// # Errors
    /// [`FilesError::NoSuchKeynum`], [`FilesError::InvalidPassword`], [`FilesError::PemDecode`],
    /// [`FilesError::KeyMiscompare`] when the file names another key, [`FilesError::Damaged`], [`FilesError::Io`].
    pub fn open_signature_key(&self, keynum: u32, password: &Password) -> Result<SigningKey, FilesError> {
        open_signature_key_file(&self.existing(keynum, EXTENSION)?, password)
    }

    /// Deletes the signature key with this KEYNUM; it leaves the selection, too.
    ///
    /// # Errors
    /// [`FilesError::NoSuchKeynum`], [`FilesError::Damaged`] when the selection cannot be read, [`FilesError::Io`].
    pub fn remove_signature_key(&self, keynum: u32) -> Result<(), FilesError> {
        let path = self.existing(keynum, EXTENSION)?;
        let mut selected = self.selection()?;
        if selected.contains(&keynum) {
            selected.retain(|other| *other != keynum);
            self.select(&selected)?;
        }
        std::fs::remove_file(&path).map_err(FilesError::io(path))
    }
}

/// The private key in the file at `path`, wherever it is.
///
/// # Errors
/// As [`WorkstationFiles::open_signature_key`].
pub fn open_signature_key_file(path: &Path, password: &Password) -> Result<SigningKey, FilesError> {
    let file = Envelope::read(path)?;
    let named = file.text("ski")?;
    let kind = file.optional("keyType")?;
    let text = file.open("enckey", password)?;
    let key = private_key(kind, &pem::decode(&text).ok_or(FilesError::PemDecode)?)?;
    // The published SDK compares texts: upper case digits are another identifier to it.
    if key.public().subject_key_id().to_string() == named { Ok(key) } else { Err(FilesError::KeyMiscompare) }
}

/// The content of a signature key file: `key`, encrypted under `password`, called `name`.
pub fn seal_signature_key(
    name: &str,
    key: &P521KeyPair,
    password: &Password,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Vec<u8> {
    let sealed = envelope::seal(pem::encode(&key.to_sec1_der()), password, rng);
    let ski = PublicKey::P521(key.public()).subject_key_id().to_string();
    to_json(&KeyFile { enckey: &sealed.content, key_type: P521, name, sea_salt: &sealed.salt, ski: &ski })
}

/// The subject key identifier that the file at `path` names. Whether it is that of the key is seen when it is opened.
///
/// # Errors
/// [`FilesError::Damaged`], [`FilesError::TooLarge`], [`FilesError::Io`].
pub fn signature_key_file_ski(path: &Path) -> Result<SubjectKeyId, FilesError> {
    let file = Envelope::read(path)?;
    file.text("ski")?.parse().map_err(|_| file.damaged("ski", FieldFault::Malformed))
}

/// The extension of signature key files.
pub(super) const EXTENSION: &str = "sigkey";

/// The members in the order in which the published SDK writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyFile<'a> {
    enckey: &'a str,
    key_type: &'static str,
    name: &'a str,
    sea_salt: &'a str,
    ski: &'a str,
}

fn entry(keynum: u32, path: &Path) -> Result<SignatureKeyEntry, FilesError> {
    let file = Envelope::read(path)?;
    let ski = file.text("ski")?.parse().map_err(|_| file.damaged("ski", FieldFault::Malformed))?;
    let name = file.optional("name")?.unwrap_or_default().to_owned();
    Ok(SignatureKeyEntry { keynum, name, ski, path: path.to_owned() })
}

/// Any other type than P-521, or none, is RSA: the rule of the published SDK.
fn private_key(kind: Option<&str>, der: &Zeroizing<Vec<u8>>) -> Result<SigningKey, FilesError> {
    let key = if kind == Some(P521) {
        P521KeyPair::from_sec1_der(der).ok().map(SigningKey::P521)
    } else {
        RsaKeyPair::from_pkcs1_der(der).ok().map(SigningKey::Rsa)
    };
    key.ok_or(FilesError::PemDecode)
}

/// Whether this can be the name of an administrator: 1 to 30 characters of printable ASCII, no blanks around it.
///
/// # Errors
/// [`FilesError::NameTooLong`], [`FilesError::NameNotPrintable`].
pub fn check_name(name: &str) -> Result<(), FilesError> {
    match name.chars().count() {
        0 => Err(FilesError::NameNotPrintable),
        1..=NAME_MAX => {
            let printable = name.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
            if printable && name.trim() == name { Ok(()) } else { Err(FilesError::NameNotPrintable) }
        }
        _ => Err(FilesError::NameTooLong),
    }
}

const P521: &str = "p521ec";
/// The longest administrator name, in characters.
const NAME_MAX: usize = 30;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{Workspace, rng, sdk_files, workspace};
    use super::*;

    fn password() -> Password {
        Password::new("pw".to_owned())
    }

    /// The directory of the SDK's files after `change` was made to the first one.
    fn changed(change: impl FnOnce(&mut Value)) -> Workspace {
        let workspace = sdk_files();
        let path = workspace.files.root().join("1.sigkey");
        let mut file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        change(&mut file);
        std::fs::write(path, file.to_string()).unwrap();
        workspace
    }

    fn open_first(workspace: &Workspace) -> FilesError {
        workspace.files.open_signature_key(1, &password()).err().unwrap()
    }

    #[test]
    fn files_of_the_published_sdk_open_and_name_their_keys() {
        let workspace = sdk_files();
        let listing = workspace.files.signature_keys().unwrap();
        assert!(listing.damaged.is_empty());
        assert_eq!(listing.entries.iter().map(|entry| entry.keynum).collect::<Vec<_>>(), [1, 2, 3]);
        let kinds = listing.entries.iter().map(|entry| {
            let key = workspace.files.open_signature_key(entry.keynum, &password()).unwrap();
            assert_eq!(key.public().subject_key_id(), entry.ski);
            matches!(key, SigningKey::P521(_))
        });
        assert_eq!(kinds.collect::<Vec<_>>(), [true, false, true]);
    }

    #[test]
    fn a_wrong_password_has_the_documented_text() {
        let error = sdk_files().files.open_signature_key(1, &Password::new("pW".to_owned())).err().unwrap();
        assert_eq!(error.to_string(), "Invalid password.");
    }

    #[test]
    fn every_damaged_member_is_named() {
        type Change = fn(&mut Value);
        let cases: [(&str, FieldFault, Change); 7] = [
            ("ski", FieldFault::Missing, |file| drop(file.as_object_mut().unwrap().remove("ski"))),
            ("ski", FieldFault::WrongType, |file| file["ski"] = json!(1)),
            ("seaSalt", FieldFault::Missing, |file| drop(file.as_object_mut().unwrap().remove("seaSalt"))),
            ("seaSalt", FieldFault::Malformed, |file| file["seaSalt"] = json!("0g")),
            ("seaSalt", FieldFault::WrongSize, |file| file["seaSalt"] = json!("")),
            ("enckey", FieldFault::Malformed, |file| file["enckey"] = json!("abc")),
            ("enckey", FieldFault::WrongSize, |file| file["enckey"] = json!("00".repeat(27))),
        ];
        for (expected, expected_fault, change) in cases {
            match open_first(&changed(change)) {
                FilesError::Damaged { field, fault, .. } => assert_eq!((field, fault), (expected, expected_fault)),
                other => panic!("{expected}: {other}"),
            }
        }
    }

    #[test]
    fn a_file_that_is_no_object_is_damaged_as_a_whole() {
        for content in ["", "[]", "{\"ski\":"] {
            let workspace = sdk_files();
            std::fs::write(workspace.files.root().join("1.sigkey"), content).unwrap();
            assert!(matches!(open_first(&workspace), FilesError::Damaged { field: "file", .. }), "{content}");
        }
    }

    #[test]
    fn another_salt_or_ciphertext_is_an_invalid_password() {
        let other_salt = changed(|file| file["seaSalt"] = json!("00".repeat(32)));
        assert!(matches!(open_first(&other_salt), FilesError::InvalidPassword));
        let flipped = changed(|file| {
            let text = file["enckey"].as_str().unwrap().replacen('1', "2", 1);
            file["enckey"] = json!(text);
        });
        assert!(matches!(open_first(&flipped), FilesError::InvalidPassword));
    }

    #[test]
    fn a_key_of_another_kind_than_the_file_says_does_not_decode() {
        let error = open_first(&changed(|file| file["keyType"] = json!("rsa")));
        assert_eq!(error.to_string(), "PEM decode of signature key failed.");
    }

    #[test]
    fn a_file_that_names_a_foreign_key_is_refused() {
        let foreign = changed(|file| file["ski"] = json!("ab".repeat(32)));
        let text = "Miscompare on saved and calculated Subject Key Identifier.";
        assert_eq!(open_first(&foreign).to_string(), text);
        let upper_case = changed(|file| file["ski"] = json!(file["ski"].as_str().unwrap().to_uppercase()));
        assert_eq!(open_first(&upper_case).to_string(), text);
    }

    #[test]
    fn a_damaged_file_does_not_hide_the_others() {
        let listing = changed(|file| file["ski"] = json!("ab")).files.signature_keys().unwrap();
        assert_eq!(listing.entries.iter().map(|entry| entry.keynum).collect::<Vec<_>>(), [2, 3]);
        assert!(matches!(listing.damaged.as_slice(), [FilesError::Damaged { field: "ski", .. }]));
    }

    #[test]
    fn a_new_key_opens_again_and_has_only_strings() {
        let workspace = workspace();
        let entry = workspace.files.add_signature_key("admin1", &password(), &mut rng()).unwrap();
        assert_eq!(workspace.files.signature_keys().unwrap().entries, std::slice::from_ref(&entry));
        let key = workspace.files.open_signature_key(1, &password()).unwrap();
        assert_eq!(key.public().subject_key_id(), entry.ski);
        let file: Value = serde_json::from_slice(&std::fs::read(&entry.path).unwrap()).unwrap();
        let members = file.as_object().unwrap();
        assert!(members.values().all(Value::is_string));
        assert_eq!(members.keys().collect::<Vec<_>>(), ["enckey", "keyType", "name", "seaSalt", "ski"]);
        assert_eq!(members["keyType"], "p521ec");
    }

    #[test]
    fn names_have_1_to_30_printable_characters() {
        let workspace = workspace();
        let add = |name: &str| workspace.files.add_signature_key(name, &password(), &mut rng());
        assert!(matches!(add(&"x".repeat(31)), Err(FilesError::NameTooLong)));
        for name in ["", "a\nb", "Ä", " padded"] {
            assert!(matches!(add(name), Err(FilesError::NameNotPrintable)), "{name:?}");
        }
        assert!(add(&"x".repeat(30)).is_ok());
    }

    #[test]
    fn a_number_without_a_file_is_refused() {
        assert!(matches!(
            workspace().files.open_signature_key(1, &password()),
            Err(FilesError::NoSuchKeynum { keynum: 1 })
        ));
    }
}
