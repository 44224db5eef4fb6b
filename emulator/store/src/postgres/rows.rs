//! Rows and what they mean.

use bytes::Bytes;
use hpcs_audit::{EventTime, Outcome, Severity, catalogue};
use hpcs_names::InstanceId;
use tokio_postgres::Row;

use super::failure::Failure;
use crate::{Anchor, Digest, LogState, StoredEvent};

/// A row of `hpcs_logs`.
pub(super) struct LogRow {
    pub(super) instance: InstanceId,
    /// What its events are found by.
    pub(super) log: i64,
    pub(super) state: LogState,
}

impl LogRow {
    /// Reads instance, log, anchor, last event and bytes.
    pub(super) fn read(row: &Row) -> Result<Self, Failure> {
        let instance: &str = row.try_get(0)?;
        let instance = instance.parse().map_err(|_| damaged("a log's instance"))?;
        let state = LogState { anchor: anchor(row, 2)?, last: anchor(row, 5)?, bytes: unsigned(row.try_get(8)?)? };
        Ok(LogRow { instance, log: row.try_get(1)?, state })
    }
}

/// Reads sequence, time, action, outcome, severity, line and digest.
pub(super) fn event(instance: InstanceId, row: &Row) -> Result<StoredEvent, Failure> {
    let sequence = unsigned(row.try_get(0)?)?;
    let broken = |what: &str| damaged(&format!("the {what} of event {sequence} of {instance}"));
    let (action, outcome, severity): (&str, &str, &str) = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
    let line: &[u8] = row.try_get(5)?;
    Ok(StoredEvent {
        instance,
        sequence,
        time: time(row.try_get(1)?)?,
        action: catalogue::find(action).ok_or_else(|| broken("action"))?.action,
        outcome: named(&OUTCOMES, outcome).ok_or_else(|| broken("outcome"))?,
        severity: named(&SEVERITIES, severity).ok_or_else(|| broken("severity"))?,
        line: Bytes::copy_from_slice(line),
        digest: digest(row.try_get(6)?)?,
    })
}

/// How an outcome stands in a column.
pub(super) fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "success",
        Outcome::Failure => "failure",
    }
}

/// How a severity stands in a column.
pub(super) fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Normal => "normal",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

/// A number as the database holds it.
///
/// # Errors
/// [`Failure::Refused`] beyond 2^63, where an imported log may stand.
pub(super) fn signed(number: u64) -> Result<i64, Failure> {
    i64::try_from(number).map_err(|_| Failure::Refused(format!("{number} is more than the database can count")))
}

/// A number from a column that is never negative.
pub(super) fn unsigned(number: i64) -> Result<u64, Failure> {
    u64::try_from(number).map_err(|_| damaged("a number"))
}

/// A time in milliseconds from a column.
pub(super) fn time(millis: i64) -> Result<EventTime, Failure> {
    unsigned(millis).map(EventTime::from_unix_millis)
}

/// A digest from a column.
pub(super) fn digest(bytes: Option<&[u8]>) -> Result<Option<Digest>, Failure> {
    bytes.map(|bytes| bytes.try_into().map_err(|_| damaged("a digest"))).transpose()
}

/// Someone else wrote into the tables.
pub(super) fn damaged(what: &str) -> Failure {
    Failure::Refused(format!("the database is damaged: {what} cannot be read"))
}

fn anchor(row: &Row, at: usize) -> Result<Anchor, Failure> {
    Ok(Anchor {
        sequence: unsigned(row.try_get(at)?)?,
        time: time(row.try_get(at + 1)?)?,
        digest: digest(row.try_get(at + 2)?)?,
    })
}

fn named<T: Copy>(names: &[(&str, T)], name: &str) -> Option<T> {
    names.iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
}

const OUTCOMES: [(&str, Outcome); 2] = [("success", Outcome::Success), ("failure", Outcome::Failure)];

const SEVERITIES: [(&str, Severity); 3] =
    [("normal", Severity::Normal), ("warning", Severity::Warning), ("critical", Severity::Critical)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_are_read_as_they_are_written() {
        for (name, outcome) in OUTCOMES {
            assert_eq!(outcome_name(outcome), name);
        }
        for (name, severity) in SEVERITIES {
            assert_eq!(severity_name(severity), name);
        }
    }
}
