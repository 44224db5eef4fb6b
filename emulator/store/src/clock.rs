//! Time, handed in.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hpcs_audit::EventTime;

/// The time of the service.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> EventTime;

    /// Called once per operation that changes something or has an event, after its event was stamped. An operation that
    /// the database refuses at its COMMIT has advanced the clock too. Real clocks do nothing.
    fn advance(&self);
}

/// A clock that stands still except for a step per committed operation, so that the same calls give the same times.
pub struct VirtualClock {
    millis: AtomicU64,
    step: u64,
}

impl VirtualClock {
    /// A clock at `start` that advances by `step` milliseconds per committed operation.
    pub fn new(start: EventTime, step: u64) -> Self {
        VirtualClock { millis: AtomicU64::new(start.unix_millis()), step }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> EventTime {
        EventTime::from_unix_millis(self.millis.load(Ordering::Acquire))
    }

    fn advance(&self) {
        self.millis.fetch_add(self.step, Ordering::AcqRel);
    }
}

/// A clock over another one that can be stopped, moved and made faster while it is read.
///
/// It may be set back: whoever needs time that never decreases, such as a log, has to see to it. Times beyond what an
/// event can show stop at the first and the last that it can.
pub struct ControlledClock {
    base: Arc<dyn Clock>,
    setting: Mutex<Setting>,
}

/// How time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// With the clock below, as fast as the rate says.
    Running,
    /// Not at all.
    Frozen,
    /// By a step per committed operation.
    Stepped,
}

/// How many seconds pass in one second of the clock below, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(pub u64);

impl Rate {
    /// As fast as the clock below.
    pub const ONE: Rate = Rate(1_000_000);
}

/// What becomes of a clock; what is absent stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockChange {
    /// How time passes from now on.
    pub pace: Option<Pace>,
    /// The present moment.
    pub time: Option<EventTime>,
    /// How far the present moment moves, after `time` was set; milliseconds, negative into the past.
    pub shift: i64,
    /// The rate of a running clock.
    pub rate: Option<Rate>,
    /// The step of a stepped clock, milliseconds.
    pub step: Option<u64>,
}

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockState {
    /// The present moment.
    pub now: EventTime,
    /// How time passes.
    pub pace: Pace,
    /// The rate, counted while the clock runs.
    pub rate: Rate,
    /// The step in milliseconds, taken while the clock is stepped.
    pub step: u64,
}

struct Setting {
    pace: Pace,
    rate: Rate,
    step: u64,
    /// The time when the setting was made, moved by the steps since.
    time: EventTime,
    /// What the clock below said when the setting was made.
    base: EventTime,
}

impl ControlledClock {
    /// A clock that shows what `base` shows.
    pub fn new(base: Arc<dyn Clock>) -> Self {
        let now = base.now();
        let setting = Setting { pace: Pace::Running, rate: Rate::ONE, step: USUAL_STEP, time: now, base: now };
        ControlledClock { base, setting: Mutex::new(setting) }
    }

    /// How it stands.
    pub fn state(&self) -> ClockState {
        self.lock().state(self.base.now())
    }

    /// Changes it, at once for everyone who reads it; gives how it stands then.
    pub fn change(&self, change: ClockChange) -> ClockState {
        let mut setting = self.lock();
        let base = self.base.now();
        let ClockState { now, pace, rate, step } = setting.state(base);
        let time = moved(change.time.unwrap_or(now), change.shift.into());
        *setting = Setting {
            pace: change.pace.unwrap_or(pace),
            rate: change.rate.unwrap_or(rate),
            step: change.step.unwrap_or(step),
            time,
            base,
        };
        setting.state(base)
    }

    fn lock(&self) -> MutexGuard<'_, Setting> {
        self.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ControlledClock {
    fn now(&self) -> EventTime {
        self.state().now
    }

    fn advance(&self) {
        self.base.advance();
        let mut setting = self.lock();
        if setting.pace == Pace::Stepped {
            setting.time = moved(setting.time, setting.step.into());
        }
    }
}

impl Setting {
    fn state(&self, base: EventTime) -> ClockState {
        let now = match self.pace {
            Pace::Frozen | Pace::Stepped => self.time,
            Pace::Running => {
                let passed = i128::from(base.unix_millis()) - i128::from(self.base.unix_millis());
                moved(self.time, passed * i128::from(self.rate.0) / i128::from(Rate::ONE.0))
            }
        };
        ClockState { now, pace: self.pace, rate: self.rate, step: self.step }
    }
}

/// `time`, so many milliseconds later.
fn moved(time: EventTime, millis: i128) -> EventTime {
    let last = i128::from(EventTime::MAX.unix_millis());
    let moved = i128::from(time.unix_millis()).saturating_add(millis).clamp(0, last);
    EventTime::from_unix_millis(u64::try_from(moved).unwrap_or_default())
}

/// Milliseconds.
const USUAL_STEP: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> EventTime {
        EventTime::from_unix_millis(millis)
    }

    /// A clock over one that moves by a second per operation.
    fn clock() -> ControlledClock {
        ControlledClock::new(Arc::new(VirtualClock::new(at(5_000), 1_000)))
    }

    #[test]
    fn untouched_it_shows_the_clock_below() {
        let clock = clock();
        clock.advance();
        assert_eq!((clock.now(), clock.state().pace), (at(6_000), Pace::Running));
    }

    #[test]
    fn frozen_it_stands_and_thawed_it_goes_on_from_there() {
        let clock = clock();
        clock.change(ClockChange { pace: Some(Pace::Frozen), ..ClockChange::default() });
        clock.advance();
        assert_eq!(clock.now(), at(5_000));
        clock.change(ClockChange { pace: Some(Pace::Running), ..ClockChange::default() });
        clock.advance();
        assert_eq!(clock.now(), at(6_000));
    }

    #[test]
    fn stepped_it_moves_by_its_own_step() {
        let clock = clock();
        let step = ClockChange { pace: Some(Pace::Stepped), step: Some(7), ..ClockChange::default() };
        assert_eq!(clock.change(step).step, 7);
        clock.advance();
        clock.advance();
        assert_eq!(clock.now(), at(5_014));
    }

    #[test]
    fn shifts_add_up_and_go_on_from_a_time_that_is_set_with_them() {
        let clock = clock();
        let shift = |shift| ClockChange { shift, ..ClockChange::default() };
        clock.change(shift(-2_000));
        assert_eq!(clock.change(shift(500)).now, at(3_500));
        assert_eq!(clock.change(ClockChange { time: Some(at(100)), ..shift(1) }).now, at(101));
    }

    #[test]
    fn a_rate_counts_from_the_moment_it_is_set() {
        let clock = clock();
        clock.advance();
        clock.change(ClockChange { rate: Some(Rate(2_500_000)), ..ClockChange::default() });
        assert_eq!(clock.now(), at(6_000));
        clock.advance();
        assert_eq!(clock.now(), at(8_500));
        clock.change(ClockChange { rate: Some(Rate(500)), ..ClockChange::default() });
        clock.advance();
        assert_eq!(clock.now(), at(8_500), "half a millisecond is none");
        clock.advance();
        assert_eq!(clock.now(), at(8_501), "and two halves are one");
    }

    #[test]
    fn at_both_ends_of_time_it_stops() {
        let clock = clock();
        let shift = |shift| ClockChange { shift, ..ClockChange::default() };
        assert_eq!(clock.change(shift(i64::MAX)).now, EventTime::MAX);
        clock.change(ClockChange { rate: Some(Rate(u64::MAX)), ..ClockChange::default() });
        clock.advance();
        assert_eq!(clock.now(), EventTime::MAX);
        assert_eq!(clock.change(shift(i64::MIN)).now, at(0));
    }
}
