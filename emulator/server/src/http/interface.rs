//! Whose interface a path belongs to: each has a form of errors that its clients know.

use http::{HeaderMap, Response, header};
use serde::Serialize;
use tonic::body::Body;

use super::reply::{self, Fault};
use super::{iam, tke};

/// An interface with clients of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interface {
    /// The emulator's own.
    Emulator,
    /// Trusted Key Entry, as the cloud has it.
    Tke,
    /// Identity and Access Management, as the cloud has it.
    Iam,
}

impl Interface {
    /// The interface that a path belongs to, whether there is something under it or not.
    pub(super) fn of(path: &str) -> Self {
        let under = |start: &[&str]| start.iter().any(|start| path.starts_with(start));
        match path {
            _ if under(tke::PATHS) => Interface::Tke,
            _ if under(iam::PATHS) => Interface::Iam,
            _ => Interface::Emulator,
        }
    }

    /// A response that is an error.
    pub(super) fn fault(self, fault: &Fault, request: &HeaderMap) -> Response<Body> {
        match self {
            Interface::Emulator => reply::fault(fault),
            Interface::Tke => faulty(fault, &tke::error(fault)),
            Interface::Iam => {
                let (status, error) = iam::error(fault, request);
                let mut response = faulty(fault, &error);
                *response.status_mut() = status;
                // Nobody is asked for a token where tokens are given out.
                response.headers_mut().remove(header::WWW_AUTHENTICATE);
                response
            }
        }
    }
}

/// Status and headers of a fault around another content.
fn faulty(fault: &Fault, content: &impl Serialize) -> Response<Body> {
    let (parts, _) = reply::fault(fault).into_parts();
    let mut response = reply::json(parts.status, content);
    *response.headers_mut() = parts.headers;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_follows_from_the_path() {
        for (path, interface) in [
            ("/v1/tke/x/hsms", Interface::Tke),
            ("/v1/tke/", Interface::Tke),
            ("/identity/token", Interface::Iam),
            ("/oidc/token", Interface::Iam),
            ("/identity", Interface::Emulator),
            ("/_emulator/clock", Interface::Emulator),
            ("/", Interface::Emulator),
        ] {
            assert_eq!(Interface::of(path), interface, "{path}");
        }
    }
}
