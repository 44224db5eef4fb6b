//! Which keys sign a command, and how many.
//!
//! The rules of units (TKE workflows 1.8) decide how many signatures a command needs; the rules of the real command line
//! (2.6) decide which of the selected keys give them: those that are installed administrators wherever they have to sign,
//! in the order of KEYNUM, as many as the most demanding unit needs. Nothing here asks a unit or opens a key.

use std::collections::BTreeSet;
use std::fmt;

use hpcs_ep11::{Permissions, SubjectKeyId};

use crate::{Thresholds, texts};

/// What is to be signed, as far as the number of signatures depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOperation {
    /// Adding an administrator.
    AddAdministrator,
    /// Removing an administrator.
    RemoveAdministrator,
    /// Setting the thresholds.
    SetThresholds {
        /// The signature threshold to be set.
        new_signature: u32,
    },
    /// Generating an importer key or a random master key, loading key parts, setting immediately, clearing a register.
    SingleSignature,
    /// Exporting a master key.
    Export,
    /// Committing the new master key register.
    Commit,
    /// Turning control points on or off.
    ControlPoints,
    /// Zeroizing.
    Zeroize,
}

/// Who may command a unit, and how many of them it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitAuthority {
    /// The thresholds; a signature threshold of 0 is imprint mode.
    pub thresholds: Thresholds,
    /// The permissions, some of which lower the number of signatures.
    pub permissions: Permissions,
    /// The installed administrators.
    pub administrators: Vec<SubjectKeyId>,
}

/// The keys that sign, for several units at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    signers: Vec<u32>,
    counts: Vec<usize>,
}

/// Fewer usable keys are selected than signatures are needed. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuorumError {
    /// Whether the revocation signature threshold is the one that is not met.
    pub revocation: bool,
    /// Signatures needed.
    pub needed: usize,
    /// Selected keys that could give one.
    pub usable: usize,
}

/// How many signatures `unit` needs for `operation`.
///
/// In imprint mode units refuse most operations whatever is signed. Those that are signed once are still signed once
/// then, so that there is a request for the unit to refuse.
#[must_use]
pub fn required(operation: SignedOperation, unit: &UnitAuthority) -> usize {
    let Thresholds { signature, revocation } = unit.thresholds;
    let one_if = |permission, otherwise| if unit.permissions.contains(permission) { 1 } else { otherwise };
    let count = match operation {
        SignedOperation::SetThresholds { new_signature } if unit.imprint_mode() => new_signature,
        SignedOperation::SingleSignature => 1,
        _ if unit.imprint_mode() => 0,
        SignedOperation::AddAdministrator
        | SignedOperation::SetThresholds { .. }
        | SignedOperation::Export
        | SignedOperation::Commit => signature,
        SignedOperation::RemoveAdministrator => revocation,
        SignedOperation::ControlPoints => one_if(Permissions::CP_1SIGN, signature),
        SignedOperation::Zeroize => one_if(Permissions::ZERO_1SIGN, signature),
    };
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Chooses the signers of `operation` for all `targets` among the `selected` keys, each with its KEYNUM.
///
/// # Errors
/// [`QuorumError`] when too few selected keys are installed administrators on all units that want signatures of them.
pub fn choose_signers(
    operation: SignedOperation,
    selected: &[(u32, SubjectKeyId)],
    targets: &[UnitAuthority],
) -> Result<Quorum, QuorumError> {
    let counts: Vec<usize> = targets.iter().map(|target| required(operation, target)).collect();
    let needed = counts.iter().copied().max().unwrap_or(0);
    let usable = usable_keys(operation, selected, targets);
    match usable.get(..needed) {
        Some(signers) => Ok(Quorum { signers: signers.to_vec(), counts }),
        None => {
            let revocation = operation == SignedOperation::RemoveAdministrator;
            Err(QuorumError { revocation, needed, usable: usable.len() })
        }
    }
}

impl UnitAuthority {
    /// Whether the unit is in imprint mode.
    #[must_use]
    pub fn imprint_mode(&self) -> bool {
        self.thresholds.signature == 0
    }

    /// Whether a signature of this key does no harm here: it is an administrator, or none need be asked.
    fn takes(&self, operation: SignedOperation, ski: SubjectKeyId) -> bool {
        let leaves_imprint_mode = matches!(operation, SignedOperation::SetThresholds { .. });
        let must_be_installed = !self.imprint_mode() || leaves_imprint_mode;
        !must_be_installed || self.administrators.contains(&ski)
    }
}

impl Quorum {
    /// The KEYNUMs of all keys that sign anywhere, ascending: the keys to open.
    #[must_use]
    pub fn signers(&self) -> &[u32] {
        &self.signers
    }

    /// The KEYNUMs that sign for the unit at this position among the targets: none when it needs none, because a
    /// signature that nobody needs must still be valid.
    #[must_use]
    pub fn signers_for(&self, target: usize) -> &[u32] {
        let count = self.counts.get(target).copied().unwrap_or(0);
        self.signers.get(..count).unwrap_or(&self.signers)
    }
}

/// The KEYNUMs of keys that all targets take, ascending. A key that is there twice signs once: units count it once.
fn usable_keys(operation: SignedOperation, selected: &[(u32, SubjectKeyId)], targets: &[UnitAuthority]) -> Vec<u32> {
    let mut keys: Vec<(u32, SubjectKeyId)> = selected.to_vec();
    keys.sort_unstable();
    let mut seen = BTreeSet::new();
    keys.retain(|(_, ski)| seen.insert(*ski) && targets.iter().all(|target| target.takes(operation, *ski)));
    keys.into_iter().map(|(keynum, _)| keynum).collect()
}

impl fmt::Display for QuorumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.revocation { texts::TOO_FEW_REVOKERS } else { texts::TOO_FEW_SIGNERS })
    }
}

impl std::error::Error for QuorumError {}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATIONS: [SignedOperation; 8] = [
        SignedOperation::AddAdministrator,
        SignedOperation::RemoveAdministrator,
        SignedOperation::SetThresholds { new_signature: 4 },
        SignedOperation::SingleSignature,
        SignedOperation::Export,
        SignedOperation::Commit,
        SignedOperation::ControlPoints,
        SignedOperation::Zeroize,
    ];

    fn ski(number: u8) -> SubjectKeyId {
        SubjectKeyId([number; 32])
    }

    fn unit(signature: u32, revocation: u32, administrators: &[u8]) -> UnitAuthority {
        UnitAuthority {
            thresholds: Thresholds { signature, revocation },
            permissions: Permissions(0x01FF_2055),
            administrators: administrators.iter().copied().map(ski).collect(),
        }
    }

    /// Keys whose KEYNUM is the number in their identifier.
    fn keys(numbers: &[u8]) -> Vec<(u32, SubjectKeyId)> {
        numbers.iter().map(|number| (u32::from(*number), ski(*number))).collect()
    }

    fn counts(unit: &UnitAuthority) -> [usize; 8] {
        OPERATIONS.map(|operation| required(operation, unit))
    }

    #[test]
    fn numbers_of_signatures_by_mode_and_permissions() {
        // Add, remove, thresholds, single, export, commit, control points, zeroize.
        assert_eq!(counts(&unit(0, 0, &[])), [0, 0, 4, 1, 0, 0, 0, 0], "imprint mode");
        assert_eq!(counts(&unit(3, 2, &[])), [3, 2, 3, 1, 3, 3, 3, 1], "after the SDK set the permissions");
        let factory = UnitAuthority { permissions: Permissions::FACTORY, ..unit(3, 2, &[]) };
        assert_eq!(counts(&factory), [3, 2, 3, 1, 3, 3, 3, 3], "zeroize without its permission");
        let relaxed = UnitAuthority { permissions: Permissions(0x60), ..unit(3, 2, &[]) };
        assert_eq!(counts(&relaxed), [3, 2, 3, 1, 3, 3, 1, 1], "control points with one signature");
    }

    #[test]
    fn the_first_installed_keys_by_keynum_sign() {
        let targets = [unit(2, 2, &[1, 2, 3, 5])];
        let quorum = choose_signers(SignedOperation::Commit, &keys(&[5, 9, 3, 2]), &targets).unwrap();
        assert_eq!(quorum.signers(), [2, 3]);
    }

    #[test]
    fn a_signer_is_an_administrator_on_all_units_that_left_imprint_mode() {
        let targets = [unit(1, 1, &[1, 2]), unit(1, 1, &[2, 3]), unit(0, 0, &[])];
        let quorum = choose_signers(SignedOperation::Zeroize, &keys(&[1, 2, 3]), &targets).unwrap();
        assert_eq!(quorum.signers(), [2]);
        assert_eq!((quorum.signers_for(0), quorum.signers_for(2)), (&[2][..], &[][..]));
    }

    #[test]
    fn the_most_demanding_unit_decides_how_many_passwords_are_asked() {
        let targets = [unit(1, 1, &[1, 2, 3]), unit(3, 1, &[1, 2, 3])];
        let quorum = choose_signers(SignedOperation::AddAdministrator, &keys(&[1, 2, 3]), &targets).unwrap();
        assert_eq!(quorum.signers(), [1, 2, 3]);
        assert_eq!((quorum.signers_for(0), quorum.signers_for(1)), (&[1][..], &[1, 2, 3][..]));
    }

    #[test]
    fn nobody_signs_in_imprint_mode_except_to_leave_it() {
        let targets = [unit(0, 0, &[1, 2])];
        let add = choose_signers(SignedOperation::AddAdministrator, &[], &targets).unwrap();
        assert!(add.signers().is_empty());
        let leave = SignedOperation::SetThresholds { new_signature: 2 };
        assert_eq!(choose_signers(leave, &keys(&[7, 2, 1]), &targets).unwrap().signers(), [1, 2]);
    }

    #[test]
    fn keys_that_are_not_installed_cannot_lead_out_of_imprint_mode() {
        let leave = SignedOperation::SetThresholds { new_signature: 2 };
        let error = choose_signers(leave, &keys(&[1, 7]), &[unit(0, 0, &[1, 2])]).unwrap_err();
        assert_eq!(error, QuorumError { revocation: false, needed: 2, usable: 1 });
    }

    #[test]
    fn the_same_key_twice_counts_once() {
        let copied = [(3, ski(1)), (1, ski(1))];
        let error = choose_signers(SignedOperation::Commit, &copied, &[unit(2, 2, &[1, 2])]).unwrap_err();
        assert_eq!(error.usable, 1);
        let once = choose_signers(SignedOperation::Commit, &copied, &[unit(1, 1, &[1, 2])]).unwrap();
        assert_eq!(once.signers(), [1]);
    }

    #[test]
    fn the_refusal_names_the_threshold_that_is_not_met() {
        let targets = [unit(2, 2, &[1, 2])];
        let text = |operation| choose_signers(operation, &keys(&[1]), &targets).unwrap_err().to_string();
        assert_eq!(
            text(SignedOperation::Commit),
            "Not enough signature keys are selected to meet the signature threshold value.\n\
             Use the 'ibmcloud tke sigkey-sel' command to select signature keys."
        );
        assert!(text(SignedOperation::RemoveAdministrator).contains("the revocation signature threshold value"));
    }

    #[test]
    fn a_single_signature_is_given_even_where_the_unit_will_refuse() {
        let targets = [unit(0, 0, &[])];
        let quorum = choose_signers(SignedOperation::SingleSignature, &keys(&[4]), &targets).unwrap();
        assert_eq!(quorum.signers_for(0), [4]);
    }

    #[test]
    fn without_targets_nobody_signs() {
        let quorum = choose_signers(SignedOperation::Commit, &keys(&[1]), &[]).unwrap();
        assert!(quorum.signers().is_empty() && quorum.signers_for(3).is_empty());
    }
}
