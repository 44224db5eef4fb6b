//! The engine: takes an operation from any surface, has it decided, commits state and event together, then answers.
//!
//! ```text
//! authenticate -> load view -> decide -> commit -> sign -> Answer
//!                     ▲                     │
//!                     └──── conflict ◄──────┘
//! ```
//!
//! Every call runs in a task of its own: a client that goes away cannot separate a change from its event. A commit that
//! finds another version than the decision saw is decided again on what is there now; the loser of two administration
//! commands then meets the advanced transaction counter.

mod token_cache;

use std::collections::HashMap;
use std::sync::Arc;

use hpcs_service::{
    Authentication, CallEnv, Decision, Knobs, Operation, Record, RecordKey, Refusal, Reply, Seed, TokenAuthority, View,
    Who, decide, refuse,
};
use hpcs_store::{
    Change, Clock, CommitError, CommitUnit, EventPage, EventQuery, Store, Unavailable, Version, Versioned,
};
use tokio::sync::watch;

use crate::token_cache::TokenCache;

/// The store of the service's records.
pub type ServiceStore = Arc<dyn Store<RecordKey, Record>>;

/// What an engine is made of; all of it is handed in.
pub struct Parts {
    /// Records and events.
    pub store: ServiceStore,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The root of randomness.
    pub seed: Seed,
    /// The operator's choices.
    pub knobs: Knobs,
}

/// Decides, commits, answers. Cheap to copy; copies share everything.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: ServiceStore,
    clock: Arc<dyn Clock>,
    seed: Seed,
    knobs: Knobs,
    authority: TokenAuthority,
    tokens: TokenCache,
}

/// A complete answer, ready to be encoded; an HTP response is a signed text.
pub type Answer = Reply<String>;

/// How often a decision is made again because others were faster.
const MAX_ATTEMPTS: usize = 64;

impl Engine {
    /// An engine of these parts.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, clock, seed, knobs } = parts;
        let authority = TokenAuthority::new(&seed);
        Engine(Arc::new(Inner { store, clock, seed, knobs, authority, tokens: TokenCache::default() }))
    }

    /// Creates records, all or none; they must not exist yet.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] when one exists, or the store's refusal.
    pub async fn create(&self, records: Vec<(RecordKey, Record)>) -> Result<(), Refusal> {
        let create = |(key, record)| Change { key, expected: Version::ABSENT, value: Some(Arc::new(record)) };
        let changes = records.into_iter().map(create).collect();
        match self.0.store.commit(CommitUnit { changes, ..CommitUnit::default() }).await {
            Ok(_) => Ok(()),
            Err(CommitError::Conflict) => Err(Refusal::AlreadyExists),
            Err(error) => Err(refusal(error)),
        }
    }

    /// Carries out an operation for a caller, known or not; see [`Engine::authenticate`].
    ///
    /// The work goes on to its end when the returned future is dropped.
    ///
    /// # Errors
    /// The service's refusals. A crypto unit's refusal is an answer.
    pub async fn execute(&self, who: Who, operation: Operation) -> Result<Answer, Refusal> {
        let inner = self.0.clone();
        let task = tokio::spawn(async move { inner.run(who, operation).await });
        task.await.unwrap_or(Err(Refusal::Internal))
    }

    /// What an `authorization` header is worth now. Valid tokens are remembered by digest until they expire.
    pub fn authenticate(&self, authorization: Option<&str>) -> Authentication {
        let Inner { authority, tokens, clock, .. } = &*self.0;
        tokens.authenticate(authority, authorization, clock.now())
    }

    /// A page of events; see [`Store::events`].
    ///
    /// Whether the caller may read them is decided by [`Operation::ReadEvents`], before.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`].
    pub async fn events(&self, query: &EventQuery) -> Result<EventPage, Refusal> {
        self.0.store.events(query).await.map_err(unavailable)
    }

    /// Changes whenever an event was committed.
    pub fn event_changes(&self) -> watch::Receiver<u64> {
        self.0.store.changes()
    }
}

impl Inner {
    async fn run(self: Arc<Self>, who: Who, operation: Operation) -> Result<Answer, Refusal> {
        let question = Arc::new((who, operation));
        for _ in 0..MAX_ATTEMPTS {
            let (view, versions) = self.load(&question.1).await?;
            let Ok(decision) = self.clone().decide(question.clone(), view).await else {
                return self.refuse(&question, Refusal::Internal).await;
            };
            if decision.changes.is_empty() && decision.event.is_none() {
                return answer(decision.reply).await;
            }
            let (unit, reply) = commit_unit(decision, &versions);
            match self.store.commit(unit).await {
                Ok(_) => return answer(reply).await,
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(refusal(error)),
            }
        }
        self.refuse(&question, Refusal::Busy).await
    }

    /// Gives up on an operation. The refusal rests on no record, so its event cannot lose a race.
    async fn refuse(&self, question: &(Who, Operation), reason: Refusal) -> Result<Answer, Refusal> {
        let (who, operation) = question;
        let (view, versions) = self.load(operation).await?;
        let Inner { seed, authority, knobs, clock, .. } = self;
        let env = CallEnv { now: clock.now(), seed, authority, knobs };
        let (unit, reply) = commit_unit(refuse(&view, who, operation, reason, &env), &versions);
        self.store.commit(unit).await.map_err(refusal)?;
        answer(reply).await
    }

    /// Reads what the operation asks for, until it asks for nothing more.
    async fn load(&self, operation: &Operation) -> Result<(View, Versions), Refusal> {
        let mut view = View::default();
        let mut versions = HashMap::new();
        loop {
            let mut wanted = operation.reads(&view);
            wanted.retain(|key| !versions.contains_key(key));
            if wanted.is_empty() {
                return Ok((view, versions));
            }
            let records = self.store.load(&wanted).await.map_err(unavailable)?;
            for (key, record) in wanted.into_iter().zip(records) {
                let Some(Versioned { version, value }) = record else {
                    versions.insert(key, Version::ABSENT);
                    continue;
                };
                versions.insert(key, version);
                view.insert(key, value);
            }
        }
    }

    /// Requests to crypto units verify and decrypt for milliseconds: not on a thread that serves connections.
    async fn decide(self: Arc<Self>, question: Arc<(Who, Operation)>, view: View) -> Result<Decision, Refusal> {
        let heavy = matches!(question.1, Operation::Submit(_));
        let work = move || {
            let Inner { seed, authority, knobs, clock, .. } = &*self;
            decide(&view, &question.0, &question.1, &CallEnv { now: clock.now(), seed, authority, knobs })
        };
        if heavy { on_the_pool(work).await } else { Ok(work()) }
    }
}

type Versions = HashMap<RecordKey, Version>;

/// What the store is asked to commit for a decision, and the reply that waits for it.
fn commit_unit(decision: Decision, versions: &Versions) -> (CommitUnit<RecordKey, Record>, Result<Reply, Refusal>) {
    let Decision { reply, changes, guards, event } = decision;
    let version = |key: &RecordKey| versions.get(key).copied().unwrap_or(Version::ABSENT);
    let changes = changes.into_iter().map(|change| Change {
        expected: version(&change.key),
        key: change.key,
        value: Some(Arc::new(change.record)),
    });
    let guards = guards.into_iter().map(|key| (key, version(&key))).collect();
    (CommitUnit { changes: changes.collect(), guards, event, logs: Vec::new() }, reply)
}

/// Completes the reply. A unit's answer is signed here, after the commit.
async fn answer(reply: Result<Reply, Refusal>) -> Result<Answer, Refusal> {
    match reply? {
        reply @ Reply::Htp(_) => on_the_pool(|| reply.signed()).await,
        reply => Ok(reply.signed()),
    }
}

async fn on_the_pool<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Internal)
}

fn unavailable(cause: Unavailable) -> Refusal {
    Refusal::StoreUnavailable(cause.to_string())
}

fn refusal(error: CommitError) -> Refusal {
    match error {
        CommitError::Conflict => Refusal::Busy,
        CommitError::Unavailable(cause) => unavailable(cause),
        CommitError::OutcomeUnknown { operation, cause } => {
            Refusal::OutcomeUnknown { operation: operation.to_string(), why: cause.to_string() }
        }
    }
}
