//! Master key registers in documents.

use std::sync::Arc;

use hpcs_ep11::{KeyPart, PatternTail, VerificationPattern};
use hpcs_hsm::NewMasterKeyParts;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{DocumentFault, Secret, Why};

/// The current master key register with a key in it; an empty register has no document.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CurrentMasterKeyDocument {
    /// The key: 32 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// In place of `key`: the parts that it is combined from, 32 bytes each, 1 to 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<Secret>>,
}

/// The new master key register with a key in it; an empty register has no document.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewMasterKeyDocument {
    /// The key: 32 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// In place of `key`: the parts that it is combined from, 32 bytes each, 1 to 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<Secret>>,
    /// With `key`: verification patterns of the parts it came from, 64 hexadecimal digits each; none for a random key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_patterns: Option<Vec<String>>,
    /// Whether the register is full committed; otherwise, and when absent, it is full uncommitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committed: Option<bool>,
}

impl CurrentMasterKeyDocument {
    pub(super) fn of(key: &KeyPart) -> Self {
        CurrentMasterKeyDocument { key: Some(secret(key)), parts: None }
    }

    pub(super) fn to_key(&self) -> Result<Arc<KeyPart>, DocumentFault> {
        read(self.key.as_ref(), self.parts.as_deref()).map(|(key, _)| Arc::new(key))
    }
}

impl NewMasterKeyDocument {
    pub(super) fn of(register: &NewMasterKeyParts) -> Self {
        let patterns = register.part_patterns.iter();
        NewMasterKeyDocument {
            key: Some(secret(&register.key)),
            parts: None,
            part_patterns: Some(patterns.map(|pattern| hex::encode(pattern.as_bytes())).collect()),
            committed: Some(register.committed),
        }
    }

    pub(super) fn to_register(&self) -> Result<NewMasterKeyParts, DocumentFault> {
        let (key, own_patterns) = read(self.key.as_ref(), self.parts.as_deref())?;
        let part_patterns = match &self.part_patterns {
            None => own_patterns,
            Some(_) if self.parts.is_some() => {
                let why = Why::Conflict("the parts have the patterns that they have; leave these out");
                return Err(DocumentFault::new("part_patterns", why));
            }
            Some(texts) => patterns(texts)?,
        };
        Ok(NewMasterKeyParts { key: Arc::new(key), part_patterns, committed: self.committed.unwrap_or_default() })
    }
}

fn secret(key: &KeyPart) -> Secret {
    Secret::clear(Zeroizing::new(key.expose().to_vec()))
}

/// The key, and the patterns of its parts in their order.
fn read(key: Option<&Secret>, parts: Option<&[Secret]>) -> Result<(KeyPart, Vec<VerificationPattern>), DocumentFault> {
    let secrets = match (key, parts) {
        (Some(_), Some(_)) => return Err(DocumentFault::new("parts", Why::Conflict("give either a key or its parts"))),
        (None, None) => return Err(DocumentFault::new("key", Why::Missing)),
        (Some(key), None) => {
            return key_part(key).map(|key| (key, vec![])).map_err(|why| DocumentFault::new("key", why));
        }
        (None, Some(parts)) => parts,
    };
    if secrets.len() > MOST_PARTS {
        return Err(DocumentFault::new("parts", Why::TooMany { most: MOST_PARTS, found: secrets.len() }));
    }
    let mut parts = Vec::with_capacity(secrets.len());
    for (index, secret) in secrets.iter().enumerate() {
        parts.push(key_part(secret).map_err(|why| DocumentFault::new(format!("parts[{index}]"), why))?);
    }
    let key = KeyPart::combine(parts.iter()).ok_or_else(|| DocumentFault::new("parts", Why::Missing))?;
    Ok((key, parts.iter().map(|part| part.verification_pattern(PatternTail::Kept)).collect()))
}

fn key_part(secret: &Secret) -> Result<KeyPart, Why> {
    let bytes = secret.expose()?;
    KeyPart::from_slice(bytes).ok_or(Why::Size { expected: "32", found: bytes.len() })
}

fn patterns(texts: &[String]) -> Result<Vec<VerificationPattern>, DocumentFault> {
    let fault = |index| {
        let why = Why::Expected("a verification pattern of 64 hexadecimal digits");
        DocumentFault::new(format!("part_patterns[{index}]"), why)
    };
    texts.iter().enumerate().map(|(index, text)| text.parse().map_err(|_| fault(index))).collect()
}

/// The most key parts a unit combines.
const MOST_PARTS: usize = 20;
