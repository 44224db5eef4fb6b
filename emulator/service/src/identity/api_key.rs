//! API keys and the identities behind them.

use std::fmt;
use std::str::FromStr;

use hpcs_audit::EventTime;
use hpcs_names::AccountId;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Role;

/// An API key: a secret text. Kept by its digest only.
pub struct ApiKey(Zeroizing<String>);

/// SHA-256 of an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiKeyDigest([u8; 32]);

/// A user or service ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// IAM id: `IBMid-` and ten upper-case alphanumerics, or `iam-ServiceId-<uuid>`.
    pub iam_id: String,
    /// For users an e-mail address.
    pub name: String,
    /// The account.
    pub account: AccountId,
    /// The account's name, as command lines show it.
    pub account_name: String,
    /// Service roles on the account's instances.
    pub roles: Vec<Role>,
    /// From when on the key is refused; `None` when it does not expire. By the emulator's clock.
    pub expires_at: Option<EventTime>,
}

impl ApiKey {
    /// An API key.
    pub fn new(key: String) -> Self {
        ApiKey(Zeroizing::new(key))
    }

    /// What the key is looked up by.
    pub fn digest(&self) -> ApiKeyDigest {
        ApiKeyDigest(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl ApiKeyDigest {
    /// A digest that was kept.
    pub const fn new(digest: [u8; 32]) -> Self {
        ApiKeyDigest(digest)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ApiKeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for ApiKeyDigest {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, hex::FromHexError> {
        let mut digest = [0; 32];
        hex::decode_to_slice(text, &mut digest)?;
        Ok(ApiKeyDigest(digest))
    }
}

impl Identity {
    /// Whether the key is over at `now`.
    pub fn is_expired(&self, now: EventTime) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }
}
