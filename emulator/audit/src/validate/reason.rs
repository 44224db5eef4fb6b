//! Outcome, status code, its phrase, and the reason for a failure (section 3).

use super::RuleId;
use super::entry::Entry;
use super::family::Family;
use super::json::quoted;
use super::members::{self, Kind, Member, Rest};
use super::report::Findings;
use super::subject::Subject;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    if let Some(reason) = subject.object("reason") {
        members::check("reason", reason, MEMBERS, Rest::Refused, findings);
    }
    check_outcome(subject, findings);
    let Some(code) = subject.code else { return };
    check_code(subject, code, findings);
    check_phrase(subject, code, findings);
    check_reason_for_failure(subject, code, findings);
}

fn check_outcome(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(outcome) = subject.text("outcome").filter(|outcome| !outcome.is_empty()) else { return };
    if !matches!(outcome, "success" | "failure") {
        findings.add(RuleId::OutcomeValue, "outcome", "\"success\" or \"failure\"", quoted(outcome));
    } else if let Some(code) = subject.code {
        let expected = if code < 400 { "success" } else { "failure" };
        if outcome != expected {
            findings.add(
                RuleId::OutcomeOfCode,
                "outcome",
                format!("{} for code {code}", quoted(expected)),
                quoted(outcome),
            );
        }
    }
}

fn check_code(subject: &Subject<'_>, code: u16, findings: &mut Findings) {
    let member = "reason.reasonCode";
    if !matches!(code, 200..=299 | 400..=599) {
        findings.add(RuleId::ReasonCode, member, "a code from 200 to 299 or from 400 to 599", code.to_string());
    } else if code < 400
        && let Some(codes) =
            subject.entry().and_then(|entry| success_codes(&entry)).filter(|codes| !codes.contains(&code))
    {
        let codes: Vec<String> = codes.iter().map(u16::to_string).collect();
        findings.add(RuleId::SuccessCode, member, format!("{} on success", codes.join(" or ")), code.to_string());
    }
}

fn check_phrase(subject: &Subject<'_>, code: u16, findings: &mut Findings) {
    let expected = PHRASES.iter().find(|(have, _)| *have == code).map(|(_, phrase)| *phrase);
    if let (Some(found), Some(expected)) = (subject.text("reason.reasonType"), expected)
        && !found.is_empty()
        && found != expected
    {
        findings.add(
            RuleId::ReasonType,
            "reason.reasonType",
            format!("{} for code {code}", quoted(expected)),
            quoted(found),
        );
    }
}

fn check_reason_for_failure(subject: &Subject<'_>, code: u16, findings: &mut Findings) {
    let member = "reason.reasonForFailure";
    if subject.object("reason").is_none() {
        return;
    }
    match (subject.at(member), code >= 400) {
        (None, true) => findings.add(RuleId::ReasonForFailure, member, "the reason of the failure", "no such member"),
        (Some(value), false) => {
            findings.add(RuleId::ReasonForFailure, member, "no such member on success", value.brief());
        }
        _ => {}
    }
    let repeated = "responseData.reasonForFailure";
    if let (Some(reason), Some(again)) = (subject.text(member), subject.text(repeated))
        && subject.entry().is_some_and(|entry| entry.is_completion())
        && reason != again
    {
        findings.add(RuleId::ReasonForFailure, repeated, format!("the same text as {member}"), quoted(again));
    }
}

/// Codes of a success, where the reference names them (3.1).
fn success_codes(entry: &Entry) -> Option<&'static [u16]> {
    let of_action = SUCCESS.iter().find(|(actions, _)| actions.contains(&entry.without_service()));
    match entry.family {
        _ if entry.is_of_the_service() || entry.object == "secrets-event" => Some(&[200]),
        Family::Tke | Family::CertificateManager | Family::Ep11Keystore | Family::Ep11Crypto => Some(&[200]),
        family if family.is_kmip_protocol() => Some(&[200]),
        family if family.is_orchestrator() => match entry.verb {
            "delete" => Some(&[204]),
            "write" => Some(&[200, 201]),
            _ => Some(&[200]),
        },
        _ => of_action.map(|(_, codes)| *codes),
    }
}

const MEMBERS: &[Member<'_>] = &[
    Member::always("reasonCode", Kind::Integer),
    Member::always("reasonType", Kind::Text),
    Member::optional("reasonForFailure", Kind::Text),
];

/// Success codes of the key management routes.
#[rustfmt::skip]
const SUCCESS: &[(&[&str], &[u16])] = &[
    (&["secrets.create", "secrets.restore", "secrets-alias.create", "key-rings.create", "kmip-management.create"], &[201]),
    (&["secrets.list", "secrets.head", "secrets.read", "secrets-metadata.read", "secrets-key-versions.list", "secrets.patch",
        "secrets.wrap", "secrets.unwrap", "secrets.rewrap", "key-rings.list", "policies.read", "policies.write",
        "instance-policies.read", "import-token.read", "registrations.list", "kmip-management.list", "kmip-management.read"],
        &[200]),
    (&["secrets.rotate", "secrets.disable", "secrets.enable", "secrets.setkeyfordeletion", "secrets.unsetkeyfordeletion",
        "secrets-alias.delete", "key-rings.delete", "instance-policies.write", "kmip-management.delete"], &[204]),
    (&["secrets.delete", "secrets.purge"], &[200, 204]),
    (&["import-token.create"], &[200, 201]),
];

/// Phrases of 3.2, and of the other codes of the same registry that an interface of the service may answer.
#[rustfmt::skip]
const PHRASES: &[(u16, &str)] = &[
    (200, "OK"), (201, "Created"), (202, "Accepted"), (204, "No Content"),
    (400, "Bad Request"), (401, "Unauthorized"), (402, "Payment Required"), (403, "Forbidden"), (404, "Not Found"),
    (405, "Method Not Allowed"), (406, "Not Acceptable"), (408, "Request Timeout"), (409, "Conflict"), (410, "Gone"),
    (412, "Precondition Failed"), (413, "Request Entity Too Large"), (415, "Unsupported Media Type"),
    (422, "Unprocessable Entity"), (424, "Failed Dependency"), (429, "Too Many Requests"),
    (500, "Internal Server Error"), (501, "Not Implemented"), (502, "Bad Gateway"), (503, "Service Unavailable"),
    (504, "Gateway Timeout"), (505, "HTTP Version Not Supported"), (507, "Insufficient Storage"),
];
