//! Lengths of time as configurations write them: `900ms`, `45s`, `90m`, `12h`, `30d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A length of time, longer than nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period(pub Duration);

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let end = text.bytes().position(|byte| !byte.is_ascii_digit()).ok_or(PeriodError)?;
        let (number, unit) = text.split_at_checked(end).ok_or(PeriodError)?;
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit).ok_or(PeriodError)?;
        let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*millis)).ok_or(PeriodError)?;
        if millis == 0 { Err(PeriodError) } else { Ok(Period(Duration::from_millis(millis))) }
    }
}

/// The text is not a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodError;

impl fmt::Display for PeriodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not a length of time, such as 900ms, 45s, 90m, 12h or 30d")
    }
}

impl std::error::Error for PeriodError {}

/// How long a caller waits for a commit: 10 ms to a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitDeadline(pub Duration);

impl FromStr for CommitDeadline {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Period(period) = text.parse().map_err(|error: PeriodError| error.to_string())?;
        if (SHORTEST..=LONGEST).contains(&period) {
            Ok(CommitDeadline(period))
        } else {
            Err("a commit deadline is between 10ms and 60s".to_owned())
        }
    }
}

/// How long a rotation wraps key storage anew: from `0s` to 30 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewrapTime(pub Duration);

impl FromStr for RewrapTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(unit) = text.strip_prefix('0')
            && UNITS.iter().any(|(name, _)| *name == unit)
        {
            return Ok(RewrapTime(Duration::ZERO));
        }
        let Period(period) = text.parse().map_err(|error: PeriodError| error.to_string())?;
        if period <= LONGEST_REWRAP { Ok(RewrapTime(period)) } else { Err("a rewrap time is at most 30d".to_owned()) }
    }
}

/// Units with their milliseconds.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(60);
const LONGEST_REWRAP: Duration = Duration::from_secs(30 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_a_number_and_a_unit() {
        for (text, millis) in
            [("900ms", 900), ("45s", 45_000), ("90m", 5_400_000), ("12h", 43_200_000), ("30d", 2_592_000_000)]
        {
            assert_eq!(text.parse(), Ok(Period(Duration::from_millis(millis))));
        }
        for text in ["", "30", "d", "0d", "-1d", "1.5h", "30 d", "30D", "1w", "1é", "99999999999999999999d"] {
            assert_eq!(text.parse::<Period>(), Err(PeriodError), "{text}");
        }
        assert_eq!(format!("{}d", u64::MAX).parse::<Period>(), Err(PeriodError));
    }

    #[test]
    fn a_rewrap_time_may_be_nothing_and_ends() {
        for (text, millis) in [("0s", 0), ("0ms", 0), ("90s", 90_000), ("30d", 2_592_000_000)] {
            assert_eq!(text.parse(), Ok(RewrapTime(Duration::from_millis(millis))), "{text}");
        }
        for text in ["", "0", "00s", "31d", "-1s", "x"] {
            assert!(text.parse::<RewrapTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_commit_deadline_has_bounds() {
        assert_eq!("900ms".parse(), Ok(CommitDeadline(Duration::from_millis(900))));
        for text in ["9ms", "61s", "1d", "x"] {
            assert!(text.parse::<CommitDeadline>().is_err(), "{text}");
        }
    }
}
