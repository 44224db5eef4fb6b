//! An export file, read once: it may be a pipe.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use super::{Failure, Surroundings, passphrase};

/// An export file whose first line was looked at.
pub(super) struct ExportFile {
    /// The first line, as far as it is a line of bounded size.
    head: Vec<u8>,
    rest: BufReader<File>,
}

impl ExportFile {
    /// Opens a file and reads its first line.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let unreadable = |error: io::Error| Failure::usage(format_args!("{}: {error}", path.display()));
        let mut rest = BufReader::new(File::open(path).map_err(unreadable)?);
        let mut head = Vec::new();
        rest.by_ref().take(LONGEST_HEAD).read_until(b'\n', &mut head).map_err(unreadable)?;
        Ok(ExportFile { head, rest })
    }

    /// The passphrase: from a file, or asked for if the secrets are sealed.
    pub(super) fn passphrase(
        &self,
        file: Option<&Path>,
        here: &mut Surroundings<'_>,
    ) -> Result<Option<Zeroizing<String>>, Failure> {
        match (file, self.is_sealed()) {
            (None, false) => Ok(None),
            (file, _) => passphrase::present(file, here).map(Some),
        }
    }

    /// All of the file, in pieces of bounded size. Reading it blocks.
    pub(super) fn pieces(self) -> impl Iterator<Item = io::Result<Vec<u8>>> + Send + Unpin + 'static {
        let mut all = Cursor::new(self.head).chain(self.rest);
        let mut ended = false;
        std::iter::from_fn(move || {
            if ended {
                return None;
            }
            let mut piece = vec![0; PIECE];
            let read = loop {
                match all.read(&mut piece) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => break read,
                }
            };
            match read {
                Ok(0) => None,
                Ok(size) => {
                    piece.truncate(size);
                    Some(Ok(piece))
                }
                Err(error) => {
                    ended = true;
                    Some(Err(error))
                }
            }
        })
    }

    /// Whether a passphrase is needed. Of a head that cannot be read the import says what is wrong.
    fn is_sealed(&self) -> bool {
        #[derive(Deserialize)]
        struct Head {
            sealed: Option<IgnoredAny>,
        }
        serde_json::from_slice::<Head>(&self.head).is_ok_and(|head| head.sealed.is_some())
    }
}

/// Bytes read at once.
const PIECE: usize = 64 * 1024;

/// 16 MiB: an instance with all that its crypto units hold is far smaller.
const LONGEST_HEAD: u64 = 16 * 1024 * 1024;
