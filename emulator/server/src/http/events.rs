//! `GET /_emulator/events`: read, follow, and wait for events.
//!
//! Without `follow` and `wait` the answer is what is in the logs. With `follow=true` it goes on with new events; for a
//! reader that accepts `text/event-stream` that is so unless it says `follow=false`. With `wait=n` it comes when n events
//! match, those that are there already counted, or when `timeout` is over. Both are status 200, because what came by then
//! is worth having: the header `hpcs-complete` says whether it is all that was waited for.

use std::time::Duration;

use hpcs_service::{Operation, Refusal};
use http::HeaderMap;

use super::format::{Form, Format, Framing};
use super::registry::{Decoded, Input, Then};
use crate::config::Period;
use crate::surface::reading::{Names, Terms};

pub(super) const PARAMETERS: &[&str] = &[
    "instance", "from", "after", "action", "outcome", "severity", "since", "until", "last", "follow", "wait",
    "timeout", "form",
];

const NAMES: Names = Names {
    instances: "instance",
    from: "from",
    resume: "after",
    last: "last",
    follow: "follow",
    outcomes: "outcome",
    severities: "severity",
    since: "since",
    until: "until",
    count: "wait",
    timeout: "timeout",
};

pub(super) fn read(input: &Input) -> Result<Decoded, Refusal> {
    let Input { query, headers, .. } = input;
    let framing = Framing::of(headers);
    let format = Format { form: query.one("form")?.unwrap_or(Form::Event), framing };
    let count: Option<u32> = query.one("wait")?;
    let timeout: Option<Period> = query.one("timeout")?;
    let follows_unasked = framing == Framing::ServerSent && count.is_none();
    let mut terms = Terms {
        instances: query.all("instance"),
        from: query.one("from")?.unwrap_or_default(),
        resume: query.text("after")?.unwrap_or_default(),
        last: query.one("last")?,
        follow: query.flag("follow")?.unwrap_or(follows_unasked),
        actions: query.all("action"),
        outcomes: query.all("outcome"),
        severities: query.all("severity"),
        since: query.text("since")?.unwrap_or_default(),
        until: query.text("until")?.unwrap_or_default(),
    };
    if let Some(last_seen) = last_event_id(headers) {
        // A browser that connects again repeats the address of its first request. What it has seen by now counts.
        terms = Terms { resume: last_seen, from: 0, last: None, ..terms };
    }
    let (instances, then) = match (count, timeout) {
        (Some(count), timeout) => {
            let timeout = timeout.map_or(DEFAULT_WAIT, |Period(timeout)| timeout);
            let (instances, waiting) = terms.waiting(count, timeout, &NAMES)?;
            (instances, Then::Wait(waiting, format))
        }
        (None, Some(_)) => {
            let why = "it goes with wait; a stream has no end by time".to_owned();
            return Err(Refusal::InvalidArgument { field: "timeout", why });
        }
        (None, None) => {
            let (instances, reading) = terms.reading(&NAMES)?;
            (instances, Then::Read(reading, format))
        }
    };
    Ok((Operation::ReadEvents { instances }, then))
}

/// The `last-event-id` that a reader of server-sent events brings when it comes again.
fn last_event_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("last-event-id")?.to_str().ok()?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// How long `wait` waits when nothing is said.
const DEFAULT_WAIT: Duration = Duration::from_secs(5);
