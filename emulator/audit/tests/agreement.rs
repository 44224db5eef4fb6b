//! The emitter against the validator: two readings of the reference that share no code.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may fail by panicking")]

mod support;

use hpcs_audit::catalogue::{CATALOGUE, Status, tke};
use hpcs_audit::event::{EventDraft, FailureCode, Fields, RequestData, Target};
use hpcs_audit::validate::{Options, validate_line};
use hpcs_audit::{EventTime, Outcome, Reason, Row, Stamp, Style};
use support::draft;

const STAMP: Stamp = Stamp { time: EventTime::from_unix_millis(1_772_409_600_700), sequence: 1 };

/// The members that follow from action and reason, whatever the caller supplies.
const COMPUTED: [&str; 10] = [
    "eventTime",
    "outcome",
    "message",
    "action",
    "target.typeURI",
    "observer",
    "reason.reasonType",
    "severity",
    "dataEvent",
    "logSourceCRN",
];

fn reasons() -> impl Iterator<Item = Reason> {
    std::iter::once(Reason::OK).chain(FailureCode::ALL.map(|code| Reason::failure(code, "why")))
}

#[test]
fn computed_members_are_right_for_every_action_and_status() {
    for row in CATALOGUE.iter().filter(|row| row.status != Status::Erratum) {
        for reason in reasons() {
            let event = EventDraft { reason, ..draft(row) };
            let report = validate_line(&event.render(&STAMP, &Style::default()), &Options::default());
            assert!(report.names_catalogue_action(), "{}", row.action);
            for deviation in report.deviations {
                let computed = COMPUTED.iter().any(|member| deviation.member.starts_with(member));
                assert!(!computed, "{}: {deviation}", row.action);
            }
        }
    }
}

#[test]
fn events_of_crypto_unit_administration_are_clean_at_every_status() {
    for row in tke::ALL {
        for reason in reasons() {
            let event = administration(row, reason);
            let report = validate_line(&event.render(&STAMP, &Style::default()), &Options::default());
            assert!(report.clean(), "{} {}: {:?}", row.action, event.reason.code(), report.deviations);
        }
    }
}

/// An administrative command with a value for every member of its row.
fn administration(row: &'static Row, reason: Reason) -> EventDraft {
    let location = "[us-east].[AZ2-CSSTAG2].[03].[22]";
    let unit = "3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8";
    let draft = draft(row);
    let uri = format!("/v1/tke/{}/hsms/{unit}", draft.source.instance_id());
    EventDraft {
        target: Target {
            id: draft.source.resource("tke-cryptounit", unit.parse().unwrap()),
            name: location.to_owned(),
            alias: None,
        },
        request_data: RequestData {
            request_uri: Some(uri),
            fields: row
                .request_fields
                .iter()
                .fold(Fields::new(), |fields, field| with_sample(fields, field.path))
                .with("location", location),
        },
        response_data: match reason.outcome() {
            // The one administrator of the samples is gone.
            Outcome::Success if row == tke::ADMIN_REMOVE => Fields::new().with("adminIds", Vec::new()),
            Outcome::Success => {
                row.response_fields.iter().fold(Fields::new(), |fields, field| with_sample(fields, field.path))
            }
            Outcome::Failure => Fields::new(),
        },
        reason,
        ..draft
    }
}

fn with_sample(fields: Fields, name: &'static str) -> Fields {
    let id = "4c529932945f79d0f00ca52f4f78a80450dd0802211433fa3fa4396c4df9c5f3";
    match name {
        "signatureThreshold" | "revocationSignatureThreshold" => fields.with(name, 2),
        "adminIds" | "masterKeyIds" => fields.with(name, vec![id.to_owned()]),
        "requestURI" | "instanceID" => fields,
        _ => fields.with(name, id),
    }
}
