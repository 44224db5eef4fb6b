//! The registry: one row a method and path.

use bytes::Bytes;
use hpcs_engine::{Answer, ExportSecrets};
use hpcs_names::InstanceId;
use hpcs_service::document::without_values;
use hpcs_service::{Operation, Refusal};
use http::{HeaderMap, Method, Response};
use tonic::body::Body;
use zeroize::Zeroizing;

use super::format::Format;
use super::query::Query;
use super::route::Places;
use super::{clock, events, iam, instances, operations, tke};
use crate::surface::control::is_object;
use crate::surface::reading::{Reading, Waiting};

/// How one method of a path is read and answered.
pub(super) struct Row {
    pub(super) method: Method,
    /// A name in braces stands for one segment.
    pub(super) path: &'static str,
    /// The parameters it takes; `None` where the row looks at them itself.
    pub(super) query: Option<&'static [&'static str]>,
    pub(super) content: Content,
    pub(super) strangers: Strangers,
    pub(super) decode: fn(&Input) -> Result<Decoded, Refusal>,
    /// The operation that a request stands for which cannot be read.
    pub(super) unreadable: fn(&Input, Refusal) -> Operation,
    pub(super) encode: fn(Answer) -> Result<Response<Body>, Refusal>,
}

/// What becomes of a request whose sender nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strangers {
    /// It is refused, and nothing of it is read.
    Unheard,
    /// It is refused, and its event shows what it was about: so much is read.
    Noted,
    /// It is served.
    Welcome,
}

/// What stands in a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing that is looked at.
    None,
    /// JSON; nothing at all counts as `{}`.
    Json,
    /// Lines of JSON, which are read once the operation is allowed.
    Lines,
    /// What the row makes of it, whatever type it is said to be.
    Bytes,
}

/// A request, taken apart.
pub(super) struct Input {
    /// What stands in the path.
    pub(super) places: Places,
    pub(super) query: Query,
    /// The parameters as they came.
    pub(super) uri_query: Option<String>,
    pub(super) headers: HeaderMap,
    /// Empty where the row wants none, or lines. Of what cannot be read, what arrived.
    pub(super) body: Bytes,
}

/// The operation, and what is done once it is allowed.
pub(super) type Decoded = (Operation, Then);

/// What follows an operation.
pub(super) enum Then {
    /// Its answer is encoded.
    Answer,
    /// Events are sent.
    Read(Reading, Format),
    /// Events are waited for.
    Wait(Waiting, Format),
    /// An instance is sent.
    Export(InstanceId, ExportSecrets),
    /// An instance is received.
    Import(Option<Zeroizing<String>>),
}

pub(super) static ROWS: &[Row] = &[
    Row {
        method: Method::GET,
        path: "/v1/tke/{instance}/hsms",
        query: Some(&[]),
        content: Content::None,
        strangers: Strangers::Unheard,
        decode: tke::list,
        unreadable,
        encode: tke::listed,
    },
    Row {
        method: Method::POST,
        path: "/v1/tke/{instance}/hsms/{hsm}",
        query: Some(&[]),
        content: Content::Bytes,
        strangers: Strangers::Noted,
        decode: tke::submit,
        unreadable: tke::broken,
        encode: tke::submitted,
    },
    Row {
        method: Method::POST,
        path: "/v1/tke/{instance}/mk-rotation",
        query: Some(&[]),
        content: Content::Bytes,
        strangers: Strangers::Unheard,
        decode: tke::start_rotation,
        unreadable,
        encode: tke::rotation,
    },
    Row {
        method: Method::GET,
        path: "/v1/tke/{instance}/mk-rotation",
        query: Some(&[]),
        content: Content::None,
        strangers: Strangers::Unheard,
        decode: tke::read_rotation,
        unreadable,
        encode: tke::rotation,
    },
    Row {
        method: Method::POST,
        path: "/identity/token",
        query: None,
        content: Content::Bytes,
        strangers: Strangers::Welcome,
        decode: iam::issue_token,
        unreadable,
        encode: iam::issued,
    },
    Row {
        method: Method::POST,
        path: "/oidc/token",
        query: None,
        content: Content::Bytes,
        strangers: Strangers::Welcome,
        decode: iam::issue_token,
        unreadable,
        encode: iam::issued,
    },
    Row {
        method: Method::GET,
        path: "/_emulator/events",
        query: Some(events::PARAMETERS),
        content: Content::None,
        strangers: Strangers::Unheard,
        decode: events::read,
        unreadable,
        encode: no_answer,
    },
    Row {
        method: Method::GET,
        path: "/_emulator/instances",
        query: Some(&[]),
        content: Content::None,
        strangers: Strangers::Unheard,
        decode: instances::list,
        unreadable,
        encode: instances::listed,
    },
    Row {
        method: Method::POST,
        path: "/_emulator/instances",
        query: Some(&[]),
        content: Content::Json,
        strangers: Strangers::Unheard,
        decode: instances::create,
        unreadable,
        encode: instances::created,
    },
    Row {
        method: Method::POST,
        path: "/_emulator/instances/import",
        query: Some(&[]),
        content: Content::Lines,
        strangers: Strangers::Unheard,
        decode: instances::import,
        unreadable,
        encode: instances::created,
    },
    Row {
        method: Method::DELETE,
        path: "/_emulator/instances/{id}",
        query: Some(&["purge"]),
        content: Content::None,
        strangers: Strangers::Unheard,
        decode: instances::delete,
        unreadable,
        encode: instances::deleted,
    },
    Row {
        method: Method::POST,
        path: "/_emulator/instances/{id}/reset",
        query: Some(&[]),
        content: Content::Json,
        strangers: Strangers::Unheard,
        decode: instances::reset,
        unreadable,
        encode: instances::is,
    },
    Row {
        method: Method::POST,
        path: "/_emulator/instances/{id}/export",
        query: Some(&[]),
        content: Content::Json,
        strangers: Strangers::Unheard,
        decode: instances::export,
        unreadable,
        encode: no_answer,
    },
    Row {
        method: Method::GET,
        path: "/_emulator/clock",
        query: Some(&[]),
        content: Content::None,
        strangers: Strangers::Unheard,
        decode: clock::read,
        unreadable,
        encode: clock::is,
    },
    Row {
        method: Method::PUT,
        path: "/_emulator/clock",
        query: Some(&[]),
        content: Content::Json,
        strangers: Strangers::Unheard,
        decode: clock::set,
        unreadable,
        encode: clock::is,
    },
    Row {
        method: Method::GET,
        path: "/_emulator/operations/{id}",
        query: Some(&[]),
        content: Content::None,
        strangers: Strangers::Unheard,
        decode: operations::outcome,
        unreadable,
        encode: operations::is,
    },
];

impl Input {
    /// The identifier in the path.
    pub(super) fn identifier<T: std::str::FromStr>(&self) -> Result<T, Refusal>
    where
        T::Err: std::fmt::Display,
    {
        self.places
            .get("id")
            .parse()
            .map_err(|fault: T::Err| Refusal::InvalidArgument { field: "id", why: fault.to_string() })
    }

    /// The body, which is JSON.
    pub(super) fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body = if self.body.is_empty() { b"{}" } else { &self.body[..] };
        if !is_object(body) {
            return Err(Refusal::Undecodable("not a JSON object".to_owned()));
        }
        // What serde says may repeat a passphrase.
        serde_json::from_slice(body).map_err(|error| Refusal::Undecodable(without_values(&error.to_string())))
    }
}

fn unreadable(_: &Input, refusal: Refusal) -> Operation {
    Operation::Unreadable(refusal)
}

/// What is allowed is answered by a stream, never by an answer.
fn no_answer(_: Answer) -> Result<Response<Body>, Refusal> {
    Err(Refusal::Internal)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::interface::Interface;
    use super::*;

    #[test]
    fn no_two_rows_answer_the_same_and_only_posts_and_puts_have_content() {
        let rows: BTreeSet<_> = ROWS.iter().map(|row| (row.path, row.method.as_str())).collect();
        assert_eq!(rows.len(), ROWS.len());
        for row in ROWS {
            let own = Interface::of(row.path) == Interface::Emulator;
            assert_eq!(own, row.path.starts_with("/_emulator/"), "{}", row.path);
            let with_content = row.method == Method::POST || row.method == Method::PUT;
            assert_eq!(row.content != Content::None, with_content, "{} {}", row.method, row.path);
        }
    }
}
