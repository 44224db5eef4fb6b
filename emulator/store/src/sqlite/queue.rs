//! Commits that wait for the writer.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A bounded queue from tasks to the one writer thread.
pub(super) struct Queue<T> {
    inner: Mutex<Inner<T>>,
    arrived: Condvar,
}

struct Inner<T> {
    waiting: VecDeque<T>,
    closed: bool,
    /// How many units the writer sleeps for. It is woken once, not by each one that comes.
    wanted: usize,
}

/// Why nothing was put into the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Too many wait already.
    Full,
    /// The store was closed.
    Closed,
}

/// What the writer finds.
pub(super) enum Found<T> {
    /// Some units, in the order of their arrival.
    Work(Vec<T>),
    /// Nothing, for as long as it was willing to wait.
    Nothing,
    /// Nothing, and nothing more will come.
    Closed,
}

/// How long the writer waits for work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Until something comes.
    Endless,
    /// This long.
    Upto(Duration),
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Queue {
            inner: Mutex::new(Inner { waiting: VecDeque::new(), closed: false, wanted: 0 }),
            arrived: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a unit at the end.
    pub(super) fn push(&self, unit: T) -> Result<(), Refused> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(Refused::Closed);
        }
        if inner.waiting.len() >= CAPACITY {
            return Err(Refused::Full);
        }
        inner.waiting.push_back(unit);
        let enough = inner.waiting.len() == inner.wanted;
        drop(inner);
        if enough {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Takes what waits, up to a number of units and as long as their sizes stay below `budget`; at least one.
    pub(super) fn take(&self, patience: Patience, budget: usize, size: impl Fn(&T) -> usize) -> Found<T> {
        let mut inner = self.wait(self.lock(), 1, patience);
        if inner.waiting.is_empty() {
            return if inner.closed { Found::Closed } else { Found::Nothing };
        }
        let mut used = 0;
        let fits = inner.waiting.iter().take(UNITS_IN_A_GROUP).take_while(|unit| {
            let free = used < budget;
            used += size(unit);
            free
        });
        let count = fits.count();
        Found::Work(inner.waiting.drain(..count).collect())
    }

    /// Waits until this many units are there, but not longer than `time`.
    pub(super) fn gather(&self, units: usize, time: Duration) {
        drop(self.wait(self.lock(), units, Patience::Upto(time)));
    }

    fn wait<'a>(
        &self,
        mut inner: MutexGuard<'a, Inner<T>>,
        wanted: usize,
        patience: Patience,
    ) -> MutexGuard<'a, Inner<T>> {
        inner.wanted = wanted;
        let too_few = |inner: &mut Inner<T>| inner.waiting.len() < wanted && !inner.closed;
        match patience {
            Patience::Endless => self.arrived.wait_while(inner, too_few).unwrap_or_else(PoisonError::into_inner),
            Patience::Upto(time) => {
                let waited = self.arrived.wait_timeout_while(inner, time, too_few);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    /// Whether nothing more comes in.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Nothing more comes in; what waits is still taken.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Throws away what waits, and lets nothing more in.
    pub(super) fn abandon(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        inner.waiting.clear();
    }
}

/// Where one unit is, known to the caller and to the writer.
#[derive(Clone)]
pub(super) struct Ticket(Arc<Mutex<Place>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Queued,
    Taken(u64),
    Withdrawn,
}

impl Ticket {
    pub(super) fn new() -> Self {
        Ticket(Arc::new(Mutex::new(Place::Queued)))
    }

    fn lock(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the unit into transaction `number`; not if its caller has withdrawn it.
    pub(super) fn take(&self, number: u64) -> bool {
        let mut place = self.lock();
        let here = *place == Place::Queued;
        if here {
            *place = Place::Taken(number);
        }
        here
    }

    /// Withdraws the unit if it still waits; otherwise the transaction it is in.
    pub(super) fn withdraw(&self) -> Option<u64> {
        let mut place = self.lock();
        match *place {
            Place::Taken(number) => Some(number),
            Place::Queued | Place::Withdrawn => {
                *place = Place::Withdrawn;
                None
            }
        }
    }
}

/// Units that may wait. At a thousandth of a second each they would all be late already.
const CAPACITY: usize = 4096;

/// Units of one transaction.
const UNITS_IN_A_GROUP: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(queue: &Queue<usize>, budget: usize) -> Vec<usize> {
        match queue.take(Patience::Upto(Duration::ZERO), budget, |size| *size) {
            Found::Work(units) => units,
            Found::Nothing | Found::Closed => Vec::new(),
        }
    }

    #[test]
    fn a_group_ends_where_its_budget_is_used_up_and_has_at_least_one_unit() {
        let queue = Queue::new();
        for size in [9, 3, 3, 3] {
            queue.push(size).unwrap();
        }
        assert_eq!(taken(&queue, 5), [9]);
        assert_eq!(taken(&queue, 5), [3, 3]);
        assert_eq!(taken(&queue, 5), [3]);
        assert!(taken(&queue, 5).is_empty());
    }

    #[test]
    fn a_full_queue_refuses_at_once() {
        let queue = Queue::new();
        for unit in 0..CAPACITY {
            queue.push(unit).unwrap();
        }
        assert_eq!(queue.push(0), Err(Refused::Full));
        assert_eq!(taken(&queue, usize::MAX).len(), UNITS_IN_A_GROUP);
        assert_eq!(queue.push(0), Ok(()));
    }

    #[test]
    fn what_waits_is_taken_after_closing_and_nothing_more() {
        let queue = Queue::new();
        queue.push(1).unwrap();
        queue.close();
        assert_eq!(queue.push(2), Err(Refused::Closed));
        assert_eq!(taken(&queue, 10), [1]);
        assert!(matches!(queue.take(Patience::Endless, 10, |_| 0), Found::Closed));
    }

    #[test]
    fn a_withdrawn_unit_is_not_taken_and_a_taken_one_not_withdrawn() {
        let withdrawn = Ticket::new();
        assert_eq!((withdrawn.withdraw(), withdrawn.take(7)), (None, false));
        let taken = Ticket::new();
        assert_eq!((taken.take(7), taken.withdraw()), (true, Some(7)));
    }
}
