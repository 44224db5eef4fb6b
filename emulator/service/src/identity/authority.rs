//! Issues and verifies access tokens: JSON Web Tokens, compact form, ES256 only.
//!
//! One algorithm and one key leave nothing to negotiate, so the header is compared, not interpreted; of the key's
//! identifier in it only the form counts. A JWT library would bring algorithms to choose from and its own clock, and could
//! not give the same token for the same seed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hpcs_audit::EventTime;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::{AuthFault, Authentication, Caller, Claims, Identity, ServiceRoot};

/// Lifetime of a token in seconds, unless its key ends before.
pub const TOKEN_LIFETIME: u64 = 3600;

/// The grant by which every token of the emulator is obtained.
const API_KEY_GRANT: &str = "urn:ibm:params:oauth:grant-type:apikey";

/// Longest token looked at, bytes.
const MAX_TOKEN: usize = 8192;

/// The header of every token, around the identifier of its key.
const HEADER: [&str; 2] = [r#"{"kid":""#, r#"","typ":"JWT","alg":"ES256"}"#];

/// Characters of a key's identifier: SHA-256 in base64url.
const KEY_ID: usize = 43;

/// The key that signs tokens; it follows from the root of the service.
pub struct TokenAuthority {
    signing: SigningKey,
    verifying: VerifyingKey,
    /// The header of its tokens, encoded.
    header: String,
}

/// The public half of the key that signs tokens, as a JSON Web Key has it (RFC 7517): curve P-256, algorithm ES256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKey {
    /// Its identifier: the thumbprint of RFC 7638.
    pub id: String,
    /// The x coordinate in base64url.
    pub x: String,
    /// The y coordinate in base64url.
    pub y: String,
}

impl TokenAuthority {
    /// The authority of this root.
    pub fn new(root: &ServiceRoot) -> Self {
        let mut attempt: u8 = 0;
        let signing = loop {
            // All but one in 2^32 candidates are valid scalars.
            match SigningKey::from_slice(&*root.seed().derive(&[b"token key", &[attempt]])) {
                Ok(key) => break key,
                Err(_) => attempt = attempt.wrapping_add(1),
            }
        };
        let verifying = *signing.verifying_key();
        let [before, after] = HEADER;
        let header = URL_SAFE_NO_PAD.encode(format!("{before}{}{after}", TokenKey::of(&verifying).id));
        TokenAuthority { verifying, signing, header }
    }

    /// The key by which others can verify tokens.
    pub fn key(&self) -> TokenKey {
        TokenKey::of(&self.verifying)
    }

    /// A token for this identity, valid from `now` for [`TOKEN_LIFETIME`] and no longer than its key, and its claims.
    pub fn issue(&self, identity: &Identity, now: EventTime) -> (String, Claims) {
        let issued_at = now.unix_millis() / 1000;
        let key_ends = identity.expires_at.map_or(u64::MAX, |end| end.unix_millis() / 1000);
        let claims = Claims {
            iam_id: identity.iam_id.clone(),
            name: identity.name.clone(),
            account: identity.account.clone(),
            account_name: identity.account_name.clone(),
            roles: identity.roles.clone(),
            grant_type: API_KEY_GRANT.to_owned(),
            issued_at,
            expires_at: (issued_at + TOKEN_LIFETIME).min(key_ends),
        };
        // Serialising a struct of texts and numbers into memory has no way to fail.
        let payload = serde_json::to_vec(&claims).unwrap_or_default();
        let signed = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(payload));
        let signature: Signature = self.signing.sign(signed.as_bytes());
        (format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())), claims)
    }

    /// What the content of an `authorization` header is worth at `now`; `Bearer ` in front is optional.
    pub fn authenticate(&self, authorization: Option<&str>, now: EventTime) -> Authentication {
        let rejected = |claims, why| Authentication::Rejected { claims, why };
        let Some(header) = authorization else { return rejected(None, AuthFault::Missing) };
        let token = without_scheme(header).trim();
        if token.is_empty() {
            return rejected(None, AuthFault::Missing);
        }
        let Some((signed, claims)) = read(token) else { return rejected(None, AuthFault::Malformed) };
        let signature = token.get(signed.len() + 1..).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let genuine = signature
            .and_then(|bytes| Signature::from_slice(&bytes).ok())
            .is_some_and(|signature| self.verifying.verify(signed.as_bytes(), &signature).is_ok());
        if !genuine {
            return rejected(Some(claims), AuthFault::Forged);
        }
        if now.unix_millis() / 1000 >= claims.expires_at {
            return rejected(Some(claims), AuthFault::Expired);
        }
        Authentication::Known(Caller::new(claims))
    }
}

impl TokenKey {
    fn of(key: &VerifyingKey) -> Self {
        let point = key.to_sec1_point(false);
        let coordinate = |bytes: Option<&[u8]>| URL_SAFE_NO_PAD.encode(bytes.unwrap_or_default());
        let (x, y) = (coordinate(point.x().map(AsRef::as_ref)), coordinate(point.y().map(AsRef::as_ref)));
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        TokenKey { id: URL_SAFE_NO_PAD.encode(Sha256::digest(members)), x, y }
    }
}

/// The token of an `authorization` header. Clients of this service send it with or without the scheme.
fn without_scheme(header: &str) -> &str {
    match header.split_at_checked(SCHEME.len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(SCHEME) => token,
        _ => header,
    }
}

const SCHEME: &str = "Bearer ";

/// Whether the header is that of a token of some service of this kind.
fn is_header(header: &[u8]) -> bool {
    let [before, after] = HEADER.map(str::as_bytes);
    let id = header.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    id.is_some_and(|id| id.len() == KEY_ID && URL_SAFE_NO_PAD.decode(id).is_ok())
}

/// The signed part of a token and its claims, believed or not.
fn read(token: &str) -> Option<(&str, Claims)> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let (signed, _) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    if !is_header(&URL_SAFE_NO_PAD.decode(header).ok()?) {
        return None;
    }
    let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    Some((signed, claims))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, Seed};

    fn seeded(seed: u64) -> TokenAuthority {
        TokenAuthority::new(&ServiceRoot::of(&Seed::from_number(seed)))
    }

    fn identity() -> Identity {
        Identity {
            iam_id: "IBMid-270000EXM1".into(),
            name: "ceremony.admin@example.com".into(),
            account: "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap(),
            account_name: "Example".into(),
            roles: vec![Role::Manager],
            expires_at: None,
        }
    }

    fn at(seconds: u64) -> EventTime {
        EventTime::from_unix_millis(seconds * 1000)
    }

    fn fault(authentication: Authentication) -> (bool, AuthFault) {
        match authentication {
            Authentication::Known(_) => panic!("accepted"),
            Authentication::Rejected { claims, why } => (claims.is_some(), why),
        }
    }

    #[test]
    fn a_token_is_valid_for_an_hour_with_and_without_the_word_bearer() {
        let authority = seeded(1);
        let (token, claims) = authority.issue(&identity(), at(1000));
        for header in [token.clone(), format!("Bearer {token}"), format!("bearer {token}"), format!("BEARER  {token}")]
        {
            match authority.authenticate(Some(&header), at(4599)) {
                Authentication::Known(caller) => assert_eq!(caller.claims(), &claims),
                Authentication::Rejected { why, .. } => panic!("{why}"),
            }
        }
        assert_eq!(fault(authority.authenticate(Some(&token), at(4600))), (true, AuthFault::Expired));
    }

    #[test]
    fn a_token_ends_with_its_key() {
        let expiring = Identity { expires_at: Some(at(1500)), ..identity() };
        let (token, claims) = seeded(1).issue(&expiring, at(1000));
        assert_eq!(claims.expires_at, 1500);
        assert!(matches!(seeded(1).authenticate(Some(&token), at(1499)), Authentication::Known(_)));
        assert_eq!(fault(seeded(1).authenticate(Some(&token), at(1500))), (true, AuthFault::Expired));
    }

    #[test]
    fn the_published_key_verifies_a_token() {
        let authority = seeded(1);
        let TokenKey { id, x, y } = authority.key();
        let (token, _) = authority.issue(&identity(), at(0));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let header = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().0).unwrap();
        assert_eq!(String::from_utf8(header).unwrap(), format!(r#"{{"kid":"{id}","typ":"JWT","alg":"ES256"}}"#));
        let point = [vec![4], URL_SAFE_NO_PAD.decode(x).unwrap(), URL_SAFE_NO_PAD.decode(y).unwrap()].concat();
        let key = VerifyingKey::from_sec1_bytes(&point).unwrap();
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        assert!(key.verify(signed.as_bytes(), &signature).is_ok());
    }

    #[test]
    fn the_same_seed_gives_the_same_token() {
        let issue = |number| seeded(number).issue(&identity(), at(5)).0;
        assert_eq!(issue(1), issue(1));
        assert_ne!(issue(1), issue(2));
    }

    #[test]
    fn forged_tokens_keep_their_claims_for_the_audit_trail() {
        let authority = seeded(1);
        let (foreign, _) = seeded(2).issue(&identity(), at(0));
        assert_eq!(fault(authority.authenticate(Some(&foreign), at(1))), (true, AuthFault::Forged));
        let (token, _) = authority.issue(&identity(), at(0));
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert_eq!(fault(authority.authenticate(Some(&unsigned), at(1))), (true, AuthFault::Forged));
    }

    #[test]
    fn nonsense_is_malformed_and_nothing_is_missing() {
        let authority = seeded(1);
        let (token, _) = authority.issue(&identity(), at(0));
        let [before, after] = HEADER;
        let none = URL_SAFE_NO_PAD.encode(format!("{before}{}{}", authority.key().id, after.replace("ES256", "none")));
        let without_algorithm = format!("{none}.{}", token.split_once('.').unwrap().1);
        for text in ["x", "a.b.c", "Bearer ..", without_algorithm.as_str(), &"a".repeat(10_000)] {
            assert_eq!(fault(authority.authenticate(Some(text), at(1))), (false, AuthFault::Malformed), "{text}");
        }
        for header in [None, Some(""), Some("Bearer ")] {
            assert_eq!(fault(authority.authenticate(header, at(1))), (false, AuthFault::Missing));
        }
    }
}
