//! A file of lines that is renamed when it is full: `events.ndjson`, `events.ndjson.1` (the newest before), and so on.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::Target;
use super::line_writer::LineWriter;
use crate::Log;
use crate::config::Rotation;

/// A file that takes whole lines only.
pub(super) struct RotatingFile {
    rotation: Rotation,
    log: Log,
    open: Option<Open>,
}

/// The file lines are added to.
struct Open {
    lines: LineWriter<File>,
    /// Bytes of whole lines in it.
    size: u64,
    /// Pipes and devices are neither cut back nor renamed.
    regular: bool,
}

impl RotatingFile {
    /// Opens the file; lines are added to the whole ones it has. What is cut off is told to `log`. A file that holds
    /// something else than events is refused as it is.
    pub(super) fn open(rotation: Rotation, log: Log) -> io::Result<Self> {
        let open = Some(Open::at(&rotation.path, &log)?);
        Ok(RotatingFile { rotation, log, open })
    }

    /// The file for a line of `size` bytes; the full one is renamed first.
    fn room_for(&mut self, size: u64) -> io::Result<&mut Open> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::at(&self.rotation.path, &self.log)?,
        };
        if open.is_full(size, self.rotation.max_bytes) {
            drop(open);
            self.rename()?;
            open = Open::at(&self.rotation.path, &self.log)?;
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
    fn at(path: &Path, log: &Log) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let data = file.metadata()?;
        let mut size = data.len();
        if data.is_file() {
            let whole = whole_lines(path, size)?;
            if whole < size {
                file.set_len(whole)?;
                let path = path.display();
                log.line(format_args!("{path}: a line without an end was cut off: {} bytes", size - whole));
                size = whole;
            }
        }
        Ok(Open { lines: LineWriter::new(file), size, regular: data.is_file() })
    }

    /// Whether a line of `size` bytes belongs into the next file. An empty file takes a line of any size, and a line
    /// that was begun stays where it is.
    fn is_full(&self, size: u64, limit: u64) -> bool {
        self.regular && self.size > 0 && !self.lines.in_a_line() && self.size.saturating_add(size) > limit
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.lines.append(line)?;
        self.size += line.len() as u64;
        Ok(())
    }
}

/// How many of the first `size` bytes of a file are whole lines: a run that was killed may have left part of one. Both
/// the file and that part have to begin as events do, because the part is cut off.
fn whole_lines(path: &Path, size: u64) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let whole = end_of_last_line(&mut file, size)?;
    for start in [0, whole] {
        if !begins_as_an_event(&mut file, start, size)? {
            let why =
                "it holds something else than events; it was left as it is, and --events has to name another file";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
    }
    Ok(whole)
}

/// Whether the bytes from `start` to `end` can be an event, or a part of one that was begun. So can no bytes at all.
fn begins_as_an_event(file: &mut File, start: u64, end: u64) -> io::Result<bool> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.by_ref().take(end.saturating_sub(start).min(BEGINNING.len() as u64)).read_to_end(&mut bytes)?;
    Ok(BEGINNING.starts_with(&bytes))
}

/// Where the last line end before `size` is, and with it the last whole line.
fn end_of_last_line(file: &mut File, size: u64) -> io::Result<u64> {
    let mut end = size;
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        let mut block = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.by_ref().take(end - start).read_to_end(&mut block)?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

/// Every event begins so.
const BEGINNING: &[u8] = b"{\"eventTime\":";

/// Bytes read at once when the end of the last whole line is looked for.
const BLOCK: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn rotation(directory: &TempDir, max_bytes: u64, keep: u32) -> Rotation {
        Rotation { path: directory.path().join("events.ndjson"), max_bytes, keep }
    }

    /// 17 bytes, 18 with its end.
    fn line(number: u32) -> String {
        format!("{{\"eventTime\":{number:03}}}")
    }

    /// These lines with their ends.
    fn text(numbers: &[u32]) -> String {
        numbers.iter().map(|number| line(*number) + "\n").collect()
    }

    fn lines(numbers: std::ops::Range<u32>) -> Vec<Bytes> {
        numbers.map(|number| Bytes::from(line(number))).collect()
    }

    fn content(directory: &TempDir, name: &str) -> Option<String> {
        fs::read_to_string(directory.path().join(name)).ok()
    }

    #[test]
    fn full_files_are_kept_under_numbers_and_the_oldest_goes() {
        let directory = TempDir::new().unwrap();
        // Two lines of 18 bytes a file.
        let mut file = RotatingFile::open(rotation(&directory, 40, 2), Log::silent()).unwrap();
        file.write(&lines(0..7)).unwrap();
        assert_eq!(content(&directory, "events.ndjson").unwrap(), text(&[6]));
        assert_eq!(content(&directory, "events.ndjson.1").unwrap(), text(&[4, 5]));
        assert_eq!(content(&directory, "events.ndjson.2").unwrap(), text(&[2, 3]));
        assert_eq!(content(&directory, "events.ndjson.3"), None);
    }

    #[test]
    fn a_line_larger_than_a_file_has_a_file_of_its_own() {
        let directory = TempDir::new().unwrap();
        let mut file = RotatingFile::open(rotation(&directory, 5, 9), Log::silent()).unwrap();
        file.write(&lines(0..2)).unwrap();
        assert_eq!(content(&directory, "events.ndjson").unwrap(), text(&[1]));
        assert_eq!(content(&directory, "events.ndjson.1").unwrap(), text(&[0]));
    }

    #[test]
    fn the_next_run_adds_to_the_file() {
        let directory = TempDir::new().unwrap();
        for run in 0..2 {
            let mut file = RotatingFile::open(rotation(&directory, 25, 9), Log::silent()).unwrap();
            file.write(&lines(run..run + 1)).unwrap();
        }
        assert_eq!(content(&directory, "events.ndjson").unwrap(), text(&[1]));
        assert_eq!(content(&directory, "events.ndjson.1").unwrap(), text(&[0]));
    }

    #[test]
    fn without_kept_files_the_full_one_is_dropped() {
        let directory = TempDir::new().unwrap();
        let mut file = RotatingFile::open(rotation(&directory, 25, 0), Log::silent()).unwrap();
        file.write(&lines(0..3)).unwrap();
        assert_eq!(content(&directory, "events.ndjson").unwrap(), text(&[2]));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_rename_loses_no_line_and_is_tried_again() {
        let directory = TempDir::new().unwrap();
        // A directory with content stands where the full file would go.
        let obstacle = directory.path().join("events.ndjson.1");
        fs::create_dir(&obstacle).unwrap();
        fs::write(obstacle.join("x"), "x").unwrap();
        let mut file = RotatingFile::open(rotation(&directory, 25, 1), Log::silent()).unwrap();
        let (written, _) = file.write(&lines(0..3)).unwrap_err();
        assert_eq!(written, 1);
        fs::remove_dir_all(&obstacle).unwrap();
        file.write(&lines(1..3)).unwrap();
        assert_eq!(content(&directory, "events.ndjson").unwrap(), text(&[2]));
        assert_eq!(content(&directory, "events.ndjson.1").unwrap(), text(&[1]));
    }

    #[test]
    fn a_line_torn_by_an_earlier_run_is_cut_off_and_told() {
        let torn = |whole: String, part: &str| (whole.clone() + part, whole);
        for (left, whole) in [
            torn(text(&[0]), &line(7)),
            torn(text(&[0]), "{"),
            torn(String::new(), "{\"eventTime\":\"2026"),
            torn(String::new(), "{\"ev"),
            torn(String::new(), ""),
        ] {
            let directory = TempDir::new().unwrap();
            fs::write(directory.path().join("events.ndjson"), left).unwrap();
            RotatingFile::open(rotation(&directory, 99, 9), Log::silent()).unwrap().write(&lines(1..2)).unwrap();
            assert_eq!(content(&directory, "events.ndjson").unwrap(), whole + &text(&[1]));
        }
    }

    #[test]
    fn a_file_of_something_else_is_refused_and_left_as_it_is() {
        let event = text(&[0]);
        for foreign in [
            "a note",
            "a note\n",
            "SQLite format 3\0\n\0\0",
            "{\"name\":\"x\"}",
            "{\n}\n",
            "\n",
            &format!("{event}a note"),
            &format!("a note\n{event}{{\"eventTime\":"),
        ] {
            let directory = TempDir::new().unwrap();
            fs::write(directory.path().join("events.ndjson"), foreign).unwrap();
            let error = RotatingFile::open(rotation(&directory, 99, 9), Log::silent()).err().unwrap();
            assert!(error.to_string().contains("something else than events"), "{foreign}: {error}");
            assert_eq!(content(&directory, "events.ndjson").unwrap(), foreign);
        }
    }

    #[test]
    fn a_long_torn_line_is_cut_off_wholly() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("events.ndjson");
        let begun = |size: usize| format!("{{\"eventTime\":{}", "x".repeat(size - BEGINNING.len()));
        for before in [20, BLOCK - 1, BLOCK, BLOCK + 1] {
            let whole = begun(before as usize - 1) + "\n";
            fs::write(&path, whole.clone() + &begun(2 * BLOCK as usize)).unwrap();
            assert_eq!(Open::at(&path, &Log::silent()).unwrap().size, before);
            assert_eq!(content(&directory, "events.ndjson").unwrap(), whole);
        }
    }
}
