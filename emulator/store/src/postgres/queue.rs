//! Commits that wait for the writer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
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

/// How waiting ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Waited {
    /// The writer answered.
    Answered(Answer),
    /// No transaction took the unit, and none will.
    Withdrawn,
    /// The writer is gone without an answer; the unit was in this transaction.
    Abandoned(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Queued,
    /// In a transaction of this number, or waiting for another try after it.
    Taken(u64),
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

    /// Takes the unit into transaction `number`; not if its caller has withdrawn it.
    pub(super) fn take(&self, number: u64) -> bool {
        let mut place = lock(&self.place);
        let wanted = *place != Place::Withdrawn;
        if wanted {
            *place = Place::Taken(number);
        }
        wanted
    }

    /// Whether less than `least` is left until the caller has to be told.
    pub(super) fn is_late(&self, now: Instant, least: Duration) -> bool {
        self.deadline < now + least
    }

    /// Tells the caller, who may have gone away.
    pub(super) fn answer(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}

impl Ticket {
    /// Waits for the writer.
    ///
    /// A unit that was taken is waited for: the writer itself keeps to the deadline.
    pub(super) async fn wait(mut self) -> Waited {
        let answer = match timeout_at(self.deadline, &mut self.answer).await {
            Ok(answer) => answer,
            Err(_) if withdraw(&self.place).is_none() => return Waited::Withdrawn,
            Err(_) => self.answer.await,
        };
        match answer {
            Ok(answer) => Waited::Answered(answer),
            Err(_) => withdraw(&self.place).map_or(Waited::Withdrawn, Waited::Abandoned),
        }
    }
}

/// Withdraws a unit if it still waits; otherwise the transaction it is in.
fn withdraw(place: &Mutex<Place>) -> Option<u64> {
    let mut place = lock(place);
    match *place {
        Place::Taken(number) => Some(number),
        Place::Queued | Place::Withdrawn => {
            *place = Place::Withdrawn;
            None
        }
    }
}

/// A panic while the lock was held cannot leave half a change: each one is a single write.
fn lock(place: &Mutex<Place>) -> MutexGuard<'_, Place> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds what waits to a group, up to a number of units and as long as the bytes they write stay below a budget.
pub(super) fn gather<R>(group: &mut Vec<Waiting<R>>, queue: &mut mpsc::Receiver<Waiting<R>>) {
    let mut bytes: usize = group.iter().map(|waiting| waiting.unit.size()).sum();
    while group.len() < UNITS_IN_A_GROUP
        && bytes < BYTES_IN_A_GROUP
        && let Ok(next) = queue.try_recv()
    {
        bytes += next.unit.size();
        group.push(next);
    }
}

/// Units of one transaction.
const UNITS_IN_A_GROUP: usize = 256;

/// Bytes of one transaction, about. A unit that has more goes alone.
const BYTES_IN_A_GROUP: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Version;
    use crate::postgres::plan::{NamedChange, Value};

    fn unit() -> (Waiting<()>, Ticket) {
        let unit = Unit { changes: Vec::new(), guards: Vec::new(), event: None, logs: Vec::new() };
        Waiting::new(unit, Instant::now())
    }

    #[tokio::test]
    async fn a_unit_that_was_not_taken_in_time_is_never_taken() {
        let (waiting, ticket) = unit();
        assert_eq!(ticket.wait().await, Waited::Withdrawn);
        assert!(!waiting.take(1));
    }

    #[tokio::test]
    async fn a_unit_that_was_taken_is_waited_for_beyond_the_deadline() {
        let (waiting, ticket) = unit();
        assert!(waiting.take(1));
        let (answer, ()) = tokio::join!(ticket.wait(), async {
            tokio::task::yield_now().await;
            waiting.answer(Err(CommitError::Conflict));
        });
        assert_eq!(answer, Waited::Answered(Err(CommitError::Conflict)));
    }

    #[tokio::test]
    async fn a_unit_that_was_taken_and_never_answered_names_its_last_transaction() {
        let (waiting, ticket) = unit();
        assert!(waiting.take(7) && waiting.take(9));
        drop(waiting);
        assert_eq!(ticket.wait().await, Waited::Abandoned(9));
    }

    #[tokio::test]
    async fn a_unit_that_nobody_took_did_not_happen() {
        let (waiting, ticket) = unit();
        drop(waiting);
        assert_eq!(ticket.wait().await, Waited::Withdrawn);
    }

    #[test]
    fn a_group_ends_where_its_bytes_are_used_up_and_has_at_least_one_unit() {
        let (sender, mut queue) = mpsc::channel(8);
        for megabytes in [9, 3, 3, 3] {
            let sealed = vec![0; megabytes << 20];
            let value = Some(Value { sealed, record: Arc::new(()) });
            let (mut waiting, _) = unit();
            waiting.unit.changes.push(NamedChange { name: String::new(), expected: Version::ABSENT, value });
            assert!(sender.try_send(waiting).is_ok());
        }
        let groups = [(); 4].map(|()| {
            let mut group = Vec::new();
            gather(&mut group, &mut queue);
            group.len()
        });
        assert_eq!(groups, [1, 2, 1, 0]);
    }

    #[test]
    fn a_unit_with_a_fifth_of_its_time_left_is_late_and_one_with_a_third_is_not() {
        let (mut waiting, _) = unit();
        let (now, patience) = (Instant::now(), Duration::from_secs(60));
        for (left, late) in [(patience / 5, true), (patience / 3, false)] {
            waiting.deadline = now + left;
            assert_eq!(waiting.is_late(now, patience / 4), late);
        }
    }
}
