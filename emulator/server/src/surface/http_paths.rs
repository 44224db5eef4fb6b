//! Plain HTTP: `/healthz`, and 404 for everything else.

use bytes::Bytes;
use hpcs_names::InstanceId;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use tonic::body::Body;

/// The HTTP paths and their answers.
pub(super) struct HttpPaths {
    health: Bytes,
}

/// What `/healthz` says.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    instances: Vec<String>,
}

impl HttpPaths {
    pub(super) fn new(instances: &[InstanceId]) -> Self {
        let instances = instances.iter().map(InstanceId::to_string).collect();
        let health = Health { status: "ok", version: env!("CARGO_PKG_VERSION"), instances };
        // Texts serialise without fail.
        HttpPaths { health: serde_json::to_vec(&health).unwrap_or_default().into() }
    }

    /// Answers by method and path; bodies are not read.
    pub(super) fn answer(&self, method: &Method, path: &str) -> Response<Body> {
        match (method, path) {
            (&Method::GET | &Method::HEAD, "/healthz") => json(StatusCode::OK, self.health.clone()),
            (_, "/healthz") => {
                let text = r#"{"error":{"status":405,"message":"use GET"}}"#;
                let mut response = json(StatusCode::METHOD_NOT_ALLOWED, Bytes::from_static(text.as_bytes()));
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
                response
            }
            _ => json(StatusCode::NOT_FOUND, Bytes::from_static(NOT_FOUND.as_bytes())),
        }
    }
}

fn json(status: StatusCode, content: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::new(Full::new(content)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

const NOT_FOUND: &str =
    r#"{"error":{"status":404,"message":"nothing is served here; there is GET /healthz, and gRPC over HTTP/2"}}"#;
