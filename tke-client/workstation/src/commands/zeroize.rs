//! Zeroizing a unit.

use hpcs_ep11::AdminFunction;

use crate::{PreparedCommand, Signer, UnitClient, UnitError};

impl UnitClient {
    /// Empties the unit: keys, administrators, thresholds. Not signed in imprint mode; afterwards once, or by
    /// signature-threshold many when the permissions say so.
    ///
    /// # Errors
    /// Any [`UnitError`].
    pub async fn zeroize(&self, signers: &[&Signer]) -> Result<(), UnitError> {
        let command = self.prepare_zeroize().await?;
        self.send_signed(&command, signers).await.map(drop)
    }

    /// The bytes to sign for [`UnitClient::zeroize`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_zeroize(&self) -> Result<PreparedCommand, UnitError> {
        self.prepare(AdminFunction::ZEROIZE, Vec::new()).await
    }
}
