//! What anyone may read, without a token and without leaving a trace.

use hpcs_engine::Engine;
use http::{Method, Response};
use tonic::body::Body;

use super::reply::Fault;
use super::{ca, health, iam};
use crate::reach::Authority;

/// Answers a request for something that anyone may read; `None` when the path is none of them.
pub(super) async fn answer(
    method: &Method,
    path: &str,
    engine: &Engine,
    authority: Option<&Authority>,
) -> Option<Result<Response<Body>, Fault>> {
    if ![health::PATH, iam::KEYS, ca::PATH].contains(&path) {
        return None;
    }
    if method != Method::GET && method != Method::HEAD {
        return Some(Err(Fault::NoSuchMethod("GET, HEAD".to_owned())));
    }
    Some(match path {
        iam::KEYS => Ok(iam::keys(engine)),
        ca::PATH => ca::answer(authority),
        _ => Ok(health::answer(engine).await),
    })
}
