//! Rows of crypto unit administration (Trusted Key Entry).
//!
//! All are critical whatever their status, have no correlation id, and report one crypto unit each. The notes name the
//! EP11 administrative command behind the action.

use super::build::{INSTANCE, STANDARD_AND_UKO, URI, documented, hs_crypto};
use crate::catalogue::BaseSeverity::Critical;
use crate::catalogue::Family::Tke;
use crate::catalogue::Row;

// A table: its layout follows the columns, not the width of each entry.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    hs_crypto("hs-crypto.tke-cryptounit-admin.add", Tke, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/tke-cryptounit/admin").management_event("add tke-cryptounit-admin")
        .request(&[URI, INSTANCE, documented("location"), documented("adminId")])
        .response(&[documented("adminIds")])
        .about("Installs an administrator signature key in a crypto unit", "EP11 admin command 0x02")
        .implemented(),
    hs_crypto("hs-crypto.tke-cryptounit-admin.remove", Tke, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/tke-cryptounit/admin").management_event("remove tke-cryptounit-admin")
        .request(&[URI, INSTANCE, documented("location"), documented("adminId")])
        .response(&[documented("adminIds")])
        .about("Removes an administrator from a crypto unit", "EP11 admin command 0x04")
        .implemented(),
    hs_crypto("hs-crypto.tke-cryptounit-threshold.set", Tke, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/tke-cryptounit/threshold").management_event("set tke-cryptounit-threshold")
        .request(&[
            URI, INSTANCE, documented("location"), documented("signatureThreshold"),
            documented("revocationSignatureThreshold"),
        ])
        .response(&[documented("signatureThreshold"), documented("revocationSignatureThreshold")])
        .about(
            "Sets main and revocation signature thresholds (leaving imprint mode when they become non-zero)",
            "EP11 admin command 0x08",
        )
        .implemented(),
    hs_crypto("hs-crypto.tke-cryptounit-master-key-register.add", Tke, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/tke-cryptounit/master-key-register")
        .management_event("add tke-cryptounit-master-key-register")
        .request(&[URI, INSTANCE, documented("location"), documented("masterKeyIds")])
        .response(&[documented("verificationPattern")])
        .about(
            "Loads key parts into the new master key register",
            "EP11 admin command 0x0C; a random key (0x0A) has no event by default",
        )
        .implemented(),
    hs_crypto("hs-crypto.tke-cryptounit-master-key-register.commit", Tke, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/tke-cryptounit/master-key-register")
        .management_event("commit tke-cryptounit-master-key-register")
        .request(&[URI, INSTANCE, documented("location"), documented("verificationPattern")])
        .response(&[documented("masterKeyIds")])
        .about("Commits the new master key register", "EP11 admin command 0x0D")
        .implemented(),
    hs_crypto("hs-crypto.tke-cryptounit-master-key-register.activate", Tke, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/tke-cryptounit/master-key-register")
        .management_event("activate tke-cryptounit-master-key-register")
        .request(&[URI, INSTANCE, documented("location"), documented("verificationPattern")])
        .response(&[documented("verificationPattern")])
        .about("Moves the committed key into the current master key register", "EP11 admin command 0x0E")
        .implemented(),
    hs_crypto("hs-crypto.tke-cryptounit-new-master-key-register.clear", Tke, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/tke-cryptounit/new-master-key-register")
        .management_event("clear tke-cryptounit-new-master-key-register")
        .request(&[URI, INSTANCE, documented("location")])
        .about("Clears the new master key register", "EP11 admin command 0x1C")
        .implemented(),
    hs_crypto("hs-crypto.tke-cryptounit-current-master-key-register.clear", Tke, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/tke-cryptounit/current-master-key-register")
        .management_event("clear tke-cryptounit-current-master-key-register")
        .request(&[URI, INSTANCE, documented("location")])
        .about("Clears the current master key register", "EP11 admin command 0x1B")
        .implemented(),
    hs_crypto("hs-crypto.tke-cryptounit.reset", Tke, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/tke-cryptounit").management_event("reset tke-cryptounit")
        .request(&[URI, INSTANCE, documented("location")])
        .about(
            "Zeroizes a crypto unit back to imprint mode",
            "EP11 admin command 0x10; automatic clients send it first",
        )
        .implemented(),
];
