//! Who asked for something (section 1.5).

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Host, Style};

/// The caller, as the event names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initiator {
    /// IAM id, for example `IBMid-270000EXM1` or `iam-ServiceId-<uuid>`; written as `unknown` when empty.
    pub id: String,
    /// The name that belongs to the id; the id is written when it is empty.
    pub name: String,
    /// What kind of identity acts.
    pub kind: InitiatorKind,
    /// What it showed.
    pub credential: Credential,
    /// The identity that logged in, where another one acts (trusted profiles).
    pub authn: Option<Identity>,
    /// Where the request came from.
    pub host: Host,
}

impl Initiator {
    /// A caller about whom nothing is known: no token, or one that does not parse.
    pub fn unknown(host: Host) -> Self {
        Initiator {
            id: UNKNOWN.to_owned(),
            name: UNKNOWN.to_owned(),
            kind: InitiatorKind::Client,
            credential: Credential::Token,
            authn: None,
            host,
        }
    }

    pub(super) fn rendered<'a>(&'a self, style: &'a Style) -> impl Serialize + 'a {
        Rendered { initiator: self, style }
    }
}

/// An id and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// IAM id.
    pub id: String,
    /// The name that belongs to the id.
    pub name: String,
}

/// The kind of identity, the initiator's `typeURI`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InitiatorKind {
    /// A person.
    User,
    /// A service ID.
    ServiceId,
    /// A client certificate (KMIP).
    Certificate,
    /// The service itself, a compute resource, or nobody known.
    Client,
}

impl InitiatorKind {
    /// The type URI.
    pub const fn type_uri(self) -> &'static str {
        match self {
            InitiatorKind::User => "service/security/account/user",
            InitiatorKind::ServiceId => "service/security/account/serviceid",
            InitiatorKind::Certificate => "service/security/client/certificateid",
            InitiatorKind::Client => "service/security/clientid",
        }
    }
}

/// What the caller showed, `credential.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// An IAM token of a grant without a type of its own.
    Token,
    /// A password, passcode or authorization code.
    User,
    /// An API key.
    ApiKey,
    /// A client certificate.
    Certificate,
    /// Nothing: the resource is public.
    PublicAccess,
    /// An HMAC key.
    Hmac,
    /// A compute resource token.
    ComputeResource,
    /// An instance identity token.
    InstanceIdentityToken,
    /// An API key of a service ID.
    ApiKeyServiceId,
    /// An authorization between services.
    ServiceToService,
}

impl Credential {
    /// The credential behind a token with this `grant_type` claim.
    pub fn from_grant_type(grant_type: &str) -> Self {
        match grant_type {
            "urn:ibm:params:oauth:grant-type:apikey" => Credential::ApiKey,
            "urn:ibm:params:oauth:grant-type:passcode" | "authorization_code" | "password" => Credential::User,
            _ => Credential::Token,
        }
    }

    /// The text of `credential.type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Credential::Token => "token",
            Credential::User => "user",
            Credential::ApiKey => "apikey",
            Credential::Certificate => "certificate",
            Credential::PublicAccess => "public-access",
            Credential::Hmac => "hmac",
            Credential::ComputeResource => "compute-resource",
            Credential::InstanceIdentityToken => "instance-identity-token",
            Credential::ApiKeyServiceId => "apikey-serviceid",
            Credential::ServiceToService => "s2s-authorization",
        }
    }
}

impl Serialize for Credential {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Credential", 1)?;
        object.serialize_field("type", self.as_str())?;
        object.end()
    }
}

struct Rendered<'a> {
    initiator: &'a Initiator,
    style: &'a Style,
}

impl Serialize for Rendered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let initiator = self.initiator;
        let id = or(&initiator.id, UNKNOWN);
        let mut object = serializer.serialize_struct("Initiator", 7)?;
        object.serialize_field("id", id)?;
        object.serialize_field("name", or(&initiator.name, id))?;
        if let Some(authn) = &initiator.authn {
            let id = or(&authn.id, UNKNOWN);
            object.serialize_field("authnId", id)?;
            object.serialize_field("authnName", or(&authn.name, id))?;
        }
        object.serialize_field("typeURI", initiator.kind.type_uri())?;
        object.serialize_field("credential", &initiator.credential)?;
        object.serialize_field("host", &initiator.host.rendered(self.style))?;
        object.end()
    }
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

const UNKNOWN: &str = "unknown";

#[cfg(test)]
mod tests {
    use super::*;

    fn json(initiator: &Initiator) -> String {
        serde_json::to_string(&initiator.rendered(&Style::default())).unwrap()
    }

    #[test]
    fn nobody_known_is_an_unknown_client() {
        assert_eq!(
            json(&Initiator::unknown(Host::default())),
            concat!(
                r#"{"id":"unknown","name":"unknown","typeURI":"service/security/clientid","#,
                r#""credential":{"type":"token"},"host":{"addressType":"IPv4"}}"#
            )
        );
    }

    #[test]
    fn empty_identities_never_become_empty_texts() {
        let nameless =
            Initiator { name: String::new(), id: "IBMid-1".to_owned(), ..Initiator::unknown(Host::default()) };
        assert!(json(&nameless).starts_with(r#"{"id":"IBMid-1","name":"IBMid-1","#));
        let nobody = Initiator { name: String::new(), id: String::new(), ..nameless };
        assert_eq!(json(&nobody), json(&Initiator::unknown(Host::default())));
    }

    #[test]
    fn the_identity_that_logged_in_stands_between_name_and_type() {
        let authn = Some(Identity { id: "IBMid-2".to_owned(), name: "two@example.com".to_owned() });
        let initiator = Initiator { authn, ..Initiator::unknown(Host::default()) };
        assert!(
            json(&initiator)
                .contains(r#""name":"unknown","authnId":"IBMid-2","authnName":"two@example.com","typeURI""#)
        );
    }

    #[test]
    fn grant_types_map_to_credentials() {
        for (grant_type, expected) in [
            ("urn:ibm:params:oauth:grant-type:apikey", "apikey"),
            ("urn:ibm:params:oauth:grant-type:delegated-refresh-token", "token"),
            ("urn:ibm:params:oauth:grant-type:passcode", "user"),
            ("authorization_code", "user"),
            ("password", "user"),
            ("anything else", "token"),
        ] {
            assert_eq!(Credential::from_grant_type(grant_type).as_str(), expected, "{grant_type}");
        }
    }
}
