//! What a transaction keeps others away from.
//!
//! Every replica takes advisory locks for all it touches, in one statement and in one order, before it reads a version:
//! exclusive for what it changes, shared for what its decisions merely rest on. Rows cannot do this: a record that does
//! not exist has no row to lock, and locks of two kinds cannot be taken in one order. The locks end with the transaction,
//! after it has become visible, so whoever gets one next sees what was committed.

use std::collections::BTreeMap;

use hpcs_names::InstanceId;
use sha2::{Digest, Sha256};

use crate::OperationId;

/// The locks of one transaction.
pub(super) struct Locks {
    wanted: BTreeMap<i64, bool>,
    outcome: i64,
}

impl Locks {
    /// The lock that tells others that the outcome of `operation` is not known yet.
    pub(super) fn of(operation: OperationId) -> Self {
        Locks { wanted: BTreeMap::new(), outcome: outcome_key(operation) }
    }

    /// Nobody else changes the record, or rests a decision on it.
    pub(super) fn change_record(&mut self, name: &str) {
        self.wanted.insert(key("record", name), true);
    }

    /// Nobody else changes the record.
    pub(super) fn guard_record(&mut self, name: &str) {
        self.wanted.entry(key("record", name)).or_insert(false);
    }

    /// Nobody else appends to the log.
    pub(super) fn append_to_log(&mut self, instance: InstanceId) {
        self.wanted.insert(key("log", &instance.to_string()), true);
    }

    /// Keys, and whether each is to be had exclusively, in the one order.
    ///
    /// The server has room for a limited number of locks. A transaction that touches very much keeps everyone away
    /// instead, with one lock that all others share.
    pub(super) fn in_order(self) -> (Vec<i64>, Vec<bool>) {
        let Locks { mut wanted, outcome } = self;
        let everyone = wanted.len() > MOST_LOCKS;
        if everyone {
            wanted.clear();
        }
        wanted.insert(key("store", ""), everyone);
        wanted.insert(outcome, true);
        wanted.into_iter().unzip()
    }
}

/// The lock that is held while the operation is under way.
pub(super) fn outcome_key(operation: OperationId) -> i64 {
    key("operation", &operation.to_string())
}

/// The lock under which the schema is changed.
pub(super) fn schema_key() -> i64 {
    key("schema", "")
}

/// Two names with the same key wait for each other without need; that is all.
fn key(kind: &str, name: &str) -> i64 {
    let digest: [u8; 32] = Sha256::new()
        .chain_update("hpcs-emulator ")
        .chain_update(kind)
        .chain_update([0])
        .chain_update(name)
        .finalize()
        .into();
    digest.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

/// A server with its default settings has room for 6,400.
const MOST_LOCKS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATION: OperationId = OperationId { session: 1, number: 1 };

    #[test]
    fn a_record_that_is_changed_and_guarded_is_locked_exclusively() {
        for changed_first in [true, false] {
            let mut locks = Locks::of(OPERATION);
            if changed_first {
                locks.change_record("a");
            }
            locks.guard_record("a");
            if !changed_first {
                locks.change_record("a");
            }
            let (keys, exclusive) = locks.in_order();
            let at = keys.iter().position(|found| *found == key("record", "a"));
            assert_eq!(at.and_then(|at| exclusive.get(at)), Some(&true));
        }
    }

    #[test]
    fn every_transaction_takes_its_locks_in_the_same_order() {
        let mut locks = Locks::of(OPERATION);
        for name in ["c", "a", "b"] {
            locks.change_record(name);
        }
        let (keys, _) = locks.in_order();
        assert!(keys.is_sorted() && keys.len() == 5);
    }

    #[test]
    fn a_transaction_that_touches_very_much_takes_one_lock() {
        let mut locks = Locks::of(OPERATION);
        for number in 0..=MOST_LOCKS {
            locks.change_record(&number.to_string());
        }
        let mut expected = vec![key("store", ""), outcome_key(OPERATION)];
        expected.sort_unstable();
        assert_eq!(locks.in_order(), (expected, vec![true, true]));
    }
}
