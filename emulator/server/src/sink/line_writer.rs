//! Whole lines on a stream that may take part of one.

use std::io::{self, Write};

use bytes::Bytes;

use super::Target;

/// Adds lines to a stream that cannot take bytes back. A line that was begun is gone on with, never begun again.
///
/// The stream must not buffer: what it takes counts as written.
pub(super) struct LineWriter<W> {
    out: W,
    /// Bytes of the unfinished line that are there already.
    begun: usize,
}

impl<W: Write> LineWriter<W> {
    pub(super) fn new(out: W) -> Self {
        LineWriter { out, begun: 0 }
    }

    /// Whether part of a line is there, which only the rest of that line may follow.
    pub(super) fn in_a_line(&self) -> bool {
        self.begun > 0
    }

    /// Writes a line, which has its end already. After an error the next call must bring the same line.
    pub(super) fn append(&mut self, line: &[u8]) -> io::Result<()> {
        while let Some(rest) = line.get(self.begun..)
            && !rest.is_empty()
        {
            match self.out.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => self.begun += taken,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.begun = 0;
        Ok(())
    }
}

impl<W: Write + Send> Target for LineWriter<W> {
    fn write(&mut self, lines: &[Bytes]) -> Result<(), (usize, io::Error)> {
        for (written, line) in lines.iter().enumerate() {
            self.append(&[line, &b"\n"[..]].concat()).map_err(|error| (written, error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a few bytes at a time, and fails after each.
    struct Narrow {
        taken: Vec<u8>,
        full: bool,
    }

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.full = !self.full;
            if !self.full {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let some = &bytes[..bytes.len().min(4)];
            self.taken.extend_from_slice(some);
            Ok(some.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_that_was_begun_is_gone_on_with() {
        let mut writer = LineWriter::new(Narrow { taken: Vec::new(), full: false });
        let mut lines: &[Bytes] = &[Bytes::from_static(b"{\"a\":1}"), Bytes::from_static(b"{\"b\":2}")];
        let mut failures = 0;
        while let Err((written, error)) = writer.write(lines) {
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
            lines = &lines[written..];
            failures += 1;
        }
        assert_eq!((writer.out.taken.as_slice(), failures), (&b"{\"a\":1}\n{\"b\":2}\n"[..], 3));
        assert!(!writer.in_a_line());
    }

    #[test]
    fn a_stream_that_takes_nothing_is_a_failure() {
        let (written, error) = LineWriter::new(&mut [][..]).write(&[Bytes::from_static(b"x")]).unwrap_err();
        assert_eq!((written, error.kind()), (0, io::ErrorKind::WriteZero));
    }
}
