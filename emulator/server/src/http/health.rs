//! `GET /healthz`: for whoever starts the emulator and waits for it. Anyone may ask.

use hpcs_engine::Engine;
use http::{Response, StatusCode};
use serde::Serialize;
use tonic::body::Body;

use super::reply;

/// Where it is.
pub(super) const PATH: &str = "/healthz";

/// What it says.
#[derive(Serialize)]
struct Health {
    /// `ok` or `unavailable`.
    status: &'static str,
    version: &'static str,
    /// What the store is, and where.
    store: String,
    /// Identifiers of the instances that are there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    instances: Option<Vec<String>>,
    /// Why the store cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Reads the store, so that the answer is true.
pub(super) async fn answer(engine: &Engine) -> Response<Body> {
    let health = |status, instances, error| {
        let (version, store) = (env!("CARGO_PKG_VERSION"), engine.store_name());
        Health { status, version, store, instances, error }
    };
    match engine.instances().await {
        Ok(instances) => {
            let ids = instances.iter().map(|instance| instance.id.to_string()).collect();
            reply::json(StatusCode::OK, &health("ok", Some(ids), None))
        }
        Err(refusal) => {
            reply::json(StatusCode::SERVICE_UNAVAILABLE, &health("unavailable", None, Some(refusal.to_string())))
        }
    }
}
