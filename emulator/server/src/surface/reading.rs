//! What a reader of events wants, out of the texts of its protocol.

use std::time::Duration;

use hpcs_audit::{EventTime, Outcome, Severity};
use hpcs_engine::FeedStart;
use hpcs_names::InstanceId;
use hpcs_service::Refusal;
use hpcs_service::document::moment;
use hpcs_store::EventFilter;

/// What a reader of events wants, once it is allowed.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) portion: Portion,
    /// Whether to go on with new events.
    pub(crate) follow: bool,
    pub(crate) filter: EventFilter,
}

/// Which part of what is in the logs already.
#[derive(Debug)]
pub(crate) enum Portion {
    /// All from there on.
    From(FeedStart),
    /// The newest events that match, this many.
    Newest(usize),
}

/// What someone who waits for events wants, once it is allowed.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) start: FeedStart,
    pub(crate) filter: EventFilter,
    /// How many have to match.
    pub(crate) count: usize,
    /// How long to wait, in real time.
    pub(crate) timeout: Duration,
}

/// The terms of a request, as texts.
#[derive(Default)]
pub(crate) struct Terms {
    pub(crate) instances: Vec<String>,
    /// 0 and 1 mean the first.
    pub(crate) from: u64,
    /// A resume token, or empty.
    pub(crate) resume: String,
    pub(crate) last: Option<u32>,
    pub(crate) follow: bool,
    pub(crate) actions: Vec<String>,
    pub(crate) outcomes: Vec<String>,
    pub(crate) severities: Vec<String>,
    /// Empty, or RFC 3339.
    pub(crate) since: String,
    /// Empty, or RFC 3339.
    pub(crate) until: String,
}

/// What the protocol calls the terms.
pub(crate) struct Names {
    pub(crate) instances: &'static str,
    pub(crate) from: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) last: &'static str,
    pub(crate) follow: &'static str,
    pub(crate) outcomes: &'static str,
    pub(crate) severities: &'static str,
    pub(crate) since: &'static str,
    pub(crate) until: &'static str,
    pub(crate) count: &'static str,
    pub(crate) timeout: &'static str,
}

impl Terms {
    /// Whose events are wanted, and which.
    ///
    /// # Errors
    /// [`Refusal::InvalidArgument`] names what cannot be read, or two terms that exclude each other.
    pub(crate) fn reading(self, names: &Names) -> Result<(Vec<InstanceId>, Reading), Refusal> {
        let Terms { follow, last, .. } = self;
        if last.is_some() && (self.from > 1 || !self.resume.is_empty()) {
            return Err(invalid(names.last, format!("not together with {} or {}", names.from, names.resume)));
        }
        let (instances, start, filter) = self.start(names)?;
        let portion = match last.map(|last| bounded(names.last, last)).transpose()? {
            Some(last) => Portion::Newest(last),
            None => Portion::From(start),
        };
        Ok((instances, Reading { portion, follow, filter }))
    }

    /// Whose events are waited for, and which: `count` of them for so many milliseconds.
    ///
    /// # Errors
    /// As [`Terms::reading`].
    pub(crate) fn waiting(
        self,
        count: u32,
        timeout: Duration,
        names: &Names,
    ) -> Result<(Vec<InstanceId>, Waiting), Refusal> {
        if self.last.is_some() || self.follow {
            let field = if self.follow { names.follow } else { names.last };
            return Err(invalid(field, "not where events are waited for".to_owned()));
        }
        if timeout > LONGEST_WAIT {
            return Err(invalid(names.timeout, format!("at most {} s", LONGEST_WAIT.as_secs())));
        }
        let count = bounded(names.count, count)?;
        let (instances, start, filter) = self.start(names)?;
        Ok((instances, Waiting { start, filter, count, timeout }))
    }

    fn start(self, names: &Names) -> Result<(Vec<InstanceId>, FeedStart, EventFilter), Refusal> {
        let Terms { instances, from, resume, actions, outcomes, severities, since, until, .. } = self;
        let instance = |text: &String| text.parse().map_err(|fault| invalid(names.instances, format!("{fault}")));
        let mut instances: Vec<InstanceId> = instances.iter().map(instance).collect::<Result<_, _>>()?;
        instances.sort_unstable();
        instances.dedup();
        let start = match (from, resume.as_str()) {
            (0 | 1, "") => FeedStart::Beginning,
            (_, "") if instances.len() != 1 => {
                let why = format!("a sequence belongs to one instance; name it with {}", names.instances);
                return Err(invalid(names.from, why));
            }
            (from, "") => FeedStart::Sequence(from),
            (0 | 1, token) => {
                FeedStart::Position(token.parse().map_err(|fault| invalid(names.resume, format!("{fault}")))?)
            }
            _ => return Err(invalid(names.from, format!("not together with {}", names.resume))),
        };
        let filter = EventFilter {
            actions,
            outcomes: words(names.outcomes, &outcomes, OUTCOMES)?,
            severities: words(names.severities, &severities, SEVERITIES)?,
            since: time(names.since, &since)?,
            until: time(names.until, &until)?,
        };
        Ok((instances, start, filter))
    }
}

/// A number of events, at least 1 and small enough to be held in memory.
fn bounded(field: &'static str, number: u32) -> Result<usize, Refusal> {
    match usize::try_from(number) {
        Ok(number @ 1..=MOST_EVENTS) => Ok(number),
        _ => Err(invalid(field, format!("a number from 1 to {MOST_EVENTS}"))),
    }
}

fn time(field: &'static str, text: &str) -> Result<Option<EventTime>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || invalid(field, format!("'{}' is not a time such as 2026-01-01T00:00:00Z", text.escape_debug()));
    moment(text).map(Some).ok_or_else(wrong)
}

fn words<T: Copy>(field: &'static str, texts: &[String], known: &[(&str, T)]) -> Result<Vec<T>, Refusal> {
    let word = |text: &String| match known.iter().find(|(name, _)| name == text) {
        Some((_, value)) => Ok(*value),
        None => {
            let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            Err(invalid(field, format!("'{}' is none of {}", text.escape_debug(), names.join(", "))))
        }
    };
    texts.iter().map(word).collect()
}

fn invalid(field: &'static str, why: String) -> Refusal {
    Refusal::InvalidArgument { field, why }
}

const OUTCOMES: &[(&str, Outcome)] = &[("success", Outcome::Success), ("failure", Outcome::Failure)];

const SEVERITIES: &[(&str, Severity)] =
    &[("normal", Severity::Normal), ("warning", Severity::Warning), ("critical", Severity::Critical)];

/// Events that one answer holds at most: some megabytes.
const MOST_EVENTS: usize = 1000;

/// How long anyone may wait in one call.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c";

    const NAMES: Names = Names {
        instances: "instances",
        from: "from",
        resume: "resume",
        last: "last",
        follow: "follow",
        outcomes: "outcomes",
        severities: "severities",
        since: "since",
        until: "until",
        count: "count",
        timeout: "timeout",
    };

    fn refused(terms: Terms) -> String {
        terms.reading(&NAMES).unwrap_err().to_string()
    }

    #[test]
    fn nothing_said_means_everything_from_the_first() {
        let (instances, Reading { portion, follow, filter }) = Terms::default().reading(&NAMES).unwrap();
        assert!(instances.is_empty() && !follow);
        assert!(matches!(portion, Portion::From(FeedStart::Beginning)));
        assert_eq!(filter, EventFilter::default());
    }

    #[test]
    fn unknown_words_name_their_field_and_the_known_ones() {
        let outcomes = Terms { outcomes: vec!["failed".into()], ..Terms::default() };
        assert_eq!(refused(outcomes), "outcomes: 'failed' is none of success, failure");
        let severities = Terms { severities: vec!["Critical".into()], ..Terms::default() };
        assert!(refused(severities).starts_with("severities: 'Critical'"));
        let instance = Terms { instances: vec!["first".into()], ..Terms::default() };
        assert!(refused(instance).starts_with("instances: "));
        assert!(refused(Terms { since: "yesterday".into(), ..Terms::default() }).starts_with("since: 'yesterday'"));
        assert!(refused(Terms { resume: "damaged".into(), ..Terms::default() }).starts_with("resume: "));
    }

    #[test]
    fn a_sequence_needs_its_one_instance() {
        assert!(refused(Terms { from: 2, ..Terms::default() }).contains("name it with instances"));
        let one = Terms { from: 2, instances: vec![ID.into(), ID.into()], ..Terms::default() };
        let (instances, reading) = one.reading(&NAMES).unwrap();
        assert_eq!(instances.len(), 1);
        assert!(matches!(reading.portion, Portion::From(FeedStart::Sequence(2))));
    }

    #[test]
    fn terms_that_exclude_each_other_are_refused() {
        let one = || Terms { instances: vec![ID.into()], ..Terms::default() };
        assert!(refused(Terms { last: Some(3), from: 2, ..one() }).starts_with("last: not together"));
        assert!(refused(Terms { from: 2, resume: "x".into(), ..one() }).starts_with("from: not together"));
        let wait = |terms: Terms, count, seconds| {
            terms.waiting(count, Duration::from_secs(seconds), &NAMES).map(|_| ()).map_err(|why| why.to_string())
        };
        assert_eq!(wait(one(), 1000, 600), Ok(()));
        assert!(wait(Terms { follow: true, ..one() }, 1, 1).unwrap_err().starts_with("follow: "));
        assert!(wait(Terms { last: Some(1), ..one() }, 1, 1).unwrap_err().starts_with("last: "));
        assert!(wait(one(), 0, 1).unwrap_err().starts_with("count: "));
        assert!(wait(one(), 1001, 1).unwrap_err().starts_with("count: "));
        assert!(wait(one(), 1, 601).unwrap_err().starts_with("timeout: "));
    }
}
