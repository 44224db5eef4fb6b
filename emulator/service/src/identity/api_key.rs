//! API keys and the identities behind them.

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
