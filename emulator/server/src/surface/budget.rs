//! How many bytes of messages are in memory at once.

use std::sync::Arc;

use hpcs_service::Refusal;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for bytes of messages, shared by all calls that draw on it.
pub(crate) struct Budget(Arc<Semaphore>);

impl Budget {
    /// A budget of this many bytes. It must be larger than what one call may hold.
    pub(crate) fn new(bytes: usize) -> Self {
        Budget(Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))))
    }

    /// The share of one call, empty so far.
    pub(crate) fn held(&self) -> Held {
        Held { budget: self.0.clone(), permit: None }
    }
}

/// What one call holds of a [`Budget`]; given back when dropped.
pub(crate) struct Held {
    budget: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// Waits until there is room for `bytes` more, and takes it.
    ///
    /// # Errors
    /// [`Refusal::Internal`]: not a number of bytes that one packet can have.
    pub(crate) async fn add(&mut self, bytes: usize) -> Result<(), Refusal> {
        let bytes = u32::try_from(bytes).map_err(|_| Refusal::Internal)?;
        // A budget is never closed.
        let more = self.budget.clone().acquire_many_owned(bytes).await.map_err(|_| Refusal::Internal)?;
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            None => self.permit = Some(more),
        }
        Ok(())
    }

    /// Gives back all but `bytes`.
    pub(crate) fn keep(&mut self, bytes: usize) {
        if let Some(permit) = &mut self.permit {
            drop(permit.split(permit.num_permits().saturating_sub(bytes)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_share_is_given_back_when_its_call_ends() {
        let budget = Budget::new(10);
        let mut first = budget.held();
        first.add(4).await.unwrap();
        first.add(5).await.unwrap();
        assert_eq!(budget.0.available_permits(), 1);
        drop(first);
        assert_eq!(budget.0.available_permits(), 10);
    }

    #[tokio::test]
    async fn a_part_of_a_share_can_be_given_back_before() {
        let budget = Budget::new(10);
        let mut held = budget.held();
        held.add(9).await.unwrap();
        held.keep(2);
        assert_eq!(budget.0.available_permits(), 8);
        held.keep(5);
        assert_eq!(budget.0.available_permits(), 8);
        drop(held);
        assert_eq!(budget.0.available_permits(), 10);
    }
}
