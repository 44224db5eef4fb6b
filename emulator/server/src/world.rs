//! Time and randomness, handed in.

use std::sync::Arc;

use hpcs_audit::EventTime;
use hpcs_service::Seed;
use hpcs_store::{Clock, VirtualClock};
use rand_core::CryptoRng;

/// What an emulator takes from the world around it.
pub struct World {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Whether time moves with commits, and with nothing else.
    pub stepped: bool,
    /// The root of all randomness that shows: keys, identifiers, tokens.
    pub seed: Seed,
    /// The randomness of sealing, which never shows: data keys, nonces, the number of this opening of the store. Two
    /// openings of one store must not have the same.
    pub sealing: Box<dyn CryptoRng + Send>,
}

impl World {
    /// The world of `--seed`: the same requests in the same order give the same bytes.
    ///
    /// Time starts at 2026-01-01T00:00:00Z and moves by 10 ms with each committed operation. Sealing follows from the
    /// number too: good for one opening of a store. A process that may open its store again brings its own, as
    /// [`crate::shell::world`] does.
    pub fn reproducible(number: u64) -> Self {
        let start = EventTime::from_unix_millis(START_MILLIS);
        let seed = Seed::from_number(number);
        let sealing = Box::new(seed.rng(&[b"sealing"]));
        World { clock: Arc::new(VirtualClock::new(start, STEP_MILLIS)), stepped: true, seed, sealing }
    }
}

/// 2026-01-01T00:00:00Z.
const START_MILLIS: u64 = 1_767_225_600_000;

const STEP_MILLIS: u64 = 10;
