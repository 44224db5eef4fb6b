//! Rows of keys, their aliases, versions and acknowledgements; the key management services' `secrets`.

use super::build::{INSTANCE, STANDARD, URI, documented, hs_crypto, key_protect, recommended};
use crate::catalogue::BaseSeverity::{Critical, Normal, Unlisted, Warning};
use crate::catalogue::Family::Key;
use crate::catalogue::{Row, Severity};

// A table: its layout follows the columns, not the width of each entry.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    hs_crypto("hs-crypto.secrets.create", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").data_event("create secret")
        .request(&[URI, INSTANCE, recommended("keyRingId"), documented("keyType")])
        .response(&[
            documented("keyId"), documented("keyVersionId"), documented("keyVersionCreationDate"),
            documented("keyState"), recommended("expirationDate"), recommended("keyRingId"),
        ])
        .about("Generates or imports a root or standard key", "POST /api/v2/keys; success 201"),
    hs_crypto("hs-crypto.secrets-alias.create", Key, STANDARD, Unlisted(Severity::Normal))
        .formerly("hs-crypto.secrets.createalias")
        .target("hs-crypto/secrets/alias").data_event("create secret-alias")
        .request(&[URI, INSTANCE, recommended("keyRingId"), recommended("alias")])
        .response(&[recommended("keyId"), recommended("keyRingId")])
        .about("Attaches an alias to a key", "POST /api/v2/keys/{id}/aliases/{alias}; success 201"),
    hs_crypto("hs-crypto.secrets-alias.delete", Key, STANDARD, Unlisted(Severity::Critical))
        .formerly("hs-crypto.secrets.deletealias")
        .target("hs-crypto/secrets/alias").data_event("delete secret-alias")
        .request(&[URI, INSTANCE, recommended("keyRingId"), recommended("alias")])
        .response(&[recommended("keyId"), recommended("keyRingId")])
        .about(
            "Detaches and removes an alias; the key itself is untouched",
            "DELETE /api/v2/keys/{id}/aliases/{alias}; success 204",
        ),
    hs_crypto("hs-crypto.secrets-alias.request", Key, STANDARD, Unlisted(Severity::Normal))
        .formerly("hs-crypto.secrets.defaultalias")
        .target("hs-crypto/secrets/alias").data_event("request secret-alias")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported alias request", "named only in the historical mapping, never described"),
    hs_crypto("hs-crypto.secrets.default", Key, STANDARD, Unlisted(Severity::Normal))
        .target("hs-crypto/secrets").data_event("default secret")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported request under the keys resource", ""),
    hs_crypto("hs-crypto.secrets.delete", Key, STANDARD, Critical)
        .target("hs-crypto/secrets").data_event("delete secret")
        .request(&[URI, INSTANCE, recommended("keyRingId"), recommended("keyType")])
        .response(&[documented("keyState"), recommended("keyRingId")])
        .about(
            "Destroys a key (state becomes 5)",
            "DELETE /api/v2/keys/{id}; success 204 or 200; 409 on retention or dual authorization",
        ),
    hs_crypto("hs-crypto.secrets.disable", Key, STANDARD, Warning)
        .target("hs-crypto/secrets").data_event("disable secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[recommended("keyRingId")])
        .about("Suspends an active root key (state 2)", "POST /api/v2/keys/{id}/actions/disable; success 204"),
    hs_crypto("hs-crypto.secrets.enable", Key, STANDARD, Warning)
        .target("hs-crypto/secrets").data_event("enable secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[recommended("keyRingId")])
        .about("Returns a suspended root key to active", "POST /api/v2/keys/{id}/actions/enable; success 204"),
    hs_crypto("hs-crypto.secrets-event.ack", Key, STANDARD, Normal)
        .formerly("hs-crypto.secrets.eventack")
        .target("hs-crypto/secrets/event").management_event("ack secret-event")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[
            recommended("eventAckData.eventId"), recommended("eventAckData.eventType"),
            recommended("eventAckData.keyState"), recommended("eventAckData.eventAckTimeStamp"),
        ])
        .about("An adopting service acknowledges a lifecycle notification for a key", "service-to-service only"),
    hs_crypto("hs-crypto.secrets.expire", Key, STANDARD, Unlisted(Severity::Warning))
        .target("hs-crypto/secrets").data_event("expire secret")
        .request(&[URI, INSTANCE, documented("keyType"), documented("expirationDate")])
        .response(&[documented("keyId"), documented("initialValue.keyState"), documented("newValue.keyState")])
        .about(
            "Service-initiated transition to deactivated when the expiration date passes",
            "no API call behind it; initiator is the service",
        ),
    hs_crypto("hs-crypto.secrets.head", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").data_event("head secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[documented("totalResources")])
        .about(
            "Counts keys in the instance",
            "HEAD /api/v2/keys; success 200; totalResources counts the whole instance",
        ),
    hs_crypto("hs-crypto.secrets.list", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").data_event("list secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[documented("totalResources")])
        .about(
            "Lists keys",
            "GET /api/v2/keys; success 200; totalResources counts what the response returned; 0 is legal",
        ),
    hs_crypto("hs-crypto.secrets-key-versions.list", Key, STANDARD, Normal)
        .formerly("hs-crypto.secrets.listkeyversions")
        .target("hs-crypto/secrets/key-versions").data_event("list secret-key-version")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[documented("totalResources"), recommended("keyRingId")])
        .about("Lists versions of one key", "GET /api/v2/keys/{id}/versions; success 200"),
    hs_crypto("hs-crypto.secrets.wrap", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").data_event("wrap secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[documented("keyVersionId"), recommended("expirationDate"), recommended("keyRingId")])
        .about(
            "Encrypts caller data or a new DEK under a root key",
            "POST /api/v2/keys/{id}/actions/wrap; success 200",
        ),
    hs_crypto("hs-crypto.secrets.unwrap", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").data_event("unwrap secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[documented("keyVersionId"), recommended("expirationDate"), recommended("keyRingId")])
        .about("Decrypts a wrapped DEK", "POST /api/v2/keys/{id}/actions/unwrap; success 200"),
    hs_crypto("hs-crypto.secrets.rewrap", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").data_event("rewrap secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[documented("keyVersionId"), documented("rewrappedKeyVersionId"), recommended("keyRingId")])
        .about(
            "Re-encrypts a wrapped DEK under the newest key version",
            "POST /api/v2/keys/{id}/actions/rewrap; success 200",
        ),
    hs_crypto("hs-crypto.secrets.patch", Key, STANDARD, Unlisted(Severity::Warning))
        .target("hs-crypto/secrets").data_event("patch secret")
        .request(&[
            URI, INSTANCE, recommended("keyRingId"), documented("initialValue.keyRingId"),
            documented("newValue.keyRingId"),
        ])
        .response(&[recommended("keyRingId")])
        .about("Moves a key to another key ring", "PATCH /api/v2/keys/{id}; success 200"),
    hs_crypto("hs-crypto.secrets.purge", Key, STANDARD, Unlisted(Severity::Critical))
        .target("hs-crypto/secrets").data_event("purge secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[
            recommended("deletionDate"), recommended("purgeAllowedFrom"), recommended("purgeEligibleOn"),
            recommended("keyRingId"),
        ])
        .about(
            "Permanently removes a destroyed key's record",
            "DELETE /api/v2/keys/{id}/purge; success 204 or 200; purgeEligibleOn is purgeScheduledOn of the API",
        ),
    hs_crypto("hs-crypto.secrets.read", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").data_event("read secret")
        .request(&[URI, INSTANCE, recommended("keyRingId"), documented("keyType")])
        .response(&[
            documented("keyState"), documented("keyVersionId"), documented("keyVersionCreationDate"),
            recommended("expirationDate"), recommended("keyRingId"),
        ])
        .about(
            "Retrieves a key including payload where extractable",
            "GET /api/v2/keys/{id}; success 200; payload and nonce never appear",
        ),
    hs_crypto("hs-crypto.secrets-metadata.read", Key, STANDARD, Normal)
        .formerly("hs-crypto.secrets.readmetadata")
        .target("hs-crypto/secrets/metadata").data_event("read secret-metadata")
        .request(&[URI, INSTANCE, recommended("keyRingId"), documented("keyType")])
        .response(&[
            documented("keyState"), documented("keyVersionId"), documented("keyVersionCreationDate"),
            recommended("expirationDate"), recommended("keyRingId"),
        ])
        .about("Retrieves a key without payload", "GET /api/v2/keys/{id}/metadata; success 200"),
    hs_crypto("hs-crypto.secrets.restore", Key, STANDARD, Warning)
        .target("hs-crypto/secrets").data_event("restore secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[documented("keyVersionId"), recommended("keyRingId")])
        .about("Returns a destroyed imported key to active", "POST /api/v2/keys/{id}/restore; success 201"),
    hs_crypto("hs-crypto.secrets.rotate", Key, STANDARD, Warning)
        .target("hs-crypto/secrets").data_event("rotate secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[recommended("keyRingId")])
        .about(
            "Adds a new version to a root key",
            "POST /api/v2/keys/{id}/actions/rotate (or ?action=rotate); success 204; data event by a real sample",
        ),
    hs_crypto("hs-crypto.secrets.setkeyfordeletion", Key, STANDARD, Warning)
        .target("hs-crypto/secrets").data_event("setkeyfordeletion secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[
            documented("initialValue.authID"), documented("initialValue.authExpiration"),
            documented("newValue.authID"), documented("newValue.authExpiration"), recommended("keyRingId"),
        ])
        .about(
            "First authorization for deleting a dual-authorization key",
            "POST /api/v2/keys/{id}/actions/setKeyForDeletion; success 204; old/new values live in responseData",
        ),
    hs_crypto("hs-crypto.secrets.unsetkeyfordeletion", Key, STANDARD, Warning)
        .target("hs-crypto/secrets").data_event("unsetkeyfordeletion secret")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[
            documented("initialValue.authID"), documented("initialValue.authExpiration"),
            documented("newValue.authID"), documented("newValue.authExpiration"), recommended("keyRingId"),
        ])
        .about(
            "Withdraws a pending deletion authorization",
            "POST /api/v2/keys/{id}/actions/unsetKeyForDeletion; success 204",
        ),
    hs_crypto("hs-crypto.secrets.ack-delete", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").management_event("ack-delete secret")
        .request(&[URI, INSTANCE])
        .response(&[
            recommended("eventAckData.eventId"), recommended("eventAckData.eventType"),
            recommended("eventAckData.keyState"), recommended("eventAckData.eventAckTimeStamp"),
            documented("reasonForFailure"), documented("resourceCRN"),
        ])
        .about(
            "Deletion of a key with registrations finished across adopters",
            "initiator is the service itself; last two members only on failure 408 or 409",
        ),
    hs_crypto("hs-crypto.secrets.ack-restore", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").management_event("ack-restore secret")
        .request(&[URI, INSTANCE])
        .response(&[
            recommended("eventAckData.eventId"), recommended("eventAckData.eventType"),
            recommended("eventAckData.keyState"), recommended("eventAckData.eventAckTimeStamp"),
            documented("reasonForFailure"), documented("resourceCRN"),
        ])
        .about(
            "Restoration of a key with registrations finished across adopters",
            "initiator is the service itself; last two members only on failure 408 or 409",
        ),
    hs_crypto("hs-crypto.secrets.ack-rotate", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").management_event("ack-rotate secret")
        .request(&[URI, INSTANCE])
        .response(&[
            recommended("eventAckData.eventId"), recommended("eventAckData.eventType"),
            recommended("eventAckData.newKeyVersionId"), recommended("eventAckData.newKeyVersionCreationDate"),
            recommended("eventAckData.oldKeyVersionId"), recommended("eventAckData.oldKeyVersionCreationDate"),
            documented("reasonForFailure"), documented("resourceCRN"),
        ])
        .about(
            "Rotation of a key with registrations finished across adopters",
            "initiator is the service itself; last two members only on failure 408 or 409",
        ),
    hs_crypto("hs-crypto.secrets.ack-enable", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").management_event("ack-enable secret")
        .request(&[URI, INSTANCE])
        .response(&[
            recommended("eventAckData.eventId"), recommended("eventAckData.eventType"),
            recommended("eventAckData.keyState"), recommended("eventAckData.eventAckTimeStamp"),
            documented("reasonForFailure"), documented("resourceCRN"),
        ])
        .about(
            "Enabling of a key with registrations finished across adopters",
            "initiator is the service itself; last two members only on failure 408 or 409",
        ),
    hs_crypto("hs-crypto.secrets.ack-disable", Key, STANDARD, Normal)
        .target("hs-crypto/secrets").management_event("ack-disable secret")
        .request(&[URI, INSTANCE])
        .response(&[
            recommended("eventAckData.eventId"), recommended("eventAckData.eventType"),
            recommended("eventAckData.keyState"), recommended("eventAckData.eventAckTimeStamp"),
            documented("reasonForFailure"), documented("resourceCRN"),
        ])
        .about(
            "Disabling of a key with registrations finished across adopters",
            "initiator is the service itself; last two members only on failure 408 or 409",
        ),
    key_protect("kms.secrets.create", Key, Normal)
        .target("kms/secrets").data_event("create secret")
        .request(&[URI, INSTANCE, documented("keyRingId"), documented("keyType")])
        .response(&[
            documented("keyId"), documented("keyVersionId"), documented("keyVersionCreationDate"),
            documented("keyState"), documented("expirationDate"), documented("keyRingId"),
        ])
        .about("Generates or imports a root or standard key", "POST /api/v2/keys; success 201"),
    key_protect("kms.secrets-alias.create", Key, Unlisted(Severity::Normal))
        .formerly("kms.secrets.createalias")
        .target("kms/secrets/alias").data_event("create secret-alias")
        .request(&[URI, INSTANCE, documented("keyRingId"), recommended("alias")])
        .response(&[recommended("keyId"), documented("keyRingId")])
        .about("Attaches an alias to a key", "POST /api/v2/keys/{id}/aliases/{alias}; success 201"),
    key_protect("kms.secrets-alias.delete", Key, Unlisted(Severity::Critical))
        .formerly("kms.secrets.deletealias")
        .target("kms/secrets/alias").data_event("delete secret-alias")
        .request(&[URI, INSTANCE, documented("keyRingId"), recommended("alias")])
        .response(&[recommended("keyId"), documented("keyRingId")])
        .about(
            "Detaches and removes an alias; the key itself is untouched",
            "DELETE /api/v2/keys/{id}/aliases/{alias}; success 204",
        ),
    key_protect("kms.secrets-alias.request", Key, Unlisted(Severity::Normal))
        .formerly("kms.secrets.defaultalias")
        .target("kms/secrets/alias").data_event("request secret-alias")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported alias request", "named only in the historical mapping, never described"),
    key_protect("kms.secrets.default", Key, Unlisted(Severity::Normal))
        .target("kms/secrets").data_event("default secret")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported request under the keys resource", ""),
    key_protect("kms.secrets.delete", Key, Critical)
        .target("kms/secrets").data_event("delete secret")
        .request(&[URI, INSTANCE, documented("keyRingId"), recommended("keyType")])
        .response(&[documented("keyState"), documented("keyRingId")])
        .about(
            "Destroys a key (state becomes 5)",
            "DELETE /api/v2/keys/{id}; success 204 or 200; 409 on retention or dual authorization",
        ),
    key_protect("kms.secrets.disable", Key, Warning)
        .target("kms/secrets").data_event("disable secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("keyRingId")])
        .about("Suspends an active root key (state 2)", "POST /api/v2/keys/{id}/actions/disable; success 204"),
    key_protect("kms.secrets.enable", Key, Warning)
        .target("kms/secrets").data_event("enable secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("keyRingId")])
        .about("Returns a suspended root key to active", "POST /api/v2/keys/{id}/actions/enable; success 204"),
    key_protect("kms.secrets-event.ack", Key, Normal)
        .formerly("kms.secrets.eventack")
        .target("kms/secrets/event").management_event("ack secret-event")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[
            documented("eventAckData.eventId"), documented("eventAckData.eventType"),
            documented("eventAckData.keyState"), documented("eventAckData.eventAckTimeStamp"),
        ])
        .about("An adopting service acknowledges a lifecycle notification for a key", "service-to-service only"),
    key_protect("kms.secrets.expire", Key, Unlisted(Severity::Warning))
        .target("kms/secrets").data_event("expire secret")
        .request(&[URI, INSTANCE, documented("keyType"), documented("expirationDate")])
        .response(&[documented("keyId"), documented("initialValue.keyState"), documented("newValue.keyState")])
        .about(
            "Service-initiated transition to deactivated when the expiration date passes",
            "no API call behind it; initiator is the service",
        ),
    key_protect("kms.secrets.head", Key, Normal)
        .target("kms/secrets").data_event("head secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("totalResources")])
        .about(
            "Counts keys in the instance",
            "HEAD /api/v2/keys; success 200; totalResources counts the whole instance",
        ),
    key_protect("kms.secrets.list", Key, Normal)
        .target("kms/secrets").data_event("list secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("totalResources")])
        .about(
            "Lists keys",
            "GET /api/v2/keys; success 200; totalResources counts what the response returned; 0 is legal",
        ),
    key_protect("kms.secrets-key-versions.list", Key, Normal)
        .formerly("kms.secrets.listkeyversions")
        .target("kms/secrets/key-versions").data_event("list secret-key-version")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("totalResources"), documented("keyRingId")])
        .about("Lists versions of one key", "GET /api/v2/keys/{id}/versions; success 200"),
    key_protect("kms.secrets.wrap", Key, Normal)
        .target("kms/secrets").data_event("wrap secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("keyVersionId"), documented("expirationDate"), documented("keyRingId")])
        .about(
            "Encrypts caller data or a new DEK under a root key",
            "POST /api/v2/keys/{id}/actions/wrap; success 200",
        ),
    key_protect("kms.secrets.unwrap", Key, Normal)
        .target("kms/secrets").data_event("unwrap secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("keyVersionId"), documented("expirationDate"), documented("keyRingId")])
        .about("Decrypts a wrapped DEK", "POST /api/v2/keys/{id}/actions/unwrap; success 200"),
    key_protect("kms.secrets.rewrap", Key, Normal)
        .target("kms/secrets").data_event("rewrap secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("keyVersionId"), documented("rewrappedKeyVersionId"), documented("keyRingId")])
        .about(
            "Re-encrypts a wrapped DEK under the newest key version",
            "POST /api/v2/keys/{id}/actions/rewrap; success 200",
        ),
    key_protect("kms.secrets.patch", Key, Unlisted(Severity::Warning))
        .target("kms/secrets").data_event("patch secret")
        .request(&[
            URI, INSTANCE, documented("keyRingId"), documented("initialValue.keyRingId"),
            documented("newValue.keyRingId"),
        ])
        .response(&[documented("keyRingId")])
        .about("Moves a key to another key ring", "PATCH /api/v2/keys/{id}; success 200"),
    key_protect("kms.secrets.purge", Key, Unlisted(Severity::Critical))
        .target("kms/secrets").data_event("purge secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[
            documented("deletionDate"), documented("purgeAllowedFrom"), documented("purgeEligibleOn"),
            documented("keyRingId"),
        ])
        .about(
            "Permanently removes a destroyed key's record",
            "DELETE /api/v2/keys/{id}/purge; success 204 or 200; purgeEligibleOn is purgeScheduledOn of the API",
        ),
    key_protect("kms.secrets.read", Key, Normal)
        .target("kms/secrets").data_event("read secret")
        .request(&[URI, INSTANCE, documented("keyRingId"), documented("keyType")])
        .response(&[
            documented("keyState"), documented("keyVersionId"), documented("keyVersionCreationDate"),
            documented("expirationDate"), documented("keyRingId"),
        ])
        .about(
            "Retrieves a key including payload where extractable",
            "GET /api/v2/keys/{id}; success 200; payload and nonce never appear",
        ),
    key_protect("kms.secrets-metadata.read", Key, Normal)
        .formerly("kms.secrets.readmetadata")
        .target("kms/secrets/metadata").data_event("read secret-metadata")
        .request(&[URI, INSTANCE, documented("keyRingId"), documented("keyType")])
        .response(&[
            documented("keyState"), documented("keyVersionId"), documented("keyVersionCreationDate"),
            documented("expirationDate"), documented("keyRingId"),
        ])
        .about("Retrieves a key without payload", "GET /api/v2/keys/{id}/metadata; success 200"),
    key_protect("kms.secrets.restore", Key, Warning)
        .target("kms/secrets").data_event("restore secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("keyVersionId"), documented("keyRingId")])
        .about("Returns a destroyed imported key to active", "POST /api/v2/keys/{id}/restore; success 201"),
    key_protect("kms.secrets.rotate", Key, Warning)
        .target("kms/secrets").data_event("rotate secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("keyRingId")])
        .about(
            "Adds a new version to a root key",
            "POST /api/v2/keys/{id}/actions/rotate (or ?action=rotate); success 204; data event by a real sample",
        ),
    key_protect("kms.secrets.setkeyfordeletion", Key, Warning)
        .target("kms/secrets").data_event("setkeyfordeletion secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[
            documented("initialValue.authID"), documented("initialValue.authExpiration"),
            documented("newValue.authID"), documented("newValue.authExpiration"), documented("keyRingId"),
        ])
        .about(
            "First authorization for deleting a dual-authorization key",
            "POST /api/v2/keys/{id}/actions/setKeyForDeletion; success 204; old/new values live in responseData",
        ),
    key_protect("kms.secrets.unsetkeyfordeletion", Key, Warning)
        .target("kms/secrets").data_event("unsetkeyfordeletion secret")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[
            documented("initialValue.authID"), documented("initialValue.authExpiration"),
            documented("newValue.authID"), documented("newValue.authExpiration"), documented("keyRingId"),
        ])
        .about(
            "Withdraws a pending deletion authorization",
            "POST /api/v2/keys/{id}/actions/unsetKeyForDeletion; success 204",
        ),
    key_protect("kms.secrets.ack-delete", Key, Normal)
        .target("kms/secrets").management_event("ack-delete secret")
        .request(&[URI, INSTANCE])
        .response(&[
            recommended("eventAckData.eventId"), recommended("eventAckData.eventType"),
            recommended("eventAckData.keyState"), recommended("eventAckData.eventAckTimeStamp"),
            documented("reasonForFailure"), documented("resourceCRN"),
        ])
        .about(
            "Deletion of a key with registrations finished across adopters",
            "initiator is the service itself; last two members only on failure 408 or 409",
        ),
    key_protect("kms.secrets.ack-restore", Key, Normal)
        .target("kms/secrets").management_event("ack-restore secret")
        .request(&[URI, INSTANCE])
        .response(&[
            documented("eventAckData.eventId"), documented("eventAckData.eventType"),
            documented("eventAckData.keyState"), documented("eventAckData.eventAckTimeStamp"),
            documented("reasonForFailure"), documented("resourceCRN"),
        ])
        .about(
            "Restoration of a key with registrations finished across adopters",
            "initiator is the service itself; last two members only on failure 408 or 409",
        ),
    key_protect("kms.secrets.ack-rotate", Key, Normal)
        .target("kms/secrets").management_event("ack-rotate secret")
        .request(&[URI, INSTANCE])
        .response(&[
            documented("eventAckData.eventId"), documented("eventAckData.eventType"),
            documented("eventAckData.newKeyVersionId"), documented("eventAckData.newKeyVersionCreationDate"),
            documented("eventAckData.oldKeyVersionId"), documented("eventAckData.oldKeyVersionCreationDate"),
            documented("reasonForFailure"), documented("resourceCRN"),
        ])
        .about(
            "Rotation of a key with registrations finished across adopters",
            "initiator is the service itself; last two members only on failure 408 or 409",
        ),
    key_protect("kms.secrets.ack-enable", Key, Normal)
        .target("kms/secrets").management_event("ack-enable secret")
        .request(&[URI, INSTANCE])
        .response(&[
            documented("eventAckData.eventId"), documented("eventAckData.eventType"),
            documented("eventAckData.keyState"), documented("eventAckData.eventAckTimeStamp"),
            documented("reasonForFailure"), documented("resourceCRN"),
        ])
        .about(
            "Enabling of a key with registrations finished across adopters",
            "initiator is the service itself; last two members only on failure 408 or 409",
        ),
    key_protect("kms.secrets.ack-disable", Key, Normal)
        .target("kms/secrets").management_event("ack-disable secret")
        .request(&[URI, INSTANCE])
        .response(&[
            documented("eventAckData.eventId"), documented("eventAckData.eventType"),
            documented("eventAckData.keyState"), documented("eventAckData.eventAckTimeStamp"),
            documented("reasonForFailure"), documented("resourceCRN"),
        ])
        .about(
            "Disabling of a key with registrations finished across adopters",
            "initiator is the service itself; last two members only on failure 408 or 409",
        ),
];
