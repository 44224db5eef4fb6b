//! `GET /_emulator/ca`: the certificate that clients have to trust to use TLS here.

use http::{Response, StatusCode};
use serde::Serialize;
use tonic::body::Body;

use super::reply::{self, Fault};
use crate::reach::Authority;

/// Where it is. It is served without TLS in any case: whoever asks has nobody to trust yet.
pub(crate) const PATH: &str = "/_emulator/ca";

#[derive(Serialize)]
struct Trusted<'a> {
    /// PEM.
    certificate: &'a str,
    /// Where it is kept on the emulator's machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

/// The certificate, where TLS is served.
pub(super) fn answer(authority: Option<&Authority>) -> Result<Response<Body>, Fault> {
    let authority = authority.ok_or(Fault::NoTls)?;
    let file = authority.file().map(|path| path.display().to_string());
    Ok(reply::json(StatusCode::OK, &Trusted { certificate: authority.pem(), file }))
}
