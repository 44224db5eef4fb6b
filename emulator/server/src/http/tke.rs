//! `/v1/tke`: Trusted Key Entry as the cloud serves it (administration protocol, sections 1.2 to 1.4).
//!
//! What reaches a crypto unit is answered with 200, whatever the unit says. Values that the documents leave open are the
//! constants at the end.

use std::borrow::Cow;

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_names::{CryptoUnitId, InstanceId};
use hpcs_service::{CryptoUnitCard, CryptoUnitKind, Operation, Payload, Refusal, RotationReport, Submit};
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use tonic::body::Body;

use super::registry::{Decoded, Input, Then};
use super::reply::{self, Fault};
use crate::surface::control::is_object;

/// The beginnings of paths that are Trusted Key Entry's.
pub(super) const PATHS: &[&str] = &["/v1/tke/"];

#[derive(Serialize)]
struct Listing {
    metadata: [Metadata; 1],
    hsms: Vec<Hsm>,
    /// Recovery crypto units, under their first name.
    source_hsms: Vec<Hsm>,
    failover_hsms: Vec<Hsm>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    collection_type: &'static str,
    collection_total: usize,
}

#[derive(Serialize)]
struct Hsm {
    hsm_id: String,
    location: String,
    state: &'static str,
    version: u32,
    serial_number: String,
}

/// Clients decode it as a map of texts: no member may be anything else.
#[derive(Serialize)]
struct Htp {
    response: String,
}

/// Members that the published client knows; where the cloud serves them is not public.
#[derive(Serialize)]
struct Rotation {
    status: &'static str,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    request: String,
}

#[derive(Serialize)]
pub(super) struct Errors {
    metadata: Metadata,
    resources: [ErrorText; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorText {
    error_msg: String,
}

pub(super) fn list(input: &Input) -> Result<Decoded, Refusal> {
    Ok((Operation::ListCryptoUnits { instance: instance(input)? }, Then::Answer))
}

pub(super) fn listed(answer: Answer) -> Result<Response<Body>, Refusal> {
    let Answer::CryptoUnits(units) = answer else { return Err(Refusal::Internal) };
    let of_kind = |kind| units.iter().filter(|unit| unit.kind == kind).map(hsm).collect();
    let listing = Listing {
        metadata: [Metadata { collection_type: LISTING_TYPE, collection_total: units.len() }],
        hsms: of_kind(CryptoUnitKind::Operational),
        source_hsms: of_kind(CryptoUnitKind::Recovery),
        failover_hsms: of_kind(CryptoUnitKind::Failover),
    };
    Ok(reply::json(StatusCode::OK, &listing))
}

pub(super) fn submit(input: &Input) -> Result<Decoded, Refusal> {
    let (instance, unit) = (instance(input)?, unit(input)?);
    if !is_object(&input.body) {
        return Err(Refusal::Undecodable(r#"not a JSON object; send {"request": "<HTP request>"}"#.to_owned()));
    }
    let asked: Asked = serde_json::from_slice(&input.body).map_err(|error| Refusal::Undecodable(error.to_string()))?;
    Ok((Operation::submit(instance, unit, asked.request.into()), Then::Answer))
}

/// A body that is no request: a command all the same, as far as its beginning tells.
pub(super) fn broken(input: &Input, refusal: Refusal) -> Operation {
    let (Ok(instance), Ok(unit)) = (instance(input), unit(input)) else { return Operation::Unreadable(refusal) };
    let head = Bytes::copy_from_slice(glimpse(&input.body).unwrap_or_default().as_bytes());
    Operation::Submit(Submit { instance, unit, payload: Payload::Broken { head, refusal } })
}

pub(super) fn submitted(answer: Answer) -> Result<Response<Body>, Refusal> {
    let Answer::Htp(response) = answer else { return Err(Refusal::Internal) };
    Ok(reply::json(StatusCode::OK, &Htp { response }))
}

pub(super) fn start_rotation(input: &Input) -> Result<Decoded, Refusal> {
    if !input.body.trim_ascii().is_empty() && input.body.trim_ascii() != b"{}" {
        return Err(Refusal::Undecodable("the call takes no content".to_owned()));
    }
    Ok((Operation::StartRotation { instance: instance(input)? }, Then::Answer))
}

pub(super) fn read_rotation(input: &Input) -> Result<Decoded, Refusal> {
    Ok((Operation::ReadRotation { instance: instance(input)? }, Then::Answer))
}

pub(super) fn rotation(answer: Answer) -> Result<Response<Body>, Refusal> {
    let Answer::Rotation(RotationReport { status, message }) = answer else { return Err(Refusal::Internal) };
    Ok(reply::json(StatusCode::OK, &Rotation { status: status.as_str(), message }))
}

/// The content of an error. The published client shows it as it is.
pub(super) fn error(fault: &Fault) -> Errors {
    let text = fault.text();
    let metadata = Metadata { collection_type: ERROR_TYPE, collection_total: 1 };
    Errors { metadata, resources: [ErrorText { error_msg: text }] }
}

/// What is no identifier names nothing that is there.
fn instance(input: &Input) -> Result<InstanceId, Refusal> {
    input.places.get("instance").parse().map_err(|_| Refusal::NoSuchInstance)
}

fn unit(input: &Input) -> Result<CryptoUnitId, Refusal> {
    input.places.get("hsm").parse().map_err(|_| Refusal::NoSuchCryptoUnit)
}

fn hsm(card: &CryptoUnitCard) -> Hsm {
    Hsm {
        hsm_id: card.id.to_string(),
        location: card.location.to_string(),
        state: STATE,
        version: VERSION,
        serial_number: card.serial.to_string(),
    }
}

/// The text of the member `request`, as far as it arrived, in what need not be JSON to its end.
fn glimpse(body: &[u8]) -> Option<Cow<'_, str>> {
    const NAME: &str = r#""request""#;
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        // Cut within a character, or damaged behind it.
        Err(error) => std::str::from_utf8(body.get(..error.valid_up_to())?).ok()?,
    };
    let (_, behind) = text.split_once(NAME)?;
    let value = behind.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    // An HTP string has no character that JSON writes in another way.
    Some(Cow::Borrowed(value.split(['"', '\\']).next().unwrap_or(value)))
}

/// What listings say of every crypto unit. The values of the cloud are not public.
const STATE: &str = "active";
const VERSION: u32 = 1;

/// The types in metadata. Those of the cloud are not public.
const LISTING_TYPE: &str = "application/vnd.ibm.hs-crypto.hsm+json";
const ERROR_TYPE: &str = "application/vnd.ibm.hs-crypto.error+json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_request_is_found_in_what_is_no_json() {
        for (body, found) in [
            (&br#"{"request":"181;PCI"}"#[..], Some("181;PCI")),
            (br#"{"request":"181;PCI"#, Some("181;PCI")),
            (br#" { "a": 1, "request" : "181;PCI", "#, Some("181;PCI")),
            (b"{\"request\":\"181;P\xff", Some("181;P")),
            (br#"{"request":7}"#, None),
            (br#"{"request""#, None),
            (br#"{"requests":"x"}"#, None),
            (b"", None),
            (b"\xff", None),
        ] {
            assert_eq!(glimpse(body).as_deref(), found, "{}", String::from_utf8_lossy(body));
        }
    }
}
