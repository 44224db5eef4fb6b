//! The signing sub-dialogue: which signature keys a command needs, and their passwords or tokens.

use std::collections::BTreeMap;

use hpcs_workstation::{
    Quorum, QuorumError, SignatureKeyEntry, SignedOperation, Signer, SigningService, UnitAuthority, choose_signers,
};

use crate::session::Session;
use crate::targets::Targets;
use crate::{Failure, texts};

/// The signature keys that a command will ask for. Nothing was asked yet.
pub(crate) struct SigningPlan(Plan);

enum Plan {
    /// These key files sign.
    Files { quorum: Quorum, keys: Vec<SignatureKeyEntry> },
    /// Which keys of a signing service sign is seen when they name their public keys.
    Service { service: SigningService, operation: SignedOperation, authorities: Vec<UnitAuthority> },
}

impl SigningPlan {
    /// Chooses among the selected signature keys those that every target knows, in the order of their KEYNUM. With a
    /// signing service the keys in the file `SIGNSERVKEYS` take their place, in its order; they are chosen when they are
    /// unlocked.
    ///
    /// # Errors
    /// A refusal when too few of the selected keys are administrators of all targets.
    pub(crate) fn make(
        session: &mut Session<'_>,
        operation: SignedOperation,
        targets: &Targets,
    ) -> Result<Self, Failure> {
        let authorities: Vec<UnitAuthority> = targets.iter().map(|target| target.authority.clone()).collect();
        if let Some(service) = session.signing_service()? {
            return Ok(SigningPlan(Plan::Service { service, operation, authorities }));
        }
        let selection = session.files.selection()?;
        let mut keys = session.signature_keys()?;
        keys.retain(|key| selection.contains(&key.keynum));
        let selected: Vec<_> = keys.iter().map(|key| (key.keynum, key.ski)).collect();
        let quorum = choose_signers(operation, &selected, &authorities)?;
        Ok(SigningPlan(Plan::Files { quorum, keys }))
    }

    /// Asks for each password or token once and opens the keys.
    ///
    /// # Errors
    /// When a password is wrong or a file is damaged; when the signing service fails, or too few of its keys are
    /// administrators of all targets.
    pub(crate) async fn unlock(self, session: &mut Session<'_>) -> Result<Signers, Failure> {
        match self.0 {
            Plan::Files { quorum, keys } => open_files(session, quorum, &keys),
            Plan::Service { service, operation, authorities } => {
                open_service_keys(session, &service, operation, &authorities).await
            }
        }
    }
}

fn open_files(session: &mut Session<'_>, quorum: Quorum, keys: &[SignatureKeyEntry]) -> Result<Signers, Failure> {
    let mut opened = BTreeMap::new();
    for keynum in quorum.signers() {
        for key in keys.iter().filter(|key| key.keynum == *keynum) {
            let prompt = texts::signing_password(&key.name, key.ski);
            opened.insert(*keynum, session.unlock(key, &prompt)?);
        }
    }
    Ok(Signers { quorum, opened })
}

/// Goes through the keys in the order of the file until enough of them can sign: later ones are asked nothing.
async fn open_service_keys(
    session: &mut Session<'_>,
    service: &SigningService,
    operation: SignedOperation,
    authorities: &[UnitAuthority],
) -> Result<Signers, Failure> {
    let entries = session.files.signing_service_keys()?;
    let listed = entries.len();
    let mut entries = (1..).zip(entries);
    let (mut opened, mut known) = (BTreeMap::new(), Vec::new());
    loop {
        let shortage = match choose_signers(operation, &known, authorities) {
            Ok(quorum) => return Ok(Signers { quorum, opened }),
            Err(shortage) => shortage,
        };
        let next = if shortage.needed > listed { None } else { entries.next() };
        let Some((number, entry)) = next else {
            return Err(Failure::new(texts::too_few_service_keys(shortage.revocation)));
        };
        let token = match entry.token {
            Some(token) => token,
            None => session.ask_token(&entry.key, &texts::signing_token(&entry.key))?,
        };
        let signer = service.signer(&entry.key, token).await?;
        known.push((number, signer.subject_key_id()));
        opened.insert(number, signer);
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
    pub(crate) async fn collect(
        session: &mut Session<'_>,
        operation: SignedOperation,
        targets: &Targets,
    ) -> Result<Self, Failure> {
        SigningPlan::make(session, operation, targets)?.unlock(session).await
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
