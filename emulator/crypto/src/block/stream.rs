//! Encryption and decryption in parts: ECB, CBC (SP 800-38A), and CBC with the padding of PKCS#7 (RFC 5652, section 6.3).

use zeroize::Zeroizing;

use super::{CipherKey, LONGEST_BLOCK, xor};

/// How blocks are chained, and what is done with a message that does not end with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Every block on its own. The message is a multiple of the block size.
    Ecb,
    /// Every block is chained to the one before. The message is a multiple of the block size.
    Cbc,
    /// CBC for messages of any size: 1 to as many bytes as a block has are appended, each with their number as value.
    CbcPad,
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Direction {
    Encrypt,
    Decrypt,
}

/// Why a message is none for the mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CipherFault {
    /// Its size is no multiple of the block size, or it is empty where a padded message cannot be.
    Length,
    /// It ends with no padding: the key or the message is another one.
    Padding,
}

impl std::fmt::Display for CipherFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Length => "the message is not made of whole blocks",
            Self::Padding => "the message does not end with a padding",
        })
    }
}

impl std::error::Error for CipherFault {}

/// A message on its way through a cipher. Owns its key, so that no part can meet a wrong one; cleared when it is dropped.
pub struct CipherStream {
    key: CipherKey,
    direction: Direction,
    mode: Mode,
    /// The last block of ciphertext, or the initialization vector before any. Empty for ECB.
    chain: Vec<u8>,
    /// Input that is not processed yet: less than a block, or up to one when the padding may be in it.
    pending: Zeroizing<Vec<u8>>,
}

impl CipherStream {
    /// The state before any input. `None` when `iv` is not as long as a block, or, for ECB, not empty.
    pub fn start(key: CipherKey, direction: Direction, mode: Mode, iv: &[u8]) -> Option<Self> {
        if iv.len() != chain_len(&key, mode) {
            return None;
        }
        let pending = Zeroizing::new(Vec::with_capacity(LONGEST_BLOCK));
        Some(Self { key, direction, mode, chain: iv.to_vec(), pending })
    }

    /// Takes in the next part and gives out what is final: all complete blocks, except that a padded message keeps its
    /// last one back when it is decrypted.
    pub fn update(&mut self, input: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut output = Zeroizing::new(Vec::with_capacity(self.pending.len() + input.len()));
        self.update_into(input, &mut output);
        output
    }

    /// Ends the message: gives out what was kept back.
    ///
    /// # Errors
    /// [`CipherFault`], when the parts together are no message for the mode.
    pub fn finish(mut self) -> Result<Zeroizing<Vec<u8>>, CipherFault> {
        let mut output = Zeroizing::new(Vec::with_capacity(LONGEST_BLOCK));
        self.finish_into(&mut output)?;
        Ok(output)
    }

    /// Takes in the last part, or the whole message, and ends it: [`CipherStream::update`] and [`CipherStream::finish`]
    /// with one output.
    ///
    /// # Errors
    /// [`CipherFault`], when the parts together are no message for the mode.
    pub fn complete(mut self, input: &[u8]) -> Result<Zeroizing<Vec<u8>>, CipherFault> {
        let mut output = Zeroizing::new(Vec::with_capacity(self.pending.len() + input.len() + LONGEST_BLOCK));
        self.update_into(input, &mut output);
        self.finish_into(&mut output)?;
        Ok(output)
    }

    /// The state as bytes, without the key: at most 35. As secret as the message, of which it holds up to a block.
    pub fn export(&self) -> Zeroizing<Vec<u8>> {
        let head = [self.block_len() as u8, self.mode as u8, self.direction as u8];
        Zeroizing::new([&head, &self.chain[..], &self.pending].concat())
    }

    /// The state that [`CipherStream::export`] gave for the same key. `None` when the bytes are none of this cipher.
    pub fn import(key: CipherKey, exported: &[u8]) -> Option<Self> {
        let (&[block_len, mode, direction], rest) = exported.split_first_chunk()?;
        let mode = [Mode::Ecb, Mode::Cbc, Mode::CbcPad].into_iter().find(|known| *known as u8 == mode)?;
        let direction = [Direction::Encrypt, Direction::Decrypt].into_iter().find(|known| *known as u8 == direction)?;
        let (chain, pending) = rest.split_at_checked(chain_len(&key, mode))?;
        let mut stream = Self::start(key, direction, mode, chain)?;
        let fits = usize::from(block_len) == stream.block_len() && stream.kept_of(pending.len()) == pending.len();
        stream.pending.extend_from_slice(pending);
        fits.then_some(stream)
    }

    fn block_len(&self) -> usize {
        self.key.cipher().block_len()
    }

    /// How many of `available` bytes are kept back for the next part.
    fn kept_of(&self, available: usize) -> usize {
        let partial = available % self.block_len();
        let may_hold_padding = self.mode == Mode::CbcPad && self.direction == Direction::Decrypt;
        if may_hold_padding && partial == 0 { available.min(self.block_len()) } else { partial }
    }

    fn update_into(&mut self, input: &[u8], output: &mut Vec<u8>) {
        let available = self.pending.len() + input.len();
        let blocks = available - self.kept_of(available);
        if blocks == 0 {
            self.pending.extend_from_slice(input);
            return;
        }
        let mut input = input;
        if !self.pending.is_empty() {
            let mut first = std::mem::replace(&mut self.pending, Zeroizing::new(Vec::with_capacity(LONGEST_BLOCK)));
            let (completing, rest) = input.split_at(self.block_len() - first.len());
            first.extend_from_slice(completing);
            self.process(&first, output);
            input = rest;
        }
        let (blocks, kept) = input.split_at(input.len() - self.kept_of(input.len()));
        self.process(blocks, output);
        self.pending.extend_from_slice(kept);
    }

    fn finish_into(&mut self, output: &mut Vec<u8>) -> Result<(), CipherFault> {
        let block_len = self.block_len();
        let mut last = std::mem::take(&mut self.pending);
        match (self.mode, self.direction) {
            (Mode::Ecb | Mode::Cbc, _) if last.is_empty() => Ok(()),
            (Mode::CbcPad, Direction::Encrypt) => {
                let missing = block_len - last.len();
                last.resize(block_len, missing as u8);
                self.process(&last, output);
                Ok(())
            }
            (Mode::CbcPad, Direction::Decrypt) if last.len() == block_len => {
                self.process(&last, output);
                let message = output.len() - padding_len(output, block_len).ok_or(CipherFault::Padding)?;
                output.truncate(message);
                Ok(())
            }
            _ => Err(CipherFault::Length),
        }
    }

    /// Appends what becomes of `blocks`, which are complete.
    fn process(&mut self, blocks: &[u8], output: &mut Vec<u8>) {
        let block_len = self.block_len();
        let start = output.len();
        output.extend_from_slice(blocks);
        let Some(fresh) = output.get_mut(start..).filter(|fresh| !fresh.is_empty()) else { return };
        match (self.mode, self.direction) {
            (Mode::Ecb, direction) => self.key.apply(direction, fresh),
            (Mode::Cbc | Mode::CbcPad, Direction::Encrypt) => {
                for block in fresh.chunks_exact_mut(block_len) {
                    xor(block, &self.chain);
                    self.key.apply(Direction::Encrypt, block);
                    self.chain.copy_from_slice(block);
                }
            }
            // All blocks at once: the chaining is undone with ciphertext, which is all there already.
            (Mode::Cbc | Mode::CbcPad, Direction::Decrypt) => {
                self.key.apply(Direction::Decrypt, fresh);
                let (first, rest) = fresh.split_at_mut(block_len);
                let (previous, last) = blocks.split_at(blocks.len() - block_len);
                xor(first, &self.chain);
                xor(rest, previous);
                self.chain.copy_from_slice(last);
            }
        }
    }
}

fn chain_len(key: &CipherKey, mode: Mode) -> usize {
    match mode {
        Mode::Ecb => 0,
        Mode::Cbc | Mode::CbcPad => key.cipher().block_len(),
    }
}

/// Size of the padding at the end of `message`. `None` when it ends with none.
fn padding_len(message: &[u8], block_len: usize) -> Option<usize> {
    let value = *message.last()?;
    let length = usize::from(value);
    let padding = message.get(message.len().checked_sub(length)?..)?;
    ((1..=block_len).contains(&length) && padding.iter().all(|byte| *byte == value)).then_some(length)
}

#[cfg(test)]
mod tests;
