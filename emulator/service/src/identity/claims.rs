//! What an access token says.

use hpcs_names::AccountId;
use serde::{Deserialize, Serialize};

use crate::Role;

/// The claims of an access token, under the names that IAM uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// `IBMid-270000EXM1`, `iam-ServiceId-<uuid>`.
    pub iam_id: String,
    /// E-mail address of a user, name of a service ID.
    #[serde(rename = "sub")]
    pub name: String,
    /// The account.
    #[serde(with = "account")]
    pub account: AccountId,
    /// The account's name.
    pub account_name: String,
    /// Service roles.
    pub roles: Vec<Role>,
    /// How the token was obtained; events derive the kind of credential from it.
    pub grant_type: String,
    /// Issue time, seconds since the Unix epoch.
    #[serde(rename = "iat")]
    pub issued_at: u64,
    /// End of validity, seconds since the Unix epoch.
    #[serde(rename = "exp")]
    pub expires_at: u64,
}

/// IAM nests the account: `{"bss": "<32 hex digits>"}`.
mod account {
    use hpcs_names::AccountId;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Account {
        bss: String,
    }

    pub(super) fn serialize<S: Serializer>(account: &AccountId, serializer: S) -> Result<S::Ok, S::Error> {
        Account { bss: account.to_string() }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccountId, D::Error> {
        Account::deserialize(deserializer)?.bss.parse().map_err(serde::de::Error::custom)
    }
}
