//! Pages of events.

use std::ops::Range;

use futures_util::future::join;
use hpcs_audit::EventTime;
use hpcs_audit::catalogue::CATALOGUE;
use hpcs_names::InstanceId;
use tokio_postgres::Row;

use super::failure::Failure;
use super::rows::{self, LogRow, outcome_name, severity_name, signed, time};
use super::session::Session;
use crate::query::matches_action;
use crate::{Anchor, EventFilter, EventPage, EventQuery, LogState, Start, StoredEvent};

/// The head of a log.
pub(super) async fn log(session: &Session, instance: InstanceId) -> Result<Option<LogRow>, Failure> {
    let rows = session.client.query(&session.statements.logs, &[&vec![instance.to_string()]]).await?;
    rows.first().map(LogRow::read).transpose()
}

/// The page that is asked for, without events before `horizon`.
pub(super) async fn read(
    session: &Session,
    query: &EventQuery,
    horizon: Option<EventTime>,
) -> Result<EventPage, Failure> {
    let mut head = log(session, query.instance).await?;
    while let Some(log) = head {
        let visible = first_visible(session, &log, horizon).await?;
        let end = log.state.last.sequence + 1;
        let range = range(query.start, visible, end);
        let limit = query.limit.min(LOOKED_AT_ONCE as usize);
        // What a commit cuts away in between is not in the rows, but then it is in a head that is read after them.
        let events = window(session, &log, query, range.clone(), limit);
        let (events, after) = join(events, self::log(session, query.instance)).await;
        let (events, after) = (events?, after?);
        match after {
            Some(after) if after.log == log.log => {
                let seen = Seen { range, end, full: events.len() == limit };
                return Ok(seen.page(query.start, events, visible.max(after.state.first())));
            }
            // Another log has taken its place.
            after => head = after,
        }
    }
    let first = LogState::after(Anchor::BEGINNING).first();
    let next = match query.start {
        Start::From(from) => from.max(first),
        Start::Before(_) => first,
    };
    Ok(EventPage { events: Vec::new(), next, more: false, first })
}

/// The sequences that are looked at for a page of a log with these bounds.
fn range(start: Start, visible: u64, end: u64) -> Range<u64> {
    match start {
        Start::From(from) => {
            let start = from.clamp(visible, end);
            start..end.min(start.saturating_add(LOOKED_AT_ONCE))
        }
        Start::Before(before) => {
            let stop = before.clamp(visible, end);
            visible.max(stop.saturating_sub(LOOKED_AT_ONCE))..stop
        }
    }
}

/// What was looked at.
struct Seen {
    range: Range<u64>,
    /// One more than the last event.
    end: u64,
    /// Whether there may be more in the range than was read.
    full: bool,
}

impl Seen {
    /// The page of these events, of which those before `first` are gone meanwhile.
    fn page(self, start: Start, mut events: Vec<StoredEvent>, first: u64) -> EventPage {
        let Seen { range, end, full } = self;
        let last = events.last().map(|event| event.sequence).filter(|_| full);
        events.retain(|event| event.sequence >= first);
        match start {
            Start::From(from) => {
                let reached = if full { last.map_or(range.start, |last| last + 1) } else { range.end };
                let next = reached.max(first);
                let more = next < end;
                EventPage { events, next: if more { next } else { from.max(end).max(first) }, more, first }
            }
            Start::Before(_) => {
                let reached = if full { last.unwrap_or(range.end) } else { range.start };
                let next = reached.max(first);
                EventPage { events, next, more: next > first, first }
            }
        }
    }
}

/// Events in a range that pass the filter, in the direction of the query.
async fn window(
    session: &Session,
    log: &LogRow,
    query: &EventQuery,
    range: Range<u64>,
    limit: usize,
) -> Result<Vec<StoredEvent>, Failure> {
    let statement = match query.start {
        Start::From(_) => &session.statements.forward,
        Start::Before(_) => &session.statements.backward,
    };
    let Columns { actions, outcomes, severities, since, until } = columns(&query.filter)?;
    let (start, stop) = (signed(range.start)?, signed(range.end)?);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = session
        .client
        .query(statement, &[&log.log, &start, &stop, &actions, &outcomes, &severities, &since, &until, &limit])
        .await?;
    rows.iter().map(|row: &Row| rows::event(log.instance, row)).collect()
}

/// The first sequence that is not older than `horizon`; one more than the last when all are.
///
/// Times never run back, so it is found by halving. Mostly there is nothing to find: what is too old was cut away.
async fn first_visible(session: &Session, log: &LogRow, horizon: Option<EventTime>) -> Result<u64, Failure> {
    let (first, end) = (log.state.first(), log.state.last.sequence + 1);
    let Some(horizon) = horizon else {
        return Ok(first);
    };
    if log.state.last.time < horizon {
        return Ok(end);
    }
    let (mut low, mut high) = (first, end);
    let mut probe = first;
    while low < high {
        let row = session.client.query_opt(&session.statements.time_of, &[&log.log, &signed(probe)?]).await?;
        // Events that were cut away meanwhile were hidden too.
        let hidden = match row {
            Some(row) => time(row.try_get(0)?)? < horizon,
            None => true,
        };
        if hidden {
            low = probe + 1;
        } else {
            high = probe;
        }
        probe = low + (high - low) / 2;
    }
    Ok(low)
}

/// A filter as the statements take it.
struct Columns {
    actions: Option<Vec<&'static str>>,
    outcomes: Option<Vec<&'static str>>,
    severities: Option<Vec<&'static str>>,
    since: i64,
    until: i64,
}

fn columns(filter: &EventFilter) -> Result<Columns, Failure> {
    let EventFilter { actions, outcomes, severities, since, until } = filter;
    let named = |action: &&str| actions.iter().any(|pattern| matches_action(pattern, action));
    Ok(Columns {
        actions: (!actions.is_empty()).then(|| CATALOGUE.iter().map(|row| row.action).filter(named).collect()),
        outcomes: (!outcomes.is_empty()).then(|| outcomes.iter().copied().map(outcome_name).collect()),
        severities: (!severities.is_empty()).then(|| severities.iter().copied().map(severity_name).collect()),
        since: since.map_or(Ok(0), |since| signed(since.unix_millis()))?,
        until: until.map_or(Ok(i64::MAX), |until| signed(until.unix_millis()))?,
    })
}

/// How many events are looked at for one page.
const LOOKED_AT_ONCE: u64 = 4_096;

#[cfg(test)]
mod tests {
    use hpcs_audit::{Outcome, Severity};

    use super::*;

    fn events(sequences: &[u64]) -> Vec<StoredEvent> {
        let event = |sequence: &u64| StoredEvent {
            instance: "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().unwrap(),
            sequence: *sequence,
            time: EventTime::from_unix_millis(0),
            action: "",
            outcome: Outcome::Success,
            severity: Severity::Normal,
            line: Default::default(),
            digest: None,
        };
        sequences.iter().map(event).collect()
    }

    /// Sequences, next, more and first of a page of a log from 1 to 10, of which a commit then cut what is before `first`.
    fn page(start: Start, read: &[u64], full: bool, first: u64) -> (Vec<u64>, u64, bool, u64) {
        let seen = Seen { range: range(start, 1, 11), end: 11, full };
        let EventPage { events, next, more, first } = seen.page(start, events(read), first);
        (events.iter().map(|event| event.sequence).collect(), next, more, first)
    }

    #[test]
    fn a_page_begins_where_the_log_does_after_it_was_read() {
        let from = Start::From(1);
        assert_eq!(page(from, &[1, 2, 3, 4], true, 1), (vec![1, 2, 3, 4], 5, true, 1));
        assert_eq!(page(from, &[1, 2, 3, 4], true, 3), (vec![3, 4], 5, true, 3));
        assert_eq!(page(from, &[1, 2, 3, 4], true, 8), (vec![], 8, true, 8));
        assert_eq!(page(from, &[2, 9], false, 8), (vec![9], 11, false, 8));
        assert_eq!(page(from, &[2, 9], false, 14), (vec![], 14, false, 14));
    }

    #[test]
    fn a_page_backwards_ends_where_the_log_does_after_it_was_read() {
        assert_eq!(page(Start::END, &[10, 9], true, 1), (vec![10, 9], 9, true, 1));
        assert_eq!(page(Start::END, &[10, 9], true, 10), (vec![10], 10, false, 10));
        assert_eq!(page(Start::END, &[10, 2], false, 3), (vec![10], 3, false, 3));
    }
}
