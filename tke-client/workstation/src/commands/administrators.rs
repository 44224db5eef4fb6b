//! Adding and removing administrators.

use hpcs_ep11::{AdminFunction, SubjectKeyId};

use crate::{PreparedCommand, Signer, UnitClient, UnitError};

impl UnitClient {
    /// Installs the owner of `key` as an administrator called `name`. Signed by signature-threshold many, none in
    /// imprint mode.
    ///
    /// # Errors
    /// [`UnitError::Name`]; [`UnitError::Refused`] with 256/38 when the key is installed already, 261/39 when eight
    /// administrators are; any other [`UnitError`].
    pub async fn add_administrator(&self, name: &str, key: &Signer, signers: &[&Signer]) -> Result<(), UnitError> {
        let command = self.prepare_add_administrator(name, key).await?;
        self.send_signed(&command, signers).await.map(drop)
    }

    /// The bytes to sign for [`UnitClient::add_administrator`].
    ///
    /// # Errors
    /// [`UnitError::Name`]; any [`UnitError`] of the query.
    pub async fn prepare_add_administrator(&self, name: &str, key: &Signer) -> Result<PreparedCommand, UnitError> {
        let certificate = key.certificate(name).await?;
        self.prepare(AdminFunction::ADD_ADMINISTRATOR, certificate).await
    }

    /// Removes an administrator. Signed by revocation-threshold many, none in imprint mode.
    ///
    /// # Errors
    /// [`UnitError::Refused`] with 32/32 when it is not installed, 209/66 when too few would be left; any other
    /// [`UnitError`].
    pub async fn remove_administrator(&self, ski: SubjectKeyId, signers: &[&Signer]) -> Result<(), UnitError> {
        let command = self.prepare_remove_administrator(ski).await?;
        self.send_signed(&command, signers).await.map(drop)
    }

    /// The bytes to sign for [`UnitClient::remove_administrator`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_remove_administrator(&self, ski: SubjectKeyId) -> Result<PreparedCommand, UnitError> {
        self.prepare(AdminFunction::REMOVE_ADMINISTRATOR, ski.as_bytes().to_vec()).await
    }
}
