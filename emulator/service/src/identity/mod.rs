//! Callers: who asks, with which roles, and from where.

mod api_key;
mod authority;
mod claims;
mod role;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use hpcs_audit::event::{Credential, Host, Initiator, InitiatorKind};
use hpcs_names::{InstanceId, Region};

pub use api_key::{ApiKey, ApiKeyDigest, Identity};
pub use authority::{TOKEN_LIFETIME, TokenAuthority, TokenKey};
pub use claims::{Claims, SCOPE};
pub use role::Role;

/// Everything known about the sender of a request.
pub struct Who {
    /// What the token says, or why it does not count.
    pub authentication: Authentication,
    /// Where the request came from.
    pub origin: Origin,
}

/// Whether the caller is known. A bad token is data too: the event of the refusal shows what it claimed.
pub enum Authentication {
    /// A valid token.
    Known(Caller),
    /// No valid token.
    Rejected {
        /// What the token claims, when it can be read at all.
        claims: Option<Claims>,
        /// What is wrong.
        why: AuthFault,
    },
}

/// A caller whose token was verified. Copies share what it says.
#[derive(Clone)]
pub struct Caller(Arc<Claims>);

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The peer's address.
    pub address: Option<IpAddr>,
    /// Whether it came over the private network: decided by the listener's configuration or the endpoint's name, not by
    /// the address.
    pub private: bool,
    /// The region whose endpoint was asked, when its name says so: instances of other regions are not there.
    pub region: Option<Region>,
    /// The instance whose own endpoint was asked, when its name says so.
    pub instance: Option<InstanceId>,
    /// Whether it came without TLS.
    pub plaintext: bool,
    /// The `user-agent` the client sent.
    pub agent: Option<String>,
    /// The correlation id the client sent.
    pub correlation: Option<String>,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthFault {
    /// There is none.
    Missing,
    /// It is not a token of this service.
    Malformed,
    /// Its signature is not by this service.
    Forged,
    /// Its time is over.
    Expired,
}

impl fmt::Display for AuthFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AuthFault::Missing => "no token; send `authorization: Bearer <token>`",
            AuthFault::Malformed => "the token cannot be read; get one with `hpcs-emulator token`",
            AuthFault::Forged => {
                "the token was not issued by this service; tokens end with the store that was in use then, and a store in \
                 memory ends with its process"
            }
            AuthFault::Expired => "the token has expired; tokens live one hour",
        })
    }
}

impl Caller {
    /// The caller whom these claims are of.
    pub(crate) fn new(claims: Claims) -> Self {
        Caller(Arc::new(claims))
    }

    /// A caller who is known without a token.
    pub fn local(identity: &Identity) -> Self {
        Caller::new(Claims {
            iam_id: identity.iam_id.clone(),
            name: identity.name.clone(),
            account: identity.account.clone(),
            account_name: identity.account_name.clone(),
            roles: identity.roles.clone(),
            grant_type: String::new(),
            issued_at: 0,
            expires_at: u64::MAX,
        })
    }

    /// What the token says.
    pub fn claims(&self) -> &Claims {
        &self.0
    }

    /// Whether the caller has one of these roles.
    pub fn has_any(&self, roles: &[Role]) -> bool {
        self.0.roles.iter().any(|role| roles.contains(role))
    }
}

impl Who {
    /// The caller as events name it: from the token's claims, even when the token was refused.
    pub fn initiator(&self) -> Initiator {
        let Origin { address, private, agent, .. } = &self.origin;
        let host = Host { address: *address, private: *private, agent: agent.clone() };
        let claims = match &self.authentication {
            Authentication::Known(caller) => Some(caller.claims()),
            Authentication::Rejected { claims, .. } => claims.as_ref(),
        };
        let Some(claims) = claims else { return Initiator::unknown(host) };
        let kind = match claims.iam_id.as_str() {
            id if id.starts_with("iam-ServiceId-") => InitiatorKind::ServiceId,
            id if id.starts_with("iam-Profile-") => InitiatorKind::Client,
            _ => InitiatorKind::User,
        };
        Initiator {
            id: claims.iam_id.clone(),
            name: claims.name.clone(),
            kind,
            credential: Credential::from_grant_type(&claims.grant_type),
            authn: None,
            host,
        }
    }
}
