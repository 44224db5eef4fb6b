//! `/_emulator/clock`: how the clock stands, and setting it.
//!
//! `{"mode": "run" | "frozen" | "stepped", "time": "2026-01-01T00:00:00Z", "shift": "-30d", "rate": 60, "step": "10ms"}`;
//! what is left out stays as it is.

use hpcs_engine::Answer;
use hpcs_service::document::{moment, moment_text};
use hpcs_service::operations::{ClockMode, ClockReport, ClockSetting};
use hpcs_service::{Operation, Refusal};
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use tonic::body::Body;

use super::registry::{Decoded, Input, Then};
use super::reply;
use crate::config::Period;

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Run,
    Frozen,
    Stepped,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Setting {
    mode: Option<Mode>,
    time: Option<String>,
    shift: Option<String>,
    rate: Option<f64>,
    step: Option<String>,
}

#[derive(Serialize)]
struct Report {
    time: String,
    mode: Mode,
    rate: f64,
    step: String,
}

pub(super) fn read(_: &Input) -> Result<Decoded, Refusal> {
    Ok((Operation::ReadClock, Then::Answer))
}

pub(super) fn set(input: &Input) -> Result<Decoded, Refusal> {
    let Setting { mode, time, shift, rate, step } = input.json()?;
    let setting = ClockSetting {
        mode: mode.map(ClockMode::from),
        time: time.map(|text| moment(&text).ok_or_else(|| invalid("time", NO_TIME))).transpose()?,
        shift: shift.map(|text| shifted(&text).ok_or_else(|| invalid("shift", NO_SHIFT))).transpose()?,
        rate,
        step: step.map(|text| millis(&text).ok_or_else(|| invalid("step", NO_STEP))).transpose()?,
    };
    Ok((Operation::SetClock(setting), Then::Answer))
}

pub(super) fn is(answer: Answer) -> Result<Response<Body>, Refusal> {
    let Answer::Clock(ClockReport { now, mode, rate, step }) = answer else { return Err(Refusal::Internal) };
    let report = Report { time: moment_text(now), mode: mode.into(), rate, step: format!("{step}ms") };
    Ok(reply::json(StatusCode::OK, &report))
}

/// Milliseconds of a length of time with a sign: `-30d`, `+2h`.
fn shifted(text: &str) -> Option<i64> {
    let (sign, length) = match text.strip_prefix('-') {
        Some(length) => (-1, length),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    i64::try_from(millis(length)?).ok().map(|millis| sign * millis)
}

fn millis(text: &str) -> Option<u64> {
    let Period(period) = text.parse().ok()?;
    u64::try_from(period.as_millis()).ok()
}

fn invalid(field: &'static str, why: &str) -> Refusal {
    Refusal::InvalidArgument { field, why: why.to_owned() }
}

impl From<Mode> for ClockMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Run => ClockMode::Run,
            Mode::Frozen => ClockMode::Frozen,
            Mode::Stepped => ClockMode::Stepped,
        }
    }
}

impl From<ClockMode> for Mode {
    fn from(mode: ClockMode) -> Self {
        match mode {
            ClockMode::Run => Mode::Run,
            ClockMode::Frozen => Mode::Frozen,
            ClockMode::Stepped => Mode::Stepped,
        }
    }
}

const NO_TIME: &str = "not a time such as 2026-01-01T00:00:00Z";
const NO_SHIFT: &str = "not a length of time with a sign, such as -30d or +2h";
const NO_STEP: &str = "not a length of time, such as 10ms";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_has_a_sign() {
        assert_eq!(shifted("+2h"), Some(7_200_000));
        assert_eq!(shifted("2h"), Some(7_200_000));
        assert_eq!(shifted("-30d"), Some(-2_592_000_000));
        for text in ["", "-", "--1s", "+-1s", "1", "yesterday"] {
            assert_eq!(shifted(text), None, "{text}");
        }
    }
}
