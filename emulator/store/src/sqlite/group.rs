//! One transaction for many units.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use hpcs_names::InstanceId;
use rusqlite::{Connection, params};

use super::cache::{Cache, Written};
use super::failure::{Failure, Steps};
use super::head::integer;
use super::job::{Answer, Job};
use super::logs::Logs;
use super::records;
use crate::{Clock, Codec, CommitError, Committed, FaultPoint, LogChange, LogState, Version, Versioned};

/// What a transaction works with; everything but the connection is lent by the writer.
pub(super) struct Group<'a, K, R> {
    pub(super) connection: &'a Connection,
    pub(super) steps: &'a Steps,
    pub(super) codec: &'a dyn Codec<K, R>,
    pub(super) clock: &'a dyn Clock,
    pub(super) records: &'a Cache<K, R>,
    pub(super) logs: &'a mut Logs,
    /// The version given out last.
    pub(super) version: Version,
    pub(super) session: u64,
    pub(super) number: u64,
}

/// What a transaction has made, to be published once it is committed.
pub(super) struct Done<K, R> {
    pub(super) written: Written<K, R>,
    pub(super) version: Version,
    /// Whether a log has changed.
    pub(super) appended: bool,
    /// Whether there was anything to commit.
    pub(super) committed: bool,
    /// The answer of each unit, in order.
    pub(super) answers: Vec<Answer>,
}

impl<K: Eq + Hash + Clone, R> Group<'_, K, R> {
    /// Takes the units through one transaction. Those that conflict are left out; when anything else fails, nothing of
    /// it is there, except where [`Failure::Open`] says that nobody knows.
    pub(super) fn run(mut self, jobs: &[Job<K, R>]) -> Result<Done<K, R>, Failure> {
        let done = self.prepare(jobs).map_err(Failure::certain)?;
        let connection = self.connection;
        if !done.committed {
            connection.execute_batch("ROLLBACK")?;
            return Ok(done);
        }
        self.steps.take(FaultPoint::Commit, || {
            let mut commit = connection.prepare_cached("COMMIT")?;
            commit.execute([]).map(drop).map_err(|error| Failure::of_commit(&error))
        })?;
        Ok(done)
    }

    /// Everything up to the COMMIT.
    fn prepare(&mut self, jobs: &[Job<K, R>]) -> Result<Done<K, R>, Failure> {
        let mut done = Done {
            written: HashMap::new(),
            version: self.version,
            appended: false,
            committed: false,
            answers: Vec::with_capacity(jobs.len()),
        };
        self.steps.take(FaultPoint::Begin, || {
            self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            Ok(())
        })?;
        for job in jobs {
            let answer = if self.fits(job, &done.written)? {
                Ok(self.write(job, &mut done)?)
            } else {
                Err(CommitError::Conflict)
            };
            done.answers.push(answer);
        }
        done.committed |= self.logs.has_chores();
        if done.committed {
            self.finish(done.version)?;
        }
        Ok(done)
    }

    /// Whether everything the unit rests on is as it expects it, the units before it in the group included.
    fn fits(&mut self, job: &Job<K, R>, written: &Written<K, R>) -> Result<bool, Failure> {
        let Group { connection, steps, codec, records, .. } = *self;
        let logs = &mut *self.logs;
        steps.take(FaultPoint::Check, || {
            let versions = Versions { connection, codec, records, written };
            Ok(versions.fit(job)? && logs_fit(connection, logs, &job.logs)?)
        })
    }

    /// Writes a unit that fits.
    fn write(&mut self, job: &Job<K, R>, done: &mut Done<K, R>) -> Result<Committed, Failure> {
        let Group { connection, steps, clock, .. } = *self;
        for change in &job.logs {
            steps.take(FaultPoint::WriteLog, || self.logs.change(connection, change))?;
        }
        let event = match &job.event {
            Some(draft) => {
                let append = || self.logs.append(connection, draft, clock.now());
                Some(steps.take(FaultPoint::WriteEvent, append)?)
            }
            None => None,
        };
        for change in &job.changes {
            let record = change.value.as_ref().map(|(value, _)| {
                done.version = Version(done.version.0 + 1);
                Versioned { version: done.version, value: Arc::clone(value) }
            });
            steps.take(FaultPoint::WriteRecord, || match &change.value {
                Some((_, value)) => records::write(connection, &change.name, done.version, value),
                None => records::delete(connection, &change.name),
            })?;
            done.written.insert(change.key.clone(), record);
        }
        clock.advance();
        done.committed = true;
        done.appended |= event.is_some() || !job.logs.is_empty();
        Ok(Committed { event })
    }

    /// Writes what stands for the whole transaction.
    fn finish(&mut self, version: Version) -> Result<(), Failure> {
        let Group { connection, steps, clock, session, number, .. } = *self;
        steps.take(FaultPoint::Cut, || self.logs.cut(connection, clock.now()))?;
        steps.take(FaultPoint::WriteLog, || self.logs.save(connection))?;
        steps.take(FaultPoint::WriteOutcome, || write_outcome(connection, session, number, version))
    }
}

/// The versions that records have for the next unit of a group.
struct Versions<'a, K, R> {
    connection: &'a Connection,
    codec: &'a dyn Codec<K, R>,
    records: &'a Cache<K, R>,
    written: &'a Written<K, R>,
}

impl<K: Eq + Hash + Clone, R> Versions<'_, K, R> {
    /// Whether all versions are as the unit expects them.
    fn fit(&self, job: &Job<K, R>) -> Result<bool, Failure> {
        let expected = job.changes.iter().map(|change| (&change.key, change.expected));
        let guarded = job.guards.iter().map(|(key, version)| (key, *version));
        for (key, expected) in expected.chain(guarded) {
            if self.of(key)? != expected {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn of(&self, key: &K) -> Result<Version, Failure> {
        if let Some(record) = self.written.get(key) {
            return Ok(record.as_ref().map_or(Version::ABSENT, |record| record.version));
        }
        if let Some(record) = self.records.one(key) {
            return Ok(record.version);
        }
        records::version(self.connection, &self.codec.name(key))
    }
}

/// Whether what befalls logs fits them, one change after the other.
fn logs_fit(connection: &Connection, logs: &mut Logs, changes: &[LogChange]) -> Result<bool, Failure> {
    let mut states: HashMap<InstanceId, Option<LogState>> = HashMap::new();
    for change in changes {
        let instance = change.instance();
        let state = match states.get(&instance) {
            Some(state) => *state,
            None => logs.state(connection, instance)?,
        };
        match change.applied_to(state) {
            Ok(state) => states.insert(instance, state),
            Err(_) => return Ok(false),
        };
    }
    Ok(true)
}

/// The row that tells later whether the transaction happened. Old rows go, a batch at a time.
pub(super) fn write_outcome(
    connection: &Connection,
    session: u64,
    number: u64,
    version: Version,
) -> Result<(), Failure> {
    let mut insert = connection.prepare_cached("INSERT INTO outcomes (number, session, version) VALUES (?, ?, ?)")?;
    insert.execute(params![integer(number), session.cast_signed(), integer(version.0)])?;
    if number.is_multiple_of(OUTCOMES_CUT) {
        let kept = number.saturating_sub(OUTCOMES);
        connection.prepare_cached("DELETE FROM outcomes WHERE number <= ?")?.execute([integer(kept)])?;
    }
    Ok(())
}

/// Outcomes that are kept.
const OUTCOMES: u64 = 100_000;

/// How many more there may be.
const OUTCOMES_CUT: u64 = 256;
