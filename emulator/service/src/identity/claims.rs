//! What an access token says.

use hpcs_names::AccountId;
use serde::{Deserialize, Serialize};

use crate::{Role, stable_uuid};

/// The claims of an access token.
///
/// In the token they stand under the names that IAM uses, with everything beside them that published clients read:
/// `id`, `email`, `iss` and so on follow from the claims here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Payload", try_from = "Payload")]
pub struct Claims {
    /// `IBMid-270000EXM1`, `iam-ServiceId-<uuid>`, `iam-Profile-<uuid>`.
    pub iam_id: String,
    /// E-mail address of a user, name of a service ID or a trusted profile.
    pub name: String,
    /// The account.
    pub account: AccountId,
    /// The account's name.
    pub account_name: String,
    /// Service roles.
    pub roles: Vec<Role>,
    /// How the token was obtained; events derive the kind of credential from it.
    pub grant_type: String,
    /// Issue time, seconds since the Unix epoch.
    pub issued_at: u64,
    /// End of validity, seconds since the Unix epoch.
    pub expires_at: u64,
}

/// The payload of a token as IAM writes it. Of what is optional, users have the first group and others have `sub_type`.
#[derive(Clone, Serialize, Deserialize)]
struct Payload {
    iam_id: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    realmid: String,
    #[serde(default)]
    jti: String,
    #[serde(default)]
    identifier: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    family_name: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub_type: Option<String>,
    account: Account,
    account_name: String,
    roles: Vec<Role>,
    iat: u64,
    exp: u64,
    #[serde(default)]
    iss: String,
    grant_type: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    acr: u8,
    #[serde(default)]
    amr: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Account {
    #[serde(default)]
    valid: bool,
    bss: String,
    #[serde(default)]
    frozen: bool,
}

impl From<Claims> for Payload {
    fn from(claims: Claims) -> Self {
        let Claims { iam_id, name, account, account_name, roles, grant_type, issued_at, expires_at } = claims;
        let (realm, identifier) = iam_id.split_once('-').unwrap_or(("", &iam_id));
        let kind = identifier.split_once('-').map_or("", |(kind, _)| kind);
        let is_user = realm != OTHERS_REALM;
        let (given, family) = names(&name);
        let user = |text: &str| is_user.then(|| text.to_owned());
        Payload {
            id: iam_id.clone(),
            realmid: realm.to_owned(),
            // The same claims give the same token, so they have one identifier.
            jti: stable_uuid(&format!("token/{iam_id}/{issued_at}/{expires_at}")).to_string(),
            identifier: identifier.to_owned(),
            given_name: user(given),
            family_name: user(family),
            email: user(&name),
            sub: if is_user { name.clone() } else { identifier.to_owned() },
            sub_type: (!is_user).then(|| kind.to_owned()),
            name,
            account: Account { valid: true, bss: account.to_string(), frozen: true },
            account_name,
            roles,
            iat: issued_at,
            exp: expires_at,
            iss: ISSUER.to_owned(),
            grant_type,
            scope: SCOPE.to_owned(),
            client_id: "default".to_owned(),
            acr: 1,
            amr: vec!["pwd".to_owned()],
            iam_id,
        }
    }
}

impl TryFrom<Payload> for Claims {
    type Error = String;

    fn try_from(payload: Payload) -> Result<Self, String> {
        // Service IDs and profiles have their name beside the subject. Tokens of others may lack it.
        let Payload { iam_id, sub, sub_type, name, account, account_name, roles, grant_type, iat, exp, .. } = payload;
        Ok(Claims {
            iam_id,
            name: if sub_type.is_none() || name.is_empty() { sub } else { name },
            account: account.bss.parse().map_err(|_| "account.bss is not an account".to_owned())?,
            account_name,
            roles,
            grant_type,
            issued_at: iat,
            expires_at: exp,
        })
    }
}

/// Given and family name, as far as an e-mail address tells: `ceremony.admin@example.com`.
fn names(email: &str) -> (&str, &str) {
    let local = email.split('@').next().unwrap_or_default();
    local.split_once('.').unwrap_or((local, local))
}

/// Who issues tokens. Validators look at its beginning.
const ISSUER: &str = "https://iam.cloud.ibm.com/identity";

/// What tokens are good for, as IAM words it.
pub const SCOPE: &str = "ibm openid";

/// The realm of service IDs and trusted profiles.
const OTHERS_REALM: &str = "iam";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(iam_id: &str, name: &str) -> Claims {
        Claims {
            iam_id: iam_id.to_owned(),
            name: name.to_owned(),
            account: "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap(),
            account_name: "Example".to_owned(),
            roles: vec![Role::Manager],
            grant_type: "urn:ibm:params:oauth:grant-type:apikey".to_owned(),
            issued_at: 1000,
            expires_at: 4600,
        }
    }

    fn written(claims: &Claims) -> serde_json::Value {
        serde_json::to_value(claims).unwrap()
    }

    #[test]
    fn a_users_token_has_what_clients_read() {
        let claims = claims("IBMid-270000EXM1", "ceremony.admin@example.com");
        let mut token = written(&claims);
        let jti = token["jti"].take();
        assert_eq!(jti.as_str().unwrap().len(), 36);
        assert_eq!(
            token,
            json!({
                "iam_id": "IBMid-270000EXM1", "id": "IBMid-270000EXM1", "realmid": "IBMid", "jti": null,
                "identifier": "270000EXM1", "given_name": "ceremony", "family_name": "admin",
                "name": "ceremony.admin@example.com", "email": "ceremony.admin@example.com",
                "sub": "ceremony.admin@example.com",
                "account": {"valid": true, "bss": "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52", "frozen": true},
                "account_name": "Example", "roles": ["Manager"], "iat": 1000, "exp": 4600,
                "iss": "https://iam.cloud.ibm.com/identity",
                "grant_type": "urn:ibm:params:oauth:grant-type:apikey", "scope": "ibm openid",
                "client_id": "default", "acr": 1, "amr": ["pwd"],
            })
        );
        assert_eq!(serde_json::from_value::<Claims>(written(&claims)).unwrap(), claims);
    }

    #[test]
    fn service_ids_and_profiles_have_a_subject_beside_their_name() {
        for (iam_id, sub, kind) in [
            ("iam-ServiceId-3d9a6c14", "ServiceId-3d9a6c14", "ServiceId"),
            ("iam-Profile-3d9a6c14", "Profile-3d9a6c14", "Profile"),
        ] {
            let claims = claims(iam_id, "pipeline");
            let token = written(&claims);
            assert_eq!(
                (&token["sub"], &token["sub_type"], &token["name"]),
                (&json!(sub), &json!(kind), &json!("pipeline"))
            );
            assert_eq!((&token["realmid"], token.get("email")), (&json!("iam"), None));
            assert_eq!(serde_json::from_value::<Claims>(token).unwrap(), claims);
        }
    }
}
