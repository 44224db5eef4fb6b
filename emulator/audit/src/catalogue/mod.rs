//! Every documented action, as data.
//!
//! One [`Row`] an action, current, planned or known to be a misprint. The rest of the program takes action names,
//! severities, type URIs and member names from here and spells none of them itself: an operation that emits an event
//! names its row through a constant ([`tke`], [`ep11`], [`orchestrator`]), which the compiler checks against the table.

pub mod ep11;
pub mod orchestrator;
pub mod tke;

mod row;
mod rows;

use std::sync::LazyLock;

pub use row::{BaseSeverity, Family, Field, Plan, Row, Severity, Status};
pub use rows::CATALOGUE;

/// The row of a current action name; historical names ([`Row::legacy_action`]) are not found.
///
/// ```
/// let row = hpcs_audit::catalogue::find("hs-crypto.tke-cryptounit.reset").expect("a documented action");
/// assert_eq!(row.type_uri, "hs-crypto/tke-cryptounit");
/// ```
pub fn find(action: &str) -> Option<&'static Row> {
    let rows = &*BY_ACTION;
    rows.binary_search_by(|row| row.action.cmp(action)).ok().and_then(|at| rows.get(at)).copied()
}

/// The row of an action that the source names, found while compiling: a name without a row does not build.
const fn named(action: &str) -> &'static Row {
    let mut at = 0;
    loop {
        assert!(at < CATALOGUE.len(), "the catalogue has no such action");
        if same_text(CATALOGUE[at].action, action) {
            return &CATALOGUE[at];
        }
        at += 1;
    }
}

/// `==` for texts, which is not available in constants.
const fn same_text(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

static BY_ACTION: LazyLock<Vec<&'static Row>> = LazyLock::new(|| {
    let mut rows: Vec<_> = CATALOGUE.iter().collect();
    rows.sort_unstable_by_key(|row| row.action);
    rows
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_finds_its_own_row() {
        for row in CATALOGUE {
            assert!(std::ptr::eq(find(row.action).unwrap(), row), "{}", row.action);
        }
    }

    #[test]
    fn implemented_are_the_actions_that_operations_name() {
        let implemented: Vec<_> =
            CATALOGUE.iter().filter(|row| row.status == Status::Implemented).map(|row| row.action).collect();
        let mut named: Vec<_> = tke::ALL.iter().chain(&ep11::ALL).map(|row| row.action).collect();
        named.sort_unstable();
        let mut sorted = implemented.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, named);
    }

    #[test]
    fn historical_and_unknown_names_are_not_found() {
        for action in ["hs-crypto.keyrings.create", "hs-crypto.secrets", "", "hs-crypto.tke-cryptounit.resets", "KMS"] {
            assert!(find(action).is_none(), "{action}");
        }
    }
}
