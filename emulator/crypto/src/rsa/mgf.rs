//! MGF1 (RFC 8017, appendix B.2.1).

use zeroize::Zeroizing;

use crate::hash::Hash;

/// XORs the mask that `hash` makes of `seed` onto `bytes`.
pub(super) fn mask(hash: Hash, seed: &[u8], bytes: &mut [u8]) {
    for (counter, chunk) in (0_u32..=u32::MAX).zip(bytes.chunks_mut(hash.output_len())) {
        let mut state = hash.start();
        state.update(seed);
        state.update(&counter.to_be_bytes());
        let block = Zeroizing::new(state.finish());
        chunk.iter_mut().zip(block.iter()).for_each(|(byte, mask)| *byte ^= mask);
    }
}
