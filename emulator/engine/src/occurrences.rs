//! How often equal calls were made: what tells the randomness of one from that of the next.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use hpcs_names::InstanceId;

/// What equal calls have in common: the instance they name, and their digest.
type Call = (Option<InstanceId>, [u8; 32]);

/// Counts calls.
pub(crate) enum Occurrences {
    /// Every call has a number of its own: enough where no other process draws from the same root.
    Unique(AtomicU64),
    /// Equal calls are counted, so that a call's number does not depend on what others ask meanwhile. Takes about 70
    /// bytes for every call that differs from those before.
    Exact(Mutex<HashMap<Call, u64>>),
}

impl Occurrences {
    /// Exact where runs can be repeated.
    pub(crate) fn new(reproducible: bool) -> Self {
        if reproducible { Occurrences::Exact(Mutex::default()) } else { Occurrences::Unique(AtomicU64::new(0)) }
    }

    /// The number of this call.
    pub(crate) fn count(&self, instance: Option<InstanceId>, digest: &[u8; 32]) -> u64 {
        match self {
            Occurrences::Unique(next) => next.fetch_add(1, Ordering::Relaxed),
            Occurrences::Exact(counts) => {
                let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
                let count = counts.entry((instance, *digest)).or_insert(0);
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
        let counts = [[1; 32], [2; 32], [1; 32], [1; 32]].map(|digest| exact.count(None, &digest));
        assert_eq!(counts, [0, 0, 1, 2]);
        let instance = "6f0b1c52-3d84-4e17-a95b-70c2de481f36".parse().ok();
        assert_eq!([exact.count(instance, &[1; 32]), exact.count(None, &[1; 32])], [0, 3]);
        let unique = Occurrences::new(false);
        assert_eq!([[1; 32], [2; 32], [1; 32]].map(|digest| unique.count(None, &digest)), [0, 1, 2]);
    }
}
