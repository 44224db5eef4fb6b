//! HTTP responses and the form of errors.

use std::fmt;

use bytes::Bytes;
use hpcs_service::{GrpcCode, Refusal};
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use tonic::body::Body;

/// Why a request is not answered as it wished.
#[derive(Debug)]
pub(super) enum Fault {
    /// The service refuses.
    Refused(Refusal),
    /// Nothing is under this path.
    NoSuchPath,
    /// The path has other methods than that of the request: these.
    NoSuchMethod(String),
    /// The body is of another kind than this.
    WrongContentType(&'static str),
    /// TLS is not served, so there is nobody to trust.
    NoTls,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Fault::Refused(refusal)
    }
}

/// The content of every response that is an error.
#[derive(Serialize)]
struct Envelope<'a> {
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    status: u16,
    code: &'static str,
    message: String,
    /// What to ask `/_emulator/operations` for.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a str>,
}

/// A response that is an error.
pub(super) fn fault(fault: &Fault) -> Response<Body> {
    let (code, status) = fault.status();
    let operation = fault.operation();
    let mut response = json(status, &Envelope { error: fault.body(code, status) });
    let headers = response.headers_mut();
    if let Some(operation) = operation.and_then(|operation| HeaderValue::from_str(operation).ok()) {
        headers.insert(OPERATION, operation);
    }
    match fault {
        Fault::NoSuchMethod(allowed) => {
            headers.extend(HeaderValue::from_str(allowed).ok().map(|allowed| (header::ALLOW, allowed)));
        }
        _ if status == StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="hpcs-emulator""#));
        }
        _ => {}
    }
    response
}

/// A refusal as the content of an error, for streams that are under way.
pub(super) fn refusal_text(refusal: &Refusal) -> Vec<u8> {
    let fault = Fault::Refused(refusal.clone());
    let (code, status) = fault.status();
    to_json(&Envelope { error: fault.body(code, status) })
}

impl Fault {
    /// The status, as gRPC names it and as HTTP does.
    pub(super) fn status(&self) -> (GrpcCode, StatusCode) {
        match self {
            Fault::Refused(refusal) => {
                let (code, status) = refusal.status();
                // Statuses of refusals stand in one table, where 200 is for what is answered inside another protocol.
                (code, StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            }
            Fault::NoSuchPath | Fault::NoTls => (GrpcCode::NotFound, StatusCode::NOT_FOUND),
            Fault::NoSuchMethod(_) => (GrpcCode::Unimplemented, StatusCode::METHOD_NOT_ALLOWED),
            Fault::WrongContentType(_) => (GrpcCode::InvalidArgument, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        }
    }

    fn operation(&self) -> Option<&str> {
        match self {
            Fault::Refused(Refusal::OutcomeUnknown { operation, .. }) => Some(operation),
            _ => None,
        }
    }

    fn body(&self, code: GrpcCode, status: StatusCode) -> ErrorBody<'_> {
        ErrorBody { status: status.as_u16(), code: name(code), message: self.text(), operation: self.operation() }
    }

    /// What is wrong, no longer than an answer should be.
    pub(super) fn text(&self) -> String {
        self.to_string().chars().take(LONGEST_TEXT).collect()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Refused(refusal) => write!(f, "{refusal}"),
            Fault::NoSuchPath => f.write_str(
                "nothing is served here; there are /v1/tke/, /identity/, /_emulator/, /healthz, and gRPC over HTTP/2",
            ),
            Fault::NoSuchMethod(allowed) => write!(f, "use {allowed}"),
            Fault::NoTls => f.write_str("TLS is not served; start the emulator with `--tls auto`"),
            Fault::WrongContentType(expected) => write!(f, "send the body with `content-type: {expected}`"),
        }
    }
}

/// A response of JSON.
pub(super) fn json(status: StatusCode, content: &impl Serialize) -> Response<Body> {
    let mut response = of_type(JSON, Body::new(Full::new(Bytes::from(to_json(content)))));
    *response.status_mut() = status;
    response
}

/// A response that holds nothing.
pub(super) fn empty() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// A response with content of this type.
pub(super) fn of_type(content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // What is here now may be gone in a moment: the emulator is tested against.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Plain data of texts and numbers serialises without fail.
pub(super) fn to_json(content: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(content).unwrap_or_default()
}

/// The name of a status, as gRPC writes it.
fn name(code: GrpcCode) -> &'static str {
    match code {
        GrpcCode::Unknown => "UNKNOWN",
        GrpcCode::InvalidArgument => "INVALID_ARGUMENT",
        GrpcCode::NotFound => "NOT_FOUND",
        GrpcCode::AlreadyExists => "ALREADY_EXISTS",
        GrpcCode::PermissionDenied => "PERMISSION_DENIED",
        GrpcCode::ResourceExhausted => "RESOURCE_EXHAUSTED",
        GrpcCode::Aborted => "ABORTED",
        GrpcCode::OutOfRange => "OUT_OF_RANGE",
        GrpcCode::Unimplemented => "UNIMPLEMENTED",
        GrpcCode::Internal => "INTERNAL",
        GrpcCode::Unavailable => "UNAVAILABLE",
        GrpcCode::Unauthenticated => "UNAUTHENTICATED",
    }
}

pub(super) const JSON: &str = "application/json";

pub(super) const NDJSON: &str = "application/x-ndjson";

/// Names the operation of a refusal whose outcome is unknown.
const OPERATION: HeaderName = HeaderName::from_static("hpcs-operation");

/// Characters of an error's text. It may quote a parameter.
const LONGEST_TEXT: usize = 1000;

#[cfg(test)]
mod tests {
    use hpcs_service::AuthFault;
    use http_body_util::BodyExt;

    use super::*;

    async fn content(response: Response<Body>) -> serde_json::Value {
        serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    #[tokio::test]
    async fn an_error_says_its_status_code_and_message() {
        let response = fault(&Fault::Refused(Refusal::NoSuchInstance));
        assert_eq!(response.status(), 404);
        assert_eq!(
            content(response).await,
            serde_json::json!({"error": {
                "status": 404,
                "code": "NOT_FOUND",
                "message": Refusal::NoSuchInstance.to_string(),
            }})
        );
    }

    #[tokio::test]
    async fn an_unknown_outcome_names_its_operation_twice() {
        let refusal =
            Refusal::OutcomeUnknown { operation: "5f3c0a9be2d41786-12".to_owned(), why: "it hangs".to_owned() };
        let response = fault(&Fault::Refused(refusal));
        assert_eq!(response.headers()["hpcs-operation"], "5f3c0a9be2d41786-12");
        assert_eq!(content(response).await["error"]["operation"], "5f3c0a9be2d41786-12");
    }

    #[test]
    fn headers_tell_what_would_be_taken() {
        let unauthenticated = fault(&Fault::Refused(Refusal::Unauthenticated(AuthFault::Missing)));
        assert_eq!(unauthenticated.headers()["www-authenticate"], "Bearer realm=\"hpcs-emulator\"");
        assert_eq!(fault(&Fault::NoSuchMethod("GET, HEAD".to_owned())).headers()["allow"], "GET, HEAD");
        assert_eq!(fault(&Fault::WrongContentType(JSON)).status(), 415);
    }

    #[tokio::test]
    async fn a_text_that_quotes_a_megabyte_is_cut() {
        let refusal = Refusal::InvalidArgument { field: "since", why: "\u{e9}".repeat(1 << 20) };
        let message = content(fault(&Fault::Refused(refusal))).await["error"]["message"].as_str().unwrap().to_owned();
        assert_eq!(message.chars().count(), LONGEST_TEXT);
    }
}
