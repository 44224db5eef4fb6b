//! A key of the signing service that becomes an administrator.

use hpcs_workstation::{Signer, SigningService, check_administrator_name, check_key_name};
use zeroize::Zeroizing;

use crate::input::AnswerFlag;
use crate::session::Session;
use crate::{Failure, texts};

/// What was said of it.
pub(crate) struct ServiceKey {
    key: String,
    name: String,
    token: Zeroizing<String>,
}

impl ServiceKey {
    /// Asks for the key's identifier, the administrator's name and the token.
    ///
    /// # Errors
    /// Refusals for names that cannot be; faults of the input.
    pub(crate) fn ask(session: &mut Session<'_>) -> Result<Self, Failure> {
        let key = session.ask(texts::SERVICE_KEY, AnswerFlag::Key)?;
        check_key_name(&key)?;
        let name = session.ask(texts::SERVICE_KEY_ADMINISTRATOR, AnswerFlag::Name)?;
        check_administrator_name(&name)?;
        let token = session.ask_token(&key, texts::SERVICE_KEY_TOKEN)?;
        Ok(ServiceKey { key, name, token })
    }

    /// The administrator's name, and the key, whose public half the service has shown.
    ///
    /// # Errors
    /// What the service answers.
    pub(crate) async fn signer(self, service: &SigningService) -> Result<(String, Signer), Failure> {
        let signer = service.signer(&self.key, self.token).await?;
        Ok((self.name, signer))
    }
}
