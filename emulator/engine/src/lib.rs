//! The engine: takes an operation from any surface, has it decided, commits state and event together, then answers.
//!
//! ```text
//! authenticate -> load view -> decide -> commit -> sign -> Answer
//!                     ▲                     │
//!                     └──── conflict ◄──────┘
//! ```
//!
//! Every call goes on to its end: a client that goes away cannot separate a change from its event. A commit that
//! finds another version than the decision saw is decided again on what is there now; the loser of two administration
//! commands then meets the advanced transaction counter.
//!
//! # Layout
//! - `open`: an engine over a store, with the root that the store keeps.
//! - [`prepare`](Engine::prepare): what the configuration declares is there afterwards.
//! - `run`: the way of an operation; `pool`: where its heavy part is done.
//! - `control`: what is granted by a decision and done here: the clock, the fate of operations.
//! - `rewrap`: stored keys once a rotation was started.
//! - [`Feed`]: the one way to follow event logs.
//! - `listing`: which instances there are, for whoever runs the emulator.
//! - `sink`: how far sinks have come, kept in the store.
//! - `transfer`: an instance out of one emulator and into another.
//! - [`RecordCodec`]: records as bytes for stores that keep bytes.

mod clock;
mod codec;
mod control;
mod feed;
mod listing;
mod occurrences;
mod open;
mod pool;
mod prepare;
mod rewrap;
mod run;
mod sink;
mod throttle;
mod token_cache;
mod transfer;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use hpcs_names::InstanceId;
use hpcs_service::{
    Authentication, CallEnv, Caller, HtpReply, Knobs, Operation, Record, RecordKey, Refusal, Reply, Seed, ServiceRoot,
    TokenAuthority, TokenKey, Who,
};
use hpcs_store::{Clock, CommitError, ControlledClock, Store, Unavailable};
use tokio::sync::watch;

pub use codec::RecordCodec;
pub use feed::{Feed, FeedBatch, FeedPosition, FeedPositionError, FeedScope, FeedStart, WaitError};
pub use open::OpenError;
pub use prepare::{Beginning, DeclaredInstance, PrepareError, Prepared};
pub use transfer::{Export, ExportSecrets, TransferFault, TransferWhy};

use crate::occurrences::Occurrences;
use crate::pool::Pool;
use crate::throttle::Throttle;
use crate::token_cache::TokenCache;

/// The store of the service's records.
pub type ServiceStore = Arc<dyn Store<RecordKey, Record>>;

/// What an engine is made of; all of it is handed in.
pub struct Parts {
    /// Records and events.
    pub store: ServiceStore,
    /// Time. The store stamps events by the same clock.
    pub clock: Arc<ControlledClock>,
    /// The root of randomness.
    pub seed: Seed,
    /// The operator's choices.
    pub knobs: Knobs,
    /// What happens to operations whose event cannot be stored.
    pub audit_mode: AuditMode,
}

/// What happens to an operation whose event cannot be stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuditMode {
    /// It is refused: nothing happens without its event.
    #[default]
    FailClosed,
    /// It is answered when it changes nothing, and its event is lost and [counted](Engine::lost_events). What would
    /// change something is refused all the same.
    FailOpen,
}

/// Decides, commits, answers. Cheap to copy; copies share everything.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: ServiceStore,
    clock: Arc<ControlledClock>,
    seed: Seed,
    root: ServiceRoot,
    knobs: Knobs,
    audit_mode: AuditMode,
    authority: TokenAuthority,
    tokens: TokenCache,
    lost_events: watch::Sender<u64>,
    pool: Pool,
    /// Where primes are searched: seconds each, one at a time.
    slow: Pool,
    occurrences: Occurrences,
    throttle: Throttle,
    /// Where keys are derived from passphrases: a second of computing each, which must not keep answers waiting.
    derivations: Pool,
    /// Instances that are being taken in here.
    importing: Mutex<HashSet<InstanceId>>,
}

/// A complete answer, ready to be encoded; an HTP response is a signed text.
pub type Answer = Reply<String>;

impl Engine {
    /// Carries out an operation for a caller, known or not; see [`Engine::authenticate`].
    ///
    /// The work goes on to its end when the returned future is dropped.
    ///
    /// # Errors
    /// The service's refusals. A crypto unit's refusal is an answer.
    pub async fn execute(&self, who: Who, operation: Operation) -> Result<Answer, Refusal> {
        let engine = self.clone();
        let task = tokio::spawn(async move { engine.answer(who, operation).await });
        task.await.unwrap_or(Err(Refusal::Internal))
    }

    /// The same without a task: for callers who see to it themselves that the work goes on to its end. Dropped before,
    /// it stops wherever it waits.
    ///
    /// # Errors
    /// The service's refusals. A crypto unit's refusal is an answer.
    pub async fn answer(&self, who: Who, operation: Operation) -> Result<Answer, Refusal> {
        let reply = self.0.clone().run(who, operation).await?;
        self.0.signed(reply).await
    }

    /// The same without the module's signature on the answer, which is most of its cost: for users in this process.
    ///
    /// # Errors
    /// The service's refusals. A crypto unit's refusal is an answer.
    pub async fn carry_out(&self, who: Who, operation: Operation) -> Result<Reply<HtpReply>, Refusal> {
        let inner = self.0.clone();
        let task = tokio::spawn(async move { inner.run(who, operation).await });
        task.await.unwrap_or(Err(Refusal::Internal))
    }

    /// What an `authorization` header is worth now. Valid tokens are remembered by digest until they expire.
    pub fn authenticate(&self, authorization: Option<&str>) -> Authentication {
        let Inner { authority, tokens, clock, .. } = &*self.0;
        tokens.authenticate(authority, authorization, clock.now())
    }

    /// Whom cryptographic calls count as that come without TLS and without a token, where the operator allows such calls.
    pub fn local_client(&self) -> Option<Authentication> {
        self.0.knobs.local_client.as_ref().map(|identity| Authentication::Known(Caller::local(identity)))
    }

    /// Whether another run can be the same: then equal calls have to be known as such.
    pub fn is_reproducible(&self) -> bool {
        self.0.seed.is_reproducible()
    }

    /// The key by which others can verify the tokens of this service.
    pub fn token_key(&self) -> TokenKey {
        self.0.authority.key()
    }

    /// The clock that tokens, API keys and events go by.
    pub fn clock(&self) -> Arc<ControlledClock> {
        self.0.clock.clone()
    }

    /// What the store is and where; without passwords.
    pub fn store_name(&self) -> String {
        self.0.store.name()
    }

    /// How many events were lost because of [`AuditMode::FailOpen`], now and whenever one more is. A commit whose outcome
    /// is unknown counts too.
    pub fn lost_events(&self) -> watch::Receiver<u64> {
        self.0.lost_events.subscribe()
    }

    /// Changes whenever an event was committed.
    pub fn event_changes(&self) -> watch::Receiver<u64> {
        self.0.store.changes()
    }

    /// Finishes what was begun and lets go of the store. Operations are refused afterwards.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`] when something could not be brought to its end.
    pub async fn close(&self) -> Result<(), Refusal> {
        self.0.store.close().await.map_err(unavailable)
    }
}

impl Inner {
    fn env(&self) -> CallEnv<'_> {
        let Inner { seed, root, authority, knobs, clock, .. } = self;
        CallEnv { now: clock.now(), seed, root, authority, knobs }
    }
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

/// How often a decision is made again because others were faster.
const MAX_ATTEMPTS: usize = 64;
