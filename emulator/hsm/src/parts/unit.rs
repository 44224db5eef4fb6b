//! A unit taken apart.

use std::sync::Arc;

use hpcs_ep11::{
    AdminDomain, ControlPoints, ImporterKey, KeyPart, Permissions, TransactionCounter, VerificationPattern,
};

use super::{PartsFault, PartsField, PartsRule};
use crate::commands::{DOMAIN_LEVEL, MAX_CERTIFICATE, MAX_PARTS};
use crate::unit::Imprint;
use crate::{
    Administrator, Administrators, CurrentRegister, MasterKey, Module, NewRegister, PendingKey, Registers, Secured,
    Thresholds, Unit, UnitState,
};

/// What a [`Unit`] is made of. Keys are shared with the unit, not copied.
pub struct UnitParts {
    /// The module that carries the unit.
    pub module: Arc<Module>,
    /// Domain index and current domain instance.
    pub domain: AdminDomain,
    /// The counter of the last command that took effect.
    pub counter: TransactionCounter,
    /// Certificates of the administrators, in the order of installation.
    pub administrators: Vec<Vec<u8>>,
    /// The permission word.
    pub permissions: Permissions,
    /// Which control points are enabled.
    pub control_points: ControlPoints,
    /// The signature threshold: 0 is imprint mode, 1 to 8 is not.
    pub signature_threshold: u8,
    /// The revocation signature threshold: 0 to 8 in imprint mode, else 1 to 8.
    pub revocation_threshold: u8,
    /// The key in the current master key register.
    pub current_master_key: Option<Arc<KeyPart>>,
    /// The key in the new master key register.
    pub new_master_key: Option<NewMasterKeyParts>,
    /// The private key that opens imported key parts.
    pub importer_key: Option<Arc<ImporterKey>>,
}

/// What the new master key register holds.
pub struct NewMasterKeyParts {
    /// The key.
    pub key: Arc<KeyPart>,
    /// Patterns of the parts it was combined from, in load order, tails kept; none for a random key.
    pub part_patterns: Vec<VerificationPattern>,
    /// Whether the register is full committed; otherwise it is full uncommitted.
    pub committed: bool,
}

impl Unit {
    /// Takes the unit apart.
    pub fn parts(&self) -> UnitParts {
        let registers = self.registers();
        UnitParts {
            module: self.module.clone(),
            domain: self.domain,
            counter: self.counter,
            administrators: self.administrators.iter().map(|one| one.certificate().to_vec()).collect(),
            permissions: self.permissions,
            control_points: self.control_points,
            signature_threshold: self.signature_threshold(),
            revocation_threshold: self.revocation_threshold(),
            current_master_key: registers.current.key().map(MasterKey::share),
            new_master_key: registers.new.pending().map(|pending| NewMasterKeyParts {
                key: pending.key.share(),
                part_patterns: pending.part_patterns.clone(),
                committed: registers.new.is_committed(),
            }),
            importer_key: match &self.state {
                UnitState::Imprint(_) => None,
                UnitState::Secured(secured) => secured.importer.clone(),
            },
        }
    }

    /// Puts a unit together. Costs no public-key arithmetic; whether an importer key from outside is a pair is for
    /// [`ImporterKey::is_pair`] to say.
    ///
    /// # Errors
    /// [`PartsFault`] when a command could not have brought a unit there.
    pub fn from_parts(parts: UnitParts) -> Result<Unit, PartsFault> {
        check_bits(&parts)?;
        let administrators = administrators(parts.administrators)?;
        let thresholds = Thresholds { signature: parts.signature_threshold, revocation: parts.revocation_threshold };
        check_thresholds(thresholds, administrators.len(), parts.permissions)?;
        let state = if thresholds.signature == 0 {
            let present = [
                (PartsField::CurrentMasterKey, parts.current_master_key.is_some()),
                (PartsField::NewMasterKey, parts.new_master_key.is_some()),
                (PartsField::ImporterKey, parts.importer_key.is_some()),
            ];
            if let Some((field, _)) = present.into_iter().find(|(_, present)| *present) {
                return Err(PartsFault::new(field, PartsRule::ImprintMode));
            }
            UnitState::Imprint(Imprint { revocation_threshold: thresholds.revocation })
        } else {
            let registers = registers(parts.current_master_key, parts.new_master_key)?;
            UnitState::Secured(Secured { thresholds, registers, importer: parts.importer_key })
        };
        Ok(Unit {
            module: parts.module,
            domain: parts.domain,
            counter: parts.counter,
            administrators,
            permissions: parts.permissions,
            control_points: parts.control_points,
            state,
        })
    }
}

/// Commands turn on what a domain has, change-control bits never, and of the control points those that may be enabled.
fn check_bits(parts: &UnitParts) -> Result<(), PartsFault> {
    let change_control = Permissions::CHANGE_CONTROL.0;
    let possible = (DOMAIN_LEVEL & !change_control) | (Permissions::FACTORY.0 & change_control);
    let impossible = parts.permissions.0 & !possible;
    if impossible != 0 {
        return Err(PartsFault::new(PartsField::Permissions, PartsRule::ImpossibleBits(impossible.into())));
    }
    let enableable = ControlPoints::DEFINED.minus(&ControlPoints::NEVER_ENABLED);
    let possible = enableable.union(&parts.module.profile().control_points());
    let impossible = parts.control_points.minus(&possible);
    if !impossible.is_empty() {
        let bits = u128::from_be_bytes(impossible.0);
        return Err(PartsFault::new(PartsField::ControlPoints, PartsRule::ImpossibleBits(bits)));
    }
    Ok(())
}

fn administrators(certificates: Vec<Vec<u8>>) -> Result<Administrators, PartsFault> {
    if certificates.len() > Administrators::CAPACITY {
        let rule = PartsRule::TooMany { most: Administrators::CAPACITY, found: certificates.len() };
        return Err(PartsFault::new(PartsField::Administrators, rule));
    }
    let mut list: Vec<Administrator> = Vec::with_capacity(certificates.len());
    for (index, certificate) in certificates.into_iter().enumerate() {
        let fault = |rule| PartsFault::new(PartsField::AdministratorCertificate(index), rule);
        if certificate.is_empty() || certificate.len() > MAX_CERTIFICATE {
            return Err(fault(PartsRule::CertificateSize { most: MAX_CERTIFICATE, found: certificate.len() }));
        }
        let administrator = Administrator::read(certificate).map_err(|error| fault(PartsRule::Certificate(error)))?;
        if let Some(first) = list.iter().position(|other| other.id() == administrator.id()) {
            return Err(fault(PartsRule::Repeats { first }));
        }
        list.push(administrator);
    }
    Ok(Administrators::from_distinct(list))
}

fn check_thresholds(thresholds: Thresholds, administrators: usize, permissions: Permissions) -> Result<(), PartsFault> {
    let imprint = thresholds.signature == 0;
    let both = [
        (PartsField::SignatureThreshold, thresholds.signature),
        (PartsField::RevocationThreshold, thresholds.revocation),
    ];
    for (field, found) in both {
        let (least, most) = (u8::from(!imprint), Administrators::CAPACITY as u8);
        if !(least..=most).contains(&found) {
            return Err(PartsFault::new(field, PartsRule::OutOfRange { least, most, found }));
        }
        // In imprint mode administrators may leave after the threshold was set.
        if !imprint && usize::from(found) > administrators {
            return Err(PartsFault::new(field, PartsRule::AboveAdministrators { found, administrators }));
        }
        if found == 1 && !permissions.contains(Permissions::ONE_SIGN) {
            return Err(PartsFault::new(field, PartsRule::NeedsOneSign));
        }
    }
    Ok(())
}

fn registers(current: Option<Arc<KeyPart>>, new: Option<NewMasterKeyParts>) -> Result<Registers, PartsFault> {
    let current = current.map_or(CurrentRegister::Empty, |key| CurrentRegister::Valid(MasterKey::shared(key)));
    let Some(NewMasterKeyParts { key, part_patterns, committed }) = new else {
        return Ok(Registers { current, new: NewRegister::Empty });
    };
    if part_patterns.len() > MAX_PARTS {
        let rule = PartsRule::TooMany { most: MAX_PARTS, found: part_patterns.len() };
        return Err(PartsFault::new(PartsField::PartPatterns, rule));
    }
    if current.key().is_some_and(|current| current.is_same_key(&key)) {
        return Err(PartsFault::new(PartsField::NewMasterKey, PartsRule::RepeatsCurrent));
    }
    let pending = PendingKey { key: MasterKey::shared(key), part_patterns };
    let new = if committed { NewRegister::Committed(pending) } else { NewRegister::Uncommitted(pending) };
    Ok(Registers { current, new })
}
