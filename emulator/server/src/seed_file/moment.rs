//! Times of a seed file: absolute, or relative to its start.

use hpcs_audit::EventTime;
use hpcs_service::document::moment;
use serde::Deserialize;

use crate::config::Period;

/// A time as it was written.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Moment(String);

impl Moment {
    /// The time, which has to be absolute.
    ///
    /// # Errors
    /// What is wrong with it, without its field.
    pub(super) fn absolute(&self) -> Result<EventTime, String> {
        moment(&self.0).ok_or_else(|| "not a time such as 2026-01-01T00:00:00Z (RFC 3339)".to_owned())
    }

    /// The time; `+2h` and `-30d` are relative to `start`.
    ///
    /// # Errors
    /// What is wrong with it, without its field.
    pub(super) fn from(&self, start: EventTime) -> Result<EventTime, String> {
        relative(&self.0, start)
    }
}

/// The time of this text; `+2h` and `-30d` are relative to `start`.
///
/// # Errors
/// What is wrong with it, without its field.
pub(super) fn relative(text: &str, start: EventTime) -> Result<EventTime, String> {
    let (back, period) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(period), _) => (true, period),
        (_, Some(period)) => (false, period),
        (None, None) => return moment(text).ok_or_else(|| NO_TIME.to_owned()),
    };
    let Period(period) = period.parse().map_err(|_| NO_TIME.to_owned())?;
    let millis = u64::try_from(period.as_millis()).ok();
    let moved = millis.and_then(|millis| match back {
        true => start.unix_millis().checked_sub(millis),
        false => start.unix_millis().checked_add(millis),
    });
    let moved = moved.filter(|millis| *millis <= EventTime::MAX.unix_millis());
    moved.map(EventTime::from_unix_millis).ok_or_else(|| "times are between the years 1970 and 9999".to_owned())
}

const NO_TIME: &str = "not a time such as 2026-01-01T00:00:00Z, -30d or +2h; units are ms, s, m, h and d";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_absolute_or_relative_to_the_start() {
        let start = EventTime::from_unix_millis(10_000_000);
        for (text, millis) in [
            ("1970-01-01T00:00:01Z", 1000),
            ("1970-01-01T01:00:01+01:00", 1000),
            ("+2h", 17_200_000),
            ("-10s", 9_990_000),
            ("-10000s", 0),
        ] {
            assert_eq!(relative(text, start), Ok(EventTime::from_unix_millis(millis)), "{text}");
        }
        for text in ["", "now", "+", "-", "+2", "2h", "+2 h", "-3h", "+99999999999d", "1970-01-01", "+-2h"] {
            assert!(relative(text, start).is_err(), "{text}");
        }
    }
}
