//! The clock, as operations read and set it.

use hpcs_service::{ClockMode, ClockReport, ClockSetting};
use hpcs_store::{ClockChange, ClockState, ControlledClock, Pace, Rate};

/// How the clock stands.
pub(crate) fn report(clock: &ControlledClock) -> ClockReport {
    reported(clock.state())
}

/// Sets the clock; gives how it stands then.
pub(crate) fn set(clock: &ControlledClock, setting: &ClockSetting) -> ClockReport {
    let ClockSetting { mode, time, shift, rate, step } = *setting;
    let pace = mode.map(|mode| match mode {
        ClockMode::Run => Pace::Running,
        ClockMode::Frozen => Pace::Frozen,
        ClockMode::Stepped => Pace::Stepped,
    });
    // Decided before: it is at most a million.
    let rate = rate.map(|rate| Rate((rate * MILLIONTHS).round() as u64));
    reported(clock.change(ClockChange { pace, time, shift: shift.unwrap_or_default(), rate, step }))
}

fn reported(state: ClockState) -> ClockReport {
    let ClockState { now, pace, rate, step } = state;
    let mode = match pace {
        Pace::Running => ClockMode::Run,
        Pace::Frozen => ClockMode::Frozen,
        Pace::Stepped => ClockMode::Stepped,
    };
    ClockReport { now, mode, rate: rate.0 as f64 / MILLIONTHS, step }
}

const MILLIONTHS: f64 = 1_000_000.0;
