//! Moments: `eventTime` and the dates inside `requestData` and `responseData` (1.3, 4.3).

use time::{Date, Month};

use super::EventTimeStyle;

/// `text` is an `eventTime`: UTC, offset `+0000`, fraction as `style` has it, a day of the calendar.
pub(super) fn is_event_time(text: &str, style: EventTimeStyle) -> bool {
    let Some((fraction, rest)) = moment(text).and_then(fraction) else { return false };
    let digits = match style {
        EventTimeStyle::Centis => 2..=2,
        EventTimeStyle::GoTrim => 0..=9,
    };
    rest == "+0000" && digits.contains(&fraction)
}

/// `text` is a date-time member: UTC as `Z` or `+00:00`, a fraction if need be.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((fraction, rest)) = moment(text).and_then(fraction) else { return false };
    matches!(rest, "Z" | "+00:00") && fraction <= 9
}

/// What follows `YYYY-MM-DDTHH:MM:SS`, when that is a real moment.
fn moment(text: &str) -> Option<&str> {
    let (head, rest) = text.split_at_checked("YYYY-MM-DDTHH:MM:SS".len())?;
    let fits = head.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let number = |range| head.get(range).and_then(|part: &str| part.parse::<u16>().ok());
    let month = Month::try_from(u8::try_from(number(5..7)?).ok()?).ok()?;
    Date::from_calendar_date(i32::from(number(0..4)?), month, u8::try_from(number(8..10)?).ok()?).ok()?;
    let on_the_clock = number(11..13)? < 24 && number(14..16)? < 60 && number(17..19)? < 60;
    (fits && on_the_clock).then_some(rest)
}

/// Number of fraction digits, 0 without a dot, and what follows them. A dot needs a digit.
fn fraction(rest: &str) -> Option<(usize, &str)> {
    let Some(digits) = rest.strip_prefix('.') else { return Some((0, rest)) };
    let zone = digits.trim_start_matches(|byte: char| byte.is_ascii_digit());
    let count = digits.len() - zone.len();
    (count > 0).then_some((count, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centis_have_exactly_two_digits() {
        for (text, fits) in [
            ("2026-03-02T09:14:27.31+0000", true),
            ("2024-02-29T23:59:59.00+0000", true),
            ("2026-02-29T00:00:00.00+0000", false),
            ("2026-13-01T00:00:00.00+0000", false),
            ("2026-03-02T24:00:00.00+0000", false),
            ("2026-03-02T09:14:60.00+0000", false),
            ("2026-03-02T09:14:27.3+0000", false),
            ("2026-03-02T09:14:27.310+0000", false),
            ("2026-03-02T09:14:27+0000", false),
            ("2026-03-02T09:14:27.31Z", false),
            ("2026-03-02T09:14:27.31+00:00", false),
            ("2026-03-02 09:14:27.31+0000", false),
            ("+026-03-02T09:14:27.31+0000", false),
            ("2026-03-02T09:14:27.31+0000 ", false),
            ("é26-03-02T09:14:27.31+0000", false),
            ("", false),
        ] {
            assert_eq!(is_event_time(text, EventTimeStyle::Centis), fits, "{text}");
        }
    }

    #[test]
    fn trimmed_fractions_are_accepted_on_request() {
        for (text, fits) in [
            ("2020-06-16T08:36:16.7+0000", true),
            ("2020-06-16T08:36:16+0000", true),
            ("2020-06-16T08:36:16.+0000", false),
            ("2020-06-16T08:36:16.1234567890+0000", false),
        ] {
            assert_eq!(is_event_time(text, EventTimeStyle::GoTrim), fits, "{text}");
        }
    }

    #[test]
    fn date_members_show_their_zone() {
        assert!(is_date_time("2020-05-13T14:10:12Z") && is_date_time("2020-05-13T19:09:42.267695+00:00"));
        assert!(!is_date_time("2020-05-13T14:10:12+0000") && !is_date_time("2020-05-13"));
    }
}
