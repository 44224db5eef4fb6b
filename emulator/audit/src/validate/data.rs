//! `requestData` and `responseData` against the fields that the catalogue lists (section 4, 3.7).

use super::RuleId;
use super::entry::Entry;
use super::family::Family;
use super::grammar::Form;
use super::json::{Json, join};
use super::members::{self, Kind, Member, Presence, Rest};
use super::report::Findings;
use super::subject::Subject;
use crate::catalogue::Field;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    check_request(subject, findings);
    check_response(subject, findings);
}

fn check_request(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(data) = subject.object(REQUEST) else { return };
    let Some(entry) = subject.entry() else {
        let common = [Member::optional("requestURI", Kind::Text), Member::always(instance_key(subject), Kind::Text)];
        members::check(REQUEST, data, &common, Rest::Accepted, findings);
        return;
    };
    let level = Level { subject, entry, succeeded: subject.failed == Some(false) };
    level.check(REQUEST, data, &paths(entry.request_fields), findings);
}

fn check_response(subject: &Subject<'_>, findings: &mut Findings) {
    let data = subject.object(RESPONSE);
    if data.is_some_and(<[_]>::is_empty) {
        findings.add(RuleId::EmptyResponse, RESPONSE, "no such member when nothing is to be said", "{}");
        return;
    }
    let (Some(entry), Some(failed)) = (subject.entry(), subject.failed) else { return };
    let completion_failed = entry.is_completion() && matches!(subject.code, Some(408 | 409));
    let level = Level { subject, entry, succeeded: !failed };
    let mut fields = paths(entry.response_fields);
    match (data, failed) {
        _ if completion_failed => {
            fields.retain(|field| COMPLETION_FAILURE.contains(&field.path));
            Level { succeeded: true, ..level }.check_optional(data, &fields, findings);
        }
        (None, true) => {}
        (Some(data), true) if entry.family == Family::CertificateManager => {
            level.check(RESPONSE, data, &fields, findings)
        }
        (Some(_), true) => {
            findings.add(RuleId::ResponseOnFailure, RESPONSE, "no such member on failure", "an object");
        }
        (data, false) => {
            fields.retain(|field| !COMPLETION_FAILURE.contains(&field.path));
            level.check_optional(data, &fields, findings);
        }
    }
}

/// A field with its path inside the object that is looked at.
#[derive(Clone, Copy)]
struct Path {
    path: &'static str,
    documented: bool,
}

fn paths(fields: &'static [Field]) -> Vec<Path> {
    fields.iter().map(|field| Path { path: field.path, documented: field.documented }).collect()
}

/// What decides about the members of an object, at every depth.
#[derive(Clone, Copy)]
struct Level<'a, 's> {
    subject: &'s Subject<'a>,
    entry: Entry,
    /// Members are guaranteed on success only.
    succeeded: bool,
}

impl Level<'_, '_> {
    /// `responseData`, which is absent when it has nothing to say.
    fn check_optional(&self, data: Option<&[(String, Json)]>, fields: &[Path], findings: &mut Findings) {
        let required = fields.iter().any(|field| self.required(&join(RESPONSE, field.path), RESPONSE, field));
        match data {
            // What is no object has its deviation already.
            None if self.subject.at(RESPONSE).is_some() => {}
            None if required => {
                findings.add(RuleId::MissingMember, RESPONSE, "an object", "no such member");
            }
            None => {}
            Some(_) if fields.is_empty() => {
                findings.add(RuleId::UnknownMember, RESPONSE, "no such member for this action", "an object");
            }
            Some(data) => self.check(RESPONSE, data, fields, findings),
        }
    }

    fn check(&self, path: &str, object: &[(String, Json)], fields: &[Path], findings: &mut Findings) {
        let groups = self.groups(path, fields);
        let shape: Vec<Member<'_>> = groups.iter().map(|group| group.member).collect();
        let rest = if fields.iter().any(|field| field.path == "*") { Rest::Accepted } else { Rest::Refused };
        members::check(path, object, &shape, rest, findings);
        for group in &groups {
            let Some(value) = members::value_of(object, group.member.name) else { continue };
            let path = join(path, group.member.name);
            if let (Some(inner), false) = (value.as_object(), group.inner.is_empty()) {
                self.check(&path, inner, &group.inner, findings);
            } else if let Some(form) = group.form.filter(|form| form.refuses(value)) {
                findings.add(RuleId::MemberValue, path, form.words, value.brief());
            }
        }
    }

    /// The fields by their first segment, in order.
    fn groups(&self, path: &str, fields: &[Path]) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for field in fields.iter().filter(|field| field.path != "*") {
            let (name, rest) = field.path.split_once('.').map_or((field.path, None), |(name, rest)| (name, Some(rest)));
            let required = self.required(&join(path, field.path), &join(path, name), field);
            let name = if name == "instanceID" { instance_key(self.subject) } else { name };
            let at = groups.iter().position(|group| group.member.name == name).unwrap_or_else(|| {
                let form = Form::of(name).filter(|_| rest.is_none());
                let kind = form.map_or(Kind::Object, |form| form.kind);
                groups.push(Group { member: Member::optional(name, kind), form, inner: Vec::new() });
                groups.len() - 1
            });
            let Some(group) = groups.get_mut(at) else { continue };
            if required {
                group.member.presence = Presence::Always;
            }
            group.inner.extend(rest.map(|path| Path { path, ..*field }));
        }
        groups
    }

    /// Whether the field at `path`, inside the member at `parent`, has to be there.
    fn required(&self, path: &str, parent: &str, field: &Path) -> bool {
        let always = matches!(path, "requestData.requestURI" | "requestData.instanceID" | "requestData.location");
        let conditional = |path: &str| {
            let action = self.entry.without_service();
            CONDITIONAL.iter().any(|(prefix, have)| action.starts_with(prefix) && *have == path)
                || (action == "instance-policies.write" && path.starts_with("requestData.") && path.contains("Value"))
        };
        field.path != "*"
            && (always || (self.succeeded && field.documented && !conditional(path) && !conditional(parent)))
    }
}

/// A member, with the fields inside it.
struct Group {
    member: Member<'static>,
    form: Option<&'static Form>,
    inner: Vec<Path>,
}

fn instance_key(subject: &Subject<'_>) -> &'static str {
    subject.options.instance_id_key.as_str()
}

const REQUEST: &str = "requestData";
const RESPONSE: &str = "responseData";

/// Members of a lifecycle action that the adopters did not complete, and of no other event (3.6).
const COMPLETION_FAILURE: [&str; 2] = ["reasonForFailure", "resourceCRN"];

/// Documented members that the request or the key decides about: start of the action, path (4.2, 4.3).
const CONDITIONAL: &[(&str, &str)] = &[
    ("", "requestData.keyRingId"),
    ("", "responseData.keyRingId"),
    ("secrets", "responseData.expirationDate"),
    ("secrets.setkeyfordeletion", "responseData.initialValue"),
    ("secrets.unsetkeyfordeletion", "responseData.newValue"),
];
