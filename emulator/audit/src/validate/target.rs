//! What was acted on, and the instance that logs it (1.7, 1.8).

use super::RuleId;
use super::crn::{self, Crn};
use super::family::Family;
use super::grammar::Form;
use super::json::quoted;
use super::members::{self, Kind, Member, Rest};
use super::report::Findings;
use super::subject::Subject;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let source = crn_at(subject, "logSourceCRN", findings);
    if let Some(source) = source {
        check_source(subject, &source, findings);
    }
    let Some(target) = subject.object("target") else { return };
    members::check("target", target, MEMBERS, Rest::Refused, findings);
    if let Some(host) = subject.object("target.host") {
        members::check("target.host", host, &[Member::always("address", Kind::Text)], Rest::Refused, findings);
    }
    let id = crn_at(subject, "target.id", findings);
    if let Some(id) = id {
        check_kind(subject, &id, findings);
        check_name(subject, &id, findings);
    }
    if let (Some(id), Some(source)) = (id, source)
        && id.owner != source.owner
    {
        let expected = format!("an object of {}", quoted(source.owner));
        findings.add(RuleId::SameInstance, "target.id", expected, quoted(id.owner));
    }
    check_type_uri(subject, findings);
    check_optional(subject, findings);
}

fn crn_at<'a>(subject: &Subject<'a>, member: &str, findings: &mut Findings) -> Option<Crn<'a>> {
    let text = subject.text(member).filter(|text| !text.is_empty())?;
    let crn = match Crn::parse(text) {
        Ok(crn) => crn,
        Err(expected) => {
            findings.add(RuleId::Crn, member, expected, quoted(text));
            return None;
        }
    };
    if let Some(entry) = subject.entry().filter(|entry| entry.service != crn.service) {
        findings.add(RuleId::CrnService, member, format!("service {}", entry.service), quoted(text));
    }
    Some(crn)
}

fn check_source(subject: &Subject<'_>, source: &Crn<'_>, findings: &mut Findings) {
    if !source.is_instance() {
        let found = quoted(&format!("{}:{}", source.kind, source.id));
        findings.add(RuleId::LogSourceCrn, "logSourceCRN", "the CRN of the instance, ending with ::", found);
    }
    if let Some(instance) = subject.instance().filter(|instance| *instance != source.instance) {
        let member = format!("requestData.{}", subject.options.instance_id_key.as_str());
        let expected = format!("{}, the instance of logSourceCRN", quoted(source.instance));
        findings.add(RuleId::SameInstance, member, expected, quoted(instance));
    }
}

fn check_kind(subject: &Subject<'_>, id: &Crn<'_>, findings: &mut Findings) {
    let Some(entry) = subject.entry() else { return };
    let kinds = entry.family.target_kinds();
    if !kinds.contains(&id.kind) {
        let words: Vec<&str> = kinds.iter().map(|kind| if kind.is_empty() { "the instance" } else { kind }).collect();
        findings.add(RuleId::TargetKind, "target.id", words.join(" or "), quoted(id.kind));
    }
}

fn check_name(subject: &Subject<'_>, id: &Crn<'_>, findings: &mut Findings) {
    let (Some(entry), Some(name)) = (subject.entry(), subject.text("target.name")) else { return };
    let of_instance = matches!(entry.without_service(), "secrets.list" | "secrets.head");
    let expected = match (entry.family, id.kind) {
        (Family::CertificateManager, _) => entry.object,
        (Family::Instance | Family::Ep11Crypto, _) => id.instance,
        _ if of_instance => id.instance,
        (_, "key-ring" | "kmip-key" | "kmip-object" | "kmip-adapter") => id.id,
        _ => return,
    };
    if name != expected {
        findings.add(RuleId::TargetName, "target.name", quoted(expected), quoted(name));
    }
}

fn check_type_uri(subject: &Subject<'_>, findings: &mut Findings) {
    let (Some(entry), Some(found)) = (subject.entry(), subject.text("target.typeURI")) else { return };
    if !found.is_empty() && found != entry.type_uri {
        findings.add(RuleId::TargetTypeUri, "target.typeURI", quoted(entry.type_uri), quoted(found));
    }
}

fn check_optional(subject: &Subject<'_>, findings: &mut Findings) {
    if let (Some(alias), Some(form)) = (subject.at("target.alias"), Form::of("alias"))
        && form.refuses(alias)
    {
        findings.add(RuleId::MemberValue, "target.alias", form.words, alias.brief());
    }
    if let Some(group) = subject.text("target.resourceGroupId").filter(|group| !group.is_empty())
        && !crn::is_resource_group(group)
    {
        findings.add(RuleId::Crn, "target.resourceGroupId", "the CRN of a resource group", quoted(group));
    }
}

const MEMBERS: &[Member<'_>] = &[
    Member::always("id", Kind::Text),
    Member::always("name", Kind::TextOrEmpty),
    Member::optional("alias", Kind::Text),
    Member::always("typeURI", Kind::Text),
    Member::optional("resourceGroupId", Kind::Text),
    Member::optional("host", Kind::Object),
];
