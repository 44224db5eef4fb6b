//! `/identity`: access tokens as IAM gives them out, for clients that look for them there.
//!
//! Parameters come in the body or behind the question mark, escaped or not: both are in use. Those that nobody here knows
//! are passed over, as IAM does; clients send some. Codes that the documents leave open are in [`code`].

use hpcs_engine::{Answer, Engine};
use hpcs_service::{ApiKey, Operation, Refusal, SCOPE};
use http::{HeaderMap, Response, StatusCode, header};
use serde::Serialize;
use tonic::body::Body;
use zeroize::Zeroizing;

use super::registry::{Decoded, Input, Then};
use super::reply::{self, Fault};

/// The beginnings of paths that are IAM's.
pub(super) const PATHS: &[&str] = &["/identity/", "/oidc/"];

/// Where the key is that verifies tokens.
pub(super) const KEYS: &str = "/identity/keys";

#[derive(Serialize)]
struct Token {
    access_token: String,
    refresh_token: &'static str,
    token_type: &'static str,
    expires_in: u64,
    expiration: u64,
    scope: &'static str,
}

/// Clients decode it as a map of texts and one map of texts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Error {
    error_code: &'static str,
    error_message: String,
    context: Context,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    request_type: &'static str,
    user_agent: String,
    url: &'static str,
    locale: &'static str,
}

/// A JSON Web Key Set (RFC 7517). Its keys have no member `use`: validators add their own.
#[derive(Serialize)]
struct KeySet {
    keys: [Key; 1],
}

#[derive(Serialize)]
struct Key {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    kid: String,
    x: String,
    y: String,
}

pub(super) fn issue_token(input: &Input) -> Result<Decoded, Refusal> {
    let body = std::str::from_utf8(&input.body)
        .map_err(|_| Refusal::Undecodable("it is not UTF-8; send a form: grant_type=...&apikey=...".to_owned()))?;
    let parameter = |name| only(name, body, input.uri_query.as_deref().unwrap_or_default());
    let grant = parameter("grant_type")?;
    if grant.as_str() != API_KEY_GRANT {
        let why = format!("'{}' is not granted here; there is {API_KEY_GRANT}", grant.escape_debug());
        return Err(Refusal::InvalidArgument { field: "grant_type", why });
    }
    let mut key = parameter("apikey")?;
    Ok((Operation::IssueToken { api_key: ApiKey::new(std::mem::take(&mut *key)) }, Then::Answer))
}

pub(super) fn issued(answer: Answer) -> Result<Response<Body>, Refusal> {
    let Answer::Token { token, expires_in, expires_at } = answer else { return Err(Refusal::Internal) };
    let token = Token {
        access_token: token,
        refresh_token: NO_REFRESH,
        token_type: "Bearer",
        expires_in,
        expiration: expires_at,
        scope: SCOPE,
    };
    Ok(reply::json(StatusCode::OK, &token))
}

/// The key that verifies tokens. Anyone may have it.
pub(super) fn keys(engine: &Engine) -> Response<Body> {
    let key = engine.token_key();
    let key = Key { kty: "EC", crv: "P-256", alg: "ES256", kid: key.id, x: key.x, y: key.y };
    reply::json(StatusCode::OK, &KeySet { keys: [key] })
}

/// Status and content of an error.
pub(super) fn error(fault: &Fault, request: &HeaderMap) -> (StatusCode, Error) {
    let (status, error_code, error_message) = code(fault);
    let agent = request.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
    let context = Context {
        request_type: "incoming.Identity_Token",
        user_agent: agent.unwrap_or_default(),
        url: "https://iam.cloud.ibm.com",
        locale: "en_US",
    };
    (status, Error { error_code, error_message, context })
}

/// The codes that IAM has for what can go wrong here. Only the one of an unknown key is documented.
fn code(fault: &Fault) -> (StatusCode, &'static str, String) {
    match fault {
        Fault::Refused(Refusal::UnknownApiKey) => {
            (StatusCode::BAD_REQUEST, "BXNIM0415E", "Provided API key could not be found.".to_owned())
        }
        Fault::Refused(Refusal::ApiKeyExpired) => {
            (StatusCode::BAD_REQUEST, "BXNIM0415E", "Provided API key has expired.".to_owned())
        }
        Fault::Refused(Refusal::InvalidArgument { .. } | Refusal::Undecodable(_) | Refusal::TooLarge { .. }) => {
            (StatusCode::BAD_REQUEST, "BXNIM0109E", fault.text())
        }
        other => (other.status().1, "BXNIM0101E", other.text()),
    }
}

/// The one value of a parameter, from the body or the address.
fn only(name: &'static str, body: &str, query: &str) -> Result<Zeroizing<String>, Refusal> {
    let pairs = form_urlencoded::parse(body.as_bytes()).chain(form_urlencoded::parse(query.as_bytes()));
    let mut values = pairs.filter(|(found, _)| found == name).map(|(_, value)| Zeroizing::new(value.into_owned()));
    let wrong = |why: &str| Err(Refusal::InvalidArgument { field: name, why: why.to_owned() });
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Ok(value),
        (_, Some(_)) => wrong("it is there more than once"),
        _ => wrong("it is missing or empty"),
    }
}

const API_KEY_GRANT: &str = "urn:ibm:params:oauth:grant-type:apikey";

/// What IAM answers where a grant brings no refresh token.
const NO_REFRESH: &str = "not_supported";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_taken_from_either_place_escaped_or_not() {
        let grant = "grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey=k-1_x";
        let escaped =
            "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=k%2D1_x&response_type=cloud_iam";
        for (body, query) in [(grant, ""), ("", grant), (escaped, ""), ("", escaped)] {
            assert_eq!(*only("grant_type", body, query).unwrap(), API_KEY_GRANT);
            assert_eq!(*only("apikey", body, query).unwrap(), "k-1_x");
        }
    }

    #[test]
    fn a_parameter_that_is_missing_or_there_twice_is_named() {
        for (body, query, text) in [
            ("", "", "apikey: it is missing or empty"),
            ("apikey=", "", "apikey: it is missing or empty"),
            ("apikey=a", "apikey=b", "apikey: it is there more than once"),
        ] {
            assert_eq!(only("apikey", body, query).unwrap_err().to_string(), text);
        }
    }
}
