//! Rows of import tokens and of registrations.

use super::build::{INSTANCE, STANDARD, STANDARD_AND_UKO, URI, documented, hs_crypto, key_protect, recommended};
use crate::catalogue::BaseSeverity::{Critical, Normal, Unlisted};
use crate::catalogue::Family::{ImportToken, Registration};
use crate::catalogue::{Row, Severity};

// A table: its layout follows the columns, not the width of each entry.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    hs_crypto("hs-crypto.import-token.create", ImportToken, STANDARD, Normal)
        .formerly("hs-crypto.importtoken.create")
        .target("hs-crypto/import-token").data_event("create import-token")
        .request(&[URI, INSTANCE, recommended("expiration"), recommended("maxAllowedRetrievals")])
        .response(&[documented("expirationDate"), documented("maxAllowedRetrievals")])
        .about("Creates an import token", "POST /api/v2/import_token"),
    hs_crypto("hs-crypto.import-token.read", ImportToken, STANDARD, Normal)
        .formerly("hs-crypto.importtoken.read")
        .target("hs-crypto/import-token").data_event("read import-token")
        .request(&[URI, INSTANCE])
        .response(&[documented("maxAllowedRetrievals"), documented("remainingRetrievals")])
        .about("Retrieves an import token and consumes one retrieval", "GET /api/v2/import_token"),
    hs_crypto("hs-crypto.import-token.request", ImportToken, STANDARD, Unlisted(Severity::Normal))
        .formerly("hs-crypto.importtoken.default")
        .target("hs-crypto/import-token").data_event("request import-token")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported import-token request", ""),
    key_protect("kms.import-token.create", ImportToken, Normal)
        .formerly("kms.importtoken.create")
        .target("kms/import-token").data_event("create import-token")
        .request(&[URI, INSTANCE, recommended("expiration"), recommended("maxAllowedRetrievals")])
        .response(&[documented("expirationDate"), documented("maxAllowedRetrievals")])
        .about("Creates an import token", "POST /api/v2/import_token"),
    key_protect("kms.import-token.read", ImportToken, Normal)
        .formerly("kms.importtoken.read")
        .target("kms/import-token").data_event("read import-token")
        .request(&[URI, INSTANCE])
        .response(&[documented("maxAllowedRetrievals"), documented("remainingRetrievals")])
        .about("Retrieves an import token and consumes one retrieval", "GET /api/v2/import_token"),
    key_protect("kms.import-token.request", ImportToken, Unlisted(Severity::Normal))
        .formerly("kms.importtoken.default")
        .target("kms/import-token").data_event("request import-token")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported import-token request", ""),
    hs_crypto("hs-crypto.registrations.list", Registration, STANDARD_AND_UKO, Normal)
        .target("hs-crypto/registrations").management_event("list registration")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[documented("totalResources")])
        .about(
            "Lists registrations of one key or of all keys",
            "GET /api/v2/keys/{id}/registrations or GET /api/v2/keys/registrations; success 200",
        ),
    hs_crypto("hs-crypto.registrations.default", Registration, STANDARD_AND_UKO, Unlisted(Severity::Normal))
        .target("hs-crypto/registrations").management_event("default registration")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported registration request", ""),
    hs_crypto("hs-crypto.registrations.create", Registration, STANDARD, Normal)
        .target("hs-crypto/registrations").management_event("create registration")
        .request(&[URI, INSTANCE, recommended("preventKeyDeletion"), recommended("resourceCRN")])
        .response(&[recommended("keyVersionId"), recommended("keyVersionCreationDate")])
        .about(
            "An adopting service records that a key protects a resource",
            "named only in the severity table; service-to-service only",
        ),
    hs_crypto("hs-crypto.registrations.write", Registration, STANDARD, Normal)
        .target("hs-crypto/registrations").management_event("write registration")
        .request(&[
            URI, INSTANCE, recommended("initialValue.preventKeyDeletion"), recommended("newValue.preventKeyDeletion"),
            recommended("newValue.keyVersionId"),
        ])
        .about(
            "An adopting service replaces a registration",
            "named only in the severity table; service-to-service only",
        ),
    hs_crypto("hs-crypto.registrations.merge", Registration, STANDARD, Normal)
        .target("hs-crypto/registrations").management_event("merge registration")
        .request(&[URI, INSTANCE])
        .response(&[recommended("keyVersionId"), recommended("keyVersionCreationDate")])
        .about(
            "An adopting service updates part of a registration",
            "named only in the severity table; service-to-service only",
        ),
    hs_crypto("hs-crypto.registrations.delete", Registration, STANDARD_AND_UKO, Critical)
        .target("hs-crypto/registrations").management_event("delete registration")
        .request(&[URI, INSTANCE, recommended("preventKeyDeletion")])
        .response(&[recommended("keyVersionId"), recommended("keyVersionCreationDate")])
        .about(
            "An adopting service removes a registration",
            "named only in the severity table; service-to-service only",
        ),
    key_protect("kms.registrations.list", Registration, Normal)
        .target("kms/registrations").management_event("list registration")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[recommended("totalResources")])
        .about(
            "Lists registrations of one key or of all keys",
            "GET /api/v2/keys/{id}/registrations or GET /api/v2/keys/registrations; success 200",
        ),
    key_protect("kms.registrations.default", Registration, Unlisted(Severity::Normal))
        .target("kms/registrations").management_event("default registration")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported registration request", ""),
    key_protect("kms.registrations.create", Registration, Normal)
        .target("kms/registrations").management_event("create registration")
        .request(&[URI, INSTANCE, recommended("preventKeyDeletion"), recommended("resourceCRN")])
        .response(&[recommended("keyVersionId"), recommended("keyVersionCreationDate")])
        .about(
            "An adopting service records that a key protects a resource",
            "named only in the severity table; service-to-service only",
        ),
    key_protect("kms.registrations.write", Registration, Normal)
        .target("kms/registrations").management_event("write registration")
        .request(&[
            URI, INSTANCE, recommended("initialValue.preventKeyDeletion"), recommended("newValue.preventKeyDeletion"),
            recommended("newValue.keyVersionId"),
        ])
        .about(
            "An adopting service replaces a registration",
            "named only in the severity table; service-to-service only",
        ),
    key_protect("kms.registrations.merge", Registration, Normal)
        .target("kms/registrations").management_event("merge registration")
        .request(&[URI, INSTANCE])
        .response(&[recommended("keyVersionId"), recommended("keyVersionCreationDate")])
        .about(
            "An adopting service updates part of a registration",
            "named only in the severity table; service-to-service only",
        ),
    key_protect("kms.registrations.delete", Registration, Critical)
        .target("kms/registrations").management_event("delete registration")
        .request(&[URI, INSTANCE, recommended("preventKeyDeletion")])
        .response(&[recommended("keyVersionId"), recommended("keyVersionCreationDate")])
        .about(
            "An adopting service removes a registration",
            "named only in the severity table; service-to-service only",
        ),
];
