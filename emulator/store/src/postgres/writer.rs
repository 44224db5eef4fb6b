//! The one task of a replica that commits.
//!
//! It takes all units that wait into one transaction. What happens to them:
//!
//! ```text
//!                          conflict ─────────────► Conflict (this unit alone)
//! queued ─► taken ─► writes ─► COMMIT sent ─► answered ─► Committed
//!   │         │         │           │
//!   │         │         │           └─ connection lost, deadline ─► OutcomeUnknown
//!   │         │         ├─ another transaction in the way ─► held up: tried alone, until the deadline
//!   │         └─────────┴─ error, connection lost, deadline ─► Unavailable
//!   └─ deadline ─► Unavailable (withdrawn by its caller)
//! ```
//!
//! Before COMMIT is sent the outcome is never in doubt: a transaction that is not finished by the deadline is given up
//! together with its connection. After that it goes on to its end whoever waits for it, under a lock that tells everyone
//! that its outcome is not known yet.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::failure::Failure;
use super::faults::Gate;
use super::link::Link;
use super::plan::Unit;
use super::queue::{Answer, Waiting, gather};
use super::session::Session;
use super::shared::Shared;
use super::transaction::{self, Environment, Written};
use crate::{CommitError, FaultPoint, OperationId, Versioned};

/// Commits what comes out of the queue, until it is closed and empty.
pub(super) struct Writer<R> {
    shared: Arc<Shared<R>>,
    link: Link,
    queue: mpsc::Receiver<Waiting<R>>,
    /// Units that were in a group that met a foreign lock, and why they wait.
    held_up: VecDeque<(Waiting<R>, Failure)>,
    /// The transaction that was begun last.
    number: u64,
    /// Whether there may be events of dropped logs.
    sweeping: bool,
    /// Groups since the last sweep.
    unswept: u32,
}

/// What became of a transaction that was not committed as far as anyone knows.
enum Failed {
    /// It did not happen.
    Unavailable(Failure),
    /// It did not happen because another was in the way.
    Contended(Failure),
    /// Nobody can tell. The answers are those that the units were to be given.
    Unknown(OperationId, Failure, Vec<Answer>),
}

impl<R: Send + Sync + 'static> Writer<R> {
    /// A writer whose transactions are counted on from `number`.
    pub(super) fn new(shared: Arc<Shared<R>>, link: Link, queue: mpsc::Receiver<Waiting<R>>, number: u64) -> Self {
        Writer { shared, link, queue, held_up: VecDeque::new(), number, sweeping: true, unswept: 0 }
    }

    /// Works until the queue is closed and empty.
    pub(super) async fn run(mut self) {
        let turn = self.shared.options.deadline / TURNS;
        loop {
            let mut group = Vec::new();
            if self.held_up.is_empty() {
                match self.queue.recv().await {
                    Some(first) => group.push(first),
                    None => break,
                }
            }
            gather(&mut group, &mut self.queue);
            let group = self.take(group);
            self.commit(group, turn).await;
            self.retry(turn).await;
            self.sweep_in_turn().await;
        }
        self.link.close().await;
    }

    /// Those of the units that are still wanted.
    ///
    /// The earliest deadline is that of the whole group: one with little time left would take the others down with it,
    /// the more so the slower everything is.
    fn take(&self, units: Vec<Waiting<R>>) -> Vec<Waiting<R>> {
        let (now, least) = (Instant::now(), self.shared.options.deadline / LEAST_LEFT);
        let mut group = Vec::with_capacity(units.len());
        for waiting in units.into_iter().filter(|waiting| waiting.take(self.number + 1)) {
            if waiting.is_late(now, least) {
                waiting.answer(Err(CommitError::Unavailable(self.shared.unavailable(TOO_LATE))));
            } else {
                group.push(waiting);
            }
        }
        group
    }

    /// Tries units that were held up, each alone, so that only those suffer whose records are really locked. New units
    /// get their turn in between.
    async fn retry(&mut self, turn: Duration) {
        let end = Instant::now() + turn;
        for _ in 0..self.held_up.len() {
            let Some((waiting, failure)) = self.held_up.pop_front() else {
                return;
            };
            if waiting.deadline <= Instant::now() + turn / TURNS {
                waiting.answer(Err(CommitError::Unavailable(self.shared.refusal(&failure))));
            } else if end <= Instant::now() {
                self.held_up.push_back((waiting, failure));
            } else if waiting.take(self.number + 1) {
                self.commit(vec![waiting], turn / TURNS).await;
            }
        }
    }

    /// Commits a group, and answers each of its units by the earliest of their deadlines, unless they are held up.
    async fn commit(&mut self, group: Vec<Waiting<R>>, patience: Duration) {
        let Some(deadline) = group.iter().map(|waiting| waiting.deadline).min() else {
            return;
        };
        let error = match self.attempt(&group, deadline, patience).await {
            Ok(answers) => {
                group.into_iter().zip(answers).for_each(|(waiting, answer)| waiting.answer(answer));
                return;
            }
            Err(Failed::Contended(failure)) => {
                self.held_up.extend(group.into_iter().map(|waiting| (waiting, failure.clone())));
                return;
            }
            Err(Failed::Unavailable(failure)) => CommitError::Unavailable(self.shared.refusal(&failure)),
            Err(Failed::Unknown(operation, failure, answers)) => {
                let unknown = CommitError::OutcomeUnknown { operation, cause: self.shared.refusal(&failure) };
                for (waiting, answer) in group.into_iter().zip(answers) {
                    // Who conflicted was not part of the transaction: its outcome is not theirs.
                    waiting.answer(Err(answer.err().unwrap_or_else(|| unknown.clone())));
                }
                return;
            }
        };
        group.into_iter().for_each(|waiting| waiting.answer(Err(error.clone())));
    }

    /// One transaction with all units of a group, which waits for locks as long as `patience`.
    async fn attempt(
        &mut self,
        group: &[Waiting<R>],
        deadline: Instant,
        patience: Duration,
    ) -> Result<Vec<Answer>, Failed> {
        self.number += 1;
        let shared = self.shared.clone();
        let operation = OperationId { session: shared.options.session, number: self.number };
        let session = self.link.session(deadline).await.map_err(Failed::Unavailable)?;
        let environment = Environment {
            session: &session,
            operation,
            faults: &*shared.faults,
            clock: &*shared.clock,
            options: &shared.options.log,
            patience,
        };
        let units: Vec<&Unit<R>> = group.iter().map(|waiting| &waiting.unit).collect();
        let written = match timeout_at(deadline, transaction::write(&environment, &units)).await {
            Ok(Ok(written)) => written,
            Ok(Err(failure)) => {
                roll_back(&session, &failure, deadline).await;
                return Err(not_committed(failure));
            }
            Err(_) => {
                session.retire(&Failure::late());
                return Err(Failed::Unavailable(Failure::late()));
            }
        };
        if written.plan.writers == 0 {
            roll_back(&session, &Failure::Refused(String::new()), deadline).await;
            return Ok(written.plan.answers);
        }
        match self.finish(&session, deadline).await {
            Ok(()) => Ok(self.publish(written)),
            Err(failure @ Failure::Lost(_)) => {
                session.retire(&failure);
                // It may have been committed, and this replica does not listen to itself.
                shared.cache.forget(written.plan.records.keys().copied());
                shared.logs_changed();
                Err(Failed::Unknown(operation, failure, written.plan.answers))
            }
            Err(failure) => {
                roll_back(&session, &failure, deadline).await;
                Err(not_committed(failure))
            }
        }
    }

    /// Sends COMMIT and waits for its answer. When that does not come in time, the COMMIT goes on by itself.
    async fn finish(&self, session: &Arc<Session>, deadline: Instant) -> Result<(), Failure> {
        let (session, shared) = (session.clone(), self.shared.clone());
        let commit = tokio::spawn(async move {
            let gate = Gate::pass(&*shared.faults, FaultPoint::Commit).await?;
            let committed = session.client.batch_execute(COMMIT).await;
            let answer = gate.answer(committed.map_err(Failure::from));
            if answer.is_ok() && session.is_over() {
                shared.logs_changed();
            }
            answer
        });
        match timeout_at(deadline, commit).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(Failure::late()),
        }
    }

    /// Makes known here what was committed.
    fn publish(&mut self, written: Written<'_, R>) -> Vec<Answer> {
        let Written { plan, versions } = written;
        let shared = &self.shared;
        for (name, version) in versions {
            if let Some(Some(value)) = plan.records.get(name.as_str()) {
                shared.cache.put(&name, Versioned { version, value: value.record.clone() });
            }
        }
        let deleted: Vec<&str> =
            plan.records.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
        if !deleted.is_empty() {
            shared.cache.forget(deleted.into_iter());
        }
        self.sweeping |= plan.logs.values().any(|log| log.dropped);
        if plan.changes_logs() {
            shared.logs_changed();
        }
        plan.answers
    }

    /// Sweeps as long as nobody waits, and now and then though someone does.
    async fn sweep_in_turn(&mut self) {
        self.unswept += 1;
        while self.sweeping {
            let idle = self.queue.is_empty() && self.held_up.is_empty();
            if !idle && self.unswept < GROUPS_BETWEEN_SWEEPS {
                return;
            }
            self.unswept = 0;
            if !self.sweep().await {
                return;
            }
        }
    }

    /// Deletes some events of logs that were dropped, and tells whether any were there for it. What fails here, or is
    /// under another replica's hands, is tried again after the next group.
    async fn sweep(&mut self) -> bool {
        let deadline = Instant::now() + self.shared.options.deadline;
        let Ok(session) = self.link.session(deadline).await else {
            return false;
        };
        let statements = &session.statements;
        let work = async {
            let swept = session.client.execute(&statements.sweep_events, &[&SWEPT_AT_ONCE]).await?;
            session.client.execute(&statements.sweep_logs, &[]).await?;
            let left: bool = session.client.query_one(&statements.is_unswept, &[]).await?.try_get(0)?;
            Ok::<_, tokio_postgres::Error>((swept, left))
        };
        match timeout_at(deadline, work).await {
            Ok(Ok((swept, left))) => {
                self.sweeping = left;
                swept > 0
            }
            Ok(Err(_)) => false,
            Err(_) => {
                session.retire(&Failure::late());
                false
            }
        }
    }
}

/// Makes the connection free for the next transaction, or gives it up.
async fn roll_back(session: &Session, failure: &Failure, deadline: Instant) {
    if let Failure::Lost(_) = failure {
        session.retire(failure);
    } else if !matches!(timeout_at(deadline, session.client.batch_execute("ROLLBACK")).await, Ok(Ok(()))) {
        session.retire(&Failure::late());
    }
}

fn not_committed(failure: Failure) -> Failed {
    match failure {
        Failure::Contended(_) => Failed::Contended(failure),
        _ => Failed::Unavailable(failure),
    }
}

/// A group waits for locks for an eighth of what a caller waits, and a unit alone for an eighth of that.
const TURNS: u32 = 8;

/// A transaction that the server has given up answers COMMIT with the tag ROLLBACK, and without an error; the statement
/// before it fails then.
const COMMIT: &str = "SELECT 1; COMMIT";

/// The part of the deadline that must be left when a unit is taken.
const LEAST_LEFT: u32 = 4;

/// What is said of a unit that waited too long in the queue.
pub(super) const TOO_LATE: &str = "the commit did not get its turn in time";

/// How many groups may come before a sweep that has to wait for a pause.
const GROUPS_BETWEEN_SWEEPS: u32 = 16;

/// Events of dropped logs that go in one transaction.
const SWEPT_AT_ONCE: i64 = 4_096;
