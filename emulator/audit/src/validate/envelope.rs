//! The top-level members, and the short objects among them (1.1, 1.3, 1.9, 1.10).

use super::entry::Naming;
use super::family::Family;
use super::json::{Json, quoted};
use super::members::{self, Kind, Member, Rest};
use super::report::Findings;
use super::subject::Subject;
use super::{EventTimeStyle, RuleId, grammar, time};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    check_shape(subject, findings);
    check_action(subject, findings);
    check_event_time(subject, findings);
    check_observer(subject, findings);
    check_flags(subject, findings);
    check_correlation_id(subject, findings);
    if let Some(id) = subject.text("id").filter(|id| subject.options.event_id && !grammar::is_uuid(id)) {
        findings.add(RuleId::EventId, "id", "a UUID in lower case", quoted(id));
    }
}

fn check_shape(subject: &Subject<'_>, findings: &mut Findings) {
    let event_id = Member::always("id", Kind::Text);
    let mut shape = MEMBERS.to_vec();
    if subject.options.event_id {
        shape.insert(4, event_id);
    }
    members::check("$", subject.root, &shape, Rest::Refused, findings);
}

fn check_action(subject: &Subject<'_>, findings: &mut Findings) {
    let (Some(action), Some(naming)) = (subject.action, subject.naming) else { return };
    match naming {
        Naming::Current(_) => {}
        Naming::Legacy(_) if subject.options.legacy_action_names => {}
        Naming::Legacy(entry) => {
            findings.add(
                RuleId::LegacyAction,
                "action",
                format!("the current name {}", quoted(entry.action)),
                quoted(action),
            );
        }
        Naming::Erratum => {
            let expected = "a name that is emitted; this one is a misprint of the documentation";
            findings.add(RuleId::ErratumAction, "action", expected, quoted(action));
        }
        Naming::Unknown if action.is_empty() => {}
        Naming::Unknown => findings.add(RuleId::UnknownAction, "action", "an action of the catalogue", quoted(action)),
    }
}

fn check_event_time(subject: &Subject<'_>, findings: &mut Findings) {
    let style = subject.options.event_time;
    let expected = match style {
        EventTimeStyle::Centis => "a moment such as 2026-03-02T09:14:27.31+0000",
        EventTimeStyle::GoTrim => "a moment such as 2026-03-02T09:14:27.3+0000",
    };
    if let Some(text) = not_empty(subject, "eventTime").filter(|text| !time::is_event_time(text, style)) {
        findings.add(RuleId::EventTime, "eventTime", expected, quoted(text));
    }
}

fn check_observer(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(observer) = subject.object("observer") else { return };
    members::check("observer", observer, &[Member::always("name", Kind::Text)], Rest::Refused, findings);
    let expected = &subject.options.observer_name;
    if let Some(name) = not_empty(subject, "observer.name").filter(|name| name != expected) {
        findings.add(RuleId::ObserverName, "observer.name", quoted(expected), quoted(name));
    }
}

fn check_flags(subject: &Subject<'_>, findings: &mut Findings) {
    let data_event = subject.entry().map(|entry| {
        let replaced = subject.options.data_event_overrides.get(entry.action).copied();
        replaced.unwrap_or(entry.data_event)
    });
    for (rule, member, expected) in
        [(RuleId::DataEvent, "dataEvent", data_event), (RuleId::SaveServiceCopy, "saveServiceCopy", Some(true))]
    {
        if let (Some(Json::Flag(found)), Some(expected)) = (subject.at(member), expected)
            && *found != expected
        {
            findings.add(rule, member, expected.to_string(), found.to_string());
        }
    }
}

fn check_correlation_id(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(entry) = subject.entry() else { return };
    let absent = entry.family == Family::Tke || (entry.family.is_orchestrator() && !subject.options.uko_correlation_id);
    match (subject.at(MEMBER), absent) {
        (Some(value), true) => {
            findings.add(RuleId::CorrelationId, MEMBER, "no such member for this action", value.brief())
        }
        (None, false) => findings.add(RuleId::MissingMember, MEMBER, "a string that is not empty", "no such member"),
        (Some(Json::Text(id)), false) if id.chars().count() > LONGEST_CORRELATION_ID => {
            let expected = format!("at most {LONGEST_CORRELATION_ID} characters");
            findings.add(RuleId::CorrelationId, MEMBER, expected, quoted(id));
        }
        _ => {}
    }
}

fn not_empty<'a>(subject: &Subject<'a>, path: &str) -> Option<&'a str> {
    subject.text(path).filter(|text| !text.is_empty())
}

const MEMBER: &str = "correlationId";

/// Characters; a longer value of the caller is replaced by a UUID (1.10).
const LONGEST_CORRELATION_ID: usize = 128;

/// In emission order. Whether a correlation id or response data has to be there depends on the action.
const MEMBERS: &[Member<'_>] = &[
    Member::always("eventTime", Kind::Text),
    Member::always("outcome", Kind::Text),
    Member::always("message", Kind::Text),
    Member::always("action", Kind::Text),
    Member::always("initiator", Kind::Object),
    Member::always("target", Kind::Object),
    Member::always("observer", Kind::Object),
    Member::always("reason", Kind::Object),
    Member::always("severity", Kind::Text),
    Member::always("requestData", Kind::Object),
    Member::optional("responseData", Kind::Object),
    Member::always("dataEvent", Kind::Flag),
    Member::always("saveServiceCopy", Kind::Flag),
    Member::optional("correlationId", Kind::Text),
    Member::always("logSourceCRN", Kind::Text),
];
