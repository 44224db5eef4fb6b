//! Identities and API keys of a seed file.

use std::collections::{BTreeMap, BTreeSet};

use hpcs_audit::EventTime;
use hpcs_names::AccountId;
use hpcs_service::{ApiKey, ApiKeyDigest, Identity, Role};
use serde::{Deserialize, Deserializer};

use super::fault;
use super::moment::Moment;
use super::yaml::{Fault, Tree};
use crate::config::{Config, IAM_ID_FORMS, suggestion};

/// Whom API keys can stand for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityEntry {
    iam_id: String,
    name: Option<String>,
    account: Option<String>,
    account_name: Option<String>,
    roles: Option<Vec<Role>>,
}

/// An API key. Where the file has identities it names one of them, otherwise it says everything itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiKeyEntry {
    key: KeyText,
    iam_id: String,
    name: Option<String>,
    account: Option<String>,
    account_name: Option<String>,
    roles: Option<Vec<Role>>,
    expires_at: Option<Moment>,
}

/// The secret text of an API key, and whether it is empty.
struct KeyText(ApiKey, bool);

impl<'de> Deserialize<'de> for KeyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_empty = text.is_empty();
        Ok(KeyText(ApiKey::new(text), is_empty))
    }
}

/// Who may sign in. `start` is what times are relative to.
pub(super) fn check(
    tree: &Tree,
    identities: Vec<IdentityEntry>,
    api_keys: Vec<ApiKeyEntry>,
    start: EventTime,
) -> Result<Vec<(ApiKeyDigest, Identity)>, Fault> {
    let declared = Declared::of(tree, identities)?;
    let mut used = BTreeSet::new();
    let mut known: BTreeMap<ApiKeyDigest, usize> = BTreeMap::new();
    let mut checked = Vec::new();
    for (index, entry) in api_keys.into_iter().enumerate() {
        let place = format!("api_keys[{index}]");
        let wrong = |key: &str, why: String| fault(tree, &format!("{place}.{key}"), why);
        let ApiKeyEntry { key: KeyText(key, is_empty), expires_at, .. } = &entry;
        if *is_empty {
            return Err(wrong("key", "an API key is not empty".to_owned()));
        }
        let digest = key.digest();
        if let Some(first) = known.insert(digest, index) {
            return Err(wrong("key", format!("api_keys[{first}] has the same API key")));
        }
        let expires_at = expires_at.as_ref().map(|moment| moment.from(start)).transpose();
        let expires_at = expires_at.map_err(|why| wrong("expires_at", why))?;
        let identity = if declared.identities.is_empty() {
            entry.into_identity().checked(tree, &place)?
        } else {
            let (number, identity) = declared.find(&entry, &wrong)?;
            used.insert(number);
            identity.clone()
        };
        checked.push((digest, Identity { expires_at, ..identity }));
    }
    match (0..declared.identities.len()).find(|number| !used.contains(number)) {
        Some(index) => Err(fault(tree, &format!("identities[{index}]"), "no API key stands for this identity")),
        None => Ok(checked),
    }
}

/// The identities of the file.
struct Declared {
    identities: Vec<Identity>,
}

impl Declared {
    fn of(tree: &Tree, entries: Vec<IdentityEntry>) -> Result<Self, Fault> {
        let mut identities: Vec<Identity> = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            let place = format!("identities[{index}]");
            let identity = entry.checked(tree, &place)?;
            if let Some(first) = identities.iter().position(|other| other.iam_id == identity.iam_id) {
                let why = format!("identities[{first}] has the same IAM id");
                return Err(fault(tree, &format!("{place}.iam_id"), why));
            }
            identities.push(identity);
        }
        Ok(Declared { identities })
    }

    /// The identity that an API key names, and its number; the key must not describe it a second time.
    fn find(&self, entry: &ApiKeyEntry, wrong: &dyn Fn(&str, String) -> Fault) -> Result<(usize, &Identity), Fault> {
        let ids = || self.identities.iter().map(|identity| identity.iam_id.as_str());
        let mut numbered = self.identities.iter().enumerate();
        let (number, identity) = numbered.find(|(_, identity)| identity.iam_id == entry.iam_id).ok_or_else(|| {
            let meant = suggestion(&entry.iam_id, ids()).map(|id| format!("; did you mean {id}?"));
            wrong("iam_id", format!("none of the identities has this IAM id{}", meant.unwrap_or_default()))
        })?;
        let said = [
            ("name", entry.name.is_some()),
            ("account", entry.account.is_some()),
            ("account_name", entry.account_name.is_some()),
            ("roles", entry.roles.is_some()),
        ];
        match said.into_iter().find(|(_, said)| *said) {
            Some((key, _)) => Err(wrong(key, format!("identities[{number}] says this"))),
            None => Ok((number, identity)),
        }
    }
}

impl ApiKeyEntry {
    fn into_identity(self) -> IdentityEntry {
        let ApiKeyEntry { key: _, iam_id, name, account, account_name, roles, expires_at: _ } = self;
        IdentityEntry { iam_id, name, account, account_name, roles }
    }
}

impl IdentityEntry {
    /// The identity; what is left out is as in the default configuration.
    fn checked(self, tree: &Tree, place: &str) -> Result<Identity, Fault> {
        let IdentityEntry { iam_id, name, account, account_name, roles } = self;
        let wrong = |key: &str, why: String| fault(tree, &format!("{place}.{key}"), why);
        if !IAM_ID_FORMS.iter().any(|start| iam_id.strip_prefix(start).is_some_and(|rest| !rest.is_empty())) {
            return Err(wrong("iam_id", format!("an IAM id starts with {}", IAM_ID_FORMS.join(", "))));
        }
        let default = Config::default().api_keys.into_iter().next().map(|entry| entry.identity);
        let Some(default) = default else { return Err(wrong("iam_id", "there is no default identity".to_owned())) };
        let account = match account {
            Some(text) => text.parse::<AccountId>().map_err(|error| wrong("account", error.to_string()))?,
            None => default.account,
        };
        Ok(Identity {
            name: name.unwrap_or_else(|| iam_id.clone()),
            iam_id,
            account,
            account_name: account_name.unwrap_or(default.account_name),
            roles: roles.unwrap_or(default.roles),
            expires_at: None,
        })
    }
}
