//! Pages of events.

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
    let Some(log) = log(session, query.instance).await? else {
        let first = LogState::after(Anchor::BEGINNING).first();
        return Ok(EventPage { events: Vec::new(), next: first, more: false, first });
    };
    let (visible, end) = (first_visible(session, &log, horizon).await?, log.state.last.sequence + 1);
    let limit = query.limit.min(LOOKED_AT_ONCE as usize);
    match query.start {
        Start::From(from) => {
            let start = from.clamp(visible, end);
            let stop = end.min(start.saturating_add(LOOKED_AT_ONCE));
            let events = window(session, &log, query, start..stop, limit).await?;
            let full = events.len() == limit;
            let next = if full { events.last().map_or(start, |event| event.sequence + 1) } else { stop };
            let more = next < end;
            Ok(EventPage { events, next: if more { next } else { from.max(end) }, more, first: visible })
        }
        Start::Before(before) => {
            let stop = before.clamp(visible, end);
            let start = visible.max(stop.saturating_sub(LOOKED_AT_ONCE));
            let events = window(session, &log, query, start..stop, limit).await?;
            let full = events.len() == limit;
            let next = if full { events.last().map_or(stop, |event| event.sequence) } else { start };
            Ok(EventPage { events, next, more: next > visible, first: visible })
        }
    }
}

/// Events in a range that pass the filter, in the direction of the query.
async fn window(
    session: &Session,
    log: &LogRow,
    query: &EventQuery,
    range: std::ops::Range<u64>,
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
