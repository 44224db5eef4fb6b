//! What a call may know of the world.

use hpcs_ep11::UnixMillis;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

/// Time and randomness of one call, handed in by the caller.
///
/// The generator is derived for this call alone, so what one call draws does not depend on what others drew before.
pub struct CallEnv {
    /// The moment of the call; it appears in module information only.
    pub now: UnixMillis,
    /// Randomness of this call: importer keys, random master keys, ephemeral keys.
    pub rng: ChaCha20Rng,
}

impl CallEnv {
    /// An environment at `now` whose randomness follows from `seed` (32 bytes).
    pub fn new(now: UnixMillis, seed: &Zeroizing<[u8; 32]>) -> Self {
        CallEnv { now, rng: ChaCha20Rng::from_seed(**seed) }
    }
}
