//! Rows of the certificate manager. Success is always 200.

use super::build::{INSTANCE, STANDARD_AND_UKO, URI, documented, hs_crypto};
use crate::catalogue::BaseSeverity::{Critical, Normal, Unlisted};
use crate::catalogue::Family::CertificateManager;
use crate::catalogue::{Row, Severity};

// A table: its layout follows the columns, not the width of each entry.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    hs_crypto("hs-crypto.mtlscert-admin-key.create", CertificateManager, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/mtlscert-admin-key").management_event("create mtlscert-admin-key")
        .request(&[URI, INSTANCE, documented("accountId")])
        .response(&[documented("action")])
        .about(
            "Creates the certificate administrator's signature key",
            "target.name=mtlscert-admin-key; CLI adminkey set",
        ),
    hs_crypto("hs-crypto.mtlscert-admin-key.update", CertificateManager, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/mtlscert-admin-key").management_event("update mtlscert-admin-key")
        .request(&[URI, INSTANCE, documented("accountId")])
        .response(&[documented("action")])
        .about(
            "Replaces the certificate administrator's signature key",
            "target.name=mtlscert-admin-key; CLI adminkey update",
        ),
    hs_crypto("hs-crypto.mtlscert-admin-key.read", CertificateManager, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/mtlscert-admin-key").management_event("read mtlscert-admin-key")
        .request(&[URI, INSTANCE, documented("accountId")])
        .response(&[documented("action")])
        .about(
            "Reads the certificate administrator's public signature key",
            "target.name=mtlscert-admin-key; CLI adminkey get",
        ),
    hs_crypto("hs-crypto.mtlscert-admin-key.delete", CertificateManager, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/mtlscert-admin-key").management_event("delete mtlscert-admin-key")
        .request(&[URI, INSTANCE, documented("accountId")])
        .response(&[documented("action")])
        .about(
            "Deletes the certificate administrator's signature key",
            "target.name=mtlscert-admin-key; CLI adminkey delete",
        ),
    hs_crypto("hs-crypto.mtlscert-cert.set", CertificateManager, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/mtlscert-cert").management_event("set mtlscert-cert")
        .request(&[URI, INSTANCE, documented("certificateId")])
        .response(&[documented("action")])
        .about(
            "Creates or replaces a client CA certificate",
            "target.name=mtlscert-cert; CLI cert set; the second critical entry means mtlscert-cert.delete",
        ),
    hs_crypto("hs-crypto.mtlscert-cert.list", CertificateManager, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/mtlscert-cert").management_event("list mtlscert-cert")
        .request(&[URI, INSTANCE])
        .response(&[documented("action")])
        .about(
            "Lists the certificates of the current administrator",
            "target.name=mtlscert-cert; CLI cert list; no certificateId",
        ),
    hs_crypto("hs-crypto.mtlscert-cert.read", CertificateManager, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/mtlscert-cert").management_event("read mtlscert-cert")
        .request(&[URI, INSTANCE, documented("certificateId")])
        .response(&[documented("action")])
        .about("Fetches one certificate", "target.name=mtlscert-cert; CLI cert get"),
    hs_crypto("hs-crypto.mtlscert-cert.delete", CertificateManager, STANDARD_AND_UKO, Unlisted(Severity::Critical))
        .target("hs-crypto/mtlscert-cert").management_event("delete mtlscert-cert")
        .request(&[URI, INSTANCE, documented("certificateId")])
        .response(&[documented("action")])
        .about("Deletes one certificate", "target.name=mtlscert-cert; CLI cert delete"),
];
