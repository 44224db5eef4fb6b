//! A plan as the statements take it: arrays, one a column.

use hpcs_names::InstanceId;
use tokio_postgres::types::ToSql;

use super::failure::Failure;
use super::plan::Plan;
use super::rows::{outcome_name, severity_name, signed};
use crate::{LogState, StoredEvent};

/// Everything that is to be written.
#[derive(Default)]
pub(super) struct Tables<'p> {
    pub(super) written: RecordColumns<'p>,
    pub(super) deleted: Vec<&'p str>,
    pub(super) dropped: Vec<String>,
    pub(super) logs: LogColumns<'p>,
    pub(super) events: EventColumns<'p>,
}

/// A value for a statement.
pub(super) type Parameter<'p> = &'p (dyn ToSql + Sync);

impl<'p> Tables<'p> {
    /// What is to be written of a plan.
    ///
    /// # Errors
    /// [`Failure::Refused`] for a number that has no room in a column.
    pub(super) fn of<R>(plan: &'p Plan<'_, R>) -> Result<Self, Failure> {
        let mut tables = Tables::default();
        for (name, value) in &plan.records {
            match value {
                Some(value) => {
                    tables.written.names.push(name);
                    tables.written.values.push(&value.sealed);
                }
                None => tables.deleted.push(name),
            }
        }
        for (instance, log) in &plan.logs {
            if log.dropped {
                tables.dropped.push(instance.to_string());
            }
            if let Some(state) = &log.state {
                tables.logs.push(*instance, state)?;
                for event in &log.events {
                    tables.events.push(*instance, event)?;
                }
            }
        }
        Ok(tables)
    }
}

/// Records to write.
#[derive(Default)]
pub(super) struct RecordColumns<'p> {
    pub(super) names: Vec<&'p str>,
    pub(super) values: Vec<&'p [u8]>,
}

/// Heads of logs.
#[derive(Default)]
pub(super) struct LogColumns<'p> {
    pub(super) instances: Vec<String>,
    /// Sequence and time of the anchor, sequence and time of the last event, bytes.
    numbers: [Vec<i64>; 5],
    /// Of the anchor and of the last event.
    digests: [Vec<Option<&'p [u8]>>; 2],
}

/// New events.
#[derive(Default)]
pub(super) struct EventColumns<'p> {
    instances: Vec<String>,
    pub(super) sequences: Vec<i64>,
    times: Vec<i64>,
    actions: Vec<&'p str>,
    outcomes: Vec<&'p str>,
    severities: Vec<&'p str>,
    lines: Vec<&'p [u8]>,
    digests: Vec<Option<&'p [u8]>>,
}

impl<'p> LogColumns<'p> {
    fn push(&mut self, instance: InstanceId, state: &'p LogState) -> Result<(), Failure> {
        let LogState { anchor, last, bytes } = state;
        let row = [anchor.sequence, anchor.time.unix_millis(), last.sequence, last.time.unix_millis(), *bytes];
        self.instances.push(instance.to_string());
        for (column, number) in self.numbers.iter_mut().zip(row) {
            column.push(signed(number)?);
        }
        for (column, digest) in self.digests.iter_mut().zip([&anchor.digest, &last.digest]) {
            column.push(digest.as_ref().map(<[u8; 32]>::as_slice));
        }
        Ok(())
    }

    /// In the order of the statement.
    pub(super) fn parameters(&self) -> [Parameter<'_>; 8] {
        let [anchors, anchor_times, lasts, last_times, bytes] = &self.numbers;
        let [anchor_digests, last_digests] = &self.digests;
        [&self.instances, anchors, anchor_times, anchor_digests, lasts, last_times, last_digests, bytes]
    }
}

impl<'p> EventColumns<'p> {
    fn push(&mut self, instance: InstanceId, event: &'p StoredEvent) -> Result<(), Failure> {
        self.instances.push(instance.to_string());
        self.sequences.push(signed(event.sequence)?);
        self.times.push(signed(event.time.unix_millis())?);
        self.actions.push(event.action);
        self.outcomes.push(outcome_name(event.outcome));
        self.severities.push(severity_name(event.severity));
        self.lines.push(&event.line);
        self.digests.push(event.digest.as_ref().map(<[u8; 32]>::as_slice));
        Ok(())
    }

    /// In the order of the statement.
    pub(super) fn parameters(&self) -> [Parameter<'_>; 8] {
        [
            &self.instances,
            &self.sequences,
            &self.times,
            &self.actions,
            &self.outcomes,
            &self.severities,
            &self.lines,
            &self.digests,
        ]
    }
}
