//! Questions to a log.
//!
//! The ids of a log's events are in the order of their sequence, and so are their times: bounds in time become bounds in
//! sequence by halving. What else a filter asks for is the kind of event; the index by kind ends with the id, so that
//! the newest events of each kind that passes are found directly, however rare they are.

use bytes::Bytes;
use hpcs_audit::EventTime;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::Failure;
use super::head::{self, Head, LogNumber, integer};
use super::kinds::Kinds;
use super::reader::Snapshot;
use crate::{EventPage, EventQuery, Start, StoredEvent};

/// Answers a query as of one moment.
pub(super) fn read(
    snapshot: Snapshot<'_>,
    query: &EventQuery,
    horizon: Option<EventTime>,
) -> Result<EventPage, Failure> {
    let Snapshot { connection, kinds } = snapshot;
    let empty = |first, next| EventPage { events: Vec::new(), next, more: false, first };
    let Some(Head { number, state }) = Head::load(connection, query.instance)? else {
        return Ok(empty(
            1,
            match query.start {
                Start::From(from) => from.max(1),
                Start::Before(_) => 1,
            },
        ));
    };
    let log = Log { connection, number };
    let end = state.last.sequence + 1;
    let first = match horizon {
        Some(horizon) => log.first_not_before(horizon, state.first(), end)?,
        None => state.first(),
    };
    let mut window = Window { from: first, before: end };
    let (backwards, exhausted) = match query.start {
        Start::From(from) => {
            window.from = window.from.max(from);
            (false, from.max(end))
        }
        Start::Before(before) => {
            window.before = window.before.min(before);
            (true, first)
        }
    };
    if let Some(since) = query.filter.since {
        window.from = log.first_not_before(since, window.from, window.before)?;
    }
    if let Some(until) = query.filter.until {
        window.before = log.first_not_before(until, window.from, window.before)?;
    }

    kinds.refresh(connection)?;
    let limit = query.limit.min(EVENTS_IN_A_PAGE);
    let wanted = limit + 1;
    let mut page = empty(first, exhausted);
    let mut ids = match kinds.matching(&query.filter) {
        None => log.any(window, backwards, wanted)?,
        Some(numbers) => log.of_kinds(&numbers, window, backwards, wanted)?,
    };
    if let Some(next) = ids.get(limit) {
        page.more = true;
        page.next = LogNumber::sequence(*next) + u64::from(backwards);
    }
    ids.truncate(limit);
    for id in ids {
        page.events.push(log.event(id, query, kinds)?);
    }
    Ok(page)
}

/// Sequences, the second one excluded.
#[derive(Clone, Copy)]
struct Window {
    from: u64,
    before: u64,
}

struct Log<'a> {
    connection: &'a Connection,
    number: LogNumber,
}

impl Log<'_> {
    /// The first event in the window that is not earlier than `time`; the end of the window if there is none.
    fn first_not_before(&self, time: EventTime, from: u64, before: u64) -> Result<u64, Failure> {
        let (mut low, mut high) = (from, before.max(from));
        let mut select = self.connection.prepare_cached("SELECT time FROM events WHERE id = ?")?;
        while low < high {
            let middle = low + (high - low) / 2;
            let found = select.query_row([self.number.id(middle)], |row| row.get(0)).optional()?;
            let found = found.ok_or_else(|| self.missing(middle))?;
            if head::time(found)? < time {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// The first events of the window, or the last ones.
    fn any(&self, window: Window, backwards: bool, wanted: usize) -> Result<Vec<i64>, Failure> {
        // No gaps: the ids are known without asking.
        let count = window.before.saturating_sub(window.from).min(wanted as u64);
        Ok(if backwards {
            (window.before - count..window.before).rev().map(|sequence| self.number.id(sequence)).collect()
        } else {
            (window.from..window.from + count).map(|sequence| self.number.id(sequence)).collect()
        })
    }

    /// The first events of these kinds in the window, or the last ones.
    fn of_kinds(&self, kinds: &[i64], mut window: Window, backwards: bool, wanted: usize) -> Result<Vec<i64>, Failure> {
        let mut best: Vec<i64> = Vec::new();
        let mut select = self.connection.prepare_cached(if backwards {
            "SELECT id FROM events WHERE kind = ? AND id BETWEEN ? AND ? ORDER BY id DESC LIMIT ?"
        } else {
            "SELECT id FROM events WHERE kind = ? AND id BETWEEN ? AND ? ORDER BY id LIMIT ?"
        })?;
        for kind in kinds {
            if window.from >= window.before {
                break;
            }
            let bounds = (self.number.id(window.from), self.number.id(window.before - 1));
            let rows = select
                .query_map(params![kind, bounds.0, bounds.1, integer(wanted as u64)], |row| row.get::<_, i64>(0))?;
            for id in rows {
                best.push(id?);
            }
            best.sort_unstable();
            if backwards {
                best.reverse();
            }
            best.truncate(wanted);
            // What lies behind the last one that is wanted need not be looked for in the next kind.
            if let (true, Some(last)) = (best.len() == wanted, best.last()) {
                let last = LogNumber::sequence(*last);
                if backwards {
                    window.from = last;
                } else {
                    window.before = last + 1;
                }
            }
        }
        Ok(best)
    }

    fn event(&self, id: i64, query: &EventQuery, kinds: &Kinds) -> Result<StoredEvent, Failure> {
        let mut select = self.connection.prepare_cached(SELECT)?;
        let event = select.query_row([id], |row| Ok(event(row, query.instance, kinds))).optional()?;
        event.unwrap_or_else(|| Err(self.missing(LogNumber::sequence(id))))
    }

    fn missing(&self, sequence: u64) -> Failure {
        Failure::damaged(format_args!("event {sequence} of log {} is missing", self.number.0))
    }
}

/// A row of the columns id, kind, time, digest and line.
pub(super) fn event(row: &Row<'_>, instance: hpcs_names::InstanceId, kinds: &Kinds) -> Result<StoredEvent, Failure> {
    let kind = kinds.get(row.get(1)?)?;
    let line = row.get_ref(4)?.as_blob().map_err(|_| Failure::damaged("a line is not a blob"))?;
    Ok(StoredEvent {
        instance,
        sequence: LogNumber::sequence(row.get(0)?),
        time: head::time(row.get(2)?)?,
        action: kind.action,
        outcome: kind.outcome,
        severity: kind.severity,
        line: Bytes::copy_from_slice(line),
        digest: head::digest(row.get_ref(3)?)?,
    })
}

const SELECT: &str = "SELECT id, kind, time, digest, line FROM events WHERE id = ?";

/// The most events of one page, whatever is asked for.
const EVENTS_IN_A_PAGE: usize = 4096;
