//! Writing files as a whole.
//!
//! A file is written beside its place under a name that no other program uses, forced to disk, and put into its place in
//! one step. A program that stops half-way leaves the old content and a hidden `.tmp` file, which a later write removes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::bounded::{MAX_LIST_SIZE, read_limited};
use super::{FilesError, keynum};

/// Replaces the file at `path`, or makes it, readable by its owner only. A file that is there keeps its permissions, a
/// link stays a link to the file that is replaced, and a file that has this content already is left alone.
///
/// # Errors
/// [`FilesError::Io`]: then the old content is still there, and nothing else.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), FilesError> {
    let target = resolve(path)?;
    if read_limited(&target, MAX_LIST_SIZE).is_ok_and(|present| *present == content) {
        return Ok(());
    }
    let temporary = Temporary::write(&target, content)?;
    fs::rename(&temporary.path, &target).map_err(FilesError::io(&target))?;
    sync_directory(&target)
}

/// Makes the file at `path`, complete from its first moment on and readable by its owner only. One that is there is never
/// replaced.
///
/// # Errors
/// [`FilesError::Io`] of the kind `AlreadyExists`, and for whatever else the system refuses: then nothing is left.
pub fn write_new(path: &Path, content: &[u8]) -> Result<(), FilesError> {
    let temporary = Temporary::write(path, content)?;
    match fs::hard_link(&temporary.path, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            // A file system without links: an empty file is the claim.
            options().open(path).map_err(FilesError::io(path))?;
            fs::rename(&temporary.path, path).map_err(FilesError::io(path))?;
        }
        linked => linked.map_err(FilesError::io(path))?,
    }
    sync_directory(path)
}

/// Makes a new file `<n>.<extension>` with the smallest number that is free, and says which.
///
/// Two programs that do this at the same time get two numbers.
pub(super) fn create_numbered(directory: &Path, extension: &str, content: &[u8]) -> Result<(u32, PathBuf), FilesError> {
    let taken = keynum::list(directory, extension)?;
    for number in (1..=u32::MAX).filter(|number| !taken.contains(number)) {
        let target = directory.join(keynum::file_name(number, extension));
        match write_new(&target, content) {
            Ok(()) => return Ok((number, target)),
            // Another program took this number after the list was made.
            Err(FilesError::Io { error, .. }) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(FilesError::Io { path: directory.to_owned(), error: io::ErrorKind::StorageFull.into() })
}

/// A complete file beside its place. Dropping it removes it, unless it was moved.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn write(target: &Path, content: &[u8]) -> Result<Self, FilesError> {
        let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(target.file_name().unwrap_or_default());
        let (temporary, mut file) = loop {
            let mut name = prefix.clone();
            name.push(format!(".{}-{}.tmp", std::process::id(), WRITES.fetch_add(1, Ordering::Relaxed)));
            let path = directory.join(name);
            match options().open(&path) {
                Ok(file) => break (Self { path }, file),
                // Left by an earlier program with the same process number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(FilesError::io(target)(error)),
            }
        };
        let keep_mode = |file: &File| match fs::metadata(target) {
            Ok(present) => file.set_permissions(present.permissions()),
            Err(_) => Ok(()),
        };
        file.write_all(content)
            .and_then(|()| keep_mode(&file))
            .and_then(|()| file.sync_all())
            .map_err(FilesError::io(target))?;
        reclaim(directory, &prefix, &file);
        Ok(temporary)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename it is gone; and an error here must not hide the one that is being reported.
        drop(fs::remove_file(&self.path));
    }
}

/// Removes what programs left that stopped half-way. The new file says what time it is for the file system. Failing does
/// no harm.
fn reclaim(directory: &Path, prefix: &std::ffi::OsStr, new: &File) {
    let age_limit = new.metadata().and_then(|metadata| metadata.modified()).ok();
    let Some(age_limit) = age_limit.and_then(|now| now.checked_sub(ABANDONED)) else { return };
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let bytes = name.as_encoded_bytes();
        let ours = bytes.starts_with(prefix.as_encoded_bytes()) && bytes.ends_with(b".tmp");
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        if ours && modified.is_ok_and(|modified| modified < age_limit) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// The file that `path` leads to through links; `path` itself when nothing is there.
fn resolve(path: &Path) -> Result<PathBuf, FilesError> {
    match fs::symlink_metadata(path) {
        Ok(_) => fs::canonicalize(path).map_err(FilesError::io(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        Err(error) => Err(FilesError::io(path)(error)),
    }
}

/// Makes the change last. Only Unix can open a directory for this.
#[cfg(unix)]
fn sync_directory(target: &Path) -> Result<(), FilesError> {
    let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory).and_then(|file| file.sync_all()).map_err(FilesError::io(directory))
}

#[cfg(not(unix))]
fn sync_directory(_target: &Path) -> Result<(), FilesError> {
    Ok(())
}

/// Owner only, for all new files: the lists of units are nobody else's business either.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Tells the writes of one program apart.
static WRITES: AtomicU64 = AtomicU64::new(0);
/// No write takes this long.
const ABANDONED: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::super::testing::workspace;
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A file as a program left it that stopped this long ago.
    fn leave(path: &Path, age: Duration) {
        let file = File::create(path).unwrap();
        let now = file.metadata().unwrap().modified().unwrap();
        file.set_modified(now - age).unwrap();
    }

    #[test]
    fn the_smallest_free_number_is_taken() {
        let workspace = workspace();
        let root = workspace.files.root();
        for expected in [1, 2, 3] {
            assert_eq!(create_numbered(root, "sigkey", b"x").unwrap().0, expected);
        }
        fs::remove_file(root.join("2.sigkey")).unwrap();
        assert_eq!(create_numbered(root, "sigkey", b"x").unwrap().0, 2);
        assert_eq!(create_numbered(root, "mkpart", b"x").unwrap().0, 1);
    }

    #[test]
    fn programs_that_add_at_the_same_time_get_different_numbers() {
        let workspace = workspace();
        let root = workspace.files.root();
        let mut numbers: Vec<u32> = std::thread::scope(|scope| {
            let add = || create_numbered(root, "sigkey", b"x").unwrap().0;
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(add)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn programs_that_replace_at_the_same_time_all_succeed() {
        let workspace = workspace();
        let path = workspace.files.root().join("DOMAINS");
        std::thread::scope(|scope| {
            for writer in 0..8_u8 {
                let path = &path;
                scope.spawn(move || (0..20).for_each(|_| write_atomically(path, &[writer; 5000]).unwrap()));
            }
        });
        let content = fs::read(&path).unwrap();
        assert!(content.len() == 5000 && content.iter().all(|byte| *byte == content[0]));
        assert_eq!(names(workspace.files.root()), ["DOMAINS"]);
    }

    #[test]
    fn what_a_stopped_program_left_holds_no_number_and_is_removed() {
        let workspace = workspace();
        let root = workspace.files.root();
        leave(&root.join(".1.sigkey.77-0.tmp"), ABANDONED * 2);
        leave(&root.join(".1.sigkey.78-0.tmp"), Duration::ZERO);
        leave(&root.join(".other.tmp"), ABANDONED * 2);
        assert_eq!(create_numbered(root, "sigkey", b"x").unwrap().0, 1);
        assert_eq!(names(root), [".1.sigkey.78-0.tmp", ".other.tmp", "1.sigkey"]);
    }

    #[test]
    fn replacing_leaves_the_new_content_and_nothing_else() {
        let workspace = workspace();
        let path = workspace.files.root().join("DOMAINS");
        write_atomically(&path, b"a longer first content").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(workspace.files.root()), ["DOMAINS"]);
    }

    #[test]
    fn a_new_file_never_replaces_one_that_is_there() {
        let workspace = workspace();
        let path = workspace.files.root().join("request");
        write_new(&path, b"first").unwrap();
        let error = write_new(&path, b"second").unwrap_err();
        assert!(matches!(error, FilesError::Io { error, .. } if error.kind() == io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(workspace.files.root()), ["request"]);
    }

    #[test]
    fn a_write_that_fails_leaves_nothing_behind() {
        let workspace = workspace();
        let root = workspace.files.root();
        fs::create_dir(root.join("DOMAINS")).unwrap();
        assert!(write_atomically(&root.join("DOMAINS"), b"x").is_err());
        assert_eq!(names(root), ["DOMAINS"]);
    }

    #[cfg(unix)]
    #[test]
    fn the_same_content_is_not_written_again() {
        use std::os::unix::fs::MetadataExt;

        let workspace = workspace();
        let path = workspace.files.root().join("DOMAINS");
        let inode = || fs::metadata(&path).unwrap().ino();
        write_atomically(&path, b"content").unwrap();
        let before = inode();
        write_atomically(&path, b"content").unwrap();
        assert_eq!(inode(), before);
        write_atomically(&path, b"other").unwrap();
        assert_ne!(inode(), before);
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_links_and_permissions_stay_as_they_were() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let workspace = workspace();
        let root = workspace.files.root();
        fs::write(root.join("file"), b"old").unwrap();
        fs::set_permissions(root.join("file"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", root.join("link")).unwrap();
        write_atomically(&root.join("link"), b"new").unwrap();
        assert!(fs::symlink_metadata(root.join("link")).unwrap().is_symlink());
        assert_eq!(fs::read(root.join("file")).unwrap(), b"new");
        assert_eq!(fs::metadata(root.join("file")).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_what_is_written() {
        use std::os::unix::fs::PermissionsExt;

        let workspace = workspace();
        let root = workspace.files.root();
        let (_, path) = create_numbered(root, "sigkey", b"x").unwrap();
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
