//! Rows of KMIP.
//!
//! Management of adapters (routes under `/api/v2/kmip_adapters`); the protocol itself (KMIP 1.4 over mutual TLS, port
//! 5696, initiator is a certificate); KMIP for VMware (initiator is a certificate, its address is never shown).

use super::build::{INSTANCE, STANDARD, STANDARD_AND_UKO, URI, hs_crypto, key_protect, recommended};
use crate::catalogue::BaseSeverity::Unlisted;
use crate::catalogue::Family::{KmipManagement, KmipProtocol, KmipVmware};
use crate::catalogue::{Row, Severity};

// A table: its layout follows the columns, not the width of each entry.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    hs_crypto("hs-crypto.kmip-management.create", KmipManagement, STANDARD, Unlisted(Severity::Normal))
        .target("hs-crypto/kmip-management").management_event("create kmip-management")
        .request(&[URI, INSTANCE, recommended("adapterId")])
        .about("Creates a KMIP adapter or adapter client certificate", "named only in the Chinese page"),
    hs_crypto("hs-crypto.kmip-management.delete", KmipManagement, STANDARD, Unlisted(Severity::Critical))
        .target("hs-crypto/kmip-management").management_event("delete kmip-management")
        .request(&[URI, INSTANCE, recommended("adapterId")])
        .about("Deletes a KMIP adapter, client certificate or object", "named only in the Chinese page"),
    hs_crypto("hs-crypto.kmip-management.list", KmipManagement, STANDARD, Unlisted(Severity::Normal))
        .target("hs-crypto/kmip-management").management_event("list kmip-management")
        .request(&[URI, INSTANCE, recommended("adapterId")])
        .response(&[recommended("totalResources")])
        .about("Lists KMIP adapters, client certificates or objects", "named only in the Chinese page"),
    hs_crypto("hs-crypto.kmip-management.read", KmipManagement, STANDARD, Unlisted(Severity::Normal))
        .target("hs-crypto/kmip-management").management_event("read kmip-management")
        .request(&[URI, INSTANCE, recommended("adapterId")])
        .about("Reads a KMIP adapter, client certificate or object", "named only in the Chinese page"),
    hs_crypto("hs-crypto.kmip-management.default", KmipManagement, STANDARD, Unlisted(Severity::Normal))
        .target("hs-crypto/kmip-management").management_event("default kmip-management")
        .request(&[URI, INSTANCE, recommended("adapterId")])
        .about("Malformed or unsupported KMIP management request", "named only in the Chinese page"),
    key_protect("kms.kmip-management.create", KmipManagement, Unlisted(Severity::Normal))
        .target("kms/kmip-management").management_event("create kmip-management")
        .request(&[URI, INSTANCE, recommended("adapterId")])
        .about("Creates a KMIP adapter or adapter client certificate", ""),
    key_protect("kms.kmip-management.delete", KmipManagement, Unlisted(Severity::Critical))
        .target("kms/kmip-management").management_event("delete kmip-management")
        .request(&[URI, INSTANCE, recommended("adapterId")])
        .about("Deletes a KMIP adapter, client certificate or object", ""),
    key_protect("kms.kmip-management.list", KmipManagement, Unlisted(Severity::Normal))
        .target("kms/kmip-management").management_event("list kmip-management")
        .request(&[URI, INSTANCE, recommended("adapterId")])
        .response(&[recommended("totalResources")])
        .about("Lists KMIP adapters, client certificates or objects", ""),
    key_protect("kms.kmip-management.read", KmipManagement, Unlisted(Severity::Normal))
        .target("kms/kmip-management").management_event("read kmip-management")
        .request(&[URI, INSTANCE, recommended("adapterId")])
        .about("Reads a KMIP adapter, client certificate or object", ""),
    key_protect("kms.kmip-management.default", KmipManagement, Unlisted(Severity::Normal))
        .target("kms/kmip-management").management_event("default kmip-management")
        .request(&[URI, INSTANCE, recommended("adapterId")])
        .about("Malformed or unsupported KMIP management request", ""),
    key_protect("kms.kmip.create", KmipProtocol, Unlisted(Severity::Normal))
        .target("kms/kmip").data_event("create kmip")
        .request(&[INSTANCE, recommended("adapterId")])
        .response(&[recommended("objectId")])
        .about("Creates a symmetric key, or adds an attribute to a KMIP object", ""),
    key_protect("kms.kmip.get", KmipProtocol, Unlisted(Severity::Normal))
        .target("kms/kmip").data_event("get kmip")
        .request(&[INSTANCE, recommended("adapterId")])
        .response(&[recommended("objectId")])
        .about("Gets a symmetric key, attributes, or supported protocol versions", ""),
    key_protect("kms.kmip.activate", KmipProtocol, Unlisted(Severity::Normal))
        .target("kms/kmip").data_event("activate kmip")
        .request(&[INSTANCE, recommended("adapterId")])
        .response(&[recommended("objectId")])
        .about("Activates a KMIP object", ""),
    key_protect("kms.kmip.revoke", KmipProtocol, Unlisted(Severity::Warning))
        .target("kms/kmip").data_event("revoke kmip")
        .request(&[INSTANCE, recommended("adapterId")])
        .response(&[recommended("objectId")])
        .about("Revokes a KMIP object", ""),
    key_protect("kms.kmip.destroy", KmipProtocol, Unlisted(Severity::Critical))
        .target("kms/kmip").data_event("destroy kmip")
        .request(&[INSTANCE, recommended("adapterId")])
        .response(&[recommended("objectId")])
        .about("Destroys a KMIP object", ""),
    key_protect("kms.kmip.locate", KmipProtocol, Unlisted(Severity::Normal))
        .target("kms/kmip").data_event("locate kmip")
        .request(&[INSTANCE, recommended("adapterId")])
        .response(&[recommended("objectId")])
        .about("Lists KMIP objects", ""),
    key_protect("kms.kmip.default", KmipProtocol, Unlisted(Severity::Normal))
        .target("kms/kmip").data_event("default kmip")
        .request(&[INSTANCE, recommended("adapterId")])
        .response(&[recommended("objectId")])
        .about("Malformed or unsupported KMIP operation", ""),
    hs_crypto("hs-crypto.kmip-key.create", KmipVmware, STANDARD_AND_UKO, Unlisted(Severity::Normal))
        .target("hs-crypto/kmip-key").data_event("create kmip-key")
        .request(&[INSTANCE])
        .about("vCenter creates a key through KMIP for VMware", ""),
    hs_crypto("hs-crypto.kmip-key.read", KmipVmware, STANDARD_AND_UKO, Unlisted(Severity::Normal))
        .target("hs-crypto/kmip-key").data_event("read kmip-key")
        .request(&[INSTANCE])
        .about("vCenter retrieves a key", ""),
    hs_crypto("hs-crypto.kmip-key-attributes.retrieve", KmipVmware, STANDARD_AND_UKO, Unlisted(Severity::Normal))
        .target("hs-crypto/kmip-key/attributes").data_event("retrieve kmip-key-attributes")
        .request(&[INSTANCE])
        .about("vCenter retrieves attributes of a key", ""),
    hs_crypto("hs-crypto.kmip-key.activate", KmipVmware, STANDARD_AND_UKO, Unlisted(Severity::Normal))
        .target("hs-crypto/kmip-key").data_event("activate kmip-key")
        .request(&[INSTANCE])
        .about("vCenter activates a key", ""),
    hs_crypto("hs-crypto.kmip-key.revoke", KmipVmware, STANDARD_AND_UKO, Unlisted(Severity::Warning))
        .target("hs-crypto/kmip-key").data_event("revoke kmip-key")
        .request(&[INSTANCE])
        .about("vCenter revokes a key", ""),
    hs_crypto("hs-crypto.kmip-key.destroy", KmipVmware, STANDARD_AND_UKO, Unlisted(Severity::Critical))
        .target("hs-crypto/kmip-key").data_event("destroy kmip-key")
        .request(&[INSTANCE])
        .about("vCenter destroys a key", ""),
];
