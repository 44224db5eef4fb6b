//! The nine actions of crypto unit administration, by name.

use super::{Row, named};

/// An administrator was added to a crypto unit.
pub const ADMIN_ADD: &Row = named("hs-crypto.tke-cryptounit-admin.add");
/// An administrator was removed from a crypto unit.
pub const ADMIN_REMOVE: &Row = named("hs-crypto.tke-cryptounit-admin.remove");
/// The signature thresholds were set.
pub const THRESHOLD_SET: &Row = named("hs-crypto.tke-cryptounit-threshold.set");
/// Key parts were loaded into the new master key register.
pub const MASTER_KEY_REGISTER_ADD: &Row = named("hs-crypto.tke-cryptounit-master-key-register.add");
/// The new master key register was committed.
pub const MASTER_KEY_REGISTER_COMMIT: &Row = named("hs-crypto.tke-cryptounit-master-key-register.commit");
/// The committed key became the current master key.
pub const MASTER_KEY_REGISTER_ACTIVATE: &Row = named("hs-crypto.tke-cryptounit-master-key-register.activate");
/// The new master key register was cleared.
pub const NEW_MASTER_KEY_REGISTER_CLEAR: &Row = named("hs-crypto.tke-cryptounit-new-master-key-register.clear");
/// The current master key register was cleared.
pub const CURRENT_MASTER_KEY_REGISTER_CLEAR: &Row = named("hs-crypto.tke-cryptounit-current-master-key-register.clear");
/// The crypto unit was zeroized.
pub const RESET: &Row = named("hs-crypto.tke-cryptounit.reset");

/// All nine, in the order of the reference.
pub const ALL: [&Row; 9] = [
    ADMIN_ADD,
    ADMIN_REMOVE,
    THRESHOLD_SET,
    MASTER_KEY_REGISTER_ADD,
    MASTER_KEY_REGISTER_COMMIT,
    MASTER_KEY_REGISTER_ACTIVATE,
    NEW_MASTER_KEY_REGISTER_CLEAR,
    CURRENT_MASTER_KEY_REGISTER_CLEAR,
    RESET,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{CATALOGUE, Family};

    #[test]
    fn the_constants_are_the_rows_of_the_family() {
        let rows: Vec<_> = CATALOGUE.iter().filter(|row| row.family == Family::Tke).collect();
        assert_eq!(rows, ALL);
    }
}
