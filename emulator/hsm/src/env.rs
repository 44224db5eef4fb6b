//! What a call may know of the world.

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

/// Randomness of one call, handed in by the caller.
///
/// The generator is derived for this call alone, so what one call draws does not depend on what others drew before.
pub struct CallEnv {
    /// Randomness of this call: importer keys, random master keys, ephemeral keys. It is zeroized when the call ends.
    pub rng: ChaCha20Rng,
}

impl CallEnv {
    /// An environment whose randomness follows from `seed` (32 bytes).
    pub fn new(seed: &Zeroizing<[u8; 32]>) -> Self {
        CallEnv { rng: ChaCha20Rng::from_seed(**seed) }
    }
}
