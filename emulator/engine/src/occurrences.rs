//! How often equal calls were made: what tells the randomness of one from that of the next.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counts calls.
pub(crate) enum Occurrences {
    /// Every call has a number of its own: enough where no other process draws from the same root.
    Unique(AtomicU64),
    /// Equal calls are counted, so that a call's number does not depend on what others ask meanwhile. Takes about 50
    /// bytes for every call that differs from those before.
    Exact(Mutex<HashMap<[u8; 32], u64>>),
}

impl Occurrences {
    /// Exact where runs can be repeated.
    pub(crate) fn new(reproducible: bool) -> Self {
        if reproducible { Occurrences::Exact(Mutex::default()) } else { Occurrences::Unique(AtomicU64::new(0)) }
    }

    /// The number of this call.
    pub(crate) fn count(&self, digest: &[u8; 32]) -> u64 {
        match self {
            Occurrences::Unique(next) => next.fetch_add(1, Ordering::Relaxed),
            Occurrences::Exact(counts) => {
                let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
                let count = counts.entry(*digest).or_insert(0);
                *count += 1;
                *count - 1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_calls_are_counted_whatever_happens_between_them() {
        let exact = Occurrences::new(true);
        let counts = [[1; 32], [2; 32], [1; 32], [1; 32]].map(|digest| exact.count(&digest));
        assert_eq!(counts, [0, 0, 1, 2]);
        let unique = Occurrences::new(false);
        assert_eq!([[1; 32], [2; 32], [1; 32]].map(|digest| unique.count(&digest)), [0, 1, 2]);
    }
}
