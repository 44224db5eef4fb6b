//! What may be told of a crypto unit: everything but its keys.

use hpcs_ep11::{
    AdminDomain, ControlPoints, ModuleId, Permissions, SubjectKeyId, TransactionCounter, VerificationPattern,
};

use super::{NewRegister, Unit, UnitState};

/// A crypto unit as it may be shown outside the hardware. It holds no key and keeps none alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitStatus {
    /// Serial number and instance of the module.
    pub module: ModuleId,
    /// Domain index and domain instance.
    pub domain: AdminDomain,
    /// The counter of the last command that took effect.
    pub counter: TransactionCounter,
    /// Whether the unit is in imprint mode.
    pub imprint_mode: bool,
    /// 0 in imprint mode, else 1 to 8.
    pub signature_threshold: u8,
    /// 0 to 8.
    pub revocation_threshold: u8,
    /// Identifier and name of each administrator, in the order of installation.
    pub administrators: Vec<(SubjectKeyId, String)>,
    /// The new master key register.
    pub new_register: NewRegisterStatus,
    /// The pattern of the new register as the unit reports it.
    pub new_pattern: Option<VerificationPattern>,
    /// The pattern of the current register as the unit reports it.
    pub current_pattern: Option<VerificationPattern>,
    /// The permission word.
    pub permissions: Permissions,
    /// Which control points are enabled.
    pub control_points: ControlPoints,
}

/// What the new master key register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewRegisterStatus {
    /// Nothing.
    Empty,
    /// A key that waits for its commit.
    FullUncommitted,
    /// A key that waits to become current.
    FullCommitted,
}

impl Unit {
    /// The state without the keys.
    pub fn status(&self) -> UnitStatus {
        let administrators = self.administrators().iter();
        UnitStatus {
            module: self.module().id(),
            domain: self.domain(),
            counter: self.counter(),
            imprint_mode: matches!(self.state(), UnitState::Imprint(_)),
            signature_threshold: self.signature_threshold(),
            revocation_threshold: self.revocation_threshold(),
            administrators: administrators.map(|one| (one.id(), one.name().to_owned())).collect(),
            new_register: match self.registers().new {
                NewRegister::Empty => NewRegisterStatus::Empty,
                NewRegister::Uncommitted(_) => NewRegisterStatus::FullUncommitted,
                NewRegister::Committed(_) => NewRegisterStatus::FullCommitted,
            },
            new_pattern: self.new_pattern(),
            current_pattern: self.current_pattern(),
            permissions: self.permissions(),
            control_points: self.control_points(),
        }
    }
}
