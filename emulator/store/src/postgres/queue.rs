//! Commits that wait for the writer.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::plan::Unit;
use crate::{CommitError, StoredEvent};

/// What the writer tells the caller.
pub(super) type Answer = Result<Option<StoredEvent>, CommitError>;

/// A unit in the queue.
pub(super) struct Waiting<R> {
    pub(super) unit: Unit<R>,
    /// When its caller has to be told.
    pub(super) deadline: Instant,
    place: Arc<Mutex<Place>>,
    answer: oneshot::Sender<Answer>,
}

/// What the caller holds meanwhile.
pub(super) struct Ticket {
    deadline: Instant,
    place: Arc<Mutex<Place>>,
    answer: oneshot::Receiver<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Queued,
    Taken,
    Withdrawn,
}

impl<R> Waiting<R> {
    /// A unit and the ticket for it.
    pub(super) fn new(unit: Unit<R>, deadline: Instant) -> (Self, Ticket) {
        let (sender, receiver) = oneshot::channel();
        let place = Arc::new(Mutex::new(Place::Queued));
        let ticket = Ticket { deadline, place: place.clone(), answer: receiver };
        (Waiting { unit, deadline, place, answer: sender }, ticket)
    }

    /// Takes the unit; not if its caller has withdrawn it.
    pub(super) fn take(&self) -> bool {
        moved(&self.place, Place::Taken)
    }

    /// Tells the caller, who may have gone away.
    pub(super) fn answer(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}

impl Ticket {
    /// Waits for the writer; `None` when it did not take the unit in time, and will not.
    ///
    /// A unit that was taken is waited for: the writer itself keeps to the deadline.
    pub(super) async fn wait(mut self) -> Option<Answer> {
        if let Ok(answer) = timeout_at(self.deadline, &mut self.answer).await {
            return answer.ok();
        }
        if moved(&self.place, Place::Withdrawn) {
            return None;
        }
        self.answer.await.ok()
    }
}

/// Moves a unit out of the queue, if it is there.
fn moved(place: &Mutex<Place>, to: Place) -> bool {
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    let here = *place == Place::Queued;
    if here {
        *place = to;
    }
    here
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit() -> (Waiting<()>, Ticket) {
        let unit = Unit { changes: Vec::new(), guards: Vec::new(), event: None, logs: Vec::new() };
        Waiting::new(unit, Instant::now())
    }

    #[tokio::test]
    async fn a_unit_that_was_not_taken_in_time_is_never_taken() {
        let (waiting, ticket) = unit();
        assert!(ticket.wait().await.is_none());
        assert!(!waiting.take());
    }

    #[tokio::test]
    async fn a_unit_that_was_taken_is_waited_for_beyond_the_deadline() {
        let (waiting, ticket) = unit();
        assert!(waiting.take());
        let (answer, ()) = tokio::join!(ticket.wait(), async {
            tokio::task::yield_now().await;
            waiting.answer(Err(CommitError::Conflict));
        });
        assert_eq!(answer, Some(Err(CommitError::Conflict)));
    }
}
