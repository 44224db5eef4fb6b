//! The way of an operation: load, decide, commit, again when someone was faster.

use std::collections::BTreeMap;
use std::sync::Arc;

use hpcs_service::{
    Authentication, Decision, HtpReply, Operation, Record, RecordKey, Refusal, Reply, View, Weight, Who, decide,
    overtaken, refuse, serving_unit,
};
use hpcs_store::{Change, Clock, CommitError, CommitUnit, LogChange, Version, Versioned};

use crate::{Answer, AuditMode, Inner, MAX_ATTEMPTS, refusal, unavailable};

pub(crate) type Versions = BTreeMap<RecordKey, Version>;

impl Inner {
    pub(crate) async fn run(self: Arc<Self>, who: Who, mut operation: Operation) -> Result<Reply<HtpReply>, Refusal> {
        operation.number(|instance, digest| self.occurrences.count(instance, digest));
        let question = Arc::new((who, operation));
        let reply = self.clone().settle(question.clone()).await?;
        match reply {
            Reply::Granted(account) => self.granted(account, &question.1).await,
            reply => {
                if let Operation::StartRotation { instance } = question.1 {
                    self.rewrap_stored_keys(&question.0, instance).await?;
                }
                Ok(reply)
            }
        }
    }

    /// Decides and commits until both fit.
    pub(crate) async fn settle(self: Arc<Self>, question: Arc<(Who, Operation)>) -> Result<Reply, Refusal> {
        let mut decided: Option<Arc<View>> = None;
        for _ in 0..MAX_ATTEMPTS {
            let (view, versions) = self.load(&question.0, &question.1).await?;
            let obstacle = match &decided {
                Some(before) => overtaken(before, &view, &question.0, &question.1, &self.env()),
                None => self.is_throttled(&question, &view).then_some(Refusal::Throttled),
            };
            if let Some(refusal) = obstacle {
                return self.refuse(&question, refusal).await;
            }
            let view = Arc::new(view);
            decided = Some(view.clone());
            let Ok(decision) = self.decide(question.clone(), view).await else {
                return self.refuse(&question, Refusal::Internal).await;
            };
            if decision.is_idle() {
                return decision.reply;
            }
            let (unit, reply) = commit_unit(decision, &versions);
            match self.commit(unit).await {
                Ok(()) => return reply,
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(refusal(error)),
            }
        }
        self.refuse(&question, Refusal::Busy).await
    }

    /// Whether the operation is a call that its crypto unit does not take now. Calls that nobody may make do not count.
    fn is_throttled(&self, (who, operation): &(Who, Operation), view: &View) -> bool {
        let counts = self.throttle.is_on() && matches!(who.authentication, Authentication::Known(_));
        let unit = counts.then(|| serving_unit(view, who, operation, &self.env())).flatten();
        unit.is_some_and(|unit| !self.throttle.admits(unit, self.clock.now()))
    }

    /// Gives up on an operation. What is refused rests on the instance alone; where that moves too, the refusal is
    /// written again.
    async fn refuse(&self, question: &(Who, Operation), reason: Refusal) -> Result<Reply, Refusal> {
        let (who, operation) = question;
        for _ in 0..MAX_ATTEMPTS {
            let (view, versions) = self.load(who, operation).await?;
            let (unit, reply) = commit_unit(refuse(&view, who, operation, reason.clone(), &self.env()), &versions);
            match self.commit(unit).await {
                Ok(()) => return reply,
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(refusal(error)),
            }
        }
        Err(Refusal::Busy)
    }

    /// Commits. Where the operator prefers answers to events, a unit that is nothing but an event counts as committed
    /// even if the store refuses it.
    async fn commit(&self, unit: CommitUnit<RecordKey, Record>) -> Result<(), CommitError> {
        let dispensable = self.audit_mode == AuditMode::FailOpen && unit.changes.is_empty() && unit.logs.is_empty();
        match self.store.commit(unit).await {
            Ok(_) => Ok(()),
            Err(CommitError::Unavailable(_) | CommitError::OutcomeUnknown { .. }) if dispensable => {
                self.lost_events.send_modify(|lost| *lost += 1);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Reads what the operation asks for, until it asks for nothing more.
    pub(crate) async fn load(&self, who: &Who, operation: &Operation) -> Result<(View, Versions), Refusal> {
        self.gather(|view| operation.reads(view, who)).await
    }

    /// Reads what is wanted, given what was read, until nothing more is.
    pub(crate) async fn gather(
        &self,
        wants: impl Fn(&View) -> Vec<RecordKey> + Send,
    ) -> Result<(View, Versions), Refusal> {
        let mut view = View::default();
        let mut versions = Versions::new();
        loop {
            let mut wanted = wants(&view);
            wanted.retain(|key| !versions.contains_key(key));
            if wanted.is_empty() {
                return Ok((view, versions));
            }
            for (key, record) in wanted.iter().zip(self.store.load(&wanted).await.map_err(unavailable)?) {
                let Some(Versioned { version, value }) = record else {
                    versions.insert(*key, Version::ABSENT);
                    continue;
                };
                versions.insert(*key, version);
                view.insert(*key, value);
            }
        }
    }

    async fn decide(self: &Arc<Self>, question: Arc<(Who, Operation)>, view: Arc<View>) -> Result<Decision, Refusal> {
        let inner = self.clone();
        let weight = question.1.weight();
        let work = move || decide(&view, &question.0, &question.1, &inner.env());
        match weight {
            Weight::Light => Ok(work()),
            Weight::Heavy => self.pool.run(work).await,
            Weight::Slow => self.slow.run(work).await,
        }
    }

    /// Completes the reply. A unit's answer is signed here, after the commit.
    pub(crate) async fn signed(&self, reply: Reply) -> Result<Answer, Refusal> {
        match reply {
            reply @ Reply::Htp(_) => self.pool.run(|| reply.signed()).await,
            reply => Ok(reply.signed()),
        }
    }
}

/// What the store is asked to commit for a decision, and the reply that waits for it.
fn commit_unit(decision: Decision, versions: &Versions) -> (CommitUnit<RecordKey, Record>, Result<Reply, Refusal>) {
    let Decision { reply, changes, guards, event, dropped_logs, erase } = decision;
    let version = |key: &RecordKey| versions.get(key).copied().unwrap_or(Version::ABSENT);
    let changes = changes.into_iter().map(|change| Change {
        expected: version(&change.key),
        key: change.key,
        value: change.record.map(Arc::new),
    });
    let guards = guards.into_iter().map(|key| (key, version(&key))).collect();
    let logs = dropped_logs.into_iter().map(LogChange::Drop).collect();
    (CommitUnit { changes: changes.collect(), guards, event, logs, erase }, reply)
}
