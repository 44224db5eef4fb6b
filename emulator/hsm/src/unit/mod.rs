//! The state of a crypto unit.

mod administrators;
mod registers;
mod status;

use std::sync::Arc;

use hpcs_ep11::{
    AdminDomain, AttributeList, ControlPoints, DomainFlags, DomainIndex, DomainInfo, DomainInstance, ImporterKey,
    Permissions, TransactionCounter, VerificationPattern,
};

pub use administrators::{Administrator, Administrators};
pub use registers::{CurrentRegister, NewRegister, PendingKey, Registers};
pub use status::{NewRegisterStatus, UnitStatus};

use crate::{MasterKey, Module};

/// A crypto unit (domain on the wire): an independent EP11 unit inside a crypto module.
///
/// A value of this type is one state. Commands do not change it; they give the next state. Copies share the boxes that
/// hold keys, so that no key is ever copied and a box is zeroized when the last state that knows it is gone.
#[derive(Clone)]
pub struct Unit {
    pub(crate) module: Arc<Module>,
    pub(crate) domain: AdminDomain,
    pub(crate) counter: TransactionCounter,
    pub(crate) administrators: Administrators,
    pub(crate) permissions: Permissions,
    pub(crate) control_points: ControlPoints,
    pub(crate) state: UnitState,
}

/// Whether the unit is administered yet.
#[derive(Clone)]
pub enum UnitState {
    /// Imprint mode: signature threshold 0, commands need no signatures, no keys.
    Imprint(Imprint),
    /// Left imprint mode: commands need signatures, keys may be loaded.
    Secured(Secured),
}

/// What a unit in imprint mode holds beside its administrators.
#[derive(Clone, Copy, Default)]
pub struct Imprint {
    /// The revocation signature threshold can be set before the signature threshold is; 0 to 8.
    pub revocation_threshold: u8,
}

/// What a unit out of imprint mode holds beside its administrators.
#[derive(Clone)]
pub struct Secured {
    /// How many signatures commands need.
    pub thresholds: Thresholds,
    /// Both master key registers.
    pub registers: Registers,
    /// The private key that opens imported key parts, if one was generated.
    pub importer: Option<Arc<ImporterKey>>,
}

/// Signature threshold and revocation signature threshold, 1 to 8 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Signatures needed by most commands.
    pub signature: u8,
    /// Signatures needed to remove an administrator.
    pub revocation: u8,
}

impl Unit {
    /// A unit as it leaves the factory: imprint mode, no administrators, counter 0.
    pub fn new(module: Arc<Module>, index: DomainIndex) -> Self {
        let domain = AdminDomain { index, instance: DomainInstance::FIRST };
        Unit::factory(module, domain)
    }

    /// The unit after zeroize: the factory state under the next domain instance.
    #[must_use]
    pub(crate) fn zeroized(&self) -> Self {
        let domain = AdminDomain { index: self.domain.index, instance: self.domain.instance.next() };
        Unit::factory(self.module.clone(), domain)
    }

    /// The unit as it left the factory: the same domain of the same module, its first instance, in imprint mode.
    ///
    /// Unlike zeroize, which gives the next domain instance, this takes back everything that ever happened. Commands that
    /// were signed for the first domain instance fit again.
    #[must_use]
    pub fn as_manufactured(&self) -> Self {
        Unit::new(self.module.clone(), self.domain.index)
    }

    fn factory(module: Arc<Module>, domain: AdminDomain) -> Self {
        Unit {
            control_points: module.profile().control_points(),
            module,
            domain,
            counter: TransactionCounter::ZERO,
            administrators: Administrators::default(),
            permissions: Permissions::FACTORY,
            state: UnitState::Imprint(Imprint::default()),
        }
    }

    /// The module that carries the unit.
    pub fn module(&self) -> &Arc<Module> {
        &self.module
    }

    /// Domain index and current domain instance.
    pub fn domain(&self) -> AdminDomain {
        self.domain
    }

    /// The counter of the last command that took effect.
    pub fn counter(&self) -> TransactionCounter {
        self.counter
    }

    /// Installed administrators in the order of installation.
    pub fn administrators(&self) -> &Administrators {
        &self.administrators
    }

    /// The permission word.
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Which control points are enabled.
    pub fn control_points(&self) -> ControlPoints {
        self.control_points
    }

    /// Imprint mode or not, with what only that mode has.
    pub fn state(&self) -> &UnitState {
        &self.state
    }

    /// The signature threshold; 0 in imprint mode.
    pub fn signature_threshold(&self) -> u8 {
        match &self.state {
            UnitState::Imprint(_) => 0,
            UnitState::Secured(secured) => secured.thresholds.signature,
        }
    }

    /// The revocation signature threshold; 0 to 8.
    pub fn revocation_threshold(&self) -> u8 {
        match &self.state {
            UnitState::Imprint(imprint) => imprint.revocation_threshold,
            UnitState::Secured(secured) => secured.thresholds.revocation,
        }
    }

    /// Both registers; empty in imprint mode.
    pub fn registers(&self) -> Registers {
        match &self.state {
            UnitState::Imprint(_) => Registers::default(),
            UnitState::Secured(secured) => secured.registers.clone(),
        }
    }

    /// The current master key.
    pub(crate) fn current_key(&self) -> Option<&MasterKey> {
        match &self.state {
            UnitState::Imprint(_) => None,
            UnitState::Secured(secured) => secured.registers.current.key(),
        }
    }

    /// The new master key, once it is committed.
    pub(crate) fn committed_key(&self) -> Option<&MasterKey> {
        match &self.state {
            UnitState::Imprint(_) => None,
            UnitState::Secured(secured) => {
                let committed = secured.registers.new.is_committed();
                secured.registers.new.pending().filter(|_| committed).map(|pending| &pending.key)
            }
        }
    }

    /// The pattern as this unit's generation reports it.
    pub fn report_pattern(&self, pattern: VerificationPattern) -> VerificationPattern {
        pattern.with_tail(self.module.profile().pattern_tail())
    }

    /// The reported pattern of the current master key register; `None` when it is empty.
    pub fn current_pattern(&self) -> Option<VerificationPattern> {
        self.registers().current.key().map(|key| self.report_pattern(key.pattern()))
    }

    /// The reported pattern of the new master key register; `None` when it is empty.
    pub fn new_pattern(&self) -> Option<VerificationPattern> {
        self.registers().new.pending().map(|pending| self.report_pattern(pending.key.pattern()))
    }

    /// The operational mode attribute: 1 once imprint mode is left.
    pub fn mode(&self) -> u32 {
        u32::from(matches!(self.state, UnitState::Secured(_)))
    }

    /// The attribute list as queries report it: indexes 1 to 5.
    pub fn attributes(&self) -> AttributeList {
        /// Standards compliance of the default control points: FIPS 2009.
        const COMPLIANCE: u32 = 1;
        AttributeList(vec![
            (AttributeList::SIGNATURE_THRESHOLD, self.signature_threshold().into()),
            (AttributeList::REVOCATION_THRESHOLD, self.revocation_threshold().into()),
            (AttributeList::PERMISSIONS, self.permissions.0),
            (AttributeList::MODE, self.mode()),
            (AttributeList::COMPLIANCE, COMPLIANCE),
        ])
    }

    /// Domain information as get_xcp_info reports it.
    pub fn domain_info(&self) -> DomainInfo {
        let registers = self.registers();
        let flags = DomainFlags::ENFORCES_IMPRINT
            .with(DomainFlags::ADMINISTRATORS_PRESENT, !self.administrators.is_empty())
            .with(DomainFlags::CURRENT_PRESENT, registers.current.key().is_some())
            .with(DomainFlags::NEXT_PRESENT, registers.new.pending().is_some())
            .with(DomainFlags::NEXT_COMMITTED, registers.new.is_committed())
            .with(DomainFlags::IMPRINT_LEFT, self.mode() != 0);
        DomainInfo {
            domain: self.domain.index,
            current: self.current_pattern().unwrap_or(VerificationPattern::ZERO),
            next: self.new_pattern().unwrap_or(VerificationPattern::ZERO),
            flags,
            mode: self.mode(),
        }
    }
}
