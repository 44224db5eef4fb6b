//! One run of a command that works on the workstation's files or on crypto units.

use hpcs_workstation::{
    FilesError, KeyPartEntry, Listing, Service, SignatureKeyEntry, Signer, SigningService, Token, WorkstationFiles,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::config::{Config, Credential};
use crate::console::Console;
use crate::input::{AnswerFlag, Answers, KeyOwner};
use crate::views::{self, KeyPartRow, SignatureKeyRow};
use crate::{Failure, texts};

/// What a command works with.
pub(crate) struct Session<'a> {
    pub(crate) console: Console<'a>,
    pub(crate) answers: Answers<'a>,
    pub(crate) files: WorkstationFiles,
    pub(crate) rng: &'a mut dyn CryptoRng,
    pub(crate) config: Config,
    /// Whether the user knows that the credential leaves this machine without encryption.
    warned: bool,
    /// Whether the user knows the same of tokens for the signing service.
    warned_of_signing: bool,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        console: Console<'a>,
        answers: Answers<'a>,
        files: WorkstationFiles,
        rng: &'a mut dyn CryptoRng,
        config: Config,
    ) -> Self {
        Session { console, answers, files, rng, config, warned: false, warned_of_signing: false }
    }

    /// Asks one prompt.
    ///
    /// # Errors
    /// When the input ends or cannot be read.
    pub(crate) fn ask(&mut self, prompt: &str, flag: AnswerFlag) -> Result<String, Failure> {
        self.answers.ask(&mut self.console, prompt, flag)
    }

    /// Asks a yes-or-no question.
    ///
    /// # Errors
    /// As [`Session::ask`].
    pub(crate) fn confirm(&mut self, question: &str) -> Result<bool, Failure> {
        self.answers.confirm(&mut self.console, question)
    }

    /// The service, with an access token of the caller. Warns once when the credential goes to another machine
    /// without encryption.
    ///
    /// # Errors
    /// When there is no credential, or the service cannot be reached or refuses it.
    pub(crate) async fn service(&mut self) -> Result<Service, Failure> {
        let service = Service::connect(self.config.server.as_str())?;
        let credential = self.config.credential()?;
        if !self.warned && !self.config.server.is_loopback() && !self.config.server.is_encrypted() {
            self.console.warn(&texts::not_encrypted(self.config.server.as_str()));
            self.warned = true;
        }
        let token = match credential {
            Credential::Token(token) => Token::new(token.to_string())?,
            Credential::ApiKey(key) => service.issue_token(&key).await?.token,
        };
        Ok(service.with_token(token))
    }

    /// The readable signature key files; the others are named on standard error.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub(crate) fn signature_keys(&mut self) -> Result<Vec<SignatureKeyEntry>, Failure> {
        let listing = self.files.signature_keys()?;
        Ok(self.readable(listing))
    }

    /// The readable key part files; the others are named on standard error.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub(crate) fn key_parts(&mut self) -> Result<Vec<KeyPartEntry>, Failure> {
        let listing = self.files.key_parts()?;
        Ok(self.readable(listing))
    }

    /// Whether a signing service holds the signature keys; then says so, and that nothing happened.
    pub(crate) fn signing_service_answers(&mut self) -> bool {
        let used = self.config.signing_service.is_some();
        if used {
            self.console.say(texts::SIGNING_SERVICE_USED);
        }
        used
    }

    /// The signing service, when one is set; key files are not read then. Warns once when tokens go to another machine
    /// without encryption.
    ///
    /// # Errors
    /// A refusal when `TKE_SIGNSERV_URL` is no URL, or there are no root certificates for https.
    pub(crate) fn signing_service(&mut self) -> Result<Option<SigningService>, Failure> {
        let Some(url) = &self.config.signing_service else { return Ok(None) };
        let service = SigningService::at(url)?;
        if service.is_exposed() && !self.warned_of_signing {
            self.console.warn(&texts::tokens_not_encrypted(service.url()));
            self.warned_of_signing = true;
        }
        Ok(Some(service))
    }

    /// Asks for the token of a signing service's key.
    ///
    /// # Errors
    /// When the input ends or cannot be read.
    pub(crate) fn ask_token(&mut self, key: &str, prompt: &str) -> Result<Zeroizing<String>, Failure> {
        let owner = KeyOwner::ServiceKey { name: key };
        Ok(self.answers.password(&mut self.console, prompt, owner)?.into_text())
    }

    /// Asks for the password of a signature key and opens it.
    ///
    /// # Errors
    /// When the password is wrong or the file is damaged.
    pub(crate) fn unlock(&mut self, key: &SignatureKeyEntry, prompt: &str) -> Result<Signer, Failure> {
        Ok(self.open(key, prompt)??)
    }

    /// Asks for the password of a signature key whose certificate is to be made, and opens it.
    ///
    /// # Errors
    /// As [`Session::unlock`]; the plug-in has another text for a wrong password here.
    pub(crate) fn unlock_for_certificate(&mut self, key: &SignatureKeyEntry) -> Result<Signer, Failure> {
        self.open(key, texts::ADMINISTRATOR_PASSWORD)?.map_err(|fault| match fault {
            FilesError::InvalidPassword => Failure::new(texts::CERTIFICATE_PASSWORD_INVALID),
            other => other.into(),
        })
    }

    fn open(&mut self, key: &SignatureKeyEntry, prompt: &str) -> Result<Result<Signer, FilesError>, Failure> {
        let owner = KeyOwner::SignatureKey { keynum: Some(key.keynum), name: &key.name };
        let password = self.answers.password(&mut self.console, prompt, owner)?;
        Ok(self.files.open_signature_key(key.keynum, &password).map(Signer::from))
    }

    /// Lists the signature keys and which of them are selected.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub(crate) fn show_signature_keys(&mut self) -> Result<Vec<SignatureKeyEntry>, Failure> {
        let keys = self.signature_keys()?;
        let selected = self.files.selection()?;
        let row =
            |key: &SignatureKeyEntry| SignatureKeyRow { keynum: key.keynum, name: key.name.clone(), ski: key.ski };
        let rows: Vec<_> = keys.iter().map(row).collect();
        self.console.write(&views::signature_keys(&rows, &selected, self.console.paint()));
        Ok(keys)
    }

    /// Lists the key parts.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub(crate) fn show_key_parts(&mut self) -> Result<Vec<KeyPartEntry>, Failure> {
        let parts = self.key_parts()?;
        let row = |part: &KeyPartEntry| KeyPartRow {
            keynum: part.keynum,
            description: part.description.clone(),
            pattern: part.verification_pattern,
        };
        let rows: Vec<_> = parts.iter().map(row).collect();
        self.console.write(&views::key_parts(&rows, self.console.paint()));
        Ok(parts)
    }

    fn readable<T>(&mut self, listing: Listing<T>) -> Vec<T> {
        for fault in &listing.damaged {
            self.console.warn(&texts::damaged_file(fault));
        }
        listing.entries
    }
}

/// The entry with this KEYNUM, as typed.
///
/// # Errors
/// A refusal when there is none.
pub(crate) fn with_keynum<'k, T>(entries: &'k [T], typed: &str, keynum: impl Fn(&T) -> u32) -> Result<&'k T, Failure> {
    let wanted = typed.parse().ok();
    let found = entries.iter().find(|entry| Some(keynum(entry)) == wanted);
    found.ok_or_else(|| Failure::new(texts::invalid_keynum(typed)))
}

macro_rules! refusals {
    ($($fault:ty),*) => {
        $(impl From<$fault> for Failure {
            fn from(fault: $fault) -> Self {
                Failure::new(fault.to_string())
            }
        })*
    };
}

refusals!(
    FilesError,
    hpcs_workstation::KeyPartHexError,
    hpcs_workstation::QuorumError,
    hpcs_workstation::RequestError,
    hpcs_workstation::ServiceError,
    hpcs_workstation::SigningServiceError,
    hpcs_workstation::UnitError
);
