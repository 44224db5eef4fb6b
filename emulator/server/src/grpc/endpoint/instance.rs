//! Which instance a call is for.

use hpcs_names::InstanceId;
use hpcs_service::{Origin, Refusal};
use http::HeaderMap;

/// The instance that a call is for, and whether it is refused for what it says of it.
pub(in crate::grpc) struct Addressed {
    /// The instance whose endpoint was asked, or the one that a client of the first generation names in a header;
    /// `None` for the account's first one (section 2.1).
    pub(super) instance: Option<InstanceId>,
    /// [`Refusal::OtherInstance`] when the header names another instance than the endpoint, which then has the event;
    /// [`Refusal::NoSuchInstance`] when it is no name of one.
    pub(super) refusal: Option<Refusal>,
}

/// What a call says of its instance.
pub(in crate::grpc) fn addressed(headers: &HeaderMap, origin: &Origin) -> Addressed {
    let endpoint = origin.instance;
    let Some(header) = headers.get(HEADER) else { return Addressed { instance: endpoint, refusal: None } };
    let stated = header.to_str().ok().and_then(|text| text.parse().ok());
    let refusal = match (endpoint, stated) {
        (Some(_), _) if endpoint != stated => Some(Refusal::OtherInstance),
        (None, None) => Some(Refusal::NoSuchInstance),
        _ => None,
    };
    Addressed { instance: endpoint.or(stated), refusal }
}

const HEADER: &str = "bluemix-instance";
