//! Commands on the master key registers that need no importer key.

use hpcs_ep11::{AdminFunction, VerificationPattern};

use super::pattern;
use crate::{PreparedCommand, Signer, UnitClient, UnitError};

impl UnitClient {
    /// Makes a random master key inside the unit: in the current register when that is empty, else in the new one. One
    /// signature; recovery units only. The answer is the key's verification pattern.
    ///
    /// # Errors
    /// [`UnitError::Refused`] with 80/52 when the unit may not make keys, 80/53 when both registers are full; any other
    /// [`UnitError`].
    pub async fn random_master_key(&self, signer: &Signer) -> Result<VerificationPattern, UnitError> {
        let command = self.prepare_random_master_key().await?;
        pattern(&self.send_signed(&command, &[signer]).await?)
    }

    /// The bytes to sign for [`UnitClient::random_master_key`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_random_master_key(&self) -> Result<PreparedCommand, UnitError> {
        self.prepare(AdminFunction::RANDOM_WK, Vec::new()).await
    }

    /// Commits the new register, which must have this verification pattern. Signed by signature-threshold many.
    ///
    /// # Errors
    /// [`UnitError::Refused`] with 101/48 for another pattern, 102/50 when the register is empty; any other
    /// [`UnitError`].
    pub async fn commit(&self, new: VerificationPattern, signers: &[&Signer]) -> Result<(), UnitError> {
        let command = self.prepare_commit(new).await?;
        self.send_signed(&command, signers).await.map(drop)
    }

    /// The bytes to sign for [`UnitClient::commit`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_commit(&self, new: VerificationPattern) -> Result<PreparedCommand, UnitError> {
        self.prepare(AdminFunction::COMMIT_WK, new.to_bytes().to_vec()).await
    }

    /// Moves the committed new master key, which must have this verification pattern, into the current register. The
    /// command is signed once although units do not ask for it, as the real command does.
    ///
    /// # Errors
    /// [`UnitError::Refused`] with 101/48 for another pattern, 102/64 when no committed key is there; any other
    /// [`UnitError`].
    pub async fn set_immediate(&self, new: VerificationPattern, signer: &Signer) -> Result<(), UnitError> {
        let command = self.prepare_set_immediate(new).await?;
        self.send_signed(&command, &[signer]).await.map(drop)
    }

    /// The bytes to sign for [`UnitClient::set_immediate`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_set_immediate(&self, new: VerificationPattern) -> Result<PreparedCommand, UnitError> {
        self.prepare(AdminFunction::FINALIZE_WK, new.to_bytes().to_vec()).await
    }

    /// Empties the new register. One signature.
    ///
    /// # Errors
    /// Any [`UnitError`].
    pub async fn clear_new(&self, signer: &Signer) -> Result<(), UnitError> {
        let command = self.prepare_clear_new().await?;
        self.send_signed(&command, &[signer]).await.map(drop)
    }

    /// The bytes to sign for [`UnitClient::clear_new`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_clear_new(&self) -> Result<PreparedCommand, UnitError> {
        self.prepare(AdminFunction::CLEAR_NEXT_WK, Vec::new()).await
    }

    /// Empties the current register. One signature.
    ///
    /// # Errors
    /// Any [`UnitError`].
    pub async fn clear_current(&self, signer: &Signer) -> Result<(), UnitError> {
        let command = self.prepare_clear_current().await?;
        self.send_signed(&command, &[signer]).await.map(drop)
    }

    /// The bytes to sign for [`UnitClient::clear_current`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_clear_current(&self) -> Result<PreparedCommand, UnitError> {
        self.prepare(AdminFunction::CLEAR_CURRENT_WK, Vec::new()).await
    }
}
