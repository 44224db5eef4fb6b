//! Rules of the envelope that the examples do not show.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may fail by panicking")]

mod support;

use hpcs_audit::catalogue::{CATALOGUE, Status, find, tke};
use hpcs_audit::event::{
    EventDraft, FailureCode, Fields, InstanceIdKey, ObserverName, RequestData, Target, TimeStyle, event_id,
};
use hpcs_audit::{EventTime, Reason, Stamp, Style};
use support::{Ordered, draft};

const STAMP: Stamp = Stamp { time: EventTime::from_unix_millis(1_772_409_600_700), sequence: 7 };

fn rendered(draft: &EventDraft, style: &Style) -> Ordered {
    Ordered::read(&draft.render(&STAMP, style))
}

fn named(action: &str, name: &str, reason: Reason) -> EventDraft {
    let draft = draft(find(action).unwrap());
    EventDraft { target: Target { name: name.to_owned(), ..draft.target.clone() }, reason, ..draft }
}

fn refused(text: &str) -> Reason {
    Reason::failure(FailureCode::Conflict, text)
}

#[test]
fn messages_follow_the_rules_of_section_1_4() {
    for (action, name, reason, expected) in [
        ("kms.secrets.rotate", "my-secret-key1", Reason::OK, "Key Protect: rotate secret my-secret-key1"),
        ("hs-crypto.secrets.ack-rotate", "", Reason::OK, "Hyper Protect Crypto Services: ack-rotate secret "),
        ("kms.secrets.rotate", "", refused("why"), "Key Protect: rotate secret -failure"),
        ("kms.secrets.rotate", "k1", refused("why"), "Key Protect: rotate secret k1 -failure"),
        ("hs-crypto.vaults.write", "v1", refused("why"), "Hyper Protect Crypto Services: write vault v1 -failure: why"),
        ("hs-crypto.vaults.write", "", refused("why"), "Hyper Protect Crypto Services: write vault -failure: why"),
        ("hs-crypto.vaults.write", "v1", Reason::OK, "Hyper Protect Crypto Services: write vault v1"),
    ] {
        let event = rendered(&named(action, name, reason), &Style::default());
        assert_eq!(event.text("message"), Some(expected));
    }
}

#[test]
fn every_action_is_rendered_as_its_row_says() {
    for row in CATALOGUE.iter().filter(|row| row.status != Status::Erratum) {
        let event = rendered(&draft(row), &Style::default());
        assert_eq!(event.text("action"), Some(row.action));
        assert_eq!(event.text("target.typeURI"), Some(row.type_uri));
        assert_eq!(event.find("dataEvent"), Some(&Ordered::Boolean(row.data_event)));
        assert!(event.text("message").unwrap().contains(&format!(": {} ", row.phrase)), "{}", row.action);
        assert_eq!(event.find("responseData"), None);
        assert_eq!(event.find("reason.reasonForFailure"), None);
    }
}

#[test]
fn a_failure_keeps_only_the_response_members_that_its_row_allows() {
    let response = Fields::new()
        .with("keyState", 1)
        .with("reasonForFailure", "Adopter reported an unexpected key state.")
        .with("resourceCRN", "crn:v1:bluemix:public:cloud-object-storage:global:a/x:y:bucket:invoices")
        .with("action", "create certificate");
    for (action, expected) in [
        ("hs-crypto.secrets.ack-rotate", Some(vec!["reasonForFailure", "resourceCRN"])),
        ("hs-crypto.mtlscert-cert.set", Some(vec!["action"])),
        ("hs-crypto.secrets.delete", None),
        ("hs-crypto.tke-cryptounit-admin.add", None),
        ("hs-crypto.vaults.write", None),
    ] {
        let event = EventDraft { response_data: response.clone(), ..named(action, "n", refused("why")) };
        let event = rendered(&event, &Style::default());
        assert_eq!(event.find("responseData").map(Ordered::keys), expected, "{action}");
    }
}

#[test]
fn response_data_without_members_is_absent() {
    let hollow = Fields::new().with("text", "").with("object", Fields::new());
    let event = EventDraft { response_data: hollow, ..draft(tke::RESET) };
    assert_eq!(rendered(&event, &Style::default()).find("responseData"), None);
}

#[test]
fn request_data_is_uri_then_instance_then_members_and_a_member_of_their_name_loses() {
    let fields = Fields::new().with("instanceID", "other").with("location", "here").with("requestURI", "/other");
    let request_data = RequestData { request_uri: Some("/v1/tke?x=1&y=<2>".to_owned()), fields };
    let event = EventDraft { request_data, ..draft(tke::RESET) };
    let line = String::from_utf8(event.render(&STAMP, &Style::default())).unwrap();
    assert!(line.contains(concat!(
        r#""requestData":{"requestURI":"/v1/tke?x=1\u0026y=\u003c2\u003e","#,
        r#""instanceID":"7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c","location":"here"}"#
    )));
    let plain = Style { html_escape: false, ..Style::default() };
    assert!(String::from_utf8(event.render(&STAMP, &plain)).unwrap().contains("x=1&y=<2>"));
}

#[test]
fn correlation_ids_appear_except_in_crypto_unit_administration() {
    let silent = Style { uko_correlation_id: false, ..Style::default() };
    for (action, by_default, when_silent) in [
        ("hs-crypto.tke-cryptounit.reset", None, None),
        ("hs-crypto.secrets.create", Some("id-1"), Some("id-1")),
        ("kms.secrets.create", Some("id-1"), Some("id-1")),
        ("hs-crypto.vaults.read", Some("id-1"), None),
    ] {
        let event = EventDraft { correlation_id: Some("id-1".to_owned()), ..draft(find(action).unwrap()) };
        assert_eq!(rendered(&event, &Style::default()).text("correlationId"), by_default, "{action}");
        assert_eq!(rendered(&event, &silent).text("correlationId"), when_silent, "{action}");
    }
}

#[test]
fn an_alias_stands_between_name_and_type() {
    let draft = draft(find("kms.secrets.read").unwrap());
    let target = Target { alias: Some("orders-key".to_owned()), ..draft.target.clone() };
    let event = rendered(&EventDraft { target, ..draft }, &Style::default());
    assert_eq!(event.find("target").unwrap().keys(), ["id", "name", "alias", "typeURI"]);
}

#[test]
fn styles_change_what_they_name() {
    let style = Style {
        event_time_style: TimeStyle::GoTrim,
        instance_id_key: InstanceIdKey::InstanceIdLower,
        data_event_overrides: [(find("kms.key-rings.create").unwrap(), true)].into_iter().collect(),
        legacy_action_names: true,
        observer_name: ObserverName::CloudLogs,
        event_id: true,
        ..Style::default()
    };
    let draft = draft(find("kms.key-rings.create").unwrap());
    let event = rendered(&draft, &style);
    assert_eq!(event.text("eventTime"), Some("2026-03-02T00:00:00.7+0000"));
    assert_eq!(event.text("action"), Some("kms.keyrings.create"));
    assert_eq!(event.text("observer.name"), Some("IBM Cloud Logs"));
    assert_eq!(event.find("requestData").unwrap().keys(), ["instanceId"]);
    assert_eq!(event.find("dataEvent"), Some(&Ordered::Boolean(true)));
    let id = event_id(draft.source.instance_id(), STAMP.sequence).to_string();
    assert_eq!(event.text("id"), Some(id.as_str()));
    assert_eq!(event.keys()[3..6], ["action", "id", "initiator"]);
}

#[test]
fn current_names_stay_where_there_is_no_historical_one() {
    let style = Style { legacy_action_names: true, ..Style::default() };
    assert_eq!(rendered(&draft(tke::RESET), &style).text("action"), Some("hs-crypto.tke-cryptounit.reset"));
}
