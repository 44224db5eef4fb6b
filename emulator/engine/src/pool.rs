//! Work that takes milliseconds, on threads that serve no connection.

use hpcs_service::Refusal;
use tokio::sync::Semaphore;

/// Room for heavy work: signatures, key generation, opening what is sealed.
///
/// More of it at once than the machine has processors makes nothing faster; what comes in a burst, as when a group of
/// commits is answered, would wake a thread for each and have them fight for the same processors.
pub(crate) struct Pool(Semaphore);

impl Pool {
    /// A pool with room for this many pieces of work at once.
    pub(crate) fn new(places: usize) -> Self {
        Pool(Semaphore::new(places))
    }

    /// A pool for a runtime with this many workers.
    pub(crate) fn for_workers(workers: usize) -> Self {
        Pool::new(workers * AT_ONCE_PER_WORKER)
    }

    /// Does the work when there is room for it.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when it panics.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        // The semaphore is never closed.
        let _place = self.0.acquire().await.map_err(|_| Refusal::Internal)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Internal)
    }
}

/// Enough that a thread that has finished finds the next piece waiting.
const AT_ONCE_PER_WORKER: usize = 2;
