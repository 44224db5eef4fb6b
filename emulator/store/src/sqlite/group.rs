//! One transaction for many units.

use std::collections::HashMap;
use std::hash::Hash;
use std::slice;
use std::sync::Arc;

use hpcs_names::InstanceId;
use rusqlite::Connection;

use super::cache::{Cache, Written};
use super::failure::{Failure, Steps};
use super::job::{Answer, Job};
use super::logs::Logs;
use super::outcomes::{self, Span};
use super::records::{self, Places};
use crate::{Clock, Codec, CommitError, Committed, FaultPoint, LogChange, LogState, Version, Versioned};

/// What a transaction works with; everything but the connection is lent by the writer.
pub(super) struct Group<'a, K, R> {
    pub(super) connection: &'a Connection,
    pub(super) steps: &'a Steps,
    pub(super) codec: &'a dyn Codec<K, R>,
    pub(super) clock: &'a dyn Clock,
    pub(super) records: &'a Cache<K, R>,
    pub(super) logs: &'a mut Logs,
    pub(super) places: &'a mut Places<K>,
    pub(super) session: u64,
    pub(super) span: Span,
    /// How many outcomes are kept, when it is time to forget the others.
    pub(super) forget: Option<u32>,
}

/// What a transaction has made, to be published once it is committed.
pub(super) struct Done<K, R> {
    pub(super) written: Written<K, R>,
    /// The version given out last.
    pub(super) version: Version,
    /// Whether a log has changed.
    pub(super) appended: bool,
    /// Whether there was anything to commit.
    pub(super) committed: bool,
    /// The answer of each unit that was looked at, in order.
    pub(super) answers: Vec<Answer>,
}

impl<K, R> Done<K, R> {
    /// Nothing yet.
    pub(super) fn new(version: Version) -> Self {
        Done { written: HashMap::new(), version, appended: false, committed: false, answers: Vec::new() }
    }
}

impl<K: Eq + Hash + Clone, R> Group<'_, K, R> {
    /// Takes the units through one transaction. Those that conflict are left out; when anything else fails, nothing of
    /// it is there, except where [`Failure::Open`] says that nobody knows.
    pub(super) fn run(mut self, jobs: &[Job<K, R>], done: &mut Done<K, R>) -> Result<(), Failure> {
        self.prepare(jobs, done).map_err(Failure::certain)?;
        let connection = self.connection;
        if !done.committed {
            connection.execute_batch("ROLLBACK")?;
            return Ok(());
        }
        self.steps.take(FaultPoint::Commit, || {
            let mut commit = connection.prepare_cached("COMMIT")?;
            commit.execute([]).map(drop).map_err(|error| Failure::of_commit(&error))
        })
    }

    /// Everything up to the COMMIT.
    fn prepare(&mut self, jobs: &[Job<K, R>], done: &mut Done<K, R>) -> Result<(), Failure> {
        self.steps.take(FaultPoint::Begin, || {
            self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            Ok(())
        })?;
        for job in jobs {
            let answer =
                if self.fits(job, &done.written)? { Ok(self.write(job, done)?) } else { Err(CommitError::Conflict) };
            done.answers.push(answer);
        }
        // Chores have transactions of their own, or come along with a commit.
        done.committed |= jobs.is_empty() && self.logs.has_chores();
        if done.committed {
            let happens = |(job, answer): (&Job<K, R>, &Answer)| answer.is_ok().then_some(job.number);
            let spans = Span::covering(jobs.iter().zip(&done.answers).filter_map(happens));
            self.finish(done.version, &spans)?;
        }
        Ok(())
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
            let record_name = (&change.key, change.name.as_str());
            steps.take(FaultPoint::WriteRecord, || match &change.value {
                Some((_, value)) => self.places.write(connection, record_name, done.version, value),
                None => self.places.delete(connection, record_name),
            })?;
            done.written.insert(change.key.clone(), record);
        }
        clock.advance();
        done.committed = true;
        done.appended |= event.is_some() || !job.logs.is_empty();
        Ok(Committed { event })
    }

    /// Writes what stands for the whole transaction. Without operations it is one for chores.
    fn finish(&mut self, version: Version, operations: &[Span]) -> Result<(), Failure> {
        let Group { connection, steps, clock, session, span, forget, .. } = *self;
        let awaited = !operations.is_empty();
        steps.take(FaultPoint::Cut, || self.logs.cut(connection, clock.now(), awaited))?;
        steps.take(FaultPoint::WriteLog, || self.logs.save(connection))?;
        steps.take(FaultPoint::WriteOutcome, || {
            outcomes::write(connection, session, if awaited { operations } else { slice::from_ref(&span) }, version)?;
            forget.map_or(Ok(()), |kept| outcomes::forget(connection, kept))
        })
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
