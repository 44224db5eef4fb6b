//! How many calls a crypto unit takes a second, where the operator sets a limit.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use hpcs_audit::EventTime;
use hpcs_names::CryptoUnitId;

/// Counts calls by unit. A unit that was idle takes a second's worth at once.
pub(crate) struct Throttle {
    a_second: Option<NonZeroU32>,
    units: Mutex<HashMap<CryptoUnitId, Room>>,
}

/// What a unit still takes.
struct Room {
    /// In thousandths of a call.
    left: u64,
    /// When that was so, in milliseconds since the Unix epoch.
    at: u64,
}

/// A call, in thousandths of one.
const CALL: u64 = 1000;

impl Throttle {
    /// At most so many calls a second and unit; `None` for any number.
    pub(crate) fn new(a_second: Option<NonZeroU32>) -> Self {
        Throttle { a_second, units: Mutex::default() }
    }

    /// Whether there is a limit at all.
    pub(crate) fn is_on(&self) -> bool {
        self.a_second.is_some()
    }

    /// Whether the unit takes another call now. Time that goes back counts as none.
    pub(crate) fn admits(&self, unit: CryptoUnitId, now: EventTime) -> bool {
        let Some(a_second) = self.a_second.map(|limit| u64::from(limit.get())) else { return true };
        let now = now.unix_millis();
        let full = a_second * CALL;
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        let room = units.entry(unit).or_insert(Room { left: full, at: now });
        let since = now.saturating_sub(room.at).saturating_mul(a_second);
        *room = Room { left: room.left.saturating_add(since).min(full), at: now };
        let admits = room.left >= CALL;
        if admits {
            room.left -= CALL;
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use hpcs_names::Uuid;

    use super::*;

    fn unit(byte: u8) -> CryptoUnitId {
        CryptoUnitId(Uuid::from_random_bytes([byte; 16]))
    }

    fn admitted(throttle: &Throttle, byte: u8, millis: u64, calls: usize) -> usize {
        (0..calls).filter(|_| throttle.admits(unit(byte), EventTime::from_unix_millis(millis))).count()
    }

    #[test]
    fn each_unit_takes_so_many_calls_a_second() {
        let throttle = Throttle::new(NonZeroU32::new(10));
        assert_eq!(admitted(&throttle, 1, 5_000, 25), 10);
        assert_eq!(admitted(&throttle, 2, 5_000, 25), 10);
        assert_eq!(admitted(&throttle, 1, 5_250, 25), 2);
        assert_eq!(admitted(&throttle, 1, 5_300, 25), 1);
        assert_eq!(admitted(&throttle, 1, 60_000, 25), 10);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_and_takes_nothing() {
        let throttle = Throttle::new(NonZeroU32::new(10));
        assert_eq!(admitted(&throttle, 1, 5_000, 25), 10);
        assert_eq!(admitted(&throttle, 1, 1_000, 25), 0);
        assert_eq!(admitted(&throttle, 1, 1_100, 25), 1);
    }

    #[test]
    fn without_a_limit_everything_is_taken() {
        let throttle = Throttle::new(None);
        assert_eq!(admitted(&throttle, 1, 0, 100_000), 100_000);
        assert!(!throttle.is_on());
    }
}
