//! The validator against the example events of the reference (section 6), and against those events with one thing
//! changed.
//!
//! `fixtures/examples.ndjson` holds E1 to E15, one line each.

#![allow(clippy::expect_used, reason = "a helper of a test may end it")]

use std::collections::BTreeSet;

use hpcs_audit::catalogue::{CATALOGUE, Status};
use hpcs_audit::validate::{
    EventTimeStyle, InstanceIdKey, KeyProtect500, Options, PrivateHost, RuleId, SeverityCombine, UnlistedFailure,
    validate_line,
};
use proptest::prelude::*;

/// Example, text to replace (it must occur), replacement, and the deviations that follow, sorted by rule and member.
type Mutation<'a> = (usize, &'a str, &'a str, &'a [(RuleId, &'a str)]);

const EXAMPLES: &str = include_str!("fixtures/examples.ndjson");

fn example(number: usize) -> &'static str {
    EXAMPLES.lines().nth(number - 1).expect("E1 to E15")
}

/// Rules and members, sorted.
fn deviations(line: &str, options: &Options) -> Vec<(RuleId, String)> {
    let report = validate_line(line.as_bytes(), options);
    let found: BTreeSet<_> = report.deviations.into_iter().map(|found| (found.rule, found.member)).collect();
    found.into_iter().collect()
}

fn expect(line: &str, options: &Options, expected: &[(RuleId, &str)], label: &str) {
    let expected: BTreeSet<_> = expected.iter().map(|(rule, member)| (*rule, (*member).to_owned())).collect();
    assert_eq!(deviations(line, options), expected.into_iter().collect::<Vec<_>>(), "{label}\n{line}");
}

fn run(options: &Options, mutations: &[Mutation<'_>]) {
    for (number, from, to, expected) in mutations {
        let line = example(*number);
        assert!(line.contains(from), "E{number} has no {from}");
        expect(&line.replacen(from, to, 1), options, expected, &format!("E{number}: {from} -> {to}"));
    }
}

#[test]
fn the_examples_of_the_reference_are_clean() {
    for number in 1..=15 {
        expect(example(number), &Options::default(), &[], &format!("E{number}"));
        expect(&format!("{}\n", example(number)), &Options::default(), &[], &format!("E{number} with its line end"));
    }
}

#[test]
fn the_report_names_the_action() {
    let report = validate_line(example(6).as_bytes(), &Options::default());
    assert!(report.clean() && report.names_catalogue_action());
    assert_eq!(report.action.as_deref(), Some("hs-crypto.tke-cryptounit.reset"));
    let report = validate_line(example(6).replace(".reset", ".restart").as_bytes(), &Options::default());
    assert!(!report.names_catalogue_action());
    assert_eq!(report.action.as_deref(), Some("hs-crypto.tke-cryptounit.restart"));
}

#[test]
fn each_change_is_one_named_deviation() {
    run(&Options::default(), MUTATIONS);
}

#[test]
fn some_changes_contradict_several_members() {
    run(&Options::default(), CONTRADICTIONS);
}

#[test]
fn the_table_of_changes_reaches_every_rule() {
    let tested: BTreeSet<RuleId> = MUTATIONS
        .iter()
        .chain(CONTRADICTIONS)
        .chain(CONFIGURED)
        .flat_map(|row| row.3.iter().map(|(rule, _)| *rule))
        .collect();
    let parsing = [RuleId::Utf8, RuleId::Json, RuleId::OneObject];
    let untested: Vec<_> =
        RuleId::ALL.iter().filter(|rule| !tested.contains(rule) && !parsing.contains(rule)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}

#[test]
fn every_deviation_is_found_not_only_the_first() {
    let line = example(9)
        .replacen("2026-03-02T12:00:00.42+0000", "2026-03-02T12:00:00Z", 1)
        .replacen("\"severity\":\"normal\"", "\"severity\":\"critical\"", 1)
        .replacen("\"dataEvent\":true", "\"dataEvent\":false", 1);
    let expected =
        [(RuleId::EventTime, "eventTime"), (RuleId::SeverityOfCode, "severity"), (RuleId::DataEvent, "dataEvent")];
    expect(&line, &Options::default(), &expected, "three changes");
}

#[test]
fn historical_names_are_answered_with_the_current_one() {
    let line = example(14).replacen("kms.instance-policies.write", "kms.instancepolicies.write", 1);
    let report = validate_line(line.as_bytes(), &Options::default());
    assert_eq!(
        report.deviations[0].to_string(),
        r#"action: legacy-action: expected the current name "kms.instance-policies.write", found "kms.instancepolicies.write""#
    );
    let options = Options { legacy_action_names: true, ..Options::default() };
    expect(&line, &options, &[], "accepted on request");
}

#[test]
fn every_erratum_of_the_catalogue_is_refused() {
    for row in CATALOGUE.iter().filter(|row| row.status == Status::Erratum) {
        let line = example(10).replacen("hs-crypto.secrets.delete", row.action, 1);
        expect(&line, &Options::default(), &[(RuleId::ErratumAction, "action")], row.action);
    }
}

#[test]
fn a_configured_trail_is_held_against_its_configuration() {
    for (options, mutation) in configured_options().iter().zip(CONFIGURED) {
        run(options, &[*mutation]);
    }
}

#[test]
fn redacted_values_are_not_repeated_by_the_validator() {
    let line = example(12).replacen("[redacted]", "AKIAIOSFODNN7EXAMPLE", 1);
    let report = validate_line(line.as_bytes(), &Options::default());
    assert!(!report.clean());
    assert!(!format!("{report:?}").contains("AKIAIOSFODNN7EXAMPLE"));
}

proptest! {
    /// Damaged lines reach the checks behind the parser, which arbitrary bytes do not.
    #[test]
    fn damaged_examples_never_panic(number in 1_usize..=15, at in any::<prop::sample::Index>(), put in "[\\x00-\\x7fé]{0,3}", cut in 0_usize..12) {
        let mut line: Vec<char> = example(number).chars().collect();
        let at = at.index(line.len());
        let end = (at + cut).min(line.len());
        line.splice(at..end, put.chars());
        let line: String = line.into_iter().collect();
        let report = validate_line(line.as_bytes(), &Options::default());
        for deviation in &report.deviations {
            prop_assert_eq!(deviation.to_string().lines().count(), 1);
        }
    }

    /// Every member replaced by a value of any type.
    #[test]
    fn members_of_any_type_never_panic(number in 1_usize..=15, at in any::<prop::sample::Index>(), value in prop::sample::select(VALUES)) {
        let line = example(number);
        let colons: Vec<usize> = line.match_indices("\":").map(|(at, _)| at + 2).collect();
        let start = colons[at.index(colons.len())];
        let end = end_of_value(line, start);
        let line = format!("{}{value}{}", &line[..start], &line[end..]);
        let _ = validate_line(line.as_bytes(), &Options::default());
    }
}

const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1e300",
    "18446744073709551616",
    "\"\"",
    "\"é\"",
    "\":::::::::\"",
    "[]",
    "[null]",
    "{}",
    "{\"\":1}",
];

fn end_of_value(line: &str, start: usize) -> usize {
    let mut values = serde_json::Deserializer::from_str(&line[start..]).into_iter::<serde_json::Value>();
    values.next();
    start + values.byte_offset()
}

// Rules, members: short names keep the tables readable.
use RuleId as R;

const URI: &str = "requestData.requestURI";
const ADDRESS: &str = "initiator.host.address";
const ADDRESS_TYPE: &str = "initiator.host.addressType";
const MASTER: &str = "1bc1\"]";

#[rustfmt::skip]
const MUTATIONS: &[Mutation<'_>] = &[
    // The line.
    (1, ",\"outcome\"", ", \"outcome\"", &[(R::Layout, "$")]),
    (8, "grpc-go/1.64.0", "a&b", &[(R::HtmlEscape, "$")]),
    (9, "\"severity\":\"normal\"", "\"severity\":\"normal\",\"severity\":\"critical\"", &[(R::DuplicateMember, "severity")]),
    (1, "\"name\":\"ActivityTracker\"", "\"name\":\"ActivityTracker\",\"name\":\"x\"", &[(R::DuplicateMember, "observer.name")]),
    // Members of the envelope.
    (1, "\"saveServiceCopy\":true,", "", &[(R::MissingMember, "saveServiceCopy")]),
    (1, "\"eventTime\":\"2026-03-02T09:14:27.31+0000\",", "", &[(R::MissingMember, "eventTime")]),
    (1, "\"severity\":\"critical\",", "", &[(R::MissingMember, "severity")]),
    (9, "\"correlationId\":\"c9b51f27-6d80-4ea3-9c42-8a7e3f0d61b5\",", "", &[(R::MissingMember, "correlationId")]),
    (11, "\"correlationId\":\"3b8e64d0-f172-4c95-8a3e-d05b9c7f2e61\",", "", &[(R::MissingMember, "correlationId")]),
    (1, "\"saveServiceCopy\":true", "\"saveServiceCopy\":true,\"correlationId\":\"x\"", &[(R::CorrelationId, "correlationId")]),
    (9, "c9b51f27-6d80-4ea3-9c42-8a7e3f0d61b5", "any text of the caller", &[]),
    (9, "\"dataEvent\"", "\"meta\":{},\"dataEvent\"", &[(R::UnknownMember, "meta")]),
    (1, "\"outcome\":\"success\",\"message\"", "\"id\":\"3b8e64d0-f172-4c95-8a3e-d05b9c7f2e61\",\"outcome\":\"success\",\"message\"",
        &[(R::UnknownMember, "id")]),
    (1, "\"dataEvent\":false,\"saveServiceCopy\":true", "\"saveServiceCopy\":true,\"dataEvent\":false", &[(R::MemberOrder, "saveServiceCopy")]),
    (1, "\"saveServiceCopy\":true", "\"saveServiceCopy\":\"true\"", &[(R::MemberType, "saveServiceCopy")]),
    (1, "\"saveServiceCopy\":true", "\"saveServiceCopy\":null", &[(R::Null, "saveServiceCopy")]),
    (1, "\"saveServiceCopy\":true", "\"saveServiceCopy\":false", &[(R::SaveServiceCopy, "saveServiceCopy")]),
    (1, "\"dataEvent\":false", "\"dataEvent\":true", &[(R::DataEvent, "dataEvent")]),
    (9, "\"dataEvent\":true", "\"dataEvent\":1", &[(R::MemberType, "dataEvent")]),
    (9, "\"observer\":{\"name\":\"ActivityTracker\"}", "\"observer\":\"ActivityTracker\"", &[(R::MemberType, "observer")]),
    (1, "ActivityTracker", "IBM Cloud Logs", &[(R::ObserverName, "observer.name")]),
    (1, "\"name\":\"ActivityTracker\"", "\"name\":\"ActivityTracker\",\"id\":\"x\"", &[(R::UnknownMember, "observer.id")]),
    (1, "09:14:27.31+0000", "09:14:27.3+0000", &[(R::EventTime, "eventTime")]),
    (1, "09:14:27.31+0000", "09:14:27.31Z", &[(R::EventTime, "eventTime")]),
    (1, "2026-03-02T09", "2026-02-29T09", &[(R::EventTime, "eventTime")]),
    (1, "\"2026-03-02T09:14:27.31+0000\"", "\"\"", &[(R::EmptyString, "eventTime")]),
    // Action and message.
    (1, "cryptounit-admin.add", "cryptounit-admin.append", &[(R::UnknownAction, "action")]),
    (14, "kms.instance-policies.write", "kms.instancepolicies.write", &[(R::LegacyAction, "action")]),
    (10, "hs-crypto.secrets.delete", "hs-crypto.hs-crypto.instance-policies.write", &[(R::ErratumAction, "action")]),
    (1, ": add tke", ": Add tke", &[(R::MessageText, "message")]),
    (6, " -failure", "", &[(R::MessageText, "message")]),
    (6, " -failure", "  -failure", &[(R::MessageText, "message")]),
    (14, "Key Protect:", "Hyper Protect Crypto Services:", &[(R::MessageText, "message")]),
    (15, "secret -failure", "secret  -failure", &[(R::MessageText, "message")]),
    // Outcome, reason, severity.
    (1, "\"success\"", "\"failure\"", &[(R::OutcomeOfCode, "outcome")]),
    (6, "\"failure\"", "\"success\"", &[(R::OutcomeOfCode, "outcome")]),
    (1, "\"success\"", "\"pending\"", &[(R::OutcomeValue, "outcome")]),
    (1, "\"reasonType\":\"OK\"", "\"reasonType\":\"Ok\"", &[(R::ReasonType, "reason.reasonType")]),
    (6, "Bad Request", "bad signature", &[(R::ReasonType, "reason.reasonType")]),
    (1, "\"reasonType\":\"OK\"", "\"reasonType\":\"OK\",\"reasonForFailure\":\"none\"", &[(R::ReasonForFailure, "reason.reasonForFailure")]),
    (6, ",\"reasonForFailure\":\"Not enough signatures were provided on the command.\"", "", &[(R::ReasonForFailure, "reason.reasonForFailure")]),
    (6, "Not enough signatures were provided on the command.", "", &[(R::EmptyString, "reason.reasonForFailure")]),
    (9, "201,\"reasonType\":\"Created\"", "200,\"reasonType\":\"OK\"", &[(R::SuccessCode, "reason.reasonCode")]),
    (1, "200,\"reasonType\":\"OK\"", "204,\"reasonType\":\"No Content\"", &[(R::SuccessCode, "reason.reasonCode")]),
    (1, "\"reasonCode\":200", "\"reasonCode\":302", &[(R::ReasonCode, "reason.reasonCode")]),
    (1, "\"reasonCode\":200", "\"reasonCode\":\"200\"", &[(R::MemberType, "reason.reasonCode")]),
    (1, "\"reasonCode\":200,\"reasonType\":\"OK\"", "\"reasonType\":\"OK\",\"reasonCode\":200", &[(R::MemberOrder, "reason.reasonType")]),
    (1, "\"severity\":\"critical\"", "\"severity\":\"warning\"", &[(R::SeverityOfCode, "severity")]),
    (10, "\"severity\":\"warning\"", "\"severity\":\"critical\"", &[(R::SeverityOfCode, "severity")]),
    (11, "\"severity\":\"critical\"", "\"severity\":\"warning\"", &[(R::SeverityOfCode, "severity")]),
    (1, "\"severity\":\"critical\"", "\"severity\":\"Critical\"", &[(R::SeverityValue, "severity")]),
    // Initiator.
    (1, "IBMid-270000EXM1", "IBMid-270000exm1", &[(R::InitiatorId, "initiator.id")]),
    (15, "\"id\":\"unknown\",\"name\":\"unknown\"", "\"id\":\"claimed\",\"name\":\"claimed\"", &[]),
    (15, "\"name\":\"unknown\"", "\"name\":\"somebody\"", &[(R::InitiatorName, "initiator.name")]),
    (1, "account/user", "account/serviceid", &[(R::InitiatorTypeUri, "initiator.typeURI")]),
    (7, "account/serviceid", "account/user", &[(R::InitiatorTypeUri, "initiator.typeURI")]),
    (1, "\"type\":\"token\"", "\"type\":\"certificate\"", &[(R::InitiatorCredential, "initiator.credential.type")]),
    (1, "\"type\":\"token\"", "\"type\":\"token\",\"token\":\"x\"", &[(R::UnknownMember, "initiator.credential.token")]),
    (1, "ceremony.admin@example.com\",", "ceremony.admin@example.com\",\"authnId\":\"IBMid-270000EXM1\",", &[(R::InitiatorAuthn, "initiator.authnId")]),
    (1, "\"address\":\"203.0.113.24\",\"addressType\":\"IPv4\"", "\"addressType\":\"IPv4\",\"address\":\"203.0.113.24\"", &[(R::MemberOrder, ADDRESS_TYPE)]),
    (1, "203.0.113.24", "127.0.0.1", &[(R::HostAddress, ADDRESS)]),
    (1, "\"203.0.113.24\",\"addressType\":\"IPv4\"", "\"::ffff:127.0.0.1\",\"addressType\":\"IPv6\"", &[(R::HostAddress, ADDRESS)]),
    (1, "203.0.113.24", "2001:db8::1", &[(R::AddressType, ADDRESS_TYPE)]),
    (1, "\"203.0.113.24\",\"addressType\":\"IPv4\"", "\"2001:db8::1\",\"addressType\":\"IPv6\"", &[]),
    (1, "\"IPv4\"", "\"IPv6\"", &[(R::AddressType, ADDRESS_TYPE)]),
    (1, "\"IPv4\"", "\"subnet\"", &[(R::AddressType, ADDRESS_TYPE)]),
    (1, "\"IPv4\"", "\"CSE\"", &[(R::HostAddress, ADDRESS)]),
    (1, "203.0.113.24", "client.example.com", &[(R::HostAddress, ADDRESS)]),
    (1, "\"address\":\"203.0.113.24\",", "", &[(R::MissingMember, ADDRESS)]),
    (1, "203.0.113.24", "", &[(R::EmptyString, ADDRESS)]),
    (1, ",\"agent\":\"tke-plugin/1.3.1\"", "", &[]),
    (13, "\"addressType\":\"CSE\"", "\"addressType\":\"CSE\",\"agent\":\"vcenter\"", &[(R::HostAgent, "initiator.host.agent")]),
    (13, "\"name\":\"CertificateID-1", "\"name\":\"CertificateID-2", &[(R::InitiatorName, "initiator.name")]),
    // Target and CRNs.
    (1, "\"typeURI\":\"hs-crypto/tke-cryptounit/admin\"", "\"typeURI\":\"hs-crypto/tke-cryptounit-admin\"", &[(R::TargetTypeUri, "target.typeURI")]),
    (1, ":tke-cryptounit:3d9a", ":keystore:3d9a", &[(R::TargetKind, "target.id")]),
    (1, ":tke-cryptounit:3d9a6c14", ":tke-cryptounit:3D9A6C14", &[(R::Crn, "target.id")]),
    (1, "crn:v1:bluemix:public:", "crn:v1:public:", &[(R::Crn, "target.id")]),
    (1, "\"logSourceCRN\":\"crn:v1:bluemix", "\"logSourceCRN\":\"v1:bluemix", &[(R::Crn, "logSourceCRN")]),
    (9, "::\"}", ":key:5c8e1f70-3a92-4d6b-b7e4-19a0c2d3f856\"}", &[(R::LogSourceCrn, "logSourceCRN")]),
    (9, "us-east", "us-south", &[(R::SameInstance, "target.id")]),
    (9, "\"name\":\"payments-root-key\"", "\"name\":\"payments-root-key\",\"alias\":\"orders-key\"", &[]),
    (9, "\"name\":\"payments-root-key\"", "\"name\":\"payments-root-key\",\"alias\":\"o\"", &[(R::MemberValue, "target.alias")]),
    (9, "\"typeURI\":\"hs-crypto/secrets\"", "\"typeURI\":\"hs-crypto/secrets\",\"resourceGroupId\":\"default\"", &[(R::Crn, "target.resourceGroupId")]),
    (9, "\"typeURI\":\"hs-crypto/secrets\"", "\"typeURI\":\"hs-crypto/secrets\",\"host\":{}", &[(R::MissingMember, "target.host.address")]),
    // Request data.
    (9, "\"requestURI\":\"/api/v2/keys\",", "", &[(R::MissingMember, URI)]),
    (9, "/api/v2/keys", "https://kms.example.com/api/v2/keys", &[(R::MemberValue, URI)]),
    (9, ",\"keyType\":\"rootKey\"", "", &[(R::MissingMember, "requestData.keyType")]),
    (9, "rootKey", "root", &[(R::MemberValue, "requestData.keyType")]),
    (9, "\"keyType\":\"rootKey\"", "\"keyRingId\":\"payments\",\"keyType\":\"rootKey\"", &[]),
    (9, "\"keyType\":\"rootKey\"", "\"keyType\":\"rootKey\",\"keyRingId\":\"payments\"", &[(R::MemberOrder, "requestData.keyType")]),
    (9, "\"keyType\":\"rootKey\"", "\"keyType\":\"rootKey\",\"payload\":\"x\"", &[(R::UnknownMember, "requestData.payload")]),
    (9, "\"instanceID\":", "\"instanceId\":", &[(R::MissingMember, "requestData.instanceID"), (R::UnknownMember, "requestData.instanceId")]),
    (9, "\"instanceID\":\"7f3c2b1a-", "\"instanceID\":\"8f3c2b1a-", &[(R::SameInstance, "requestData.instanceID")]),
    (13, "\"requestData\":{", "\"requestData\":{\"requestURI\":\"/kmip\",", &[(R::UnknownMember, URI)]),
    (8, "/grep11.Crypto/EncryptSingle", "/grep11.Crypto/", &[(R::RequestUri, URI)]),
    (11, "/api/v4/managed_keys", "/api/v2/managed_keys", &[(R::RequestUri, URI)]),
    (15, "f4a683\"},\"dataEvent\"", "f4a683\",\"keyRingId\":\"default\"},\"dataEvent\"", &[(R::RequestOnRefusal, "requestData.keyRingId")]),
    (14, "private-only\",\"policyDualAuthDeleteEnabled\":true", "private-only\"", &[(R::OldAndNewValues, "requestData.newValue.policyDualAuthDeleteEnabled")]),
    (14, "\"policyAllowedNetworkEnabled\":true,", "\"policyAllowedNetworkEnabled\":\"true\",", &[(R::MemberType, "requestData.newValue.policyAllowedNetworkEnabled")]),
    (14, "private-only", "private", &[(R::MemberValue, "requestData.newValue.policyAllowedNetworkAttribute")]),
    (12, "\"aws_secret_access_key\":\"[redacted]\"", "\"aws_secret_access_key\":\"x\"", &[(R::Redaction, "requestData.aws_secret_access_key")]),
    (12, "\"vault\":{\"id\"", "\"vault\":{\"api_key\":null,\"id\"", &[(R::Redaction, "requestData.vault.api_key")]),
    (12, "\"type\":\"aws_kms\"", "\"nothing\":null,\"type\":\"aws_kms\"", &[]),
    (12, "\"instanceID\":\"7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c\",\"type\":\"aws_kms\"", "\"type\":\"aws_kms\",\"instanceID\":\"7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c\"",
        &[(R::MemberOrder, "requestData.instanceID")]),
    // Response data.
    (9, ",\"keyState\":1", "", &[(R::MissingMember, "responseData.keyState")]),
    (9, "\"keyState\":1", "\"keyState\":4", &[(R::MemberValue, "responseData.keyState")]),
    (9, "\"keyState\":1", "\"keyState\":5", &[(R::MemberValue, "responseData.keyState")]),
    (9, "\"keyState\":1", "\"keyState\":\"1\"", &[(R::MemberType, "responseData.keyState")]),
    (9, "2026-03-02T12:00:00Z", "2026-03-02", &[(R::MemberValue, "responseData.keyVersionCreationDate")]),
    (9, "\"keyVersionId\":\"a47d90be", "\"keyVersionId\":\"A47D90BE", &[(R::MemberValue, "responseData.keyVersionId")]),
    (14, "\"dataEvent\"", "\"responseData\":{},\"dataEvent\"", &[(R::EmptyResponse, "responseData")]),
    (14, "\"dataEvent\"", "\"responseData\":{\"x\":1},\"dataEvent\"", &[(R::UnknownMember, "responseData")]),
    (6, "\"dataEvent\"", "\"responseData\":{\"x\":1},\"dataEvent\"", &[(R::ResponseOnFailure, "responseData")]),
    // Crypto unit administration.
    (1, "\"location\":\"[us-east].[AZ2-CSSTAG2].[03].[22]\",", "", &[(R::MissingMember, "requestData.location")]),
    (6, ",\"location\":\"[us-east].[AZ2-CSSTAG2].[03].[22]\"", "", &[(R::MissingMember, "requestData.location")]),
    (1, "\"location\":\"[us-east].[AZ2-CSSTAG2].[03].[22]\"", "\"location\":\"[us-east].[AZ2-CSSTAG2].[03].[23]\"", &[(R::TkeLocation, "requestData.location")]),
    (1, "\"location\":\"[us-east].[AZ2-CSSTAG2].[03].[22]\"", "\"location\":\"[us-east].[AZ2-CSSTAG2].[3].[22]\"", &[(R::MemberValue, "requestData.location")]),
    (1, "/hsms/3d9a6c14", "/hsms/4d9a6c14", &[(R::RequestUri, URI)]),
    (1, "\"adminId\":\"e9cc93e7", "\"adminId\":\"E9CC93E7", &[(R::MemberValue, "requestData.adminId")]),
    (1, "\"adminId\":\"e9cc93e7", "\"adminId\":\"09cc93e7", &[(R::TkeAdminIds, "responseData.adminIds")]),
    (1, "\"adminIds\":[\"866323b2", "\"adminIds\":[\"e9cc93e7c7435d257642c6f5cb99a6997b18bef1dbd58fc78aaa2a66511a4cb3\",\"866323b2", &[(R::TkeAdminIds, "responseData.adminIds")]),
    (1, "\"adminIds\":[", "\"adminIds\":[1,", &[(R::MemberType, "responseData.adminIds")]),
    (2, "\"signatureThreshold\":2", "\"signatureThreshold\":9", &[(R::MemberValue, "requestData.signatureThreshold")]),
    (2, "\"signatureThreshold\":2", "\"signatureThreshold\":2.0", &[(R::MemberType, "requestData.signatureThreshold")]),
    (2, "\"responseData\":{\"signatureThreshold\":2,", "\"responseData\":{", &[(R::MissingMember, "responseData.signatureThreshold")]),
    (3, "\"masterKeyIds\":[", "\"masterKeyIds\":[\"491176\",", &[(R::MemberValue, "requestData.masterKeyIds")]),
    (4, MASTER, "1bc1\",null]", &[(R::MemberType, "responseData.masterKeyIds")]),
    (5, "\"responseData\":{\"verificationPattern\":\"4c5", "\"responseData\":{\"verificationPattern\":\"5c5", &[(R::TkePattern, "responseData.verificationPattern")]),
    (5, "4df9c5f3\"},\"dataEvent\"", "00000000\"},\"dataEvent\"", &[]),
];

#[rustfmt::skip]
const CONTRADICTIONS: &[Mutation<'_>] = &[
    // The name is part of the message and, for a crypto unit, the location.
    (9, "\"name\":\"payments-root-key\"", "\"name\":\"other\"", &[(R::MessageText, "message")]),
    (8, "\"name\":\"7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c\"", "\"name\":\"\"", &[(R::MessageText, "message"), (R::TargetName, "target.name")]),
    (1, "\"name\":\"[us-east].[AZ2-CSSTAG2].[03].[22]\"", "\"name\":\"unit 1\"", &[(R::MessageText, "message"), (R::TargetName, "target.name")]),
    // The code rules over phrase, message, severity and data.
    (9, "\"reasonCode\":201", "\"reasonCode\":409",
        &[(R::OutcomeOfCode, "outcome"), (R::MessageText, "message"), (R::ReasonType, "reason.reasonType"),
            (R::ReasonForFailure, "reason.reasonForFailure"), (R::SeverityOfCode, "severity"), (R::ResponseOnFailure, "responseData")]),
    // Another service, another instance, another kind of caller.
    (9, "\"logSourceCRN\":\"crn:v1:bluemix:public:hs-crypto", "\"logSourceCRN\":\"crn:v1:bluemix:public:kms",
        &[(R::CrnService, "logSourceCRN"), (R::SameInstance, "target.id")]),
    (8, "iam-ServiceId-c3d8f1a6-5b27-4e90-a4d1-7f6e2b9c8035\"", "iam-Profile-c3d8f1a6-5b27-4e90-a4d1-7f6e2b9c8035\"",
        &[(R::InitiatorCredential, "initiator.credential.type"), (R::InitiatorAuthn, "initiator.authnId"), (R::InitiatorAuthn, "initiator.authnName")]),
    (13, "\"id\":\"CertificateID-152b945018bcc8e6a2a73a9ab21953d6d9dec91d693a99defdbf52c5a753148a\"", "\"id\":\"IBMid-270000EXM1\"",
        &[(R::InitiatorOfAction, "initiator.id"), (R::InitiatorTypeUri, "initiator.typeURI"), (R::InitiatorCredential, "initiator.credential.type")]),
];

/// Changes that the options below accept, or demand.
#[rustfmt::skip]
const CONFIGURED: &[Mutation<'_>] = &[
    (1, "09:14:27.31+0000", "09:14:27.3+0000", &[]),
    (9, "\"instanceID\":", "\"instanceId\":", &[]),
    (8, "grpc-go/1.64.0", "a&b", &[]),
    (8, "\"host\":{", "\"host\":{\"address\":\"\",", &[]),
    (10, "\"severity\":\"warning\"", "\"severity\":\"critical\"", &[]),
    (10, "409,\"reasonType\":\"Conflict\"", "404,\"reasonType\":\"Not Found\"", &[]),
    (15, "401,\"reasonType\":\"Unauthorized\"", "500,\"reasonType\":\"Internal Server Error\"", &[]),
    (9, "\"dataEvent\":true", "\"dataEvent\":false", &[]),
    (11, "\"severity\"", "\"severity\"", &[(R::CorrelationId, "correlationId")]),
    (1, "ActivityTracker", "IBM Cloud Logs", &[]),
    (1, "\"initiator\"", "\"id\":\"event 1\",\"initiator\"", &[(R::EventId, "id")]),
];

fn configured_options() -> [Options; 11] {
    let default = Options::default;
    [
        Options { event_time: EventTimeStyle::GoTrim, ..default() },
        Options { instance_id_key: InstanceIdKey::InstanceId, ..default() },
        Options { html_escape: false, ..default() },
        Options { private_host: PrivateHost::Empty, ..default() },
        Options { severity_combine: SeverityCombine::Max, ..default() },
        Options { unlisted_failure: UnlistedFailure::Warning, ..default() },
        Options { key_protect_500: KeyProtect500::Critical, ..default() },
        Options { data_event_overrides: [("hs-crypto.secrets.create".to_owned(), false)].into(), ..default() },
        Options { uko_correlation_id: false, ..default() },
        Options { observer_name: "IBM Cloud Logs".to_owned(), ..default() },
        Options { event_id: true, ..default() },
    ]
}
