//! Which instance a call is for.

use hpcs_names::InstanceId;
use hpcs_service::{Origin, Refusal};
use http::HeaderMap;

/// The instance of the endpoint that was asked, or the one that a client of the first generation names in a header, or
/// none: the account's first one (section 2.1).
///
/// # Errors
/// [`Refusal::NoSuchInstance`] when the header names none, [`Refusal::OtherInstance`] when it names another than the
/// endpoint.
pub(in crate::grpc) fn named(headers: &HeaderMap, origin: &Origin) -> Result<Option<InstanceId>, Refusal> {
    let Some(header) = headers.get(HEADER) else { return Ok(origin.instance) };
    let text = header.to_str().map_err(|_| Refusal::NoSuchInstance)?;
    let stated: InstanceId = text.parse().map_err(|_| Refusal::NoSuchInstance)?;
    match origin.instance {
        Some(instance) if instance != stated => Err(Refusal::OtherInstance),
        _ => Ok(Some(stated)),
    }
}

const HEADER: &str = "bluemix-instance";
