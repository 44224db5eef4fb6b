//! Reading and setting the emulator's clock. Who may is decided here; the clock itself is the engine's.

use hpcs_audit::EventTime;

use crate::Refusal;

/// A new setting of the clock. What is absent stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClockSetting {
    /// How time passes from now on.
    pub mode: Option<ClockMode>,
    /// The time it is now.
    pub time: Option<EventTime>,
    /// How far time jumps, after `time` was set; milliseconds, negative into the past.
    pub shift: Option<i64>,
    /// How much faster than real time a running clock runs: 60.0 makes a minute of a second. From 0.000001, its unit, to
    /// [`ClockSetting::FASTEST`].
    pub rate: Option<f64>,
    /// How far a stepped clock moves with each committed operation, milliseconds.
    pub step: Option<u64>,
}

/// How time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockMode {
    /// With real time.
    Run,
    /// Not at all.
    Frozen,
    /// By a step with each committed operation.
    Stepped,
}

/// How the clock stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockReport {
    /// What time it is.
    pub now: EventTime,
    /// How time passes.
    pub mode: ClockMode,
    /// How much faster than real time a running clock runs.
    pub rate: f64,
    /// How far a stepped clock moves with each committed operation, milliseconds.
    pub step: u64,
}

impl ClockSetting {
    /// The highest rate: eleven days in a second.
    pub const FASTEST: f64 = 1_000_000.0;

    /// Whether a clock can be set so.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        match self.rate {
            Some(rate) if !(0.000_001..=ClockSetting::FASTEST).contains(&rate) => Err(Refusal::InvalidArgument {
                field: "rate",
                why: format!("{rate} is not possible; 0.000001 to {} is", ClockSetting::FASTEST),
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_that_time_can_pass_by() {
        let check = |rate| ClockSetting { rate: Some(rate), ..ClockSetting::default() }.check();
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1_000_000.5] {
            assert!(matches!(check(rate), Err(Refusal::InvalidArgument { field: "rate", .. })), "{rate}");
        }
        for rate in [0.000_001, 1.0, 1_000_000.0] {
            assert_eq!(check(rate), Ok(()));
        }
        assert_eq!(ClockSetting::default().check(), Ok(()));
    }
}
