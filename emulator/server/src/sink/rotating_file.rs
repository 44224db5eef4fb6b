//! A file of lines that is renamed when it is full: `events.ndjson`, `events.ndjson.1` (the newest before), and so on.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::Target;
use crate::config::Rotation;

/// A file that takes whole lines only.
pub(super) struct RotatingFile {
    rotation: Rotation,
    open: Option<Open>,
}

/// The file lines are added to.
struct Open {
    file: File,
    /// Bytes of whole lines in it.
    size: u64,
    /// Pipes and devices are neither cut back nor renamed.
    regular: bool,
    /// A line was begun and not finished: what follows `size` has to go first.
    torn: bool,
}

impl RotatingFile {
    /// Opens the file; lines are added to what it has.
    pub(super) fn open(rotation: Rotation) -> io::Result<Self> {
        let open = Some(Open::at(&rotation.path)?);
        Ok(RotatingFile { rotation, open })
    }

    /// The file for a line of `size` bytes; the full one is renamed first.
    fn room_for(&mut self, size: u64) -> io::Result<&mut Open> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::at(&self.rotation.path)?,
        };
        if open.is_full(size, self.rotation.max_bytes) {
            if let Err(error) = open.mend() {
                self.open = Some(open);
                return Err(error);
            }
            drop(open);
            self.rename()?;
            open = Open::at(&self.rotation.path)?;
        }
        Ok(self.open.insert(open))
    }

    /// Moves every file one number up; the last one goes. Can be repeated after a failure in the middle.
    fn rename(&self) -> io::Result<()> {
        let Rotation { path, keep, .. } = &self.rotation;
        let missing_is_fine = |result: io::Result<()>| match result {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        };
        if *keep == 0 {
            return missing_is_fine(fs::remove_file(path));
        }
        for number in (1..*keep).rev() {
            missing_is_fine(fs::rename(numbered(path, number), numbered(path, number + 1)))?;
        }
        missing_is_fine(fs::rename(path, numbered(path, 1)))
    }
}

impl Target for RotatingFile {
    fn write(&mut self, lines: &[Bytes]) -> Result<(), (usize, io::Error)> {
        for (written, line) in lines.iter().enumerate() {
            let line = [line, &b"\n"[..]].concat();
            let result = self.room_for(line.len() as u64).and_then(|open| open.append(&line));
            result.map_err(|error| (written, error))?;
        }
        Ok(())
    }
}

impl Open {
    fn at(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let data = file.metadata()?;
        Ok(Open { file, size: data.len(), regular: data.is_file(), torn: false })
    }

    /// Whether a line of `size` bytes belongs into the next file. An empty file takes a line of any size.
    fn is_full(&self, size: u64, limit: u64) -> bool {
        self.regular && self.size > 0 && self.size.saturating_add(size) > limit
    }

    /// Cuts off a line that was begun and not finished.
    fn mend(&mut self) -> io::Result<()> {
        if self.torn && self.regular {
            self.file.set_len(self.size)?;
        }
        self.torn = false;
        Ok(())
    }

    /// Adds a line, wholly or not at all as far as the file allows.
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.mend()?;
        self.torn = true;
        self.file.write_all(line)?;
        self.torn = false;
        self.size += line.len() as u64;
        Ok(())
    }
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn rotation(directory: &TempDir, max_bytes: u64, keep: u32) -> Rotation {
        Rotation { path: directory.path().join("events.ndjson"), max_bytes, keep }
    }

    fn lines(numbers: std::ops::Range<u32>) -> Vec<Bytes> {
        numbers.map(|number| Bytes::from(format!("line {number:04}"))).collect()
    }

    fn content(directory: &TempDir, name: &str) -> Option<String> {
        fs::read_to_string(directory.path().join(name)).ok()
    }

    #[test]
    fn full_files_are_kept_under_numbers_and_the_oldest_goes() {
        let directory = TempDir::new().unwrap();
        // Two lines of ten bytes a file.
        let mut file = RotatingFile::open(rotation(&directory, 25, 2)).unwrap();
        file.write(&lines(0..7)).unwrap();
        assert_eq!(content(&directory, "events.ndjson").unwrap(), "line 0006\n");
        assert_eq!(content(&directory, "events.ndjson.1").unwrap(), "line 0004\nline 0005\n");
        assert_eq!(content(&directory, "events.ndjson.2").unwrap(), "line 0002\nline 0003\n");
        assert_eq!(content(&directory, "events.ndjson.3"), None);
    }

    #[test]
    fn a_line_larger_than_a_file_has_a_file_of_its_own() {
        let directory = TempDir::new().unwrap();
        let mut file = RotatingFile::open(rotation(&directory, 5, 9)).unwrap();
        file.write(&lines(0..2)).unwrap();
        assert_eq!(content(&directory, "events.ndjson").unwrap(), "line 0001\n");
        assert_eq!(content(&directory, "events.ndjson.1").unwrap(), "line 0000\n");
    }

    #[test]
    fn the_next_run_adds_to_the_file() {
        let directory = TempDir::new().unwrap();
        for run in 0..2 {
            let mut file = RotatingFile::open(rotation(&directory, 15, 9)).unwrap();
            file.write(&lines(run..run + 1)).unwrap();
        }
        assert_eq!(content(&directory, "events.ndjson").unwrap(), "line 0001\n");
        assert_eq!(content(&directory, "events.ndjson.1").unwrap(), "line 0000\n");
    }

    #[test]
    fn without_kept_files_the_full_one_is_dropped() {
        let directory = TempDir::new().unwrap();
        let mut file = RotatingFile::open(rotation(&directory, 15, 0)).unwrap();
        file.write(&lines(0..3)).unwrap();
        assert_eq!(content(&directory, "events.ndjson").unwrap(), "line 0002\n");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_rename_loses_no_line_and_is_tried_again() {
        let directory = TempDir::new().unwrap();
        // A directory with content stands where the full file would go.
        let obstacle = directory.path().join("events.ndjson.1");
        fs::create_dir(&obstacle).unwrap();
        fs::write(obstacle.join("x"), "x").unwrap();
        let mut file = RotatingFile::open(rotation(&directory, 15, 1)).unwrap();
        let (written, _) = file.write(&lines(0..3)).unwrap_err();
        assert_eq!(written, 1);
        fs::remove_dir_all(&obstacle).unwrap();
        file.write(&lines(1..3)).unwrap();
        assert_eq!(content(&directory, "events.ndjson").unwrap(), "line 0002\n");
        assert_eq!(content(&directory, "events.ndjson.1").unwrap(), "line 0001\n");
    }

    #[test]
    fn a_torn_line_is_cut_off_before_the_next() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("events.ndjson");
        let mut open = Open::at(&path).unwrap();
        open.append(b"line 0000\n").unwrap();
        open.file.write_all(b"line").unwrap();
        open.torn = true;
        open.append(b"line 0001\n").unwrap();
        assert_eq!(content(&directory, "events.ndjson").unwrap(), "line 0000\nline 0001\n");
    }
}
