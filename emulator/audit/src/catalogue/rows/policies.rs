//! Rows of key rings, key policies, instance policies and governance settings.

use super::build::{INSTANCE, NO_PLAN, STANDARD, URI, documented, hs_crypto, key_protect, recommended};
use crate::catalogue::BaseSeverity::{Normal, Unlisted, Warning};
use crate::catalogue::Family::{Governance, KeyRing, Policy};
use crate::catalogue::{Row, Severity};

// A table: its layout follows the columns, not the width of each entry.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    hs_crypto("hs-crypto.key-rings.create", KeyRing, STANDARD, Unlisted(Severity::Normal))
        .formerly("hs-crypto.keyrings.create")
        .target("hs-crypto/key-rings").management_event("create key-ring")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .about("Creates a key ring", "POST /api/v2/key_rings/{id}; success 201"),
    hs_crypto("hs-crypto.key-rings.delete", KeyRing, STANDARD, Unlisted(Severity::Critical))
        .formerly("hs-crypto.keyrings.delete")
        .target("hs-crypto/key-rings").management_event("delete key-ring")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .about("Deletes a key ring", "DELETE /api/v2/key_rings/{id}; success 204"),
    hs_crypto("hs-crypto.key-rings.list", KeyRing, STANDARD, Unlisted(Severity::Normal))
        .formerly("hs-crypto.keyrings.list")
        .target("hs-crypto/key-rings").management_event("list key-ring")
        .request(&[URI, INSTANCE])
        .response(&[recommended("totalResources")])
        .about("Lists key rings", "GET /api/v2/key_rings; success 200"),
    hs_crypto("hs-crypto.key-rings.request", KeyRing, STANDARD, Unlisted(Severity::Normal))
        .formerly("hs-crypto.keyrings.default")
        .target("hs-crypto/key-rings").management_event("request key-ring")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported key-ring request", ""),
    key_protect("kms.key-rings.create", KeyRing, Unlisted(Severity::Normal))
        .formerly("kms.keyrings.create")
        .target("kms/key-rings").management_event("create key-ring")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .about("Creates a key ring", "POST /api/v2/key_rings/{id}; success 201"),
    key_protect("kms.key-rings.delete", KeyRing, Unlisted(Severity::Critical))
        .formerly("kms.keyrings.delete")
        .target("kms/key-rings").management_event("delete key-ring")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .about("Deletes a key ring", "DELETE /api/v2/key_rings/{id}; success 204"),
    key_protect("kms.key-rings.list", KeyRing, Unlisted(Severity::Normal))
        .formerly("kms.keyrings.list")
        .target("kms/key-rings").management_event("list key-ring")
        .request(&[URI, INSTANCE])
        .response(&[recommended("totalResources")])
        .about("Lists key rings", "GET /api/v2/key_rings; success 200"),
    key_protect("kms.key-rings.request", KeyRing, Unlisted(Severity::Normal))
        .formerly("kms.keyrings.default")
        .target("kms/key-rings").management_event("request key-ring")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported key-ring request", ""),
    hs_crypto("hs-crypto.policies.read", Policy, STANDARD, Normal)
        .target("hs-crypto/policies").management_event("read policy")
        .request(&[URI, INSTANCE, recommended("keyRingId")])
        .response(&[recommended("keyRingId")])
        .about("Reads the policies of one key", "GET /api/v2/keys/{id}/policies; success 200"),
    hs_crypto("hs-crypto.policies.write", Policy, STANDARD, Warning)
        .target("hs-crypto/policies").management_event("write policy")
        .request(&[
            URI, INSTANCE, recommended("keyRingId"), recommended("initialValue.policyDualAuthDeleteEnabled"),
            recommended("newValue.policyDualAuthDeleteEnabled"),
        ])
        .response(&[recommended("keyRingId")])
        .about("Sets rotation or dual-authorization policy of one key", "PUT /api/v2/keys/{id}/policies; success 200"),
    hs_crypto("hs-crypto.policies.default", Policy, STANDARD, Unlisted(Severity::Normal))
        .target("hs-crypto/policies").management_event("default policy")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported key-policy request", ""),
    hs_crypto("hs-crypto.instance-policies.read", Policy, STANDARD, Normal)
        .formerly("hs-crypto.instancepolicies.read")
        .target("hs-crypto/instance/policies").management_event("read instance-policy")
        .request(&[URI, INSTANCE])
        .about("Reads instance-level policies", "GET /api/v2/instance/policies; success 200"),
    hs_crypto("hs-crypto.instance-policies.write", Policy, STANDARD, Warning)
        .formerly("hs-crypto.instancepolicies.write")
        .target("hs-crypto/instance/policies").management_event("write instance-policy")
        .request(&[
            URI, INSTANCE, documented("initialValue.policyAllowedNetworkEnabled"),
            documented("initialValue.policyAllowedNetworkAttribute"),
            documented("initialValue.policyDualAuthDeleteEnabled"),
            recommended("initialValue.policyAllowedIPAttribute"), documented("initialValue.PolicyKCIAEnabled"),
            documented("initialValue.PolicyKCIAAttrCRK"), documented("initialValue.PolicyKCIAAttrCSK"),
            documented("initialValue.PolicyKCIAAttrIRK"), documented("initialValue.PolicyKCIAAttrISK"),
            documented("initialValue.PolicyKCIAAttrET"), documented("newValue.policyAllowedNetworkEnabled"),
            documented("newValue.policyAllowedNetworkAttribute"), documented("newValue.policyDualAuthDeleteEnabled"),
            recommended("newValue.policyAllowedIPAttribute"), documented("newValue.PolicyKCIAEnabled"),
            documented("newValue.PolicyKCIAAttrCRK"), documented("newValue.PolicyKCIAAttrCSK"),
            documented("newValue.PolicyKCIAAttrIRK"), documented("newValue.PolicyKCIAAttrISK"),
            documented("newValue.PolicyKCIAAttrET"),
        ])
        .about(
            "Sets instance-level policies",
            "PUT /api/v2/instance/policies; success 204; only members of the policy types in the request",
        ),
    hs_crypto("hs-crypto.instance-policies.request", Policy, STANDARD, Unlisted(Severity::Normal))
        .formerly("hs-crypto.instancepolicies.default")
        .target("hs-crypto/instance/policies").management_event("request instance-policy")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported instance-policy request", ""),
    hs_crypto("hs-crypto.instance-allowed-ip-port.read", Policy, STANDARD, Unlisted(Severity::Normal))
        .formerly("hs-crypto.instance.readallowedipport")
        .target("hs-crypto/instance/allowed-ip-port").management_event("read instance-allowed-ip-port")
        .request(&[URI, INSTANCE])
        .about(
            "Reads the private endpoint port tied to an allowed-IP policy",
            "named only in the historical mapping; GET /api/v2/instance/allowed_ip_port",
        ),
    hs_crypto("hs-crypto.instance-ip-allowlist-port.read", Policy, STANDARD, Unlisted(Severity::Normal))
        .formerly("hs-crypto.instance.readipwhitelistport")
        .target("hs-crypto/instance/ip-allowlist-port").management_event("read instance-ip-allowlist-port")
        .request(&[URI, INSTANCE])
        .about("Reads the port of the older IP allow list", "named only in the historical mapping; endpoint unknown"),
    key_protect("kms.policies.read", Policy, Normal)
        .target("kms/policies").management_event("read policy")
        .request(&[URI, INSTANCE, documented("keyRingId")])
        .response(&[documented("keyRingId")])
        .about("Reads the policies of one key", "GET /api/v2/keys/{id}/policies; success 200"),
    key_protect("kms.policies.write", Policy, Warning)
        .target("kms/policies").management_event("write policy")
        .request(&[
            URI, INSTANCE, documented("keyRingId"), recommended("initialValue.policyDualAuthDeleteEnabled"),
            recommended("newValue.policyDualAuthDeleteEnabled"),
        ])
        .response(&[documented("keyRingId")])
        .about("Sets rotation or dual-authorization policy of one key", "PUT /api/v2/keys/{id}/policies; success 200"),
    key_protect("kms.policies.default", Policy, Unlisted(Severity::Normal))
        .target("kms/policies").management_event("default policy")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported key-policy request", ""),
    key_protect("kms.instance-policies.read", Policy, Normal)
        .formerly("kms.instancepolicies.read")
        .target("kms/instance/policies").management_event("read instance-policy")
        .request(&[URI, INSTANCE])
        .about("Reads instance-level policies", "GET /api/v2/instance/policies; success 200"),
    key_protect("kms.instance-policies.write", Policy, Warning)
        .formerly("kms.instancepolicies.write")
        .target("kms/instance/policies").management_event("write instance-policy")
        .request(&[
            URI, INSTANCE, documented("initialValue.policyAllowedNetworkEnabled"),
            documented("initialValue.policyAllowedNetworkAttribute"),
            documented("initialValue.policyDualAuthDeleteEnabled"),
            documented("initialValue.policyAllowedIPAttribute"), documented("initialValue.PolicyKCIAEnabled"),
            documented("initialValue.PolicyKCIAAttrCRK"), documented("initialValue.PolicyKCIAAttrCSK"),
            documented("initialValue.PolicyKCIAAttrIRK"), documented("initialValue.PolicyKCIAAttrISK"),
            documented("initialValue.PolicyKCIAAttrET"), documented("newValue.policyAllowedNetworkEnabled"),
            documented("newValue.policyAllowedNetworkAttribute"), documented("newValue.policyDualAuthDeleteEnabled"),
            documented("newValue.policyAllowedIPAttribute"), documented("newValue.PolicyKCIAEnabled"),
            documented("newValue.PolicyKCIAAttrCRK"), documented("newValue.PolicyKCIAAttrCSK"),
            documented("newValue.PolicyKCIAAttrIRK"), documented("newValue.PolicyKCIAAttrISK"),
            documented("newValue.PolicyKCIAAttrET"),
        ])
        .about(
            "Sets instance-level policies",
            "PUT /api/v2/instance/policies; success 204; only members of the policy types in the request",
        ),
    key_protect("kms.instance-policies.request", Policy, Unlisted(Severity::Normal))
        .formerly("kms.instancepolicies.default")
        .target("kms/instance/policies").management_event("request instance-policy")
        .request(&[URI, INSTANCE])
        .about("Malformed or unsupported instance-policy request", ""),
    key_protect("kms.instance-allowed-ip-port.read", Policy, Unlisted(Severity::Normal))
        .formerly("kms.instance.readallowedipport")
        .target("kms/instance/allowed-ip-port").management_event("read instance-allowed-ip-port")
        .request(&[URI, INSTANCE])
        .about(
            "Reads the private endpoint port tied to an allowed-IP policy",
            "named only in the historical mapping; GET /api/v2/instance/allowed_ip_port",
        ),
    key_protect("kms.instance-ip-allowlist-port.read", Policy, Unlisted(Severity::Normal))
        .formerly("kms.instance.readipwhitelistport")
        .target("kms/instance/ip-allowlist-port").management_event("read instance-ip-allowlist-port")
        .request(&[URI, INSTANCE])
        .about("Reads the port of the older IP allow list", "named only in the historical mapping; endpoint unknown"),
    hs_crypto("hs-crypto.hs-crypto.instance-policies.write", Policy, NO_PLAN, Warning)
        .target("hs-crypto/instance/policies").management_event("write instance-policy")
        .request(&[URI, INSTANCE])
        .about(
            "Erratum of the severity table for hs-crypto.instance-policies.write",
            "listed as warning; proves that hs-crypto.instance-policies.write is warning; never emitted",
        )
        .erratum(),
    hs_crypto("hs-crypto.governance-config.read", Governance, STANDARD, Unlisted(Severity::Normal))
        .formerly("hs-crypto.governance.configread")
        .target("hs-crypto/governance-config").management_event("read governance-config")
        .request(&[URI, INSTANCE])
        .about(
            "Reads the governance (configuration rules) settings",
            "named only in the historical mapping; endpoint unknown",
        ),
    key_protect("kms.governance-config.read", Governance, Unlisted(Severity::Normal))
        .formerly("kms.governance.configread")
        .target("kms/governance-config").management_event("read governance-config")
        .request(&[URI, INSTANCE])
        .about(
            "Reads the governance (configuration rules) settings",
            "named only in the historical mapping; endpoint unknown",
        ),
];
