//! Which instance a call is for.

use hpcs_names::InstanceId;
use hpcs_service::{Addressee, Origin, Refusal};
use http::{HeaderMap, HeaderName};

/// The instance that a call is for, and whether it is refused for what it says of it.
pub(in crate::grpc) struct Addressed {
    /// The instance whose endpoint was asked, or the one that a client of the first generation names in a header, or the
    /// account's first one (section 2.1).
    pub(super) instance: Addressee,
    /// [`Refusal::OtherInstance`] when the header names another instance than the endpoint, which then has the event;
    /// [`Refusal::NoSuchInstance`] when it is no name of one.
    pub(super) refusal: Option<Refusal>,
}

/// What a call says of its instance.
pub(in crate::grpc) fn addressed(headers: &HeaderMap, origin: &Origin) -> Addressed {
    let header = headers.get(&HEADER);
    let stated: Option<InstanceId> = header.and_then(|header| header.to_str().ok()?.parse().ok());
    let (instance, refusal) = match (origin.instance, stated) {
        (Some(endpoint), stated) if header.is_some() && stated != Some(endpoint) => {
            (Addressee::Instance(endpoint), Some(Refusal::OtherInstance))
        }
        (Some(instance), _) | (None, Some(instance)) => (Addressee::Instance(instance), None),
        (None, None) if header.is_some() => (Addressee::Nobody, Some(Refusal::NoSuchInstance)),
        (None, None) => (Addressee::First, None),
    };
    Addressed { instance, refusal }
}

const HEADER: HeaderName = HeaderName::from_static("bluemix-instance");
