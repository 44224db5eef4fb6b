//! The SHAKE streams that polynomials are sampled from.

use shake::{ExtendableOutput, Shake128, Shake128Reader, Shake256, Shake256Reader, Update, XofReader};
use zeroize::Zeroizing;

/// The first bytes of SHAKE256 over the parts.
pub(super) fn shake256<const SIZE: usize>(parts: &[&[u8]]) -> Zeroizing<[u8; SIZE]> {
    let mut output = Zeroizing::new([0; SIZE]);
    shake256_reader(parts).read(output.as_mut_slice());
    output
}

/// SHAKE128 over the parts.
pub(super) fn shake128_reader(parts: &[&[u8]]) -> Shake128Reader {
    absorbed(Shake128::default(), parts).finalize_xof()
}

/// SHAKE256 over the parts.
pub(super) fn shake256_reader(parts: &[&[u8]]) -> Shake256Reader {
    absorbed(Shake256::default(), parts).finalize_xof()
}

fn absorbed<Hash: Update>(mut hash: Hash, parts: &[&[u8]]) -> Hash {
    for part in parts {
        hash.update(part);
    }
    hash
}

/// A multiple of every size of a group, less than a permutation gives.
const BUFFER: usize = 120;

/// A stream, `SIZE` bytes at a time, without end.
pub(super) struct Groups<Reader, const SIZE: usize> {
    reader: Reader,
    buffer: Zeroizing<[u8; BUFFER]>,
    position: usize,
}

impl<Reader: XofReader, const SIZE: usize> Groups<Reader, SIZE> {
    pub(super) fn new(reader: Reader) -> Self {
        const { assert!(BUFFER.is_multiple_of(SIZE), "groups do not straddle buffers") }
        Self { reader, buffer: Zeroizing::new([0; BUFFER]), position: BUFFER }
    }
}

impl<Reader: XofReader, const SIZE: usize> Iterator for Groups<Reader, SIZE> {
    type Item = [u8; SIZE];

    fn next(&mut self) -> Option<[u8; SIZE]> {
        if self.position == BUFFER {
            self.reader.read(self.buffer.as_mut_slice());
            self.position = 0;
        }
        let group = self.buffer.get(self.position..)?.first_chunk().copied();
        self.position += SIZE;
        group
    }
}
