//! Time and randomness, handed in.

use std::sync::Arc;

use hpcs_audit::EventTime;
use hpcs_service::Seed;
use hpcs_store::{Clock, VirtualClock};

/// What an emulator takes from the world around it.
pub struct World {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The root of all randomness.
    pub seed: Seed,
}

impl World {
    /// The world of `--seed`: the same requests in the same order give the same bytes.
    ///
    /// Time starts at 2026-01-01T00:00:00Z and moves by 10 ms with each committed operation.
    pub fn reproducible(number: u64) -> Self {
        let start = EventTime::from_unix_millis(START_MILLIS);
        World { clock: Arc::new(VirtualClock::new(start, STEP_MILLIS)), seed: Seed::from_number(number) }
    }
}

/// 2026-01-01T00:00:00Z.
const START_MILLIS: u64 = 1_767_225_600_000;

const STEP_MILLIS: u64 = 10;
