//! Lines out of chunks of bytes, counted and summed up.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{TransferFault, TransferWhy};

/// Reads a file line by line: a long first one, and short ones after it. Memory is bounded by the longest line and one
/// chunk.
pub(super) struct Lines<S> {
    source: S,
    chunk: Bytes,
    /// The line that is being read; a first line in the clear holds keys.
    line: Zeroizing<Vec<u8>>,
    number: u64,
    sum: Sha256,
}

impl<S, E> Lines<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::fmt::Display,
{
    pub(super) fn of(source: S) -> Self {
        Lines { source, chunk: Bytes::new(), line: Zeroizing::new(Vec::new()), number: 0, sum: Sha256::new() }
    }

    /// The number of the line that was read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// SHA-256 of all lines before the one that was read last, line ends included.
    pub(super) fn sum_before(&self) -> [u8; 32] {
        self.sum.clone().finalize().into()
    }

    /// The next line without its end; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<&[u8]>, TransferFault> {
        if self.number > 0 {
            self.sum.update(&*self.line);
            self.sum.update(b"\n");
        }
        self.line.clear();
        loop {
            if let Some(at) = self.chunk.iter().position(|byte| *byte == b'\n') {
                self.extend(at)?;
                let _ = self.chunk.split_to(1);
                self.number += 1;
                return Ok(Some(&self.line));
            }
            self.extend(self.chunk.len())?;
            match self.source.next().await {
                Some(Ok(chunk)) => self.chunk = chunk,
                Some(Err(error)) => {
                    return Err(TransferFault::at(self.number, TransferWhy::Source(error.to_string())));
                }
                None if self.line.is_empty() => return Ok(None),
                None => return Err(TransferFault::at(self.number + 1, TransferWhy::Truncated)),
            }
        }
    }

    /// Takes bytes of the chunk into the line.
    fn extend(&mut self, count: usize) -> Result<(), TransferFault> {
        let most = if self.number == 0 { MOST_OF_HEAD } else { MOST };
        if self.line.len() + count > most {
            return Err(TransferFault::at(self.number + 1, TransferWhy::LongLine { most }));
        }
        self.line.extend_from_slice(&self.chunk.split_to(count));
        Ok(())
    }
}

/// The longest first line, bytes. The largest there is has fourteen units full of certificates: some 2 MB.
const MOST_OF_HEAD: usize = 8 * 1024 * 1024;

/// The longest other line, bytes. Events have some 1.5 kB.
const MOST: usize = 64 * 1024;
