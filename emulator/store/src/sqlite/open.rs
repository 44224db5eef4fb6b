//! Opening: the directory, the lock, the file and its schema.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, MAIN_DB, OpenFlags, ffi};

use super::lock::{LockError, ProcessLock};
use super::schema::{self, Found};

/// Why a store is not opened. Every text says what to do, where something can be done.
#[derive(Debug)]
pub enum OpenError {
    /// The data directory is a file.
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// The data directory, or a file in it, cannot be made, read or changed.
    Inaccessible {
        /// The path.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Others may write into the data directory, and so could exchange the files in it.
    Exposed {
        /// The path.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The data directory or the file cannot be written.
    ReadOnly {
        /// The path.
        path: PathBuf,
    },
    /// Another process works on the directory.
    InUse {
        /// The data directory.
        path: PathBuf,
        /// The process, if it is known.
        process: Option<u32>,
    },
    /// A later version of the emulator wrote the file.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// The file is another program's database.
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a database, or not a whole one.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Something else went wrong with the file.
    Failed {
        /// The file.
        path: PathBuf,
        /// What.
        what: String,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::NotADirectory { path } => {
                write!(f, "{} is not a directory; the data directory is one", path.display())
            }
            OpenError::Inaccessible { path, error } => write!(f, "{}: {error}", path.display()),
            OpenError::Exposed { path, mode } => write!(
                f,
                "others may write into the data directory {} (mode {mode:03o}); run: chmod go-w {}",
                path.display(),
                path.display()
            ),
            OpenError::ReadOnly { path } => write!(f, "{} cannot be written: it is read-only", path.display()),
            OpenError::InUse { path, process: Some(process) } => {
                write!(f, "the data directory {} is in use by another emulator (process {process})", path.display())
            }
            OpenError::InUse { path, process: None } => {
                write!(f, "the data directory {} is in use by another emulator", path.display())
            }
            OpenError::Newer { path, found, known } => write!(
                f,
                "{} has schema version {found}, written by a later emulator; this one knows versions up to {known}",
                path.display()
            ),
            OpenError::Foreign { path } => write!(f, "{} is the database of another program", path.display()),
            OpenError::Damaged { path, what } => write!(f, "{} is damaged: {what}", path.display()),
            OpenError::Failed { path, what } => write!(f, "{}: {what}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            OpenError::Inaccessible { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// A data directory that this process has to itself.
pub(super) struct Directory {
    path: PathBuf,
    _lock: ProcessLock,
}

/// A connection that may write.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) directory: Directory,
    pub(super) file: PathBuf,
    /// Whether what the process before left in the write-ahead log is still there.
    pub(super) stale: bool,
}

impl Directory {
    /// Makes the directory if it is missing, and takes its lock.
    pub(super) fn claim(path: &Path) -> Result<Self, OpenError> {
        prepare_directory(path)?;
        let lock_file = path.join(LOCK_FILE);
        let lock = match ProcessLock::take(&lock_file) {
            Ok(lock) => lock,
            Err(LockError::Held(process)) => return Err(OpenError::InUse { path: path.to_owned(), process }),
            Err(LockError::Io(error)) => return Err(inaccessible(path, &lock_file, error)),
        };
        tighten(&lock_file)?;
        Ok(Directory { path: path.to_owned(), _lock: lock })
    }

    /// The database in it.
    pub(super) fn file(&self) -> PathBuf {
        self.path.join(DATABASE_FILE)
    }
}

/// Opens the database of a directory for writing and brings it to the present schema.
pub(super) fn open(path: &Path, patience: Duration) -> Result<Opened, OpenError> {
    let directory = Directory::claim(path)?;
    let file = directory.file();
    create_private(path, &file)?;
    for suffix in ["", "-wal", "-shm"] {
        tighten(&with_suffix(&file, suffix))?;
    }
    let left_behind = fs::metadata(with_suffix(&file, "-wal")).is_ok_and(|log| log.len() > 0);
    let mut connection = connect(&file, patience).map_err(|error| refusal(&file, &error))?;
    // SQLite opens what it may not write as well, without a word.
    if connection.is_readonly(MAIN_DB).map_err(|error| refusal(&file, &error))? {
        return Err(OpenError::ReadOnly { path: file });
    }
    let found = schema::identify(&connection).map_err(|error| refusal(&file, &error))?;
    let version = match found {
        Found::Empty => 0,
        Found::Version(version) if version > schema::VERSION => {
            return Err(OpenError::Newer { path: file, found: version, known: schema::VERSION });
        }
        Found::Version(version) => version,
        Found::Foreign => return Err(OpenError::Foreign { path: file }),
    };
    configure(&connection).map_err(|error| refusal(&file, &error))?;
    schema::migrate(&mut connection, version).map_err(|error| refusal(&file, &error))?;
    // The process before may have ended between a commit and its erasing.
    let stale = left_behind && !empty_log(&connection).map_err(|error| refusal(&file, &error))?;
    Ok(Opened { connection, directory, file, stale })
}

/// A connection that may write, as the writer thread uses it. The file is known to be ours.
pub(super) fn writer(file: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let connection = connect(file, patience)?;
    configure(&connection)?;
    Ok(connection)
}

fn connect(file: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
    Ok(connection)
}

/// The size of pages counts only while the file is empty. Checkpoints are begun by the writer, between groups. Values of
/// records are overwritten in place; `secure_delete` clears what a page leaves behind when a tree grows by a level.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_SIZE};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA secure_delete = FAST;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{CACHE_KIB};
         PRAGMA foreign_keys = OFF;"
    ))
}

/// Moves the whole write-ahead log into the file and cuts it to nothing. Whether no reader was in the way.
pub(super) fn empty_log(connection: &Connection) -> rusqlite::Result<bool> {
    let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(!busy)
}

/// A connection that only reads.
pub(super) fn reader(file: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
    Ok(connection)
}

/// What a failed opening of the file is called.
pub(super) fn refusal(file: &Path, error: &rusqlite::Error) -> OpenError {
    let (path, what) = (file.to_owned(), error.to_string());
    match error.sqlite_error().map(|error| error.extended_code & 0xff) {
        Some(ffi::SQLITE_NOTADB | ffi::SQLITE_CORRUPT) => OpenError::Damaged { path, what },
        Some(ffi::SQLITE_READONLY) => OpenError::ReadOnly { path },
        _ => OpenError::Failed { path, what },
    }
}

fn prepare_directory(path: &Path) -> Result<(), OpenError> {
    let error = |error| OpenError::Inaccessible { path: path.to_owned(), error };
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(error)?;
            return Ok(());
        }
        Err(other) if other.kind() == io::ErrorKind::NotADirectory => {
            return Err(OpenError::NotADirectory { path: path.to_owned() });
        }
        Err(other) => return Err(error(other)),
    };
    if !found.is_dir() {
        return Err(OpenError::NotADirectory { path: path.to_owned() });
    }
    // The files in it are closed to others each by itself; a directory that is someone's choice is not changed.
    match found.mode() & 0o777 {
        mode if mode & 0o022 != 0 => Err(OpenError::Exposed { path: path.to_owned(), mode }),
        _ => Ok(()),
    }
}

/// Makes the database file before SQLite would, so that it is private from its first moment. SQLite gives the files
/// beside it the same permissions.
fn create_private(directory: &Path, file: &Path) -> Result<(), OpenError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(_) => File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| inaccessible(directory, directory, error)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(inaccessible(directory, file, error)),
    }
}

/// Takes from others what they may do with a file of ours.
fn tighten(file: &Path) -> Result<(), OpenError> {
    let error = |error| OpenError::Inaccessible { path: file.to_owned(), error };
    match fs::metadata(file) {
        Ok(found) if found.mode() & 0o077 != 0 => {
            fs::set_permissions(file, Permissions::from_mode(0o600)).map_err(error)
        }
        Ok(_) => Ok(()),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(other) => Err(error(other)),
    }
}

/// A file that cannot be made tells of its directory, one that is there and cannot be opened only of itself.
fn inaccessible(directory: &Path, file: &Path, error: io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem => OpenError::ReadOnly { path: directory.to_owned() },
        io::ErrorKind::PermissionDenied if !matches!(file.try_exists(), Ok(true)) => {
            OpenError::ReadOnly { path: directory.to_owned() }
        }
        _ => OpenError::Inaccessible { path: file.to_owned(), error },
    }
}

/// The files that SQLite keeps beside the database.
fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The database in the data directory.
pub(super) const DATABASE_FILE: &str = "emulator.db";

/// The lock beside it.
const LOCK_FILE: &str = "emulator.lock";

/// Five events of common size fit into a page.
const PAGE_SIZE: u32 = 8192;

/// What the writer may keep in memory. It gives everything back at each checkpoint, long before it is full: the caches of
/// all connections share one account (SQLite is built with its memory management), and a cache at its bound makes the
/// others read the same pages again and again.
const CACHE_KIB: u32 = 65_536;

/// Prepared statements that a connection keeps; there are fewer in the program.
const STATEMENTS: usize = 64;
