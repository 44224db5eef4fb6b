//! The signing sub-dialogue: which signature keys a command needs, and their passwords.

use std::collections::BTreeMap;

use hpcs_workstation::{
    Quorum, QuorumError, SignatureKeyEntry, SignedOperation, Signer, UnitAuthority, choose_signers, required,
};

use crate::session::Session;
use crate::targets::Targets;
use crate::{Failure, texts};

/// The signature keys that a command will ask for. Nothing was asked yet.
pub(crate) struct SigningPlan {
    quorum: Quorum,
    keys: Vec<SignatureKeyEntry>,
}

impl SigningPlan {
    /// Chooses among the selected signature keys those that every target knows, in the order of their KEYNUM.
    ///
    /// # Errors
    /// A refusal when too few of them are administrators of all targets, or when a signing service would have to sign.
    pub(crate) fn make(
        session: &mut Session<'_>,
        operation: SignedOperation,
        targets: &Targets,
    ) -> Result<Self, Failure> {
        Ok(SigningPlan::try_make(session, operation, targets)??)
    }

    /// As [`SigningPlan::make`], for commands that are signed by as many as the signature threshold says; too few common
    /// administrators have the text of the checks before a rotation.
    ///
    /// # Errors
    /// As [`SigningPlan::make`].
    pub(crate) fn make_common(session: &mut Session<'_>, targets: &Targets) -> Result<Self, Failure> {
        let plan = SigningPlan::try_make(session, SignedOperation::Export, targets)?;
        plan.map_err(|_| Failure::new(texts::NO_COMMON_ADMINISTRATORS))
    }

    fn try_make(
        session: &mut Session<'_>,
        operation: SignedOperation,
        targets: &Targets,
    ) -> Result<Result<Self, QuorumError>, Failure> {
        let authorities: Vec<UnitAuthority> = targets.iter().map(|target| target.authority.clone()).collect();
        if authorities.iter().any(|authority| required(operation, authority) > 0) {
            session.require_key_files()?;
        }
        let selection = session.files.selection()?;
        let mut keys = session.signature_keys()?;
        keys.retain(|key| selection.contains(&key.keynum));
        let selected: Vec<_> = keys.iter().map(|key| (key.keynum, key.ski)).collect();
        Ok(choose_signers(operation, &selected, &authorities).map(|quorum| SigningPlan { quorum, keys }))
    }

    /// Asks for each password once and opens the keys.
    ///
    /// # Errors
    /// When a password is wrong or a file is damaged.
    pub(crate) fn unlock(self, session: &mut Session<'_>) -> Result<Signers, Failure> {
        let mut opened = BTreeMap::new();
        for keynum in self.quorum.signers() {
            for key in self.keys.iter().filter(|key| key.keynum == *keynum) {
                let prompt = texts::signing_password(&key.name, key.ski);
                opened.insert(*keynum, session.unlock(key, &prompt)?);
            }
        }
        Ok(Signers { quorum: self.quorum, opened })
    }
}

/// Opened signature keys.
pub(crate) struct Signers {
    quorum: Quorum,
    opened: BTreeMap<u32, Signer>,
}

impl Signers {
    /// Chooses and opens the keys in one go.
    ///
    /// # Errors
    /// As [`SigningPlan::make`] and [`SigningPlan::unlock`].
    pub(crate) fn collect(
        session: &mut Session<'_>,
        operation: SignedOperation,
        targets: &Targets,
    ) -> Result<Self, Failure> {
        SigningPlan::make(session, operation, targets)?.unlock(session)
    }

    /// The keys that sign for the target with this index.
    pub(crate) fn of(&self, target: usize) -> Vec<&Signer> {
        self.quorum.signers_for(target).iter().filter_map(|keynum| self.opened.get(keynum)).collect()
    }

    /// The key that signs for the target with this index, when its command takes one signature.
    ///
    /// # Errors
    /// A refusal when there is none.
    pub(crate) fn single(&self, target: usize) -> Result<&Signer, Failure> {
        let first = self.of(target).first().copied();
        Ok(first.ok_or(QuorumError { revocation: false, needed: 1, usable: 0 })?)
    }
}
