//! The file of the store key.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use hpcs_service::sealing::{StoreKey, StoreKeyFault};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The store key cannot be had.
#[derive(Debug)]
pub struct KeyError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub why: KeyFault,
}

/// Why the store key cannot be had.
#[derive(Debug)]
pub enum KeyFault {
    /// The file cannot be read.
    Unreadable(io::Error),
    /// The file cannot be made.
    NotMade(io::Error),
    /// Users who should not can read the file: its mode.
    Exposed(u32),
    /// The content is not a key.
    NotAKey(StoreKeyFault),
    /// There is a database, and the key that it was sealed under is gone.
    Lost {
        /// The database.
        database: PathBuf,
    },
}

/// Who may read a key file beside its owner.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// Nobody: it is our own file.
    Nobody,
    /// The group, as container platforms mount secrets.
    Group,
}

/// The key in a file that the operator names.
///
/// # Errors
/// [`KeyError`] when it cannot be read, every user can read it, or it is not a key.
pub(super) fn handed_in(path: &Path) -> Result<StoreKey, KeyError> {
    let read = read(path, Readers::Group).and_then(|read| read.ok_or(KeyFault::Unreadable(not_found())));
    read.map_err(|why| KeyError { path: path.to_owned(), why })
}

/// The key of a data directory, made of `rng` when there is neither a key nor a database yet.
///
/// # Errors
/// [`KeyError`] when it cannot be read or made, other users can read it, it is not a key, or it is lost.
pub(super) fn of_directory(directory: &Path, database: &Path, rng: &mut dyn CryptoRng) -> Result<StoreKey, KeyError> {
    let path = directory.join(FILE_NAME);
    let mut key = || {
        if let Some(key) = read(&path, Readers::Nobody)? {
            return Ok(key);
        }
        if database.try_exists().map_err(KeyFault::Unreadable)? {
            return Err(KeyFault::Lost { database: database.to_owned() });
        }
        make(&path, rng).map_err(KeyFault::NotMade)?;
        // What is there now counts: another process may have been faster.
        read(&path, Readers::Nobody)?.ok_or(KeyFault::Unreadable(not_found()))
    };
    key().map_err(|why| KeyError { path: path.clone(), why })
}

/// Reads a key; `None` when there is no file.
fn read(path: &Path, readers: Readers) -> Result<Option<StoreKey>, KeyFault> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(KeyFault::Unreadable(error)),
    };
    if file.metadata().map_err(KeyFault::Unreadable)?.is_dir() {
        let directory = io::Error::new(io::ErrorKind::IsADirectory, "it is a directory; name the file in it");
        return Err(KeyFault::Unreadable(directory));
    }
    check_mode(&file, readers)?;
    // Room for all that is read, so that growing leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST + 1));
    file.take(LONGEST as u64).read_to_string(&mut text).map_err(KeyFault::Unreadable)?;
    StoreKey::parse(&text).map(Some).map_err(KeyFault::NotAKey)
}

/// Makes a new key file, complete or not at all; one that is there already stays.
fn make(path: &Path, rng: &mut dyn CryptoRng) -> io::Result<()> {
    let (_, text) = StoreKey::generate(rng);
    let mut name = OsString::from(path);
    name.push(format!(".{:016x}", rng.next_u64()));
    let unfinished = PathBuf::from(name);
    let linked = write_new(&unfinished, text.as_bytes()).and_then(|()| fs::hard_link(&unfinished, path));
    // It has served its purpose, whatever came of it.
    let removed = fs::remove_file(&unfinished);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        result => result?,
    }
    removed?;
    synchronise_directory(path)
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// A name that is not on the disk is lost with the machine's power; the database sealed under the key would not be.
fn synchronise_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn check_mode(file: &File, readers: Readers) -> Result<(), KeyFault> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().map_err(KeyFault::Unreadable)?) & 0o777;
        let forbidden = match readers {
            Readers::Nobody => 0o077,
            Readers::Group => 0o027,
        };
        if mode & forbidden != 0 {
            return Err(KeyFault::Exposed(mode));
        }
    }
    #[cfg(not(unix))]
    let _ = (file, readers);
    Ok(())
}

fn not_found() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "there is no such file")
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "store key {}: ", self.path.display())?;
        match &self.why {
            KeyFault::Unreadable(error) => write!(f, "it cannot be read: {error}"),
            KeyFault::NotMade(error) => write!(f, "it cannot be made: {error}"),
            KeyFault::Exposed(mode) => {
                write!(f, "its mode is {mode:04o}, so others can use it; `chmod 600` makes it the owner's alone")
            }
            KeyFault::NotAKey(fault) => write!(f, "it is damaged: {fault}"),
            KeyFault::Lost { database } => write!(
                f,
                "it is gone, and the secrets in {} do not open without it; put the file back, or start with another \
                 data directory",
                database.display()
            ),
        }
    }
}

impl std::error::Error for KeyError {}

/// The key's file in a data directory.
const FILE_NAME: &str = "store.key";

/// More than this is not read: a key with its line end has 65 bytes.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use hpcs_service::Seed;
    use tempfile::TempDir;

    use super::*;

    fn key_of(directory: &Path, seed: u64) -> Result<StoreKey, KeyError> {
        of_directory(directory, &directory.join("emulator.db"), &mut Seed::from_number(seed).rng(&[]))
    }

    fn fault(directory: &Path) -> String {
        key_of(directory, 1).err().unwrap().to_string()
    }

    #[test]
    fn the_first_start_makes_a_key_that_later_ones_read() {
        let directory = TempDir::new().unwrap();
        let first = key_of(directory.path(), 1).unwrap();
        let text = fs::read_to_string(directory.path().join("store.key")).unwrap();
        assert_eq!((text.len(), text.trim_end().len()), (65, 64));
        let second = key_of(directory.path(), 2).unwrap();
        assert_eq!(second.verify(&first.check_value(&mut Seed::from_number(3).rng(&[]))), Ok(()));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_that_someone_else_made_meanwhile_stays() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("store.key");
        let key = key_of(directory.path(), 1).unwrap();
        make(&path, &mut Seed::from_number(2).rng(&[])).unwrap();
        let kept = key_of(directory.path(), 3).unwrap();
        assert_eq!(kept.verify(&key.check_value(&mut Seed::from_number(3).rng(&[]))), Ok(()));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_lost_key_is_not_replaced_while_a_database_is_there() {
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("emulator.db"), "x").unwrap();
        assert!(fault(directory.path()).contains("emulator.db do not open without it"));
        assert!(!directory.path().join("store.key").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = TempDir::new().unwrap();
        let path = directory.path().join("store.key");
        key_of(directory.path(), 1).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for (mode, own, named) in
            [(0o600, true, true), (0o640, false, true), (0o604, false, false), (0o660, false, false)]
        {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!((key_of(directory.path(), 1).is_ok(), handed_in(&path).is_ok()), (own, named), "{mode:o}");
        }
        assert!(fault(directory.path()).contains("its mode is 0660"));
    }

    #[test]
    fn a_directory_is_no_key() {
        let directory = TempDir::new().unwrap();
        let fault = handed_in(directory.path()).err().unwrap().to_string();
        assert!(fault.ends_with("it cannot be read: it is a directory; name the file in it"), "{fault}");
    }

    #[test]
    fn a_damaged_key_is_refused_and_not_repeated() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("store.key");
        for text in ["".to_owned(), "ab".repeat(31), "xy".repeat(32), "ab".repeat(9000)] {
            write_new(&path, text.as_bytes()).unwrap();
            let fault = fault(directory.path());
            assert!(fault.contains("it is damaged") && (text.is_empty() || !fault.contains(&text)), "{fault}");
            fs::remove_file(&path).unwrap();
        }
        assert!(handed_in(&path).err().unwrap().to_string().contains("it cannot be read"));
    }
}
