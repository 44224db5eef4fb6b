//! One documented action.

use hpcs_names::ServiceName;
use serde::{Deserialize, Serialize};

/// One documented action and all that the reference says about its event, apart from the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The service that emits the action; the action's first segment.
    pub service: ServiceName,
    /// The current action name, for example `hs-crypto.tke-cryptounit-admin.add`.
    pub action: &'static str,
    /// The name the action had before the current scheme.
    pub legacy_action: Option<&'static str>,
    /// The group of actions that share rules.
    pub family: Family,
    /// The service plans whose documentation names the action; none for a misprint.
    pub plans: &'static [Plan],
    /// The severity before the status code is considered.
    pub base_severity: BaseSeverity,
    /// The event's `target.typeURI`.
    pub type_uri: &'static str,
    /// Members of `requestData`, as dotted paths inside it, in emission order.
    pub request_fields: &'static [Field],
    /// Members of `responseData`, as dotted paths inside it, in emission order.
    pub response_fields: &'static [Field],
    /// The event's `dataEvent`: whether the action belongs to data and not to management (section 1.9).
    pub data_event: bool,
    /// Verb and object of the message, for example `add tke-cryptounit-admin` (section 1.4).
    pub phrase: &'static str,
    /// Whether the emulator emits the action.
    pub status: Status,
    /// What happens, in a sentence.
    pub description: &'static str,
    /// Where the action comes from and what is peculiar about it; may be empty.
    pub note: &'static str,
}

impl Row {
    /// Whether `responseData` declares a top-level member of this name.
    pub fn declares_response(&self, name: &str) -> bool {
        self.response_fields.iter().any(|field| field.path == name)
    }
}

/// Actions that share rules for target, members and severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Keys of the key management service, with aliases, versions and acknowledgements.
    Key,
    /// Key rings.
    KeyRing,
    /// Policies of keys and instances.
    Policy,
    /// Governance settings.
    Governance,
    /// Import tokens.
    ImportToken,
    /// Registrations of keys by adopting services.
    Registration,
    /// Management of KMIP adapters.
    KmipManagement,
    /// The KMIP protocol.
    KmipProtocol,
    /// KMIP for VMware.
    KmipVmware,
    /// Crypto unit administration, Trusted Key Entry.
    Tke,
    /// The certificate manager.
    CertificateManager,
    /// EP11 keystores.
    Ep11Keystore,
    /// EP11 cryptography.
    Ep11Crypto,
    /// Managed keys of Unified Key Orchestrator.
    ManagedKey,
    /// Keystores of Unified Key Orchestrator.
    TargetKeystore,
    /// Vaults of Unified Key Orchestrator.
    Vault,
    /// Key templates of Unified Key Orchestrator.
    KeyTemplate,
}

impl Family {
    /// Whether the family belongs to Unified Key Orchestrator, which words messages and identities its own way.
    pub fn is_orchestrator(self) -> bool {
        matches!(self, Family::ManagedKey | Family::TargetKeystore | Family::Vault | Family::KeyTemplate)
    }
}

/// A plan whose documentation names an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Plan {
    /// Hyper Protect Crypto Services, Standard.
    Standard,
    /// Hyper Protect Crypto Services with Unified Key Orchestrator.
    Uko,
    /// Key Protect.
    KeyProtect,
}

/// How grave an event is; the order is the order of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Routine.
    Normal,
    /// A change or a refusal worth a look.
    Warning,
    /// A deletion, crypto unit administration, or a security refusal.
    Critical,
}

/// The severity of an action before the status code is considered (section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BaseSeverity {
    /// Listed as normal.
    Normal,
    /// Listed as warning.
    Warning,
    /// Listed as critical.
    Critical,
    /// Not listed anywhere; the severity is chosen by the action's verb.
    Unlisted(Severity),
}

impl BaseSeverity {
    /// The severity, listed or chosen.
    pub const fn severity(self) -> Severity {
        match self {
            BaseSeverity::Normal => Severity::Normal,
            BaseSeverity::Warning => Severity::Warning,
            BaseSeverity::Critical => Severity::Critical,
            BaseSeverity::Unlisted(severity) => severity,
        }
    }
}

/// A member of `requestData` or `responseData`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Dotted path inside the object, for example `newValue.keyRingId`; `*` stands for a copied body.
    pub path: &'static str,
    /// Whether the service's own page documents it; otherwise it is documented for a sibling or recommended.
    pub documented: bool,
}

/// What the emulator does with an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// An operation emits it.
    Implemented,
    /// Documented; no operation emits it yet.
    Planned,
    /// A misprint of the documentation; never emitted.
    Erratum,
}
