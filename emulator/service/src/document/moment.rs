//! Moments in documents: RFC 3339.

use hpcs_audit::EventTime;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Reads a moment in any offset; digits beyond the millisecond are cut. `None` when it is no such text, or before 1970.
pub fn moment(text: &str) -> Option<EventTime> {
    let nanos = OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp_nanos();
    u64::try_from(nanos.div_euclid(NANOS_IN_A_MILLI)).ok().map(EventTime::from_unix_millis)
}

/// The moment as a text, always with milliseconds: `2026-01-01T00:00:00.000Z`.
pub fn moment_text(time: EventTime) -> String {
    let millis = time.unix_millis();
    let seconds = i64::try_from(millis / 1000).unwrap_or(i64::MAX);
    // Event times end with the year 9999.
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, (hour, minute, second)) = (at.date(), at.to_hms());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", millis % 1000)
}

const NANOS_IN_A_MILLI: i128 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_and_its_text_are_the_same() {
        for (given, expected) in [
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"),
            ("2026-01-01T02:00:00.1239+02:00", "2026-01-01T00:00:00.123Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(moment_text(moment(given).unwrap()), expected);
        }
        for wrong in ["", "yesterday", "2026-01-01", "1969-12-31T23:59:59.9999Z", "2026-13-01T00:00:00Z"] {
            assert!(moment(wrong).is_none(), "{wrong}");
        }
    }
}
