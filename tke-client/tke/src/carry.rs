//! Carrying a master key from a recovery crypto unit to another crypto unit.
//!
//! ```text
//! target: generate importer key -> source: export -> target: import [-> commit -> set immediate]
//! ```
//!
//! Part of the specification: TKE workflows 4.2, 4.5, 4.6.

use hpcs_ep11::VerificationPattern;
use hpcs_workstation::{MasterKeyRegister, Signer, UnitClient, UnitError};

use crate::session::Session;
use crate::targets::Targets;
use crate::{Failure, texts};

/// A master key on its way.
pub(crate) struct Carrier<'s> {
    /// The recovery unit that exports it.
    pub(crate) source: &'s UnitClient,
    /// The register of the source that holds it.
    pub(crate) register: MasterKeyRegister,
    /// What identifies it: no target gets another one.
    pub(crate) pattern: VerificationPattern,
    /// As many administrators of source and targets as the signature threshold says.
    pub(crate) signers: Vec<&'s Signer>,
    /// The one of them who signs what takes one signature.
    pub(crate) signer: &'s Signer,
}

/// How far a master key goes in a crypto unit that gets it.
#[derive(Clone, Copy)]
pub(crate) enum Delivery {
    /// Loaded into the new register, which the caller commits.
    New,
    /// Loaded, committed and set: it is the current master key.
    Current,
}

impl Carrier<'_> {
    /// Gives the master key to the units at positions `receivers` of `targets`, one after the other, and says how far
    /// it has come.
    ///
    /// # Errors
    /// The failure of the first unit that fails, [`UnitError::PatternMiscompare`] when it says that it got another
    /// master key.
    pub(crate) async fn deliver(
        &self,
        session: &mut Session<'_>,
        targets: &Targets,
        receivers: &[usize],
        delivery: Delivery,
    ) -> Result<(), Failure> {
        let mut number = 0;
        targets
            .each(async |index, unit| {
                if !receivers.contains(&index) {
                    return Ok(());
                }
                number += 1;
                session.console.inform(&texts::transferring(number, receivers.len()));
                self.load(&unit.client).await?;
                match delivery {
                    Delivery::New => Ok(()),
                    Delivery::Current => Ok(self.set(&unit.client).await?),
                }
            })
            .await
    }

    async fn load(&self, target: &UnitClient) -> Result<(), UnitError> {
        let found = self.source.transfer_master_key(target, self.register, &self.signers, self.signer).await?;
        if self.pattern.matches(&found) {
            Ok(())
        } else {
            Err(UnitError::PatternMiscompare { expected: self.pattern, found })
        }
    }

    async fn set(&self, target: &UnitClient) -> Result<(), UnitError> {
        target.commit(self.pattern, &self.signers).await?;
        target.set_immediate(self.pattern, self.signer).await
    }
}
