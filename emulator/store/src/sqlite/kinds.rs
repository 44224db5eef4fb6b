//! Action, outcome and severity of events as one small number, by which readers filter.

use std::collections::HashMap;

use hpcs_audit::{Outcome, Severity, catalogue};
use rusqlite::{Connection, Row, params};

use super::failure::Failure;
use crate::{EventFilter, StoredEvent};

/// What events have in common that a filter may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub(super) action: &'static str,
    pub(super) outcome: Outcome,
    pub(super) severity: Severity,
}

/// The writer's side: the number of each kind, given out when it occurs first.
#[derive(Default)]
pub(super) struct Numbers(HashMap<Kind, i64>);

/// A reader's side: the kinds by number, as far as they were read.
#[derive(Default)]
pub(super) struct Kinds(Vec<Kind>);

impl Kind {
    pub(super) fn of(event: &StoredEvent) -> Self {
        Kind { action: event.action, outcome: event.outcome, severity: event.severity }
    }

    fn from_row(row: &Row<'_>) -> Result<Self, Failure> {
        let (action, outcome, severity): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let known = catalogue::find(&action).map(|row| row.action);
        let outcome = OUTCOMES.iter().find(|(_, code)| *code == outcome);
        let severity = SEVERITIES.iter().find(|(_, code)| *code == severity);
        match (known, outcome, severity) {
            (Some(action), Some((outcome, _)), Some((severity, _))) => {
                Ok(Kind { action, outcome: *outcome, severity: *severity })
            }
            _ => Err(Failure::damaged(format_args!("no such kind of event as '{}'", action.escape_debug()))),
        }
    }
}

impl Numbers {
    /// The number of a kind, a new one if need be.
    pub(super) fn number(&mut self, connection: &Connection, kind: Kind) -> Result<i64, Failure> {
        if let Some(number) = self.0.get(&kind) {
            return Ok(*number);
        }
        let Kind { action, outcome, severity } = kind;
        let values = params![action, code(&OUTCOMES, outcome), code(&SEVERITIES, severity)];
        let mut insert =
            connection.prepare_cached("INSERT OR IGNORE INTO kinds (action, outcome, severity) VALUES (?, ?, ?)")?;
        insert.execute(values)?;
        let mut select =
            connection.prepare_cached("SELECT kind FROM kinds WHERE action = ? AND outcome = ? AND severity = ?")?;
        let number = select.query_row(values, |row| row.get(0))?;
        self.0.insert(kind, number);
        Ok(number)
    }

    /// After a transaction that did not happen.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

impl Kinds {
    /// Reads the kinds that have come since. They are numbered from 1 without gaps, for none is ever removed.
    pub(super) fn refresh(&mut self, connection: &Connection) -> Result<(), Failure> {
        let known = self.0.len() as i64;
        let mut select = connection
            .prepare_cached("SELECT action, outcome, severity, kind FROM kinds WHERE kind > ? ORDER BY kind")?;
        let mut rows = select.query([known])?;
        while let Some(row) = rows.next()? {
            if row.get::<_, i64>(3)? != self.0.len() as i64 + 1 {
                return Err(Failure::damaged("the kinds of events have a gap"));
            }
            self.0.push(Kind::from_row(row)?);
        }
        Ok(())
    }

    /// The kind with this number.
    pub(super) fn get(&self, number: i64) -> Result<Kind, Failure> {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let kind = index.and_then(|index| self.0.get(index));
        kind.copied().ok_or_else(|| Failure::damaged(format_args!("an event is of kind {number}, which is missing")))
    }

    /// The numbers that pass the filter's lists; `None` when all of them do.
    pub(super) fn matching(&self, filter: &EventFilter) -> Option<Vec<i64>> {
        let pass = |kind: &Kind| filter.passes(kind.action, kind.outcome, kind.severity);
        let numbers = (1..).zip(&self.0).filter(|(_, kind)| pass(kind)).map(|(number, _)| number);
        let numbers: Vec<i64> = numbers.collect();
        (numbers.len() < self.0.len()).then_some(numbers)
    }
}

fn code<T: PartialEq>(codes: &[(T, i64)], value: T) -> i64 {
    codes.iter().find(|(known, _)| *known == value).map_or(-1, |(_, code)| *code)
}

/// Outcomes as the file has them.
const OUTCOMES: [(Outcome, i64); 2] = [(Outcome::Success, 0), (Outcome::Failure, 1)];

/// Severities as the file has them.
const SEVERITIES: [(Severity, i64); 3] = [(Severity::Normal, 0), (Severity::Warning, 1), (Severity::Critical, 2)];
