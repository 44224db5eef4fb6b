//! The time of an event (section 1.3).

use std::fmt;

use ::time::OffsetDateTime;

use super::TimeStyle;

/// A moment in UTC: milliseconds since the Unix epoch, at most the end of the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventTime {
    millis: u64,
}

impl EventTime {
    /// The last moment that a year of four digits can name.
    pub const MAX: EventTime = EventTime { millis: 253_402_300_799_999 };

    /// A moment from milliseconds since the Unix epoch; what lies beyond [`EventTime::MAX`] becomes that.
    pub const fn from_unix_millis(millis: u64) -> Self {
        if millis > EventTime::MAX.millis { EventTime::MAX } else { EventTime { millis } }
    }

    /// Milliseconds since the Unix epoch.
    pub const fn unix_millis(self) -> u64 {
        self.millis
    }

    /// The moment as `eventTime` shows it, `2026-03-02T09:14:27.31+0000`. Digits beyond the second are cut, not rounded.
    pub fn display(self, style: TimeStyle) -> impl fmt::Display {
        Text { time: self, style }
    }
}

struct Text {
    time: EventTime,
    style: TimeStyle,
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let centis = self.time.millis % 1000 / 10;
        let at = i64::try_from(self.time.millis / 1000)
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .ok_or(fmt::Error)?;
        let (hour, minute, second) = at.to_hms();

        // By hand, because formatted digits cost a tenth of a whole event.
        let mut text = *b"0000-00-00T00:00:00.00";
        put(&mut text[0..4], at.year().unsigned_abs());
        put(&mut text[5..7], u8::from(at.month()).into());
        put(&mut text[8..10], at.day().into());
        put(&mut text[11..13], hour.into());
        put(&mut text[14..16], minute.into());
        put(&mut text[17..19], second.into());
        put(&mut text[20..22], centis as u32);

        let end = match self.style {
            TimeStyle::GoTrim if centis == 0 => 19,
            TimeStyle::GoTrim if centis.is_multiple_of(10) => 21,
            TimeStyle::GoTrim | TimeStyle::Centis => 22,
        };
        f.write_str(str::from_utf8(&text[..end]).map_err(|_| fmt::Error)?)?;
        f.write_str("+0000")
    }
}

/// Fills `digits` with the last decimal digits of `value`.
fn put(digits: &mut [u8], mut value: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(millis: u64, style: TimeStyle) -> String {
        EventTime::from_unix_millis(millis).display(style).to_string()
    }

    #[test]
    fn centis_always_have_two_digits_and_are_cut() {
        for (millis, expected) in [
            (1_508_440_070_320, "2017-10-19T19:07:50.32+0000"),
            (1_508_440_070_329, "2017-10-19T19:07:50.32+0000"),
            (1_508_440_070_999, "2017-10-19T19:07:50.99+0000"),
            (1_508_440_070_009, "2017-10-19T19:07:50.00+0000"),
            (0, "1970-01-01T00:00:00.00+0000"),
        ] {
            assert_eq!(text(millis, TimeStyle::Centis), expected);
        }
    }

    #[test]
    fn go_trim_drops_trailing_zeros_and_a_lone_dot() {
        for (millis, expected) in [
            (1_508_440_070_320, "2017-10-19T19:07:50.32+0000"),
            (1_508_440_070_700, "2017-10-19T19:07:50.7+0000"),
            (1_508_440_070_070, "2017-10-19T19:07:50.07+0000"),
            (1_508_440_070_009, "2017-10-19T19:07:50+0000"),
        ] {
            assert_eq!(text(millis, TimeStyle::GoTrim), expected);
        }
    }

    #[test]
    fn leap_days_and_the_far_end_are_civil_dates() {
        assert_eq!(text(1_709_164_800_000, TimeStyle::GoTrim), "2024-02-29T00:00:00+0000");
        assert_eq!(text(253_402_300_799_999, TimeStyle::Centis), "9999-12-31T23:59:59.99+0000");
        assert_eq!(text(u64::MAX, TimeStyle::Centis), "9999-12-31T23:59:59.99+0000");
    }
}
