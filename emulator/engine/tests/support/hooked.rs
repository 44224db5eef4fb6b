//! A store that does what a test wants before it commits.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use hpcs_engine::ServiceStore;
use hpcs_names::InstanceId;
use hpcs_service::{Record, RecordKey};
use hpcs_store::{
    CommitError, CommitUnit, Committed, EventPage, EventQuery, Fate, LogState, OperationId, Store, Unavailable,
    Versioned,
};
use tokio::sync::watch;

/// What happens before a commit. An error takes its place.
pub trait Hook: Send + Sync + 'static {
    fn before<'a>(
        &'a self,
        inner: &'a ServiceStore,
        unit: &'a CommitUnit<RecordKey, Record>,
    ) -> BoxFuture<'a, Result<(), CommitError>>;
}

/// What puts such a store over another one; the test keeps the hook too, to look at it.
pub fn hooked(hook: Arc<impl Hook>) -> impl FnOnce(ServiceStore) -> ServiceStore {
    move |inner| Arc::new(Hooked { inner, hook })
}

struct Hooked<H> {
    inner: ServiceStore,
    hook: Arc<H>,
}

impl<H: Hook> Store<RecordKey, Record> for Hooked<H> {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn load<'a>(&'a self, keys: &'a [RecordKey]) -> BoxFuture<'a, Result<Vec<Option<Versioned<Record>>>, Unavailable>> {
        self.inner.load(keys)
    }

    fn commit(&self, unit: CommitUnit<RecordKey, Record>) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async move {
            self.hook.before(&self.inner, &unit).await?;
            self.inner.commit(unit).await
        })
    }

    fn events<'a>(&'a self, query: &'a EventQuery) -> BoxFuture<'a, Result<EventPage, Unavailable>> {
        self.inner.events(query)
    }

    fn log(&self, instance: InstanceId) -> BoxFuture<'_, Result<Option<LogState>, Unavailable>> {
        self.inner.log(instance)
    }

    fn fate(&self, operation: OperationId) -> BoxFuture<'_, Result<Fate, Unavailable>> {
        self.inner.fate(operation)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.inner.close()
    }
}
