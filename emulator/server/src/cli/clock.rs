//! `clock`: the time that tokens, API keys and events of a running emulator obey.

use std::str::FromStr;

use clap::{Args, Subcommand};
use hpcs_grpc::emulator::v1::clock_client::ClockClient;
use hpcs_grpc::emulator::v1::{ClockMode, ClockState, GetClockRequest, SetClockRequest};
use serde::Serialize;

use super::client::{Client, ClientArgs};
use super::moment::Moment;
use super::{Failure, Surroundings};
use crate::config::Period;

/// Flags of `clock`.
#[derive(Args)]
#[command(after_help = "\
Without a command it shows the clock. Network deadlines do not obey it.

Examples:
  hpcs-emulator clock
  hpcs-emulator clock freeze --at 2026-03-01T00:00:00Z
  hpcs-emulator clock shift +31d        and -2h to go back
  hpcs-emulator clock step 10ms         by so much with each committed operation
  hpcs-emulator clock rate 60           a minute in each second")]
pub(super) struct ClockArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    client: ClientArgs,
    /// Print a JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Action {
    /// Show the clock
    Show,
    /// Let time run
    Run {
        #[command(flatten)]
        at: At,
        /// Seconds of the emulator in each real second [default: as it was]
        #[arg(long, value_parser = rate)]
        rate: Option<f64>,
    },
    /// Let time stand still
    Freeze {
        #[command(flatten)]
        at: At,
    },
    /// Let time stand still but for a step with each committed operation
    Step {
        /// The step, such as 10ms or 1s [default: as it was]
        step: Option<Period>,
        #[command(flatten)]
        at: At,
    },
    /// Set the present moment; the mode stays
    Set {
        /// The present moment, RFC 3339
        time: Moment,
    },
    /// Move the present moment forwards or backwards; the mode stays
    Shift {
        /// How far, such as +90m, +30d or -2h
        #[arg(value_name = "PERIOD", allow_hyphen_values = true)]
        by: Shift,
    },
    /// Let time run, faster or slower
    Rate {
        /// Seconds of the emulator in each real second
        #[arg(value_parser = rate)]
        rate: f64,
    },
}

#[derive(Args)]
struct At {
    /// The present moment from then on, RFC 3339 [default: as it is]
    #[arg(long = "at", value_name = "TIME")]
    time: Option<Moment>,
}

/// Changes the clock, or not; prints how it is then.
pub(super) async fn run(arguments: ClockArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let ClockArgs { action, client, json } = arguments;
    let client = Client::connect(client, &here.environment()?).await?;
    let mut clock = ClockClient::new(client.channel.clone());
    let answer = match action.unwrap_or(Action::Show).setting() {
        None => clock.get(client.request(GetClockRequest {}).await?).await,
        Some(setting) => clock.set(client.request(setting).await?).await,
    };
    let state = answer.map_err(|status| client.failed(&status))?.into_inner();
    if json {
        serde_json::to_writer(&mut *here.stdout, &Shown::of(&state)).map_err(std::io::Error::from)?;
        writeln!(here.stdout)?;
    } else {
        writeln!(here.stdout, "{}  {}", state.time, words(&state))?;
    }
    here.stdout.flush()?;
    Ok(0)
}

impl Action {
    /// What to ask for; nothing when the clock is only looked at.
    fn setting(self) -> Option<SetClockRequest> {
        let mode = |mode: ClockMode, At { time }: At| SetClockRequest {
            mode: mode.into(),
            time: time.map(Moment::into_text).unwrap_or_default(),
            ..SetClockRequest::default()
        };
        Some(match self {
            Action::Show => return None,
            Action::Run { at, rate } => SetClockRequest { rate, ..mode(ClockMode::Run, at) },
            Action::Freeze { at } => mode(ClockMode::Frozen, at),
            Action::Step { step, at } => {
                let step_millis = step.map(|Period(step)| u64::try_from(step.as_millis()).unwrap_or(u64::MAX));
                SetClockRequest { step_millis, ..mode(ClockMode::Stepped, at) }
            }
            Action::Set { time } => SetClockRequest { time: time.into_text(), ..SetClockRequest::default() },
            Action::Shift { by: Shift(shift_millis) } => SetClockRequest { shift_millis, ..SetClockRequest::default() },
            Action::Rate { rate } => SetClockRequest { rate: Some(rate), ..mode(ClockMode::Run, At { time: None }) },
        })
    }
}

/// A shift in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shift(i64);

impl FromStr for Shift {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (back, period) = match text.strip_prefix('-') {
            Some(period) => (true, period),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let Period(period) = period.parse().map_err(|error: <Period as FromStr>::Err| error.to_string())?;
        let millis = i64::try_from(period.as_millis()).map_err(|_| "it is too long".to_owned())?;
        Ok(Shift(if back { -millis } else { millis }))
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err("a rate is a number above 0; `clock freeze` stops time".to_owned()),
    }
}

/// The clock as JSON.
#[derive(Serialize)]
struct Shown<'a> {
    time: &'a str,
    mode: &'static str,
    rate: f64,
    step_millis: u64,
}

impl<'a> Shown<'a> {
    fn of(state: &'a ClockState) -> Self {
        let mode = match state.mode() {
            ClockMode::Unspecified => "unknown",
            ClockMode::Run => "run",
            ClockMode::Frozen => "frozen",
            ClockMode::Stepped => "stepped",
        };
        Shown { time: &state.time, mode, rate: state.rate, step_millis: state.step_millis }
    }
}

fn words(state: &ClockState) -> String {
    match state.mode() {
        ClockMode::Unspecified => "in a mode that this program does not know".to_owned(),
        ClockMode::Run if state.rate == 1.0 => "runs".to_owned(),
        ClockMode::Run => format!("runs, {} seconds in each real second", state.rate),
        ClockMode::Frozen => "stands still".to_owned(),
        ClockMode::Stepped => format!("stands still but for {} ms with each committed operation", state.step_millis),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_has_a_sign_a_number_and_a_unit() {
        assert_eq!("+90m".parse(), Ok(Shift(5_400_000)));
        assert_eq!("-2h".parse(), Ok(Shift(-7_200_000)));
        assert_eq!("30d".parse(), Ok(Shift(2_592_000_000)));
        for text in ["", "-", "+-1h", "1", "--1h", "9999999999999999ms", "18446744073709551615ms"] {
            assert!(text.parse::<Shift>().is_ok() == (text == "9999999999999999ms"), "{text}");
        }
    }

    #[test]
    fn a_rate_is_above_zero() {
        assert_eq!(rate("0.5"), Ok(0.5));
        for text in ["0", "-1", "inf", "NaN", "fast"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
