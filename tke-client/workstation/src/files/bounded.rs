//! Reading no more than a limit: whoever can write a file or a pipe must not be able to fill the memory.
//!
//! Buffers have their final size from the start and are cleared when they are dropped: growing would leave copies of
//! passwords and keys behind.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::FilesError;
use crate::texts;

/// The largest file with a key, a password, an API key or a request, in bytes.
pub const MAX_FILE_SIZE: usize = 64 * 1024;
/// The longest line of an answer or a password, in bytes, without its end.
pub const MAX_LINE_SIZE: usize = 4 * 1024;
/// The largest list of units or modules: some ten thousand entries.
pub(super) const MAX_LIST_SIZE: usize = 4 * 1024 * 1024;

/// The content of the file at `path`, which has at most [`MAX_FILE_SIZE`] bytes.
///
/// # Errors
/// [`FilesError::TooLarge`], [`FilesError::Io`].
pub fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, FilesError> {
    read_limited(path, MAX_FILE_SIZE)
}

/// The next line of `reader` without its end, which is `\n` or `\r\n`; `None` when there is no more.
///
/// The reader's own buffer is not cleared: that is the business of whoever made it.
///
/// # Errors
/// [`LineError`]. The rest of a line that is too long stays unread.
pub fn read_line(reader: &mut (impl BufRead + ?Sized)) -> Result<Option<Zeroizing<String>>, LineError> {
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE_SIZE + END.len()));
    let mut limited = reader.take((MAX_LINE_SIZE + END.len()) as u64);
    loop {
        let available = match limited.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(LineError::Io(error)),
        };
        let end = available.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(available.len(), |end| end + 1);
        line.extend_from_slice(available.get(..taken).unwrap_or_default());
        limited.consume(taken);
        if end.is_some() || taken == 0 {
            break;
        }
    }
    if line.is_empty() {
        return Ok(None);
    }
    let content = line.strip_suffix(b"\n").map_or(line.len(), <[u8]>::len);
    line.truncate(content);
    let content = line.strip_suffix(b"\r").map_or(line.len(), <[u8]>::len);
    line.truncate(content);
    if line.len() > MAX_LINE_SIZE {
        return Err(LineError::TooLong);
    }
    // The vector becomes the string: nothing is copied.
    match String::from_utf8(std::mem::take(&mut *line)) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(LineError::NotText)
        }
    }
}

/// A line that is not taken. The text says nothing of its content.
#[derive(Debug)]
#[non_exhaustive]
pub enum LineError {
    /// More than [`MAX_LINE_SIZE`] bytes.
    TooLong,
    /// Bytes that are not UTF-8.
    NotText,
    /// The operating system refused.
    Io(io::Error),
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "{} {MAX_LINE_SIZE}", texts::LINE_TOO_LONG),
            Self::NotText => f.write_str(texts::LINE_NOT_TEXT),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// The content of the file at `path`, which has at most `limit` bytes.
pub(super) fn read_limited(path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>, FilesError> {
    let mut file = File::open(path).map_err(FilesError::io(path))?;
    // One byte more than allowed, to see whether there is one. Lists are seldom near their limit.
    let known = file.metadata().ok().and_then(|metadata| usize::try_from(metadata.len()).ok());
    let room = known.filter(|size| *size > 0).unwrap_or(limit).min(limit) + 1;
    let mut content = Zeroizing::new(vec![0; room]);
    let mut filled = 0;
    while let Some(rest) = content.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => {
                content.truncate(filled);
                return Ok(content);
            }
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(FilesError::io(path)(error)),
        }
    }
    Err(FilesError::TooLarge { path: path.to_owned(), limit })
}

const END: &str = "\r\n";

#[cfg(test)]
mod tests {
    use super::super::testing::workspace;
    use super::*;

    fn line(input: &[u8]) -> Result<Option<Zeroizing<String>>, LineError> {
        read_line(&mut io::Cursor::new(input))
    }

    #[test]
    fn a_file_of_the_limit_is_read_and_one_more_byte_is_too_large() {
        let workspace = workspace();
        let path = workspace.files.root().join("file");
        for size in [0, 1, MAX_FILE_SIZE] {
            std::fs::write(&path, vec![7; size]).unwrap();
            assert_eq!(*read_file(&path).unwrap(), vec![7; size]);
        }
        std::fs::write(&path, vec![7; MAX_FILE_SIZE + 1]).unwrap();
        let text = read_file(&path).unwrap_err().to_string();
        assert!(text.ends_with("file: too large; the limit is 65536 bytes"), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_without_an_end_is_too_large() {
        assert!(matches!(read_file(Path::new("/dev/zero")), Err(FilesError::TooLarge { .. })));
    }

    #[test]
    fn lines_end_with_either_end_or_the_input() {
        let mut input = io::Cursor::new(b"one\ntwo\r\n\nlast");
        for expected in ["one", "two", "", "last"] {
            assert_eq!(*read_line(&mut input).unwrap().unwrap(), expected);
        }
        assert!(read_line(&mut input).unwrap().is_none());
    }

    #[test]
    fn a_line_of_the_limit_is_read_in_its_place_and_one_more_byte_is_too_long() {
        let text = "x".repeat(MAX_LINE_SIZE);
        for end in ["", "\n", "\r\n"] {
            let read = line(format!("{text}{end}").as_bytes()).unwrap().unwrap();
            assert_eq!((read.len(), read.capacity()), (MAX_LINE_SIZE, MAX_LINE_SIZE + 2));
            assert!(matches!(line(format!("{text}x{end}").as_bytes()), Err(LineError::TooLong)));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_without_being_shown() {
        assert_eq!(line(b"se\xffcret\n").unwrap_err().to_string(), texts::LINE_NOT_TEXT);
    }
}
