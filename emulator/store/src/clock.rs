//! Time, handed in.

use std::sync::atomic::{AtomicU64, Ordering};

use hpcs_audit::EventTime;

/// The time of the service.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> EventTime;

    /// Called once per committed operation that changed something or has an event. Real clocks do nothing.
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
