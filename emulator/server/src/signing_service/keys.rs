//! The directory of keys: `<name>.sigkey`, each encrypted under its token.
//!
//! The files have the form of the workstation's signature key files with the token for a password, so that a key can be
//! moved here and back. Files are readable by their owner only.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use hpcs_ep11::{P521KeyPair, PublicKey, SigningKey, SubjectKeyId};
use hpcs_workstation::{
    FilesError, Password, check_key_name, open_signature_key_file, seal_signature_key, signature_key_file_ski,
    write_new,
};
use rand_core::CryptoRng;

/// A directory with one file for each key.
#[derive(Clone, Debug)]
pub struct KeyDirectory(PathBuf);

/// A key as the list shows it.
#[derive(Debug)]
pub struct ListedKey {
    /// Its name.
    pub name: String,
    /// The identifier that its file names, or why the file cannot be read.
    pub ski: Result<SubjectKeyId, FilesError>,
}

impl KeyDirectory {
    /// The directory at `path`, which need not be there until a key is added.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Makes a random key that `token` opens.
    ///
    /// # Errors
    /// [`KeyError::Name`], [`KeyError::EmptyToken`], [`KeyError::Exists`], [`KeyError::File`].
    pub fn add(
        &self,
        name: &str,
        token: &Password,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<SubjectKeyId, KeyError> {
        self.keep(name, &P521KeyPair::generate(rng), token, rng)
    }

    /// Takes over the key in a workstation's signature key file, which `password` opens; here `token` opens it. The file
    /// stays as it is.
    ///
    /// # Errors
    /// [`KeyError::Rsa`] for an RSA key; otherwise as [`KeyDirectory::add`].
    pub fn import(
        &self,
        name: &str,
        file: &Path,
        password: &Password,
        token: &Password,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<SubjectKeyId, KeyError> {
        match open_signature_key_file(file, password)? {
            SigningKey::P521(key) => self.keep(name, &key, token, rng),
            SigningKey::Rsa(_) => Err(KeyError::Rsa),
        }
    }

    /// All keys, by name.
    ///
    /// # Errors
    /// [`KeyError::Directory`] when the directory cannot be read.
    pub fn list(&self) -> Result<Vec<ListedKey>, KeyError> {
        let unreadable = |error| KeyError::Directory { path: self.0.clone(), error };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.file_name();
            let name = file.to_str().and_then(|file| file.strip_suffix(EXTENSION));
            names.extend(name.filter(|name| check_key_name(name).is_ok()).map(str::to_owned));
        }
        names.sort_unstable();
        Ok(names.into_iter().map(|name| ListedKey { ski: signature_key_file_ski(&self.place(&name)), name }).collect())
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// [`KeyError::Name`], [`KeyError::Unknown`], [`KeyError::Directory`].
    pub fn remove(&self, name: &str) -> Result<(), KeyError> {
        check_key_name(name).map_err(|_| KeyError::Name)?;
        std::fs::remove_file(self.place(name)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeyError::Unknown,
            _ => KeyError::Directory { path: self.place(name), error },
        })
    }

    /// The key that `token` opens.
    ///
    /// # Errors
    /// [`KeyError::Unknown`], [`KeyError::WrongToken`], [`KeyError::Rsa`], [`KeyError::File`].
    pub(super) fn open(&self, name: &str, token: &Password) -> Result<P521KeyPair, KeyError> {
        check_key_name(name).map_err(|_| KeyError::Unknown)?;
        match open_signature_key_file(&self.place(name), token) {
            Ok(SigningKey::P521(key)) => Ok(key),
            // Somebody put a file here by hand.
            Ok(SigningKey::Rsa(_)) => Err(KeyError::Rsa),
            Err(FilesError::InvalidPassword) => Err(KeyError::WrongToken),
            Err(FilesError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => Err(KeyError::Unknown),
            Err(error) => Err(error.into()),
        }
    }

    fn keep(
        &self,
        name: &str,
        key: &P521KeyPair,
        token: &Password,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<SubjectKeyId, KeyError> {
        check_key_name(name).map_err(|_| KeyError::Name)?;
        if token.is_empty() {
            return Err(KeyError::EmptyToken);
        }
        std::fs::create_dir_all(&self.0).map_err(|error| KeyError::Directory { path: self.0.clone(), error })?;
        match write_new(&self.place(name), &seal_signature_key(name, key, token, rng)) {
            Err(FilesError::Io { error, .. }) if error.kind() == io::ErrorKind::AlreadyExists => Err(KeyError::Exists),
            written => Ok(written.map(|()| PublicKey::P521(key.public()).subject_key_id())?),
        }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}{EXTENSION}"))
    }
}

/// Why a key cannot be had, made or deleted.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyError {
    /// A name that a key cannot have.
    Name,
    /// There is no key with this name.
    Unknown,
    /// There is a key with this name already.
    Exists,
    /// A token without a character.
    EmptyToken,
    /// The token does not open the key.
    WrongToken,
    /// The file holds an RSA key.
    Rsa,
    /// The file cannot be read, opened or written.
    File(FilesError),
    /// The directory cannot be read or made.
    Directory {
        /// The directory or a file in it.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("the name of a key consists of letters, digits, '-', '.', '_' and '~'"),
            Self::Unknown => f.write_str("there is no key with this name"),
            Self::Exists => f.write_str("there is a key with this name already"),
            Self::EmptyToken => f.write_str("a token has at least one character"),
            Self::WrongToken => f.write_str("the token does not open the key"),
            Self::Rsa => f.write_str(
                "this is an RSA key, and a signing service has P-521 keys only; replace the administrator by one with a \
                 P-521 key first",
            ),
            Self::File(error) => error.fmt(f),
            Self::Directory { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for KeyError {}

impl From<FilesError> for KeyError {
    fn from(error: FilesError) -> Self {
        Self::File(error)
    }
}

const EXTENSION: &str = ".sigkey";

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    fn token(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(3)
    }

    #[test]
    fn a_key_is_opened_by_its_token_and_by_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let keys = KeyDirectory::at(directory.path().join("keys"));
        let ski = keys.add("first-key", &token("t1"), &mut rng()).unwrap();
        let key = keys.open("first-key", &token("t1")).unwrap();
        assert_eq!(PublicKey::P521(key.public()).subject_key_id(), ski);
        assert!(matches!(keys.open("first-key", &token("t2")), Err(KeyError::WrongToken)));
        assert!(matches!(keys.open("other", &token("t1")), Err(KeyError::Unknown)));
        assert!(matches!(keys.open("../first-key", &token("t1")), Err(KeyError::Unknown)));
        assert!(matches!(keys.add("first-key", &token("t3"), &mut rng()), Err(KeyError::Exists)));
        let listed = keys.list().unwrap();
        assert_eq!((listed.len(), listed[0].name.as_str(), *listed[0].ski.as_ref().unwrap()), (1, "first-key", ski));
        keys.remove("first-key").unwrap();
        assert!(matches!(keys.remove("first-key"), Err(KeyError::Unknown)));
    }

    #[test]
    fn a_workstations_key_keeps_its_identifier_and_an_rsa_key_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let keys = KeyDirectory::at(directory.path().join("keys"));
        let fixture = |name: &str| {
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tke-client/workstation/tests/fixtures").join(name)
        };
        let ski = keys.import("moved", &fixture("1.sigkey"), &token("pw"), &token("t1"), &mut rng()).unwrap();
        assert_eq!(ski, signature_key_file_ski(&fixture("1.sigkey")).unwrap());
        assert!(keys.open("moved", &token("t1")).is_ok());
        let refused = keys.import("rsa", &fixture("2.sigkey"), &token("pw"), &token("t1"), &mut rng()).unwrap_err();
        assert!(refused.to_string().starts_with("this is an RSA key"), "{refused}");
        assert_eq!(keys.list().unwrap().len(), 1);
    }

    #[test]
    fn names_that_would_leave_the_directory_and_empty_tokens_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let keys = KeyDirectory::at(directory.path().to_owned());
        for name in ["", "..", "a/b", "a b"] {
            assert!(matches!(keys.add(name, &token("t"), &mut rng()), Err(KeyError::Name)), "{name:?}");
            assert!(matches!(keys.remove(name), Err(KeyError::Name)), "{name:?}");
        }
        assert!(matches!(keys.add("key", &token(""), &mut rng()), Err(KeyError::EmptyToken)));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_a_key_is_its_owners_and_not_in_the_clear() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        let keys = KeyDirectory::at(directory.path().to_owned());
        keys.add("key", &token("t"), &mut rng()).unwrap();
        let path = directory.path().join("key.sigkey");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let scalar = P521KeyPair::generate(&mut rng()).to_stored();
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(!written.contains(&hex::encode(&scalar[..66])));
    }
}
