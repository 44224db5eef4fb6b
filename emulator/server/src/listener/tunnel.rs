//! `CONNECT`: the emulator as the proxy of clients whose hosts are fixed. Tunnels end here; none leads to another machine.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::upgrade::OnUpgrade;
use tonic::body::Body;

use crate::reach;

/// A tunnel that was opened on a connection, to be served when the connection lets go of its stream.
#[derive(Clone, Default)]
pub(super) struct Tunnel(Arc<Mutex<Option<OnUpgrade>>>);

impl Tunnel {
    pub(super) fn put(&self, upgrade: OnUpgrade) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(upgrade);
    }

    pub(super) fn take(&self) -> Option<OnUpgrade> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Why a tunnel is not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TunnelRefused {
    /// The host is none of those that the emulator stands in for.
    Host(String),
    /// Another port than that of HTTPS.
    Port(String),
    /// It is asked for inside TLS or another tunnel.
    Nested,
}

/// Whether a tunnel to this address is opened.
pub(super) fn check(address: &Uri, nested: bool) -> Result<(), TunnelRefused> {
    let host = address.host().unwrap_or_default();
    if nested {
        Err(TunnelRefused::Nested)
    } else if !reach::is_documented(host) {
        Err(TunnelRefused::Host(host.chars().take(LONGEST_NAME).collect()))
    } else if address.port_u16() != Some(HTTPS) {
        Err(TunnelRefused::Port(host.to_owned()))
    } else {
        Ok(())
    }
}

impl TunnelRefused {
    /// The answer to the client.
    pub(super) fn response(&self) -> Response<Body> {
        let status = match self {
            TunnelRefused::Host(_) | TunnelRefused::Port(_) => StatusCode::FORBIDDEN,
            TunnelRefused::Nested => StatusCode::METHOD_NOT_ALLOWED,
        };
        text(status, self.to_string())
    }
}

impl fmt::Display for TunnelRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TunnelRefused::Host(host) => write!(
                f,
                "CONNECT to '{}' is refused: this proxy stands in for hosts of the service and connects to no other \
                 machine",
                host.escape_debug()
            ),
            TunnelRefused::Port(host) => write!(f, "CONNECT to {host} is refused: use port {HTTPS}"),
            TunnelRefused::Nested => f.write_str("CONNECT is for the proxy, not for what is behind it"),
        }
    }
}

/// The answer to a request without TLS where it is required.
pub(super) fn insecure() -> Response<Body> {
    text(StatusCode::BAD_REQUEST, "this listener takes TLS only; use https://".to_owned())
}

fn text(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::new(Full::new(Bytes::from(text + "\n"))));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

const HTTPS: u16 = 443;

/// Characters of a host's name that are repeated.
const LONGEST_NAME: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tunnels_lead_to_documented_hosts_by_https_only() {
        let tke = "tke.us-south.hs-crypto.cloud.ibm.com";
        for (address, nested, refused) in [
            (format!("{tke}:443"), false, None),
            ("iam.cloud.ibm.com:443".to_owned(), false, None),
            (format!("{tke}:443"), true, Some(TunnelRefused::Nested)),
            (format!("{tke}:80"), false, Some(TunnelRefused::Port(tke.to_owned()))),
            ("example.com:443".to_owned(), false, Some(TunnelRefused::Host("example.com".to_owned()))),
            ("127.0.0.1:443".to_owned(), false, Some(TunnelRefused::Host("127.0.0.1".to_owned()))),
        ] {
            assert_eq!(check(&address.parse().unwrap(), nested).err(), refused, "{address}");
        }
    }
}
