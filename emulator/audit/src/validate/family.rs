//! The families of actions, told by the action's name alone.

/// Actions that share rules for target, initiator and data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Key,
    KeyRing,
    KeyPolicy,
    /// Settings and import tokens of an instance.
    Instance,
    Registration,
    KmipManagement,
    KmipProtocol,
    KmipVmware,
    Tke,
    CertificateManager,
    Ep11Keystore,
    Ep11Crypto,
    ManagedKey,
    TargetKeystore,
    Vault,
    KeyTemplate,
}

impl Family {
    /// The family of the middle segment of an action.
    pub(super) fn of_object(object: &str) -> Option<Family> {
        OBJECTS.iter().find(|(have, _)| *have == object).map(|(_, family)| *family)
    }

    /// Types of `target.id` that the family acts on; the empty type is the instance itself (1.7, 1.8).
    pub(super) fn target_kinds(self) -> &'static [&'static str] {
        match self {
            Family::Key | Family::Registration => &["key", ""],
            Family::KeyRing => &["key-ring", ""],
            Family::KeyPolicy => &["key", "policy", ""],
            Family::Instance | Family::CertificateManager | Family::Ep11Crypto => &[""],
            Family::KmipManagement => &["kmip-adapter", "kmip-object", ""],
            Family::KmipProtocol => &["kmip-object", "kmip-adapter", ""],
            Family::KmipVmware => &["kmip-key", ""],
            Family::Tke => &["tke-cryptounit"],
            Family::Ep11Keystore => &["keystore", ""],
            Family::ManagedKey => &["managed-key", ""],
            Family::TargetKeystore => &["target-keystore", ""],
            Family::Vault => &["vault", ""],
            Family::KeyTemplate => &["key-template", ""],
        }
    }

    /// Unified Key Orchestrator: bodies are copied, messages of failures end with the reason.
    pub(super) fn is_orchestrator(self) -> bool {
        matches!(self, Family::ManagedKey | Family::TargetKeystore | Family::Vault | Family::KeyTemplate)
    }

    /// The callers are known by their client certificates.
    pub(super) fn is_kmip_protocol(self) -> bool {
        matches!(self, Family::KmipProtocol | Family::KmipVmware)
    }

    /// Routes of the key management API.
    pub(super) fn is_key_management(self) -> bool {
        matches!(
            self,
            Family::Key
                | Family::KeyRing
                | Family::KeyPolicy
                | Family::Instance
                | Family::Registration
                | Family::KmipManagement
        )
    }
}

#[rustfmt::skip]
const OBJECTS: &[(&str, Family)] = &[
    ("secrets", Family::Key),
    ("secrets-alias", Family::Key),
    ("secrets-event", Family::Key),
    ("secrets-key-versions", Family::Key),
    ("secrets-metadata", Family::Key),
    ("key-rings", Family::KeyRing),
    ("policies", Family::KeyPolicy),
    ("instance-policies", Family::Instance),
    ("instance-allowed-ip-port", Family::Instance),
    ("instance-ip-allowlist-port", Family::Instance),
    ("governance-config", Family::Instance),
    ("import-token", Family::Instance),
    ("registrations", Family::Registration),
    ("kmip-management", Family::KmipManagement),
    ("kmip", Family::KmipProtocol),
    ("kmip-key", Family::KmipVmware),
    ("kmip-key-attributes", Family::KmipVmware),
    ("tke-cryptounit", Family::Tke),
    ("tke-cryptounit-admin", Family::Tke),
    ("tke-cryptounit-threshold", Family::Tke),
    ("tke-cryptounit-master-key-register", Family::Tke),
    ("tke-cryptounit-new-master-key-register", Family::Tke),
    ("tke-cryptounit-current-master-key-register", Family::Tke),
    ("mtlscert-admin-key", Family::CertificateManager),
    ("mtlscert-cert", Family::CertificateManager),
    ("keystore", Family::Ep11Keystore),
    ("ep11", Family::Ep11Crypto),
    ("managed-keys", Family::ManagedKey),
    ("target-keystores", Family::TargetKeystore),
    ("vaults", Family::Vault),
    ("key-templates", Family::KeyTemplate),
];
