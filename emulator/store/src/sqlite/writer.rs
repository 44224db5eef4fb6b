//! The one thread that writes.
//!
//! ```text
//!            ┌──────────── take what waits ◄───────────────┐
//!            ▼                                             │
//!       transaction ── refused ──► roll back, answer ──────┤
//!            │   └──── open ─────► answer "unknown" ─► settle: reconnect, look, write ─► (again until it works)
//!            ▼                                             ▲
//!       committed ─► publish ─► answer ─► erase ─► answer ─┘ erase again what was not, checkpoint now and then
//! ```

use std::hash::Hash;
use std::iter;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use super::failure::{Failure, Steps};
use super::group::{Done, Group};
use super::job::{Answer, Job};
use super::logs::Logs;
use super::open::{self, Directory};
use super::outcomes::{self, Span};
use super::queue::{Found, Patience};
use super::records::Places;
use super::shared::Shared;
use crate::{Clock, Codec, CommitError, FaultPoint, Faults, OperationId, Unavailable, Version};

/// What a writer is made of.
pub(super) struct Parts<K, R> {
    pub(super) connection: Connection,
    pub(super) directory: Directory,
    pub(super) file: PathBuf,
    pub(super) patience: Duration,
    pub(super) logs: Logs,
    pub(super) codec: Arc<dyn Codec<K, R>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) faults: Arc<dyn Faults>,
    pub(super) shared: Arc<Shared<K, R>>,
    pub(super) session: u64,
    pub(super) version: Version,
    /// Whether old values may stand in the write-ahead log.
    pub(super) stale: bool,
}

struct Writer<K, R> {
    parts: Parts<K, R>,
    steps: Steps,
    places: Places<K>,
    state: State,
    /// Transactions that are committed, but whose old values are still in the write-ahead log.
    unerased: Vec<Span>,
    /// Whether the write-ahead log has to be emptied; it is wherever something is unerased.
    stale: bool,
    /// Whether cutting between commits is worth trying.
    chores: bool,
    /// Whether the write-ahead log is worth emptying.
    backlog: bool,
    /// Transactions so far.
    groups: u64,
    /// Units of the last group.
    crowd: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    /// The connection is to be made anew.
    Disconnected,
    /// Nobody knows whether the transaction with these operations happened.
    Unsettled(Span),
}

/// Starts the thread.
pub(super) fn start<K, R>(parts: Parts<K, R>) -> std::io::Result<()>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    R: Send + Sync + 'static,
{
    let (steps, stale) = (Steps(parts.faults.clone()), parts.stale);
    let writer = Writer {
        parts,
        steps,
        places: Places::new(),
        state: State::Ready,
        unerased: Vec::new(),
        stale,
        chores: true,
        backlog: false,
        groups: 0,
        crowd: 0,
    };
    thread::Builder::new().name("store-writer".to_owned()).spawn(move || writer.run()).map(drop)
}

impl<K: Eq + Hash + Clone, R> Writer<K, R> {
    fn run(mut self) {
        let shared = self.parts.shared.clone();
        let last_words = LastWords(shared.clone());
        loop {
            if self.state != State::Ready && !self.recover() {
                if shared.queue.is_closed() {
                    break;
                }
                thread::sleep(BETWEEN_ATTEMPTS);
                continue;
            }
            // Not only when nobody comes: that moment may never be.
            if self.stale {
                self.erase_again();
            }
            if self.crowd > 1 {
                shared.queue.gather(self.crowd, GATHERING);
            }
            match shared.queue.take(self.patience(), BYTES_IN_A_GROUP, Job::size) {
                Found::Work(jobs) => {
                    self.serve(jobs);
                    self.checkpoint();
                }
                Found::Nothing => self.do_chores(),
                Found::Closed => break,
            }
        }
        let end = self.finish();
        shared.ended.send_replace(Some(end));
        drop(last_words);
    }

    /// Takes the units that were not withdrawn through a transaction, and answers them.
    fn serve(&mut self, mut jobs: Vec<Job<K, R>>) {
        let span = self.parts.shared.pending.begin(jobs.len());
        for (job, number) in jobs.iter_mut().zip(span.first..) {
            job.number = number;
        }
        jobs.retain(|job| job.ticket.take(job.number));
        self.crowd = jobs.len();
        let mut done = Done::new(self.parts.version);
        match self.transact(span, &jobs, &mut done) {
            Ok(()) => self.publish(span, jobs, done),
            Err(failure) => self.refuse(span, jobs, done.answers, failure),
        }
    }

    fn transact(&mut self, span: Span, jobs: &[Job<K, R>], done: &mut Done<K, R>) -> Result<(), Failure> {
        let Parts { connection, logs, codec, clock, shared, session, .. } = &mut self.parts;
        let places = &mut self.places;
        self.groups = self.groups.wrapping_add(1);
        let forget = self.groups.is_multiple_of(GROUPS_BETWEEN_FORGETTING).then_some(OUTCOMES);
        let group = Group {
            connection,
            steps: &self.steps,
            codec: &**codec,
            clock: &**clock,
            records: &shared.records,
            logs,
            places,
            session: *session,
            span,
            forget,
        };
        group.run(jobs, done)
    }

    fn publish(&mut self, span: Span, jobs: Vec<Job<K, R>>, done: Done<K, R>) {
        let Done { written, version, appended, committed: _, answers } = done;
        let shared = self.parts.shared.clone();
        self.parts.version = version;
        self.chores = true;
        shared.records.publish(written, version);
        if appended {
            shared.changes.send_modify(|count| *count += 1);
        }
        shared.works();
        let mut erasing = Vec::new();
        for (job, answer) in jobs.into_iter().zip(answers) {
            if job.erase && answer.is_ok() {
                erasing.push((job, answer));
            } else {
                tell(job, answer);
            }
        }
        if erasing.is_empty() {
            return shared.pending.end(span);
        }
        self.leave_unerased(span);
        let erased = self.erase(self.parts.patience).map_err(|error| shared.unavailable(error.into_text()));
        for (job, answer) in erasing {
            let erased = erased.clone().map_err(|cause| self.unknown(&job, cause));
            tell(job, erased.and(answer));
        }
    }

    fn refuse(&mut self, span: Span, jobs: Vec<Job<K, R>>, answers: Vec<Answer>, failure: Failure) {
        let shared = self.parts.shared.clone();
        self.chores = false;
        self.parts.logs.forget();
        self.places.forget();
        let open = matches!(failure, Failure::Open(_));
        let text = failure.into_text();
        shared.fails(&text);
        let cause = shared.unavailable(text);
        if open {
            self.state = State::Unsettled(span);
        } else {
            self.roll_back();
            shared.pending.end(span);
        }
        // Who conflicted was not part of the transaction: its outcome is not theirs.
        let conflicts = answers.into_iter().map(|answer| matches!(answer, Err(CommitError::Conflict)));
        for (job, conflicts) in jobs.into_iter().zip(conflicts.chain(iter::repeat(false))) {
            let refusal = match (conflicts, open) {
                (true, _) => CommitError::Conflict,
                (false, true) => self.unknown(&job, cause.clone()),
                (false, false) => CommitError::Unavailable(cause.clone()),
            };
            tell(job, Err(refusal));
        }
    }

    /// Ends a transaction that failed; where that fails too, the connection goes, and the transaction with it.
    fn roll_back(&mut self) {
        let connection = &self.parts.connection;
        if !connection.is_autocommit() && connection.execute_batch("ROLLBACK").is_err() {
            self.state = State::Disconnected;
        }
    }

    /// Connects anew and finds out what is not known. Whether all is well now.
    fn recover(&mut self) -> bool {
        let recovered = self.reconnect().and_then(|()| match self.state {
            State::Unsettled(span) => self.settle(span),
            State::Ready | State::Disconnected => Ok(()),
        });
        match recovered {
            Ok(()) => self.state = State::Ready,
            Err(failure) => self.parts.shared.fails(&failure.into_text()),
        }
        self.state == State::Ready
    }

    fn reconnect(&mut self) -> Result<(), Failure> {
        self.parts.connection = open::writer(&self.parts.file, self.parts.patience)?;
        Ok(())
    }

    /// Finds out whether a transaction happened, and sees to it that it stays so.
    ///
    /// What did not happen for us may still stand in the write-ahead log as it would if it had: after a crash it would
    /// happen. So something is written over it before anyone is told.
    fn settle(&mut self, span: Span) -> Result<(), Failure> {
        let shared = self.parts.shared.clone();
        let Parts { connection, session, .. } = &self.parts;
        let (happened, version) = self.steps.take(FaultPoint::Settle, || {
            let transaction = connection.unchecked_transaction()?;
            let happened = outcomes::any(&transaction, *session, span)?;
            let (_, version) = outcomes::newest(&transaction)?;
            let own = shared.pending.begin(1);
            shared.pending.end(own);
            outcomes::write(&transaction, *session, &[own], version)?;
            transaction.commit()?;
            Ok((happened, version))
        })?;
        self.parts.version = version;
        if happened {
            shared.records.clear(version);
            shared.changes.send_modify(|count| *count += 1);
            // Perhaps it was to erase something.
            self.leave_unerased(span);
        } else {
            shared.pending.end(span);
        }
        Ok(())
    }

    /// The outcome of a transaction stays open until its old values are gone.
    fn leave_unerased(&mut self, span: Span) {
        self.unerased.push(span);
        self.stale = true;
    }

    /// Empties the write-ahead log, in which old values may stand. Readers are waited for as long as `patience` says.
    fn erase(&mut self, patience: Duration) -> Result<(), Failure> {
        let Parts { connection, shared, .. } = &self.parts;
        self.steps
            .take(FaultPoint::Erase, || {
                connection.busy_timeout(patience)?;
                let emptied = open::empty_log(connection);
                connection.busy_timeout(self.parts.patience)?;
                if emptied? { Ok(()) } else { Err(Failure::Refused("readers hold the write-ahead log".to_owned())) }
            })
            .map_err(|failure| Failure::Refused(format!("committed, but not erased yet: {}", failure.into_text())))?;
        for span in self.unerased.drain(..) {
            shared.pending.end(span);
        }
        self.stale = false;
        Ok(())
    }

    /// Tries once more, without keeping those waiting who have nothing to do with it.
    fn erase_again(&mut self) {
        match self.erase(BETWEEN_ATTEMPTS) {
            Ok(()) => self.parts.shared.works(),
            Err(failure) => self.parts.shared.fails(&failure.into_text()),
        }
    }

    /// Moves what is committed from the write-ahead log into the file, when there is enough of it.
    fn checkpoint(&mut self) {
        let Ok((written, moved)) = wal_pages(&self.parts.connection, "PRAGMA wal_checkpoint(NOOP)") else { return };
        let pages = written - moved;
        self.backlog = pages >= PAGES_WHEN_IDLE;
        if pages >= PAGES_AT_MOST {
            self.move_pages();
        }
    }

    /// A failure is no one's yet: the log only grows, and the next commit will meet what is wrong.
    fn move_pages(&mut self) {
        self.backlog = false;
        let connection = &self.parts.connection;
        drop(wal_pages(connection, "PRAGMA wal_checkpoint(PASSIVE)"));
        drop(connection.execute_batch("PRAGMA shrink_memory"));
    }

    /// What is left for when nobody waits.
    fn do_chores(&mut self) {
        if self.chores && self.parts.logs.has_chores() {
            self.serve(Vec::new());
            self.checkpoint();
        } else if self.backlog {
            self.move_pages();
        }
    }

    /// How long nobody has to have come before chores are done.
    fn patience(&self) -> Patience {
        match self {
            _ if self.stale => Patience::Upto(BETWEEN_ATTEMPTS),
            _ if self.chores && self.parts.logs.has_chores() => Patience::Upto(Duration::ZERO),
            _ if self.backlog => Patience::Upto(IDLE),
            _ => Patience::Endless,
        }
    }

    /// Everything is moved into the file, and the write-ahead log is gone. Where it is not, the next opening sees to it;
    /// whoever closes is told, for old values may be in it until then.
    fn finish(mut self) -> Result<(), Unavailable> {
        if let State::Unsettled(_) = self.state {
            return Err(self.parts.shared.unavailable("closed before the outcome of the last commits was known"));
        }
        let emptied = self.erase(self.parts.patience);
        let Parts { connection, directory, shared, .. } = self.parts;
        let closed = connection.close().map_err(|(_, error)| Failure::from(error));
        drop(directory);
        emptied.and(closed).map_err(|failure| shared.unavailable(failure.into_text()))
    }

    fn unknown(&self, job: &Job<K, R>, cause: Unavailable) -> CommitError {
        let operation = OperationId { session: self.parts.session, number: job.number };
        CommitError::OutcomeUnknown { operation, cause }
    }
}

/// However the thread ends: nobody waits for it any longer.
struct LastWords<K, R>(Arc<Shared<K, R>>);

impl<K, R> Drop for LastWords<K, R> {
    fn drop(&mut self) {
        self.0.queue.abandon();
        let ended = Err(self.0.unavailable("the writer has ended unexpectedly"));
        self.0.ended.send_if_modified(|end| {
            let missing = end.is_none();
            if missing {
                *end = Some(ended);
            }
            missing
        });
    }
}

/// A caller that has gone is told nothing.
fn tell<K, R>(job: Job<K, R>, answer: Answer) {
    drop(job.answer.send(answer));
}

/// Pages in the write-ahead log, and how many of them are in the file already.
fn wal_pages(connection: &Connection, pragma: &str) -> rusqlite::Result<(i64, i64)> {
    connection.prepare_cached(pragma)?.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))
}

/// Outcomes that are kept, as rows.
const OUTCOMES: u32 = 100_000;

/// How many transactions may come before the oldest outcomes are forgotten.
const GROUPS_BETWEEN_FORGETTING: u64 = 1024;

/// Bytes of one transaction, about.
const BYTES_IN_A_GROUP: usize = 4 << 20;

/// How long the writer waits for the callers of the last group to come again. Without it a group of one would alternate
/// with a group of all others.
const GATHERING: Duration = Duration::from_micros(300);

/// Between attempts to find out, or to erase.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(5);

/// Nobody came for this long: a moment for chores.
const IDLE: Duration = Duration::from_millis(5);

/// Pages in the write-ahead log that are moved when nobody waits: 4 MiB.
const PAGES_WHEN_IDLE: i64 = 512;

/// Pages in the write-ahead log that are moved even when someone waits: 32 MiB.
const PAGES_AT_MOST: i64 = 4096;
