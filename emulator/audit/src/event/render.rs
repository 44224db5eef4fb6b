//! From a draft to a line (sections 1.1, 1.2 and 1.11).

use std::fmt::{self, Write};

use hpcs_names::InstanceId;
use serde::ser::{Error, Serialize, SerializeMap, SerializeStruct, Serializer};

use super::message::Message;
use super::{EventDraft, Fields, Outcome, RequestData, Stamp, Style, Target, Value, event_id, html};
use crate::catalogue::{Family, Row};

/// The event as one line of JSON, without a line end.
pub(super) fn line(draft: &EventDraft, stamp: &Stamp, style: &Style) -> Vec<u8> {
    let mut line = Vec::with_capacity(USUAL_SIZE);
    let written = serde_json::to_writer(&mut line, &View { draft, stamp, style });
    #[allow(clippy::expect_used, reason = "memory takes every byte, and no value of an event refuses to be written")]
    written.expect("an event can always be written");
    if style.html_escape { html::escaped(line) } else { line }
}

/// The members of an event, in emission order.
struct View<'a> {
    draft: &'a EventDraft,
    stamp: &'a Stamp,
    style: &'a Style,
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let View { draft, stamp, style } = *self;
        let instance = draft.source.instance_id();
        let response = ResponseView { row: draft.action, outcome: draft.outcome(), fields: &draft.response_data };
        let mut event = serializer.serialize_struct("Event", 16)?;
        event.serialize_field("eventTime", &Text(stamp.time.display(style.event_time_style)))?;
        event.serialize_field("outcome", &draft.outcome())?;
        event.serialize_field("message", &Text(Message(draft)))?;
        event.serialize_field("action", self.action())?;
        if style.event_id {
            event.serialize_field("id", &Text(event_id(instance, stamp.sequence)))?;
        }
        event.serialize_field("initiator", &draft.initiator.rendered(style))?;
        event.serialize_field("target", &TargetView { target: &draft.target, row: draft.action })?;
        event.serialize_field("observer", &Observer { name: style.observer_name.as_str() })?;
        event.serialize_field("reason", &draft.reason)?;
        event.serialize_field("severity", &draft.severity(style))?;
        event.serialize_field("requestData", &RequestView { data: &draft.request_data, instance, style })?;
        if response.written().next().is_some() {
            event.serialize_field("responseData", &response)?;
        }
        event.serialize_field("dataEvent", &style.data_event_overrides.data_event(draft.action))?;
        event.serialize_field("saveServiceCopy", &true)?;
        if let Some(id) = self.correlation_id() {
            event.serialize_field("correlationId", id)?;
        }
        event.serialize_field("logSourceCRN", draft.source.as_str())?;
        event.end()
    }
}

impl View<'_> {
    fn action(&self) -> &'static str {
        let row = self.draft.action;
        row.legacy_action.filter(|_| self.style.legacy_action_names).unwrap_or(row.action)
    }

    fn correlation_id(&self) -> Option<&str> {
        let family = self.draft.action.family;
        let shown = family != Family::Tke && (self.style.uko_correlation_id || !family.is_orchestrator());
        self.draft.correlation_id.as_deref().filter(|id| shown && !id.is_empty())
    }
}

struct TargetView<'a> {
    target: &'a Target,
    row: &'static Row,
}

impl Serialize for TargetView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Target { id, name, alias } = self.target;
        let mut object = serializer.serialize_struct("Target", 4)?;
        object.serialize_field("id", id.as_str())?;
        object.serialize_field("name", name)?;
        if let Some(alias) = alias.as_deref().filter(|alias| !alias.is_empty()) {
            object.serialize_field("alias", alias)?;
        }
        object.serialize_field("typeURI", self.row.type_uri)?;
        object.end()
    }
}

#[derive(serde::Serialize)]
struct Observer {
    name: &'static str,
}

struct RequestView<'a> {
    data: &'a RequestData,
    instance: InstanceId,
    style: &'a Style,
}

impl Serialize for RequestView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let RequestData { request_uri, fields } = self.data;
        let instance_key = self.style.instance_id_key.as_str();
        let mut map = serializer.serialize_map(None)?;
        if let Some(uri) = request_uri.as_deref().filter(|uri| !uri.is_empty()) {
            map.serialize_entry(URI_KEY, uri)?;
        }
        map.serialize_entry(instance_key, &Text(self.instance))?;
        // A member of a copied body that has one of these two names loses (section 4.12).
        for (name, value) in fields.written().filter(|(name, _)| *name != URI_KEY && *name != instance_key) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

struct ResponseView<'a> {
    row: &'static Row,
    outcome: Outcome,
    fields: &'a Fields,
}

impl ResponseView<'_> {
    fn written(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.fields.written().filter(|(name, _)| match self.outcome {
            Outcome::Success => true,
            Outcome::Failure => KEPT_ON_FAILURE.contains(name) && self.row.declares_response(name),
        })
    }
}

impl Serialize for ResponseView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.written() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A value written as the text it displays.
///
/// The text is made first: a CRN displays in a dozen pieces, and escaping them one by one costs more than one copy.
struct Text<T>(T);

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(USUAL_TEXT);
        write!(text, "{}", self.0).map_err(S::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

/// Room for a CRN and for nearly every message, in bytes.
const USUAL_TEXT: usize = 192;

/// Room for nearly every event, in bytes.
const USUAL_SIZE: usize = 2048;

const URI_KEY: &str = "requestURI";

/// Members of `responseData` that a failure keeps where its row declares them: the two of an uncompleted key lifecycle
/// action, and the certificate manager's, which describes the request (sections 3.6 and 3.7).
const KEPT_ON_FAILURE: [&str; 3] = ["reasonForFailure", "resourceCRN", "action"];
