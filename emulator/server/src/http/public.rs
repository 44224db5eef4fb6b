//! What anyone may read, without a token and without leaving a trace.

use bytes::Bytes;
use http::{Method, Response};
use http_body_util::Full;
use tonic::body::Body;

use super::reply::{self, Fault};
use super::{HttpSurface, ca, health, iam};

/// Answers a request for something that anyone may read; `None` when the path is none of them.
pub(super) async fn answer(
    surface: &HttpSurface,
    method: &Method,
    path: &str,
) -> Option<Result<Response<Body>, Fault>> {
    if ![health::PATH, iam::KEYS, ca::PATH, METRICS].contains(&path) {
        return None;
    }
    if method != Method::GET && method != Method::HEAD {
        return Some(Err(Fault::NoSuchMethod("GET, HEAD".to_owned())));
    }
    let engine = &surface.calls.engine;
    Some(match path {
        iam::KEYS => Ok(iam::keys(engine)),
        ca::PATH => ca::answer(surface.authority.as_deref()),
        METRICS => Ok(metrics(surface)),
        _ => Ok(health::answer(engine).await),
    })
}

fn metrics(surface: &HttpSurface) -> Response<Body> {
    let text = Bytes::from(surface.timings.render());
    reply::of_type("text/plain; version=0.0.4", Body::new(Full::new(text)))
}

/// How long requests took, in the text format of Prometheus.
const METRICS: &str = "/metrics";
