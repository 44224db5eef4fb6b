//! Opening an engine: the store keeps the root of tokens and modules, or gets one.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex};

use hpcs_service::{Record, RecordKey, ServiceRoot, TokenAuthority};
use hpcs_store::{Change, CommitError, CommitUnit, Unavailable, Version};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::occurrences::Occurrences;
use crate::pool::Pool;
use crate::throttle::Throttle;
use crate::token_cache::TokenCache;
use crate::{Engine, Inner, Parts, ServiceStore};

/// Why an engine cannot be opened; the texts name the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The store does not answer.
    Unavailable(Unavailable),
    /// The store answers, but what it keeps for the service as a whole is something else.
    ForeignRecord,
    /// Others kept writing the first record.
    Busy,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Unavailable(cause) => write!(f, "{cause}"),
            OpenError::ForeignRecord => f.write_str("the store's record 'service' holds something else"),
            OpenError::Busy => f.write_str("others kept writing the store's record 'service'; try again"),
        }
    }
}

impl std::error::Error for OpenError {}

impl Engine {
    /// An engine of these parts. A store that has no root yet gets one that follows from the seed; of several replicas
    /// that open a new store together, the first one's stays.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(parts: Parts) -> Result<Engine, OpenError> {
        let Parts { store, clock, seed, knobs, audit_mode } = parts;
        let root = root(&store, || ServiceRoot::of(&seed)).await?;
        let authority = TokenAuthority::new(&root);
        Ok(Engine(Arc::new(Inner {
            store,
            clock,
            occurrences: Occurrences::new(seed.is_reproducible()),
            throttle: Throttle::new(knobs.requests_per_second),
            seed,
            root,
            knobs,
            audit_mode,
            authority,
            tokens: TokenCache::default(),
            lost_events: watch::Sender::new(0),
            pool: Pool::for_workers(tokio::runtime::Handle::current().metrics().num_workers()),
            slow: Pool::new(1),
            derivations: Pool::new(1),
            importing: Mutex::new(HashSet::new()),
        })))
    }
}

/// The root that the store keeps, after it was given one if it had none.
async fn root(store: &ServiceStore, new: impl Fn() -> ServiceRoot) -> Result<ServiceRoot, OpenError> {
    for _ in 0..ATTEMPTS {
        let found = store.load(&[RecordKey::Service]).await.map_err(OpenError::Unavailable)?.pop().flatten();
        match found.as_ref().map(|found| &*found.value) {
            Some(Record::Service(root)) => return Ok(ServiceRoot::new(Zeroizing::new(*root.expose_secret()))),
            Some(_) => return Err(OpenError::ForeignRecord),
            None => {}
        }
        let value = Some(Arc::new(Record::Service(new())));
        let change = Change { key: RecordKey::Service, expected: Version::ABSENT, value };
        match store.commit(CommitUnit { changes: vec![change], ..CommitUnit::default() }).await {
            // What became of it is seen in the next round.
            Ok(_) | Err(CommitError::Conflict | CommitError::OutcomeUnknown { .. }) => {}
            Err(CommitError::Unavailable(cause)) => return Err(OpenError::Unavailable(cause)),
        }
    }
    Err(OpenError::Busy)
}

const ATTEMPTS: usize = 8;
