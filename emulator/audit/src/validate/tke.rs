//! Crypto unit administration: members that have to agree with each other (4.9).

use std::collections::HashSet;

use super::RuleId;
use super::crn::Crn;
use super::entry::Entry;
use super::family::Family;
use super::grammar::{is_digest, is_location};
use super::json::{Json, quoted};
use super::report::Findings;
use super::subject::Subject;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(entry) = subject.entry().filter(|entry| entry.family == Family::Tke) else { return };
    check_request_uri(subject, findings);
    check_location(subject, findings);
    check_admin_ids(subject, &entry, findings);
    check_pattern(subject, &entry, findings);
}

/// Whichever surface was used, the URI names instance and unit (`/v1/tke/<instance>/hsms/<hsm_id>`).
fn check_request_uri(subject: &Subject<'_>, findings: &mut Findings) {
    let (Some(found), Some(Ok(unit))) =
        (subject.text("requestData.requestURI"), subject.text("target.id").map(Crn::parse))
    else {
        return;
    };
    let expected = format!("/v1/tke/{}/hsms/{}", unit.instance, unit.id);
    if found.starts_with('/') && found != expected {
        findings.add(RuleId::RequestUri, "requestData.requestURI", quoted(&expected), quoted(found));
    }
}

fn check_location(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(name) = subject.text("target.name") else { return };
    if !is_location(name) {
        findings.add(RuleId::TargetName, "target.name", "[region].[zone].[module].[domain]", quoted(name));
    } else if let Some(location) =
        subject.text("requestData.location").filter(|text| is_location(text) && *text != name)
    {
        let expected = format!("{}, the name of the target", quoted(name));
        findings.add(RuleId::TkeLocation, "requestData.location", expected, quoted(location));
    }
}

/// After an addition the new administrator is installed, after a removal the old one is not; nobody is installed twice.
fn check_admin_ids(subject: &Subject<'_>, entry: &Entry, findings: &mut Findings) {
    let member = "responseData.adminIds";
    let Some(list) = subject.at(member).and_then(Json::as_list) else { return };
    let ids: Vec<&str> = list.iter().filter_map(Json::as_text).collect();
    let distinct: HashSet<&str> = ids.iter().copied().collect();
    if distinct.len() != ids.len() || ids.len() > MOST_ADMINS {
        let expected = format!("at most {MOST_ADMINS} distinct administrators");
        findings.add(RuleId::TkeAdminIds, member, expected, format!("{}, {} distinct", ids.len(), distinct.len()));
    }
    let Some(id) = subject.text("requestData.adminId").filter(|id| is_digest(id)) else { return };
    let expected = match (entry.verb, distinct.contains(id)) {
        ("add", false) => "the administrator that was added among them",
        ("remove", true) => "the administrator that was removed no longer among them",
        _ => return,
    };
    findings.add(RuleId::TkeAdminIds, member, expected, subject.at(member).map(Json::brief).unwrap_or_default());
}

/// Activation makes the committed key the current one. Only the first 28 bytes count: newer firmware zeroes the rest.
fn check_pattern(subject: &Subject<'_>, entry: &Entry, findings: &mut Findings) {
    let [requested, current] = ["requestData.verificationPattern", "responseData.verificationPattern"]
        .map(|member| subject.text(member).filter(|pattern| is_digest(pattern)));
    if let (Some(requested), Some(current), "activate") = (requested, current, entry.verb)
        && requested.get(..COMPARED_DIGITS) != current.get(..COMPARED_DIGITS)
    {
        findings.add(RuleId::TkePattern, "responseData.verificationPattern", quoted(requested), quoted(current));
    }
}

/// Administrators that a crypto unit can hold.
const MOST_ADMINS: usize = 8;

const COMPARED_DIGITS: usize = 56;
