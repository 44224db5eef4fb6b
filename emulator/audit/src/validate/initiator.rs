//! Who acted, by which credential, from where (1.5, 1.6).

mod host;

use super::RuleId;
use super::crn;
use super::entry::Entry;
use super::grammar::{is_digest, is_uuid};
use super::json::quoted;
use super::members::{self, Kind, Member, Rest};
use super::report::Findings;
use super::subject::Subject;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(initiator) = subject.object("initiator") else { return };
    members::check("initiator", initiator, MEMBERS, Rest::Refused, findings);
    if let Some(credential) = subject.object("initiator.credential") {
        members::check("initiator.credential", credential, CREDENTIAL_MEMBERS, Rest::Refused, findings);
    }
    let caller = subject.text("initiator.id").and_then(|id| Caller::of(id, subject));
    check_id(subject, caller, findings);
    check_name(subject, caller, findings);
    check_type_uri(subject, caller, findings);
    check_credential(subject, caller, findings);
    check_authn(subject, caller, findings);
    check_action(subject, caller, findings);
    host::check(subject, caller, findings);
}

/// The documented forms of an initiator, told by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    User,
    ServiceId,
    TrustedProfile,
    Certificate,
    /// The service instance that the event is about.
    TheService,
    OtherService,
    Unknown,
}

impl Caller {
    fn of(id: &str, subject: &Subject<'_>) -> Option<Caller> {
        let user =
            |id: &str| id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        match id {
            "unknown" => Some(Caller::Unknown),
            _ if subject.text("logSourceCRN") == Some(id) => Some(Caller::TheService),
            _ if crn::is_foreign(id) => Some(Caller::OtherService),
            _ if id.strip_prefix("IBMid-").is_some_and(user) => Some(Caller::User),
            _ if id.strip_prefix("iam-ServiceId-").is_some_and(is_uuid) => Some(Caller::ServiceId),
            _ if id.strip_prefix("iam-Profile-").is_some_and(is_uuid) => Some(Caller::TrustedProfile),
            _ if id.strip_prefix("CertificateID-").is_some_and(is_digest) => Some(Caller::Certificate),
            _ => None,
        }
    }

    fn type_uris(self) -> &'static [&'static str] {
        match self {
            Caller::User => &[USER],
            Caller::ServiceId | Caller::OtherService => &[SERVICE_ID],
            Caller::TrustedProfile => &[USER, SERVICE_ID, CLIENT],
            Caller::Certificate => &[CERTIFICATE],
            Caller::TheService | Caller::Unknown => &[CLIENT],
        }
    }

    fn credentials(self) -> &'static [&'static str] {
        match self {
            Caller::User => &["token", "user", "apikey"],
            Caller::ServiceId => &["token", "apikey", "apikey-serviceid", "s2s-authorization"],
            Caller::TrustedProfile => &["token", "compute-resource"],
            Caller::Certificate => &["certificate"],
            Caller::OtherService => &["token", "s2s-authorization"],
            Caller::TheService | Caller::Unknown => &["token"],
        }
    }
}

fn check_id(subject: &Subject<'_>, caller: Option<Caller>, findings: &mut Findings) {
    let Some(id) = subject.text("initiator.id").filter(|id| !id.is_empty()) else { return };
    // A rejected token speaks for itself: whatever id it claims is recorded.
    if caller.is_none() && subject.code != Some(401) {
        let expected = "IBMid-..., iam-ServiceId-..., iam-Profile-..., CertificateID-..., a CRN or unknown";
        findings.add(RuleId::InitiatorId, "initiator.id", expected, quoted(id));
    }
}

fn check_name(subject: &Subject<'_>, caller: Option<Caller>, findings: &mut Findings) {
    let (Some(name), Some(id)) = (subject.text("initiator.name"), subject.text("initiator.id")) else { return };
    let expected = match caller {
        Some(Caller::Certificate | Caller::Unknown) => id,
        Some(Caller::TheService) => "IBM",
        _ => return,
    };
    if !name.is_empty() && name != expected {
        findings.add(RuleId::InitiatorName, "initiator.name", quoted(expected), quoted(name));
    }
}

fn check_type_uri(subject: &Subject<'_>, caller: Option<Caller>, findings: &mut Findings) {
    let accepted = caller.map_or(&[USER, SERVICE_ID, CERTIFICATE, CLIENT][..], Caller::type_uris);
    check_one_of(subject, RuleId::InitiatorTypeUri, "initiator.typeURI", accepted, findings);
}

fn check_credential(subject: &Subject<'_>, caller: Option<Caller>, findings: &mut Findings) {
    let accepted = caller.map_or(CREDENTIALS, Caller::credentials);
    check_one_of(subject, RuleId::InitiatorCredential, "initiator.credential.type", accepted, findings);
}

fn check_one_of(subject: &Subject<'_>, rule: RuleId, member: &str, accepted: &[&str], findings: &mut Findings) {
    if let Some(found) = subject.text(member).filter(|found| !found.is_empty() && !accepted.contains(found)) {
        findings.add(rule, member, accepted.join(" or "), quoted(found));
    }
}

fn check_authn(subject: &Subject<'_>, caller: Option<Caller>, findings: &mut Findings) {
    let Some(caller) = caller else { return };
    for member in ["initiator.authnId", "initiator.authnName"] {
        match (subject.at(member), caller == Caller::TrustedProfile) {
            (None, true) => {
                findings.add(RuleId::InitiatorAuthn, member, "the identity that logged in", "no such member");
            }
            (Some(value), false) => {
                findings.add(RuleId::InitiatorAuthn, member, "no such member without a trusted profile", value.brief());
            }
            _ => {}
        }
    }
}

fn check_action(subject: &Subject<'_>, caller: Option<Caller>, findings: &mut Findings) {
    let (Some(entry), Some(caller), Some(id)) = (subject.entry(), caller, subject.text("initiator.id")) else { return };
    let expected = match demanded(&entry) {
        Some(Caller::Certificate) if !matches!(caller, Caller::Certificate | Caller::Unknown) => "a certificate",
        Some(Caller::TheService) if caller != Caller::TheService => "the CRN of the instance",
        None if caller == Caller::Certificate => "no certificate outside KMIP",
        _ => return,
    };
    findings.add(RuleId::InitiatorOfAction, "initiator.id", expected, quoted(id));
}

/// The only form of initiator that the action can have.
fn demanded(entry: &Entry) -> Option<Caller> {
    match entry.family {
        family if family.is_kmip_protocol() => Some(Caller::Certificate),
        _ if entry.is_of_the_service() => Some(Caller::TheService),
        _ => None,
    }
}

const USER: &str = "service/security/account/user";
const SERVICE_ID: &str = "service/security/account/serviceid";
const CERTIFICATE: &str = "service/security/client/certificateid";
const CLIENT: &str = "service/security/clientid";

/// Every credential type of the platform.
const CREDENTIALS: &[&str] = &[
    "token",
    "user",
    "apikey",
    "certificate",
    "public-access",
    "hmac",
    "compute-resource",
    "instance-identity-token",
    "apikey-serviceid",
    "s2s-authorization",
];

const MEMBERS: &[Member<'_>] = &[
    Member::always("id", Kind::Text),
    Member::always("name", Kind::Text),
    Member::optional("authnId", Kind::Text),
    Member::optional("authnName", Kind::Text),
    Member::always("typeURI", Kind::Text),
    Member::always("credential", Kind::Object),
    Member::always("host", Kind::Object),
];

const CREDENTIAL_MEMBERS: &[Member<'_>] = &[Member::always("type", Kind::Text)];
