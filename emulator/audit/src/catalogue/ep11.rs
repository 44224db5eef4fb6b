//! The actions of EP11 cryptography and of EP11 keystores, by name.

use super::{Row, named};

/// A call of the cryptographic interface.
pub const USE: &Row = named("hs-crypto.ep11.use");

/// A keystore was made.
pub const CREATE_KEYSTORE: &Row = named("hs-crypto.keystore.createkeystore");
/// A keystore was deleted with its keys.
pub const DELETE_KEYSTORE: &Row = named("hs-crypto.keystore.deletekeystore");
/// Keystores were listed by id.
pub const LIST_KEYSTORES_BY_IDS: &Row = named("hs-crypto.keystore.listkeystoresbyids");
/// Keystores were searched by attributes.
pub const LIST_KEYSTORES_BY_ATTRIBUTES: &Row = named("hs-crypto.keystore.listkeystoresbyattributes");
/// A key was stored.
pub const STORE_NEW_KEY: &Row = named("hs-crypto.keystore.storenewkey");
/// A stored key was replaced or re-encrypted.
pub const UPDATE_KEY: &Row = named("hs-crypto.keystore.updatekey");
/// A stored key was deleted.
pub const DELETE_KEY: &Row = named("hs-crypto.keystore.deletekey");
/// Keys were listed by id.
pub const LIST_KEYS_BY_IDS: &Row = named("hs-crypto.keystore.listkeysbyids");
/// Keys were searched by attributes.
pub const LIST_KEYS_BY_ATTRIBUTES: &Row = named("hs-crypto.keystore.listkeysbyattributes");

/// All of them.
pub const ALL: [&Row; 10] = [
    USE,
    CREATE_KEYSTORE,
    DELETE_KEYSTORE,
    LIST_KEYSTORES_BY_IDS,
    LIST_KEYSTORES_BY_ATTRIBUTES,
    STORE_NEW_KEY,
    UPDATE_KEY,
    DELETE_KEY,
    LIST_KEYS_BY_IDS,
    LIST_KEYS_BY_ATTRIBUTES,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{CATALOGUE, Family};

    #[test]
    fn the_constants_are_the_rows_of_both_families() {
        let families = [Family::Ep11Keystore, Family::Ep11Crypto];
        let rows: Vec<_> = CATALOGUE.iter().filter(|row| families.contains(&row.family)).collect();
        assert_eq!(rows.len(), ALL.len());
        for row in rows {
            assert!(ALL.contains(&row), "{}", row.action);
        }
    }
}
