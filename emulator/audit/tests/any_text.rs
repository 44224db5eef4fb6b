//! Whatever texts go in, a line comes out: JSON of the specified shape that gives the texts back.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may fail by panicking")]

mod support;

use std::net::IpAddr;

use hpcs_audit::catalogue::{CATALOGUE, Family, Status};
use hpcs_audit::event::{
    EventDraft, FailureCode, Fields, Host, Identity, Initiator, PrivateHost, RequestData, Target, TimeStyle,
};
use hpcs_audit::{EventTime, Outcome, Reason, Row, Stamp, Style};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use support::{Ordered, draft};

const EVENT: [&str; 16] = [
    "eventTime",
    "outcome",
    "message",
    "action",
    "id",
    "initiator",
    "target",
    "observer",
    "reason",
    "severity",
    "requestData",
    "responseData",
    "dataEvent",
    "saveServiceCopy",
    "correlationId",
    "logSourceCRN",
];
const INITIATOR: [&str; 7] = ["id", "name", "authnId", "authnName", "typeURI", "credential", "host"];
const HOST: [&str; 3] = ["address", "addressType", "agent"];
const TARGET: [&str; 4] = ["id", "name", "alias", "typeURI"];
const REASON: [&str; 3] = ["reasonCode", "reasonType", "reasonForFailure"];

proptest! {
    #[test]
    fn any_text_makes_one_line_of_ordered_json(draft in drafts(), stamp in stamps(), style in styles()) {
        let line = draft.render(&stamp, &style);
        prop_assert!(!line.contains(&b'\n'));
        if style.html_escape {
            prop_assert!(!line.iter().any(|byte| b"&<>".contains(byte)));
        }
        let event = Ordered::read(&line);
        for (path, order) in [("initiator", &INITIATOR[..]), ("initiator.host", &HOST), ("target", &TARGET), ("reason", &REASON)] {
            assert_ordered(event.find(path).unwrap(), order);
        }
        assert_ordered(&event, &EVENT);
        prop_assert_eq!(event.find("id").is_some(), style.event_id);
        prop_assert_eq!(event.find("correlationId").is_some(), draft.action.family != Family::Tke && filled(&draft.correlation_id));
        prop_assert_eq!(event.find("reason.reasonForFailure").is_some(), draft.outcome() == Outcome::Failure);
        assert_no_empty_texts("", &event, &style);
    }

    #[test]
    fn every_text_can_be_read_back(draft in drafts(), stamp in stamps(), style in styles()) {
        let event = Ordered::read(&draft.render(&stamp, &style));
        prop_assert_eq!(event.text("target.name"), Some(draft.target.name.as_str()));
        prop_assert_eq!(event.text("target.alias").unwrap_or(""), draft.target.alias.as_deref().unwrap_or(""));
        prop_assert_eq!(event.text("requestData.requestURI").unwrap_or(""), draft.request_data.request_uri.as_deref().unwrap_or(""));
        prop_assert_eq!(event.text("initiator.host.agent").unwrap_or(""), draft.initiator.host.agent.as_deref().unwrap_or(""));
        prop_assert_eq!(event.text("reason.reasonForFailure"), draft.reason.failure_text());
        if !draft.initiator.id.is_empty() {
            prop_assert_eq!(event.text("initiator.id"), Some(draft.initiator.id.as_str()));
        }
    }
}

/// The members are some of `order`, in that order.
#[track_caller]
fn assert_ordered(object: &Ordered, order: &[&str]) {
    let keys = object.keys();
    let expected: Vec<_> = order.iter().copied().filter(|name| keys.contains(name)).collect();
    assert_eq!(keys, expected);
}

#[track_caller]
fn assert_no_empty_texts(path: &str, value: &Ordered, style: &Style) {
    match value {
        Ordered::Object(members) => {
            for (name, value) in members {
                assert_no_empty_texts(&format!("{path}.{name}"), value, style);
            }
        }
        Ordered::Text(text) => {
            let may_be_empty =
                path == ".target.name" || path == ".initiator.host.address" && style.private_host == PrivateHost::Empty;
            assert!(may_be_empty || !text.is_empty(), "{path}");
        }
        Ordered::Array(_) | Ordered::Integer(_) | Ordered::Boolean(_) => {}
    }
}

fn filled(text: &Option<String>) -> bool {
    text.as_ref().is_some_and(|text| !text.is_empty())
}

fn drafts() -> impl Strategy<Value = EventDraft> {
    (
        rows(),
        initiators(),
        text(),
        option::of(text()),
        reasons(),
        option::of(text()),
        fields(),
        fields(),
        option::of(text()),
    )
        .prop_map(|(row, initiator, name, alias, reason, request_uri, fields, response_data, correlation_id)| {
            let draft = draft(row);
            EventDraft {
                initiator,
                target: Target { name, alias, ..draft.target.clone() },
                reason,
                request_data: RequestData { request_uri, fields },
                response_data,
                correlation_id,
                ..draft
            }
        })
}

fn rows() -> impl Strategy<Value = &'static Row> {
    proptest::sample::select(CATALOGUE.iter().filter(|row| row.status != Status::Erratum).collect::<Vec<_>>())
}

fn initiators() -> impl Strategy<Value = Initiator> {
    let authn = option::of((text(), text()).prop_map(|(id, name)| Identity { id, name }));
    let host = (option::of(any::<IpAddr>()), any::<bool>(), option::of(text()))
        .prop_map(|(address, private, agent)| Host { address, private, agent });
    (text(), text(), authn, host).prop_map(|(id, name, authn, host)| Initiator {
        id,
        name,
        authn,
        ..Initiator::unknown(host)
    })
}

fn reasons() -> impl Strategy<Value = Reason> {
    prop_oneof![
        Just(Reason::OK),
        (proptest::sample::select(&FailureCode::ALL[..]), text()).prop_map(|(code, text)| Reason::failure(code, text)),
    ]
}

fn fields() -> impl Strategy<Value = Fields> {
    (text(), vec(text(), 0..3), any::<i64>(), any::<bool>(), text()).prop_map(|(text, texts, number, flag, inner)| {
        Fields::new()
            .with("text", text)
            .with("texts", texts)
            .with("number", number)
            .with("flag", flag)
            .with("object", Fields::new().with("inner", inner))
            .with("instanceID", "loses")
            .with("reasonForFailure", "kept by some")
    })
}

fn stamps() -> impl Strategy<Value = Stamp> {
    (any::<u64>(), any::<u64>())
        .prop_map(|(millis, sequence)| Stamp { time: EventTime::from_unix_millis(millis), sequence })
}

fn styles() -> impl Strategy<Value = Style> {
    any::<[bool; 4]>().prop_map(|[html_escape, event_id, trim, empty]| Style {
        html_escape,
        event_id,
        event_time_style: if trim { TimeStyle::GoTrim } else { TimeStyle::Centis },
        private_host: if empty { PrivateHost::Empty } else { PrivateHost::Omit },
        ..Style::default()
    })
}

/// Any text, often one made of the characters that JSON and HTML care about.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        vec(
            proptest::sample::select(&['"', '\\', '&', '<', '>', '\n', '\0', '\u{1f}', '\u{2028}', 'é', '𝄞', 'a'][..]),
            0..12
        )
        .prop_map(String::from_iter),
    ]
}
