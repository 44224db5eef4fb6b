//! Events of the families that the examples of the reference do not show: each is clean as written here, and the rules
//! that belong to it alone find what they should.

#![allow(clippy::expect_used, reason = "a helper of a test may end it")]

use std::collections::BTreeSet;

use hpcs_audit::catalogue::{Family, find};
use hpcs_audit::validate::{Options, RuleId, validate_line};

const INSTANCE: &str = "0b6d4c9e-81f2-4a37-b5d0-92c7e1f4a683";
const ID: &str = "5c8e1f70-3a92-4d6b-b7e4-19a0c2d3f856";
const OTHER_ID: &str = "a47d90be-6c15-4f2e-8d33-70b5e9c1f248";
const DATE: &str = "2026-03-02T12:00:00Z";

const USER: &str = r#"{"id":"IBMid-550000EXM2","name":"key.manager@example.com","typeURI":"service/security/account/user","credential":{"type":"user"},"host":{"address":"203.0.113.61","addressType":"IPv4"}}"#;
const PROFILE: &str = r#"{"id":"iam-Profile-5c8e1f70-3a92-4d6b-b7e4-19a0c2d3f856","name":"batch","authnId":"crn-token","authnName":"vm","typeURI":"service/security/clientid","credential":{"type":"compute-resource"},"host":{"address":"2001:db8::7","addressType":"IPv6"}}"#;
const OTHER_SERVICE: &str = r#"{"id":"crn:v1:bluemix:public:cloud-object-storage:global:a/4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52:x::","name":"cos","typeURI":"service/security/account/serviceid","credential":{"type":"s2s-authorization"},"host":{"addressType":"IPv4"}}"#;
const CERTIFICATE: &str = r#"{"id":"CertificateID-152b945018bcc8e6a2a73a9ab21953d6d9dec91d693a99defdbf52c5a753148a","name":"CertificateID-152b945018bcc8e6a2a73a9ab21953d6d9dec91d693a99defdbf52c5a753148a","typeURI":"service/security/client/certificateid","credential":{"type":"certificate"},"host":{"addressType":"CSE"}}"#;
const UNKNOWN: &str = r#"{"id":"unknown","name":"unknown","typeURI":"service/security/clientid","credential":{"type":"token"},"host":{"address":"192.0.2.200","addressType":"IPv4"}}"#;

/// What differs from event to event.
struct Case {
    action: &'static str,
    initiator: String,
    /// Type and id of the target, `:` for the instance.
    target: String,
    name: &'static str,
    code: u16,
    phrase: &'static str,
    severity: &'static str,
    /// Members after the first two, each with its comma.
    request: String,
    response: Option<String>,
}

impl Case {
    fn line(&self) -> String {
        let row = find(self.action).expect("an action of the catalogue");
        let service = self.action.split('.').next().unwrap_or_default();
        let display = if service == "kms" { "Key Protect" } else { "Hyper Protect Crypto Services" };
        let failed = self.code >= 400;
        let owner = format!("crn:v1:bluemix:public:{service}:us-east:a/4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52:{INSTANCE}");
        let suffix = match (failed, self.name) {
            (false, _) => "",
            (true, "") => "-failure",
            (true, _) => " -failure",
        };
        let detail = if failed && row.family.is_orchestrator() { ": No." } else { "" };
        let uri = match row.family {
            Family::KmipProtocol | Family::KmipVmware => String::new(),
            family if family.is_orchestrator() => r#""requestURI":"/api/v4/vaults","#.to_owned(),
            _ => r#""requestURI":"/api/v2/keys","#.to_owned(),
        };
        let response = self.response.as_ref().map_or_else(String::new, |data| format!(r#""responseData":{data},"#));
        [
            format!(
                r#"{{"eventTime":"2026-03-02T09:14:27.31+0000","outcome":"{}","#,
                if failed { "failure" } else { "success" }
            ),
            format!(
                r#""message":"{display}: {} {}{suffix}{detail}","action":"{}","#,
                row.phrase, self.name, self.action
            ),
            format!(r#""initiator":{},"#, self.initiator.replace("{owner}", &owner)),
            format!(
                r#""target":{{"id":"{owner}:{}","name":"{}","typeURI":"{}"}},"#,
                self.target, self.name, row.type_uri
            ),
            format!(
                r#""observer":{{"name":"ActivityTracker"}},"reason":{{"reasonCode":{},"reasonType":"{}""#,
                self.code, self.phrase
            ),
            if failed { r#","reasonForFailure":"No."}"#.to_owned() } else { "}".to_owned() },
            format!(
                r#","severity":"{}","requestData":{{{uri}"instanceID":"{INSTANCE}"{}}},"#,
                self.severity, self.request
            ),
            format!(
                r#"{response}"dataEvent":{},"saveServiceCopy":true,"correlationId":"c","logSourceCRN":"{owner}::"}}"#,
                row.data_event
            ),
        ]
        .concat()
    }
}

/// A success of `action` on the instance, with neither data of its own nor an answer.
fn success(action: &'static str, code: u16, phrase: &'static str, severity: &'static str) -> Case {
    let initiator = USER.to_owned();
    let (target, name) = (":".to_owned(), INSTANCE);
    Case { action, initiator, target, name, code, phrase, severity, request: String::new(), response: None }
}

fn on_key(case: Case) -> Case {
    Case { target: format!("key:{ID}"), name: "orders", ..case }
}

fn by_the_service(case: Case) -> Case {
    let initiator = r#"{"id":"{owner}::","name":"IBM","typeURI":"service/security/clientid","credential":{"type":"token"},"host":{"addressType":"IPv4"}}"#;
    Case { initiator: initiator.to_owned(), ..case }
}

fn answering(case: Case, response: &str) -> Case {
    Case { response: Some(response.to_owned()), ..case }
}

fn rotate() -> Case {
    on_key(success("kms.secrets.rotate", 204, "No Content", "warning"))
}

fn completion(code: u16, phrase: &'static str, severity: &'static str) -> Case {
    by_the_service(on_key(success("hs-crypto.secrets.ack-rotate", code, phrase, severity)))
}

fn failed_completion() -> Case {
    let crn = "crn:v1:bluemix:public:cloud-object-storage:global:a/4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52:x:bucket:invoices";
    let response = format!(r#"{{"reasonForFailure":"No.","resourceCRN":"{crn}"}}"#);
    answering(completion(408, "Request Timeout", "normal"), &response)
}

fn certificate_manager(code: u16, phrase: &'static str) -> Case {
    let case = Case {
        request: r#","certificateId":"ep11-client-ca""#.to_owned(),
        name: "mtlscert-cert",
        ..success("hs-crypto.mtlscert-cert.set", code, phrase, "critical")
    };
    answering(case, r#"{"action":"create certificate"}"#)
}

fn kmip() -> Case {
    let case = Case {
        initiator: CERTIFICATE.to_owned(),
        target: format!("kmip-object:{ID}"),
        name: ID,
        request: format!(r#","adapterId":"{OTHER_ID}""#),
        ..success("kms.kmip.get", 200, "OK", "normal")
    };
    answering(case, &format!(r#"{{"objectId":"{ID}"}}"#))
}

fn set_for_deletion(half: &str) -> Case {
    let case = on_key(success("kms.secrets.setkeyfordeletion", 204, "No Content", "warning"));
    answering(case, &format!(r#"{{"{half}":{{"authID":"IBMid-550000EXM2","authExpiration":"{DATE}"}}}}"#))
}

fn expire() -> Case {
    let case = by_the_service(on_key(success("hs-crypto.secrets.expire", 200, "OK", "warning")));
    let case = Case { request: format!(r#","keyType":"rootKey","expirationDate":"{DATE}""#), ..case };
    answering(case, &format!(r#"{{"keyId":"{ID}","initialValue":{{"keyState":1}},"newValue":{{"keyState":3}}}}"#))
}

fn found(line: &str) -> BTreeSet<(RuleId, String)> {
    let report = validate_line(line.as_bytes(), &Options::default());
    report.deviations.into_iter().map(|found| (found.rule, found.member)).collect()
}

fn expect(case: &Case, expected: &[(RuleId, &str)]) {
    let line = case.line();
    let expected = expected.iter().map(|(rule, member)| (*rule, (*member).to_owned())).collect();
    assert_eq!(found(&line), expected, "{line}");
}

#[test]
fn events_of_every_family_are_clean() {
    let refused = Case { initiator: UNKNOWN.to_owned(), name: "", ..rotate() };
    for case in [
        rotate(),
        Case { initiator: PROFILE.to_owned(), ..rotate() },
        Case { initiator: OTHER_SERVICE.to_owned(), ..rotate() },
        Case { request: r#","keyRingId":"payments""#.to_owned(), ..answering(rotate(), r#"{"keyRingId":"payments"}"#) },
        Case { code: 401, phrase: "Unauthorized", severity: "critical", ..refused },
        Case { code: 500, phrase: "Internal Server Error", ..rotate() },
        Case { code: 418, phrase: "Any Phrase", ..rotate() },
        completion(200, "OK", "normal"),
        failed_completion(),
        expire(),
        set_for_deletion("newValue"),
        answering(on_key(success("kms.secrets.delete", 204, "No Content", "critical")), r#"{"keyState":5}"#),
        answering(success("kms.secrets.list", 200, "OK", "normal"), r#"{"totalResources":0}"#),
        Case {
            target: "key-ring:payments".to_owned(),
            name: "payments",
            ..success("hs-crypto.key-rings.create", 201, "Created", "normal")
        },
        success("kms.governance-config.read", 200, "OK", "normal"),
        certificate_manager(200, "OK"),
        Case { severity: "warning", ..certificate_manager(409, "Conflict") },
        kmip(),
        Case {
            target: format!("vault:{ID}"),
            name: "prod",
            ..success("hs-crypto.vaults.delete", 409, "Conflict", "warning")
        },
    ] {
        expect(&case, &[]);
    }
}

#[test]
fn a_failed_lifecycle_action_names_reason_and_resource() {
    let silent = completion(409, "Conflict", "warning");
    expect(&silent, &[(RuleId::MissingMember, "responseData")]);
    let short = answering(completion(409, "Conflict", "warning"), r#"{"reasonForFailure":"No."}"#);
    expect(&short, &[(RuleId::MissingMember, "responseData.resourceCRN")]);
    let line = failed_completion().line().replacen(r#"{"reasonForFailure":"No."#, r#"{"reasonForFailure":"Yes."#, 1);
    assert_eq!(found(&line), [(RuleId::ReasonForFailure, "responseData.reasonForFailure".to_owned())].into());
    let other_code = Case { code: 500, phrase: "Internal Server Error", severity: "critical", ..failed_completion() };
    expect(&other_code, &[(RuleId::ResponseOnFailure, "responseData")]);
}

#[test]
fn the_service_itself_is_the_initiator_of_its_own_events() {
    let case = Case { initiator: USER.to_owned(), ..expire() };
    expect(&case, &[(RuleId::InitiatorOfAction, "initiator.id")]);
    let line = expire().line().replacen(r#""name":"IBM""#, r#""name":"Key Protect""#, 1);
    assert_eq!(found(&line), [(RuleId::InitiatorName, "initiator.name".to_owned())].into());
}

#[test]
fn an_expired_key_was_active_and_is_deactivated() {
    let line = expire().line().replacen(r#""keyState":3"#, r#""keyState":5"#, 1);
    assert_eq!(found(&line), [(RuleId::MemberValue, "responseData.newValue.keyState".to_owned())].into());
}

#[test]
fn the_first_authorisation_of_a_deletion_has_no_previous_one() {
    expect(&set_for_deletion("initialValue"), &[(RuleId::MissingMember, "responseData.newValue")]);
}

#[test]
fn certificates_belong_to_kmip() {
    let case = Case { initiator: CERTIFICATE.to_owned(), ..rotate() };
    expect(&case, &[(RuleId::InitiatorOfAction, "initiator.id")]);
    let line = kmip().line().replacen(r#""addressType":"CSE""#, r#""address":"203.0.113.9","addressType":"IPv4""#, 1);
    assert_eq!(found(&line), [(RuleId::HostAddress, "initiator.host.address".to_owned())].into());
}

#[test]
fn the_certificate_manager_answers_its_action_on_failure_and_nothing_else() {
    let case = answering(
        Case { severity: "warning", ..certificate_manager(409, "Conflict") },
        r#"{"action":"create certificate","certificateId":"x"}"#,
    );
    expect(&case, &[(RuleId::UnknownMember, "responseData.certificateId")]);
    let case = Case { name: INSTANCE, ..certificate_manager(200, "OK") };
    expect(&case, &[(RuleId::TargetName, "target.name")]);
}
