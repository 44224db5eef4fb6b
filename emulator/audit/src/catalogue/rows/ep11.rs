//! Rows of EP11 keystores and of EP11 cryptography (GREP11 and PKCS #11). Success is always 200.

use super::build::{INSTANCE, STANDARD_AND_UKO, URI, hs_crypto};
use crate::catalogue::BaseSeverity::{Critical, Normal};
use crate::catalogue::Family::{Ep11Crypto, Ep11Keystore};
use crate::catalogue::Row;

// A table: its layout follows the columns, not the width of each entry.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    hs_crypto("hs-crypto.keystore.createkeystore", Ep11Keystore, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/keystore").data_event("createkeystore keystore")
        .request(&[URI, INSTANCE])
        .about(
            "Creates an EP11 keystore",
            "target.name carries the keystore or key ID(s); same string as the IAM action",
        )
        .implemented(),
    hs_crypto("hs-crypto.keystore.deletekey", Ep11Keystore, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/keystore").data_event("deletekey keystore")
        .request(&[URI, INSTANCE])
        .about("Deletes an EP11 key", "target.name carries the keystore or key ID(s); same string as the IAM action")
        .implemented(),
    hs_crypto("hs-crypto.keystore.deletekeystore", Ep11Keystore, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/keystore").data_event("deletekeystore keystore")
        .request(&[URI, INSTANCE])
        .about(
            "Deletes an EP11 keystore with its keys",
            "target.name carries the keystore or key ID(s); same string as the IAM action",
        )
        .implemented(),
    hs_crypto("hs-crypto.keystore.listkeysbyattributes", Ep11Keystore, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/keystore").data_event("listkeysbyattributes keystore")
        .request(&[URI, INSTANCE])
        .about(
            "Finds EP11 keys by attribute template",
            "target.name carries the keystore or key ID(s); same string as the IAM action",
        )
        .implemented(),
    hs_crypto("hs-crypto.keystore.listkeysbyids", Ep11Keystore, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/keystore").data_event("listkeysbyids keystore")
        .request(&[URI, INSTANCE])
        .about(
            "Fetches EP11 keys by ID",
            "target.name carries the keystore or key ID(s); same string as the IAM action",
        )
        .implemented(),
    hs_crypto("hs-crypto.keystore.listkeystoresbyattributes", Ep11Keystore, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/keystore").data_event("listkeystoresbyattributes keystore")
        .request(&[URI, INSTANCE])
        .about(
            "Finds EP11 keystores by attribute",
            "target.name carries the keystore or key ID(s); same string as the IAM action",
        )
        .implemented(),
    hs_crypto("hs-crypto.keystore.listkeystoresbyids", Ep11Keystore, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/keystore").data_event("listkeystoresbyids keystore")
        .request(&[URI, INSTANCE])
        .about(
            "Fetches EP11 keystores by ID",
            "target.name carries the keystore or key ID(s); same string as the IAM action",
        )
        .implemented(),
    hs_crypto("hs-crypto.keystore.storenewkey", Ep11Keystore, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/keystore").data_event("storenewkey keystore")
        .request(&[URI, INSTANCE])
        .about(
            "Stores a new EP11 key blob in a keystore",
            "target.name carries the keystore or key ID(s); same string as the IAM action",
        )
        .implemented(),
    hs_crypto("hs-crypto.keystore.updatekey", Ep11Keystore, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/keystore").data_event("updatekey keystore")
        .request(&[URI, INSTANCE])
        .about(
            "Replaces or re-encrypts a stored EP11 key",
            "target.name carries the keystore or key ID(s); same string as the IAM action",
        )
        .implemented(),
    hs_crypto("hs-crypto.ep11.use", Ep11Crypto, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/ep11").data_event("use ep11")
        .request(&[URI, INSTANCE])
        .about(
            "Any cryptographic operation through GREP11 or PKCS #11",
            "one name for all methods; the finer hs-crypto.crypto.* are IAM actions",
        )
        .implemented(),
];
