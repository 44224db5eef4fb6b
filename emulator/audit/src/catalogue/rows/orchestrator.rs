//! Rows of Unified Key Orchestrator.
//!
//! The member `*` stands for a whole request or response body, copied with its secret values redacted.

use super::build::{INSTANCE, UKO, URI, documented, hs_crypto};
use crate::catalogue::BaseSeverity::{Critical, Normal, Unlisted, Warning};
use crate::catalogue::Family::{KeyTemplate, ManagedKey, TargetKeystore, Vault};
use crate::catalogue::{Row, Severity};

// A table: its layout follows the columns, not the width of each entry.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    hs_crypto("hs-crypto.managed-keys.write", ManagedKey, UKO, Warning)
        .target("hs-crypto/managed-keys").data_event("write managed-key")
        .request(&[URI, INSTANCE, documented("*")])
        .response(&[documented("*")])
        .about(
            "Creates or changes a managed key (including activate, deactivate, destroy, rotate)",
            "critical when the call moves the key to state destroyed",
        ),
    hs_crypto("hs-crypto.managed-keys.list", ManagedKey, UKO, Normal)
        .target("hs-crypto/managed-keys").data_event("list managed-key")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Lists managed keys", "GET /api/v4/managed_keys"),
    hs_crypto("hs-crypto.managed-keys.read", ManagedKey, UKO, Normal)
        .target("hs-crypto/managed-keys").data_event("read managed-key")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Reads one managed key", "GET /api/v4/managed_keys/{id}"),
    hs_crypto("hs-crypto.managed-keys.delete", ManagedKey, UKO, Critical)
        .target("hs-crypto/managed-keys").data_event("delete managed-key")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Removes a destroyed managed key from its vault", "DELETE /api/v4/managed_keys/{id}"),
    hs_crypto("hs-crypto.target-keystores.write", TargetKeystore, UKO, Normal)
        .target("hs-crypto/target-keystores").management_event("write target-keystore")
        .request(&[URI, INSTANCE, documented("*")])
        .response(&[documented("*")])
        .about("Creates or changes a keystore or keystore connection", "POST or PATCH /api/v4/keystores"),
    hs_crypto("hs-crypto.target-keystores.list", TargetKeystore, UKO, Normal)
        .target("hs-crypto/target-keystores").management_event("list target-keystore")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Lists keystores", "GET /api/v4/keystores"),
    hs_crypto("hs-crypto.target-keystores.read", TargetKeystore, UKO, Normal)
        .target("hs-crypto/target-keystores").management_event("read target-keystore")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Reads one keystore", "GET /api/v4/keystores/{id}"),
    hs_crypto("hs-crypto.target-keystores.delete", TargetKeystore, UKO, Critical)
        .target("hs-crypto/target-keystores").management_event("delete target-keystore")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Deletes an internal keystore or disconnects an external one", "DELETE /api/v4/keystores/{id}"),
    hs_crypto("hs-crypto.vaults.list", Vault, UKO, Normal)
        .target("hs-crypto/vaults").management_event("list vault")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Lists vaults", "GET /api/v4/vaults"),
    hs_crypto("hs-crypto.vaults.write", Vault, UKO, Normal)
        .target("hs-crypto/vaults").management_event("write vault")
        .request(&[URI, INSTANCE, documented("*")])
        .response(&[documented("*")])
        .about("Creates or changes a vault", "POST or PATCH /api/v4/vaults"),
    hs_crypto("hs-crypto.vaults.read", Vault, UKO, Normal)
        .target("hs-crypto/vaults").management_event("read vault")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Reads one vault", "GET /api/v4/vaults/{id}"),
    hs_crypto("hs-crypto.vaults.delete", Vault, UKO, Critical)
        .target("hs-crypto/vaults").management_event("delete vault")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Deletes an empty vault", "DELETE /api/v4/vaults/{id}"),
    hs_crypto("hs-crypto.key-templates.write", KeyTemplate, UKO, Unlisted(Severity::Normal))
        .target("hs-crypto/key-templates").management_event("write key-template")
        .request(&[URI, INSTANCE, documented("*")])
        .response(&[documented("*")])
        .about("Creates, changes, archives, unarchives or exposes a key template", "API path is /api/v4/templates"),
    hs_crypto("hs-crypto.key-templates.read", KeyTemplate, UKO, Unlisted(Severity::Normal))
        .target("hs-crypto/key-templates").management_event("read key-template")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Reads one key template", ""),
    hs_crypto("hs-crypto.key-templates.delete", KeyTemplate, UKO, Unlisted(Severity::Critical))
        .target("hs-crypto/key-templates").management_event("delete key-template")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Deletes a key template", ""),
    hs_crypto("hs-crypto.key-templates.list", KeyTemplate, UKO, Unlisted(Severity::Normal))
        .target("hs-crypto/key-templates").management_event("list key-template")
        .request(&[URI, INSTANCE])
        .response(&[documented("*")])
        .about("Lists key templates", ""),
];
