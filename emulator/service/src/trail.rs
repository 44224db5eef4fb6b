//! The one place where events come from.

use hpcs_audit::event::{Fields, RequestData, Target};
use hpcs_audit::{EventDraft, Reason, Row};

use crate::{CryptoUnitCard, Instance, Refusal, Who};

/// The event of a call of the cryptographic interface.
pub(crate) fn crypto_event(
    action: &'static Row,
    who: &Who,
    instance: &Instance,
    method: &str,
    refusal: Option<&Refusal>,
    correlation_id: String,
) -> EventDraft {
    let crn = instance.crn();
    EventDraft {
        action,
        initiator: who.initiator(),
        target: Target { id: crn.clone(), name: instance.id.to_string(), alias: None },
        reason: refusal.map_or(Reason::OK, Refusal::ep11_reason),
        request_data: RequestData { request_uri: Some(format!("/grep11.Crypto/{method}")), fields: Fields::new() },
        response_data: Fields::new(),
        key_destroyed: false,
        correlation_id: Some(correlation_id),
        source: crn,
    }
}

/// The event of a TKE action on a crypto unit, from who asked, what was asked for and the verdict.
///
/// `asked` and `answered` are the members peculiar to the action. The answer counts only when there is no refusal.
pub(crate) fn tke_event(
    action: &'static Row,
    who: &Who,
    instance: &Instance,
    unit: &CryptoUnitCard,
    refusal: Option<&Refusal>,
    asked: Fields,
    answered: Fields,
) -> EventDraft {
    EventDraft {
        action,
        initiator: who.initiator(),
        target: Target { id: instance.unit_crn(unit.id), name: unit.location.to_string(), alias: None },
        reason: refusal.map_or(Reason::OK, Refusal::tke_reason),
        request_data: RequestData {
            // The URI of the TKE interface, whichever surface was used.
            request_uri: Some(format!("/v1/tke/{}/hsms/{}", instance.id, unit.id)),
            fields: asked,
        },
        response_data: if refusal.is_none() { answered } else { Fields::new() },
        key_destroyed: false,
        correlation_id: None,
        source: instance.crn(),
    }
}
