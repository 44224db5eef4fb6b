//! Carrying a master key from a recovery crypto unit to another crypto unit.
//!
//! ```text
//! target: generate importer key -> source: export -> target: import [-> commit -> set immediate]
//! ```
//!
//! Part of the specification: TKE workflows 4.2, 4.5, 4.6.

use hpcs_ep11::VerificationPattern;
use hpcs_workstation::{MasterKeyRegister, Signer, UnitClient, UnitError};

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

impl Carrier<'_> {
    /// Loads the new register of `target` with the master key.
    ///
    /// # Errors
    /// [`UnitError::PatternMiscompare`] when the target says that it got another one; any other [`UnitError`].
    pub(crate) async fn load(&self, target: &UnitClient) -> Result<(), UnitError> {
        let found = self.source.transfer_master_key(target, self.register, &self.signers, self.signer).await?;
        if self.pattern.matches(&found) {
            Ok(())
        } else {
            Err(UnitError::PatternMiscompare { expected: self.pattern, found })
        }
    }

    /// Makes the master key the current one of `target`.
    ///
    /// # Errors
    /// As [`Carrier::load`].
    pub(crate) async fn set(&self, target: &UnitClient) -> Result<(), UnitError> {
        self.load(target).await?;
        target.commit(self.pattern, &self.signers).await?;
        target.set_immediate(self.pattern, self.signer).await
    }
}
