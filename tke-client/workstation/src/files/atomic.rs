//! Writing files as a whole.
//!
//! A file is written beside its place, forced to disk, and renamed. A program that stops half-way leaves a hidden
//! `.tmp` file and the old content.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{FilesError, keynum};

/// Replaces `name` in `directory`, or makes it.
pub(super) fn replace(directory: &Path, name: &str, content: &[u8]) -> Result<(), FilesError> {
    let target = directory.join(name);
    let temporary = directory.join(format!(".{name}.tmp"));
    let file = options(Exists::Replace).open(&temporary).map_err(FilesError::io(&temporary))?;
    finish(file, &temporary, &target, content)
}

/// Makes a new file `<n>.<extension>` with the smallest number that is free, and says which.
///
/// Two programs that do this at the same time get two numbers: the temporary file is the claim.
pub(super) fn create_numbered(directory: &Path, extension: &str, content: &[u8]) -> Result<(u32, PathBuf), FilesError> {
    let taken = keynum::list(directory, extension)?;
    for number in (1..=u32::MAX).filter(|number| !taken.contains(number)) {
        let target = directory.join(keynum::file_name(number, extension));
        let temporary = directory.join(format!(".{number}.{extension}.tmp"));
        let file = match options(Exists::Refuse).open(&temporary) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(FilesError::Io { path: temporary, error }),
        };
        // Another program may have finished this number after the list was made.
        if target.exists() {
            drop(std::fs::remove_file(&temporary));
            continue;
        }
        finish(file, &temporary, &target, content)?;
        return Ok((number, target));
    }
    Err(FilesError::Io { path: directory.to_owned(), error: io::ErrorKind::StorageFull.into() })
}

fn finish(file: File, temporary: &Path, target: &Path, content: &[u8]) -> Result<(), FilesError> {
    let written = write(file, content).and_then(|()| std::fs::rename(temporary, target));
    written.map_err(|error| {
        // The first error is the one to report.
        drop(std::fs::remove_file(temporary));
        FilesError::Io { path: target.to_owned(), error }
    })?;
    sync_directory(target)
}

fn write(mut file: File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.sync_all()
}

/// Makes the rename last. Only Unix can open a directory for this.
#[cfg(unix)]
fn sync_directory(target: &Path) -> Result<(), FilesError> {
    match target.parent() {
        Some(directory) => File::open(directory).and_then(|file| file.sync_all()).map_err(FilesError::io(directory)),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_directory(_target: &Path) -> Result<(), FilesError> {
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Exists {
    Refuse,
    Replace,
}

/// Owner only, for all files: the lists of units are nobody else's business either.
fn options(exists: Exists) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).create_new(exists == Exists::Refuse);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::super::testing::workspace;
    use super::*;

    #[test]
    fn the_smallest_free_number_is_taken() {
        let workspace = workspace();
        let root = workspace.files.root();
        for expected in [1, 2, 3] {
            assert_eq!(create_numbered(root, "sigkey", b"x").unwrap().0, expected);
        }
        std::fs::remove_file(root.join("2.sigkey")).unwrap();
        assert_eq!(create_numbered(root, "sigkey", b"x").unwrap().0, 2);
        assert_eq!(create_numbered(root, "mkpart", b"x").unwrap().0, 1);
    }

    #[test]
    fn a_number_that_another_program_claimed_is_passed_over() {
        let workspace = workspace();
        let root = workspace.files.root();
        std::fs::write(root.join(".1.sigkey.tmp"), b"").unwrap();
        assert_eq!(create_numbered(root, "sigkey", b"x").unwrap().0, 2);
    }

    #[test]
    fn replacing_leaves_the_new_content_and_nothing_else() {
        let workspace = workspace();
        let root = workspace.files.root();
        replace(root, "DOMAINS", b"a longer first content").unwrap();
        replace(root, "DOMAINS", b"second").unwrap();
        assert_eq!(std::fs::read(root.join("DOMAINS")).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(root).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_what_is_written() {
        use std::os::unix::fs::PermissionsExt;

        let workspace = workspace();
        let root = workspace.files.root();
        let (_, path) = create_numbered(root, "sigkey", b"x").unwrap();
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
