//! The administrators that `auto-init` installs: how many, and whose keys.

use hpcs_workstation::{SignatureKeyEntry, Signer, SigningService, Thresholds};

use crate::input::{AnswerFlag, KeyOwner};
use crate::service_key::ServiceKey;
use crate::session::{Session, with_keynum};
use crate::views::{self, SignatureKeyRow};
use crate::{Failure, texts};

/// An administrator to install.
pub(super) struct Administrator {
    pub(super) name: String,
    pub(super) key: Signer,
}

/// Asks for their number and for their keys: existing ones first, then new ones; those of the signing service when one is
/// set.
///
/// # Errors
/// Refusals for wrong passwords and for the same key twice; faults of input, files and the signing service.
pub(super) async fn ask(session: &mut Session<'_>, thresholds: Thresholds) -> Result<Vec<Administrator>, Failure> {
    let count = ask_number(session, thresholds)?;
    if let Some(service) = session.signing_service()? {
        return ask_service_keys(session, &service, count).await;
    }
    let existing = choose_existing(session, count)?;
    let mut administrators = Vec::with_capacity(count);
    for entry in existing {
        let key = session.unlock(&entry, &texts::signing_password(&entry.name, entry.ski))?;
        administrators.push(Administrator { name: entry.name, key });
    }
    if !administrators.is_empty() {
        session.console.say("");
        session.console.say(&texts::keys_to_create(count, administrators.len()));
    }
    while administrators.len() < count {
        administrators.push(create(session)?);
    }
    Ok(administrators)
}

/// As many keys of the signing service, each with a name.
async fn ask_service_keys(
    session: &mut Session<'_>,
    service: &SigningService,
    count: usize,
) -> Result<Vec<Administrator>, Failure> {
    let mut administrators: Vec<Administrator> = Vec::with_capacity(count);
    while administrators.len() < count {
        session.console.say("");
        let (name, key) = ServiceKey::ask(session)?.signer(service).await?;
        if administrators.iter().any(|other| other.key.subject_key_id() == key.subject_key_id()) {
            return Err(Failure::new(texts::KEYS_NOT_UNIQUE));
        }
        administrators.push(Administrator { name, key });
    }
    Ok(administrators)
}

/// At least as many as either threshold says.
fn ask_number(session: &mut Session<'_>, thresholds: Thresholds) -> Result<usize, Failure> {
    let Thresholds { signature, revocation } = thresholds;
    session.console.say("");
    session.console.say(texts::ENTER_ADMINISTRATORS);
    session.console.say("");
    session.console.say(&texts::administrators_explained(signature, revocation));
    session.console.say("");
    let least = signature.max(revocation);
    loop {
        match session.ask(texts::ADMINISTRATORS_TO_INSTALL, AnswerFlag::Admins)?.parse::<u32>() {
            Ok(number) if (least..=MOST).contains(&number) => return Ok(usize::try_from(number).unwrap_or_default()),
            _ => session.console.say(&texts::number_between(least, MOST)),
        }
    }
}

/// Existing keys, in the order typed; none when there are no files.
fn choose_existing(session: &mut Session<'_>, most: usize) -> Result<Vec<SignatureKeyEntry>, Failure> {
    let keys = session.signature_keys()?;
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let row = |key: &SignatureKeyEntry| SignatureKeyRow { keynum: key.keynum, name: key.name.clone(), ski: key.ski };
    let rows: Vec<_> = keys.iter().map(row).collect();
    session.console.say("");
    session.console.say(texts::SELECT_KEY_FILES);
    session.console.say("");
    session.console.say(texts::KEY_FILES_FOUND);
    session.console.say("");
    session.console.write(&views::signature_key_files(&rows, session.console.paint()));
    for paragraph in texts::KEY_FILES_EXPLAINED {
        session.console.say("");
        session.console.say(paragraph);
    }
    session.console.say("");
    let typed = session.ask(texts::KEY_FILES_TO_USE, AnswerFlag::Keynum)?;
    let mut chosen: Vec<&SignatureKeyEntry> = Vec::new();
    for word in typed.split_whitespace() {
        let key = with_keynum(&keys, word, |key| key.keynum)?;
        // Units tell keys apart by their identifiers: a copied file is no other key.
        if chosen.iter().any(|other| other.ski == key.ski) {
            return Err(Failure::new(texts::KEYS_NOT_UNIQUE));
        }
        chosen.push(key);
    }
    if chosen.len() > most {
        return Err(Failure::new(texts::too_many_keys(most)));
    }
    Ok(chosen.into_iter().cloned().collect())
}

/// Makes a key with the dialogue of `sigkey-add`.
fn create(session: &mut Session<'_>) -> Result<Administrator, Failure> {
    session.console.say("");
    let name = session.ask(texts::ADMINISTRATOR_NAME, AnswerFlag::Name)?;
    let owner = KeyOwner::SignatureKey { keynum: None, name: &name };
    let password = session.answers.new_password(&mut session.console, texts::SIGNATURE_KEY_PASSWORD, owner)?;
    let entry = session.files.add_signature_key(&name, &password, &mut *session.rng)?;
    let key = session.files.open_signature_key(entry.keynum, &password)?;
    Ok(Administrator { name: entry.name, key: key.into() })
}

/// As many administrators as a crypto unit takes.
const MOST: u32 = 8;
