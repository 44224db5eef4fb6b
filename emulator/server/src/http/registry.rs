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
use super::{clock, events, instances, operations};
use crate::surface::control::is_object;
use crate::surface::reading::{Reading, Waiting};

/// How one method of a path is read and answered.
pub(super) struct Row {
    pub(super) method: Method,
    /// `{id}` stands for one segment.
    pub(super) path: &'static str,
    /// The parameters it takes.
    pub(super) query: &'static [&'static str],
    pub(super) content: Content,
    pub(super) decode: fn(&Input) -> Result<Decoded, Refusal>,
    pub(super) encode: fn(Answer) -> Result<Response<Body>, Refusal>,
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
}

/// A request, taken apart.
pub(super) struct Input {
    /// What stands for `{id}`.
    pub(super) id: Option<String>,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    /// Empty where the row wants none, or lines.
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
        path: "/_emulator/events",
        query: events::PARAMETERS,
        content: Content::None,
        decode: events::read,
        encode: no_answer,
    },
    Row {
        method: Method::GET,
        path: "/_emulator/instances",
        query: &[],
        content: Content::None,
        decode: instances::list,
        encode: instances::listed,
    },
    Row {
        method: Method::POST,
        path: "/_emulator/instances",
        query: &[],
        content: Content::Json,
        decode: instances::create,
        encode: instances::created,
    },
    Row {
        method: Method::POST,
        path: "/_emulator/instances/import",
        query: &[],
        content: Content::Lines,
        decode: instances::import,
        encode: instances::created,
    },
    Row {
        method: Method::DELETE,
        path: "/_emulator/instances/{id}",
        query: &["purge"],
        content: Content::None,
        decode: instances::delete,
        encode: instances::deleted,
    },
    Row {
        method: Method::POST,
        path: "/_emulator/instances/{id}/reset",
        query: &[],
        content: Content::Json,
        decode: instances::reset,
        encode: instances::is,
    },
    Row {
        method: Method::POST,
        path: "/_emulator/instances/{id}/export",
        query: &[],
        content: Content::Json,
        decode: instances::export,
        encode: no_answer,
    },
    Row {
        method: Method::GET,
        path: "/_emulator/clock",
        query: &[],
        content: Content::None,
        decode: clock::read,
        encode: clock::is,
    },
    Row {
        method: Method::PUT,
        path: "/_emulator/clock",
        query: &[],
        content: Content::Json,
        decode: clock::set,
        encode: clock::is,
    },
    Row {
        method: Method::GET,
        path: "/_emulator/operations/{id}",
        query: &[],
        content: Content::None,
        decode: operations::outcome,
        encode: operations::is,
    },
];

impl Input {
    /// The identifier in the path.
    pub(super) fn identifier<T: std::str::FromStr>(&self) -> Result<T, Refusal>
    where
        T::Err: std::fmt::Display,
    {
        let id = self.id.as_deref().unwrap_or_default();
        id.parse().map_err(|fault: T::Err| Refusal::InvalidArgument { field: "id", why: fault.to_string() })
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

/// What is allowed is answered by a stream, never by an answer.
fn no_answer(_: Answer) -> Result<Response<Body>, Refusal> {
    Err(Refusal::Internal)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_rows_answer_the_same_and_only_posts_and_puts_have_content() {
        let rows: BTreeSet<_> = ROWS.iter().map(|row| (row.path, row.method.as_str())).collect();
        assert_eq!(rows.len(), ROWS.len());
        for row in ROWS {
            assert!(row.path.starts_with("/_emulator/"), "{}", row.path);
            let with_content = row.method == Method::POST || row.method == Method::PUT;
            assert_eq!(row.content != Content::None, with_content, "{} {}", row.method, row.path);
        }
    }
}
