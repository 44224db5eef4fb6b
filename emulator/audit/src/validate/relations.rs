//! Members of `requestData` and `responseData` that depend on the action, the code or each other.

use std::collections::BTreeSet;

use super::RuleId;
use super::entry::Entry;
use super::family::Family;
use super::json::{self, Json, join, quoted};
use super::report::Findings;
use super::subject::Subject;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(entry) = subject.entry() else { return };
    check_request_uri(subject, &entry, findings);
    check_key_states(subject, &entry, findings);
    if entry.object.ends_with("policies") && entry.verb == "write" && subject.failed == Some(false) {
        check_old_and_new(subject, findings);
    }
    if entry.family.is_key_management() && matches!(subject.code, Some(401 | 403)) {
        check_refusal(subject, findings);
    }
    if entry.family.is_orchestrator() {
        check_redaction(subject, findings);
    }
}

fn check_request_uri(subject: &Subject<'_>, entry: &Entry, findings: &mut Findings) {
    let Some(uri) = subject.text("requestData.requestURI").filter(|uri| uri.starts_with('/')) else { return };
    let expected = match entry.family {
        Family::Ep11Crypto if !is_grep11_method(uri) => "/grep11.Crypto/ and a method",
        family if family.is_orchestrator() && !uri.starts_with("/api/v4/") => "a path that starts with /api/v4/",
        _ => return,
    };
    findings.add(RuleId::RequestUri, "requestData.requestURI", expected, quoted(uri));
}

fn is_grep11_method(uri: &str) -> bool {
    let method = uri.strip_prefix("/grep11.Crypto/").unwrap_or_default();
    !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn check_key_states(subject: &Subject<'_>, entry: &Entry, findings: &mut Findings) {
    for (action, member, states) in KEY_STATES {
        if *action != entry.without_service() {
            continue;
        }
        if let Some(Json::Number(number)) = subject.at(member)
            // Other numbers are no key state at all, which the form of the member says.
            && let Some(state) = number.as_u64().filter(|state| matches!(state, 0 | 1 | 2 | 3 | 5))
            && !states.contains(&state)
        {
            let words: Vec<String> = states.iter().map(u64::to_string).collect();
            findings.add(RuleId::MemberValue, *member, words.join(" or "), state.to_string());
        }
    }
}

fn check_old_and_new(subject: &Subject<'_>, findings: &mut Findings) {
    let [old, new] = ["initialValue", "newValue"].map(|name| {
        let members = subject.object(&join("requestData", name)).unwrap_or_default();
        members.iter().map(|(name, _)| name.as_str()).collect::<BTreeSet<&str>>()
    });
    for (name, of, have) in [("initialValue", &new, &old), ("newValue", &old, &new)] {
        for member in of.difference(have) {
            let path = join(&join("requestData", name), member);
            findings.add(RuleId::OldAndNewValues, path, "the member that the other half has", "no such member");
        }
    }
}

fn check_refusal(subject: &Subject<'_>, findings: &mut Findings) {
    let common = ["requestURI", subject.options.instance_id_key.as_str()];
    for (name, value) in subject.object("requestData").unwrap_or_default() {
        if !common.contains(&name.as_str()) {
            let expected = "no such member when the caller was refused";
            findings.add(RuleId::RequestOnRefusal, join("requestData", name), expected, value.type_words());
        }
    }
}

/// The value that should have been redacted is not repeated in the finding.
fn check_redaction(subject: &Subject<'_>, findings: &mut Findings) {
    for member in ["requestData", "responseData"] {
        let Some(data) = subject.at(member) else { continue };
        json::walk(member, data, &mut |path, value| {
            for (name, value) in value.as_object().unwrap_or_default() {
                if is_credential(name) && value.as_text() != Some(REDACTED) {
                    findings.add(RuleId::Redaction, join(path, name), quoted(REDACTED), "another value");
                }
            }
        });
    }
}

fn is_credential(name: &str) -> bool {
    let bare = PROVIDERS.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    CREDENTIALS.contains(&bare) || CREDENTIALS_OF_GOOGLE.contains(&name)
}

const REDACTED: &str = "[redacted]";
const PROVIDERS: [&str; 4] = ["azure_", "aws_", "ibm_", "google_"];
const CREDENTIALS: [&str; 4] = ["service_principal_password", "secret_access_key", "access_key_id", "api_key"];
const CREDENTIALS_OF_GOOGLE: [&str; 2] = ["google_credentials", "google_private_key_id"];

/// States that an action can leave or find (4.3).
const KEY_STATES: &[(&str, &str, &[u64])] = &[
    ("secrets.create", "responseData.keyState", &[0, 1]),
    ("secrets.delete", "responseData.keyState", &[5]),
    ("secrets.expire", "responseData.initialValue.keyState", &[1]),
    ("secrets.expire", "responseData.newValue.keyState", &[3]),
];
