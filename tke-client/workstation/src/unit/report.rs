//! What a unit says about itself.

use hpcs_ep11::{AdminDomain, ModuleId, Permissions, SubjectKeyId, TransactionCounter};

/// The two thresholds of a unit, each 0 in imprint mode and 1 to 8 afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Signatures that most commands need.
    pub signature: u32,
    /// Signatures that removing an administrator needs.
    pub revocation: u32,
}

/// The attributes of a unit, and what its next command must carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributeReport {
    /// The thresholds. As in the published client, one that the unit does not report is 999.
    pub thresholds: Thresholds,
    /// What is allowed on the unit.
    pub permissions: Permissions,
    /// The operational mode.
    pub mode: u32,
    /// Domain index and present domain instance.
    pub domain: AdminDomain,
    /// The crypto module.
    pub module: ModuleId,
    /// The transaction counter of the last command.
    pub counter: TransactionCounter,
}

impl AttributeReport {
    /// Whether the unit is in imprint mode.
    #[must_use]
    pub fn imprint_mode(&self) -> bool {
        self.thresholds.signature == 0
    }
}

/// An administrator installed in a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Administrator {
    /// The subject key identifier of the administrator's key.
    pub ski: SubjectKeyId,
    /// The name in the certificate.
    pub name: String,
    /// The certificate as it was installed.
    pub certificate: Vec<u8>,
}
