//! Set domain attributes, 00000008: thresholds and permissions. The way out of imprint mode.

use hpcs_ep11::{AdminFunction, AttributeList, Permissions};

use super::{Applied, Command, ImprintRule, Quorum};
use crate::unit::Imprint;
use crate::{CallEnv, Registers, Secured, Thresholds, Trust, Unit, UnitRefusal, UnitState};

/// Input: pairs of attribute index and value; absent attributes keep theirs. Output: the complete new list.
///
/// Refusals: see [`RULES`], the ordered table of them. Bits of the operational mode that clients send are ignored
/// where only the unit sets them (bit 0), and so are permissions that a domain does not have.
pub(super) struct SetAttributes;

/// The values that would be in force, beside the unit they would replace.
struct Proposal<'a> {
    unit: &'a Unit,
    signature: u32,
    revocation: u32,
    permissions: Permissions,
    mode: u32,
}

/// Values that passed every rule.
pub(super) struct Accepted {
    signature: u8,
    revocation: u8,
    permissions: Permissions,
}

type Rule = (UnitRefusal, fn(&Proposal<'_>) -> bool);

/// Rules on the proposed values, in checking order: the refusal, and when it applies.
const RULES: &[Rule] = &[
    (UnitRefusal::SIGNATURE_THRESHOLD_ZERO, |p| p.secured() && p.signature == 0),
    (UnitRefusal::REVOCATION_THRESHOLD_ZERO, |p| p.secured() && p.revocation == 0),
    (UnitRefusal::LEAVING_WITHOUT_REVOCATION, |p| !p.secured() && p.signature > 0 && p.revocation == 0),
    (UnitRefusal::SIGNATURE_THRESHOLD_HIGH, |p| p.signature as usize > p.unit.administrators.len()),
    (UnitRefusal::REVOCATION_THRESHOLD_HIGH, |p| p.revocation as usize > p.unit.administrators.len()),
    (UnitRefusal::THRESHOLD_PROTECTED, |p| p.changes_protected_threshold()),
    (UnitRefusal::CHANGE_BIT_RESET_ONLY, |p| p.turned_on() & Permissions::CHANGE_CONTROL.0 != 0),
    (UnitRefusal::PERMISSION_PROTECTED, |p| p.changes_protected_permission()),
    (UnitRefusal::SINGLE_SIGNATURE_IN_USE, |p| {
        p.turned_off() & Permissions::ONE_SIGN.0 != 0 && (p.signature == 1 || p.revocation == 1)
    }),
    (UnitRefusal::SIGNATURE_THRESHOLD_ONE, |p| p.signature == 1 && !p.single_sign()),
    (UnitRefusal::REVOCATION_THRESHOLD_ONE, |p| p.revocation == 1 && !p.single_sign()),
    (UnitRefusal::MODE_READ_ONLY, |p| (p.mode ^ p.unit.mode()) & !LEFT_IMPRINT_MODE != 0),
];

/// Bit of the operational mode that the unit alone sets.
const LEFT_IMPRINT_MODE: u32 = 1;

/// Permission bits that a domain has, and all change-control bits. Others are kept 0 and ignored in input: those of whole
/// cards, the historic ones, and those without a meaning.
pub(crate) const DOMAIN_LEVEL: u32 = 0xFFFF_207F;

/// The highest attribute index that any firmware knows.
const HIGHEST_INDEX: u32 = 10;

impl Command for SetAttributes {
    const FUNCTION: AdminFunction = AdminFunction::SET_ATTRIBUTES;
    const NAME: &'static str = "set attributes";
    const IMPRINT: ImprintRule = ImprintRule::NewSignatureThreshold;
    const SECURED: Quorum = Quorum::SignatureThreshold;
    type Input = Accepted;

    fn check(unit: &Unit, input: &[u8], _: Trust) -> Result<Accepted, UnitRefusal> {
        let list = AttributeList::decode(input).map_err(|_| UnitRefusal::ATTRIBUTE_LENGTH)?;
        let proposal = Proposal::new(unit, &list.0)?;
        for (refusal, applies) in RULES {
            if applies(&proposal) {
                return Err(*refusal);
            }
        }
        // Both are at most the number of administrators, 8.
        let small = |threshold: u32| u8::try_from(threshold).map_err(|_| UnitRefusal::SIGNATURE_THRESHOLD_HIGH);
        Ok(Accepted {
            signature: small(proposal.signature)?,
            revocation: small(proposal.revocation)?,
            permissions: proposal.permissions,
        })
    }

    fn effect(unit: &Unit, accepted: Accepted, _: &mut CallEnv) -> Applied {
        let Accepted { signature, revocation, permissions } = accepted;
        let thresholds = Thresholds { signature, revocation };
        let state = match unit.state().clone() {
            UnitState::Secured(secured) => UnitState::Secured(Secured { thresholds, ..secured }),
            UnitState::Imprint(_) if signature == 0 => UnitState::Imprint(Imprint { revocation_threshold: revocation }),
            UnitState::Imprint(_) => {
                UnitState::Secured(Secured { thresholds, registers: Registers::default(), importer: None })
            }
        };
        let next = Unit { permissions, state, ..unit.clone() };
        let output = next.attributes().encode();
        Ok((next, output))
    }
}

impl<'a> Proposal<'a> {
    fn new(unit: &'a Unit, pairs: &[(u32, u32)]) -> Result<Self, UnitRefusal> {
        if pairs.is_empty() {
            return Err(UnitRefusal::ATTRIBUTE_LENGTH);
        }
        for (index, _) in pairs {
            match *index {
                AttributeList::SIGNATURE_THRESHOLD..=AttributeList::MODE => {}
                index if index > HIGHEST_INDEX => return Err(UnitRefusal::ATTRIBUTE_INDEX),
                _ => return Err(UnitRefusal::ATTRIBUTE_UNSUPPORTED),
            }
        }
        for (at, (index, _)) in pairs.iter().enumerate() {
            if pairs.iter().take(at).any(|(earlier, _)| earlier == index) {
                return Err(UnitRefusal::ATTRIBUTE_REPEATED);
            }
        }
        let value = |index, kept| pairs.iter().find(|(given, _)| *given == index).map_or(kept, |(_, value)| *value);
        let permissions = value(AttributeList::PERMISSIONS, unit.permissions.0);
        Ok(Proposal {
            unit,
            signature: value(AttributeList::SIGNATURE_THRESHOLD, unit.signature_threshold().into()),
            revocation: value(AttributeList::REVOCATION_THRESHOLD, unit.revocation_threshold().into()),
            permissions: Permissions(permissions & DOMAIN_LEVEL),
            mode: value(AttributeList::MODE, unit.mode()),
        })
    }

    fn secured(&self) -> bool {
        matches!(self.unit.state(), UnitState::Secured(_))
    }

    fn single_sign(&self) -> bool {
        self.permissions.contains(Permissions::ONE_SIGN)
    }

    fn turned_on(&self) -> u32 {
        self.permissions.0 & !self.unit.permissions.0
    }

    fn turned_off(&self) -> u32 {
        self.unit.permissions.0 & !self.permissions.0
    }

    fn changes_protected_threshold(&self) -> bool {
        let old = self.unit.permissions;
        let signature_changes = self.signature != u32::from(self.unit.signature_threshold());
        let revocation_changes = self.revocation != u32::from(self.unit.revocation_threshold());
        (signature_changes && !old.contains(Permissions::CHG_SIGN_THR))
            || (revocation_changes && !old.contains(Permissions::CHG_REVOKE_THR))
    }

    fn changes_protected_permission(&self) -> bool {
        let changed = self.turned_on() | self.turned_off();
        Permissions::change_bits()
            .iter()
            .any(|(permission, guard)| changed & permission.0 != 0 && !self.unit.permissions.contains(*guard))
    }
}
