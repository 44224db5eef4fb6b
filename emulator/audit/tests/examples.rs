//! The fifteen example events of the reference (section 6), byte for byte.
//!
//! `fixtures/examples.ndjson` holds them as they go over the wire: one line each, no blanks.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may fail by panicking")]

mod support;

use hpcs_audit::catalogue::{find, tke};
use hpcs_audit::event::{
    Credential, EventDraft, FailureCode, Fields, Host, Initiator, InitiatorKind, RequestData, SuccessCode, Target,
};
use hpcs_audit::{EventTime, Reason, Row, Stamp, Style};
use hpcs_names::ServiceName::HsCrypto;
use support::{draft, instance, public, user};

const EXAMPLES: &str = include_str!("fixtures/examples.ndjson");

/// 2026-03-02T00:00:00Z in milliseconds since the Unix epoch.
const MIDNIGHT: u64 = 1_772_409_600_000;

const UNIT: &str = "3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8";
const LOCATION: &str = "[us-east].[AZ2-CSSTAG2].[03].[22]";
const FIRST_ADMIN: &str = "866323b2e29c6eddaba0acbdb76df7b5bf56518399b1b4b0833768297e0d68f0";
const SECOND_ADMIN: &str = "e9cc93e7c7435d257642c6f5cb99a6997b18bef1dbd58fc78aaa2a66511a4cb3";
const PARTS: [&str; 2] = [
    "491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e77677ab6f919",
    "29fb7cd3be48a8d76bb031f0abce26caa9e092c000cd16bb101d30f63c4c1bc1",
];
const PATTERN: &str = "4c529932945f79d0f00ca52f4f78a80450dd0802211433fa3fa4396c4df9c5f3";

const KEY: &str = "5c8e1f70-3a92-4d6b-b7e4-19a0c2d3f856";
const VAULT: &str = "f04d2a8b-7c61-4935-9e2f-b8d10c47a6e5";

/// Renders `draft` at this time of 2 March 2026 and compares it with the example of this number, from 1.
#[track_caller]
fn assert_example(number: usize, (hour, minute, second, centis): (u64, u64, u64, u64), draft: &EventDraft) {
    let millis = MIDNIGHT + ((hour * 60 + minute) * 60 + second) * 1000 + centis * 10;
    let stamp = Stamp { time: EventTime::from_unix_millis(millis), sequence: 1 };
    let line = String::from_utf8(draft.render(&stamp, &Style::default())).unwrap();
    assert_eq!(Some(line.as_str()), EXAMPLES.lines().nth(number - 1));
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A successful administrative command for the unit of the examples.
fn admin(action: &'static Row, request: Fields, response: Fields) -> EventDraft {
    EventDraft {
        initiator: user("IBMid-270000EXM1", "ceremony.admin@example.com", "203.0.113.24", "tke-plugin/1.3.1"),
        target: Target {
            id: instance(HsCrypto).resource("tke-cryptounit", UNIT.parse().unwrap()),
            name: LOCATION.to_owned(),
            alias: None,
        },
        request_data: RequestData {
            request_uri: Some(format!("/v1/tke/{}/hsms/{UNIT}", support::HPCS_INSTANCE)),
            fields: request,
        },
        response_data: response,
        correlation_id: Some("never shown".to_owned()),
        ..draft(action)
    }
}

/// The request members that every administrative command starts with.
fn at_location() -> Fields {
    Fields::new().with("location", LOCATION)
}

/// A successful request about a named resource of the instance.
fn request(action: &str, target: (&'static str, &str, &str), uri: &str, correlation_id: &str) -> EventDraft {
    let draft = draft(find(action).unwrap());
    let (kind, id, name) = target;
    EventDraft {
        target: Target { id: draft.source.resource(kind, id.parse().unwrap()), name: name.to_owned(), alias: None },
        request_data: RequestData { request_uri: Some(uri.to_owned()), fields: Fields::new() },
        correlation_id: Some(correlation_id.to_owned()),
        ..draft
    }
}

fn service_id(host: Host) -> Initiator {
    Initiator {
        id: "iam-ServiceId-c3d8f1a6-5b27-4e90-a4d1-7f6e2b9c8035".to_owned(),
        name: "ServiceId-c3d8f1a6-5b27-4e90-a4d1-7f6e2b9c8035".to_owned(),
        kind: InitiatorKind::ServiceId,
        credential: Credential::ApiKey,
        authn: None,
        host,
    }
}

#[test]
fn e1_second_administrator_added_in_imprint_mode() {
    let request = at_location().with("adminId", SECOND_ADMIN);
    let response = Fields::new().with("adminIds", texts(&[FIRST_ADMIN, SECOND_ADMIN]));
    assert_example(1, (9, 14, 27, 31), &admin(tke::ADMIN_ADD, request, response));
}

#[test]
fn e2_thresholds_set() {
    let thresholds = |fields: Fields| fields.with("signatureThreshold", 2).with("revocationSignatureThreshold", 2);
    let event = admin(tke::THRESHOLD_SET, thresholds(at_location()), thresholds(Fields::new()));
    assert_example(2, (9, 16, 2, 84), &event);
}

#[test]
fn e3_two_key_parts_loaded() {
    let request = at_location().with("masterKeyIds", texts(&PARTS));
    let response = Fields::new().with("verificationPattern", PATTERN);
    assert_example(3, (9, 21, 45, 7), &admin(tke::MASTER_KEY_REGISTER_ADD, request, response));
}

#[test]
fn e4_new_register_committed() {
    let request = at_location().with("verificationPattern", PATTERN);
    let response = Fields::new().with("masterKeyIds", texts(&PARTS));
    assert_example(4, (9, 23, 18, 52), &admin(tke::MASTER_KEY_REGISTER_COMMIT, request, response));
}

#[test]
fn e5_new_register_activated() {
    let request = at_location().with("verificationPattern", PATTERN);
    let response = Fields::new().with("verificationPattern", PATTERN);
    assert_example(5, (9, 24, 40, 19), &admin(tke::MASTER_KEY_REGISTER_ACTIVATE, request, response));
}

#[test]
fn e6_reset_refused_by_the_unit() {
    let text = "Not enough signatures were provided on the command.";
    let event = EventDraft {
        reason: Reason::failure(FailureCode::BadRequest, text),
        ..admin(tke::RESET, at_location(), Fields::new())
    };
    assert_example(6, (10, 2, 11, 66), &event);
}

#[test]
fn e7_key_stored_in_a_keystore() {
    let keystore = "e1f7a2c4-90d3-4b58-a6c1-3f8b2d7e5049";
    let event = EventDraft {
        initiator: service_id(public("198.51.100.77", "keyprotect-go-client/0.12.0")),
        ..request(
            "hs-crypto.keystore.storenewkey",
            ("keystore", keystore, "9b27d5e3-4c18-46fa-8e90-a1d3f6c7b542"),
            "/api/v1/keystores/e1f7a2c4-90d3-4b58-a6c1-3f8b2d7e5049/keys",
            "1d4c7b92-e08a-4f35-b6c9-52a7f0d38e14",
        )
    };
    assert_example(7, (11, 30, 5, 93), &event);
}

#[test]
fn e8_cryptographic_call_from_the_private_network() {
    let host = Host { private: true, ..public("10.0.0.7", "grpc-go/1.64.0") };
    let event = EventDraft {
        initiator: service_id(host),
        request_data: RequestData {
            request_uri: Some("/grep11.Crypto/EncryptSingle".to_owned()),
            fields: Fields::new(),
        },
        correlation_id: Some("8e3f0a6d-2b94-4c71-a5d8-f6190c7e4b23".to_owned()),
        ..draft(find("hs-crypto.ep11.use").unwrap())
    };
    assert_example(8, (11, 30, 6, 20), &event);
}

#[test]
fn e9_root_key_created() {
    let mut event = request(
        "hs-crypto.secrets.create",
        ("key", KEY, "payments-root-key"),
        "/api/v2/keys",
        "c9b51f27-6d80-4ea3-9c42-8a7e3f0d61b5",
    );
    event.reason = Reason::success(SuccessCode::Created);
    event.request_data.fields = Fields::new().with("keyType", "rootKey");
    event.response_data = Fields::new()
        .with("keyId", KEY)
        .with("keyVersionId", "a47d90be-6c15-4f2e-8d33-70b5e9c1f248")
        .with("keyVersionCreationDate", "2026-03-02T12:00:00Z")
        .with("keyState", 1);
    assert_example(9, (12, 0, 0, 42), &event);
}

#[test]
fn e10_deletion_blocked_by_dual_authorization() {
    let text = "The key cannot be deleted because it failed the dual authorization request.";
    let event = EventDraft {
        reason: Reason::failure(FailureCode::Conflict, text),
        ..request(
            "hs-crypto.secrets.delete",
            ("key", KEY, "payments-root-key"),
            &format!("/api/v2/keys/{KEY}"),
            "f27a80c4-915e-4d3b-a06f-c4e8d2b7193a",
        )
    };
    assert_example(10, (12, 5, 33, 71), &event);
}

#[test]
fn e11_managed_key_destroyed() {
    let key = "2a7e9d51-c80f-4b36-91d4-e5f3a6072bc8";
    let vault = Fields::new()
        .with("id", VAULT)
        .with("name", "prod-vault")
        .with("href", format!("https://uko.example.com/api/v4/vaults/{VAULT}"));
    let event = EventDraft {
        response_data: Fields::new()
            .with("id", key)
            .with("vault", vault)
            .with("label", "orders-aes-2025")
            .with("state", "destroyed")
            .with("size", "256")
            .with("algorithm", "aes")
            .with("referenced_keystores", texts(&[]))
            .with("instances", texts(&[]))
            .with("status_in_keystores", texts(&[])),
        key_destroyed: true,
        ..request(
            "hs-crypto.managed-keys.write",
            ("managed-key", key, "orders-aes-2025"),
            &format!("/api/v4/managed_keys/{key}/destroy"),
            "3b8e64d0-f172-4c95-8a3e-d05b9c7f2e61",
        )
    };
    assert_example(11, (13, 10, 9, 38), &event);
}

#[test]
fn e12_keystore_connected_with_redacted_credentials() {
    let keystore = "6be3f8a0-15d7-4c92-8f4b-0a9c7e2d3158";
    let connection = |fields: Fields| {
        fields
            .with("groups", texts(&["production"]))
            .with("aws_region", "eu_central_1")
            .with("aws_access_key_id", "[redacted]")
            .with("aws_secret_access_key", "[redacted]")
    };
    let mut event = request(
        "hs-crypto.target-keystores.write",
        ("target-keystore", keystore, "aws-frankfurt"),
        "/api/v4/keystores",
        "7a05d9e3-4c6b-4128-bf90-1e8d37c2a64f",
    );
    event.reason = Reason::success(SuccessCode::Created);
    event.request_data.fields = connection(
        Fields::new()
            .with("type", "aws_kms")
            .with("vault", Fields::new().with("id", VAULT))
            .with("name", "aws-frankfurt"),
    );
    event.response_data = connection(
        Fields::new()
            .with("vault", Fields::new().with("id", VAULT).with("name", "prod-vault"))
            .with("id", keystore)
            .with("name", "aws-frankfurt")
            .with("type", "aws_kms"),
    );
    assert_example(12, (13, 12, 47, 55), &event);
}

#[test]
fn e13_key_created_by_a_vcenter() {
    let certificate = "CertificateID-152b945018bcc8e6a2a73a9ab21953d6d9dec91d693a99defdbf52c5a753148a";
    let object = "d83b6f1c-07e5-4a92-b4c8-6e9f2a1d5073";
    let mut event =
        request("hs-crypto.kmip-key.create", ("kmip-key", object, object), "", "5f9c2e71-b340-4d8a-96e7-a2c80f1d4b35");
    event.request_data.request_uri = None;
    event.initiator = Initiator {
        id: certificate.to_owned(),
        name: certificate.to_owned(),
        kind: InitiatorKind::Certificate,
        credential: Credential::Certificate,
        authn: None,
        host: Host { private: true, ..Host::default() },
    };
    assert_example(13, (13, 20, 58, 14), &event);
}

#[test]
fn e14_instance_policies_written() {
    let policies = |enabled: bool, network: &str| {
        Fields::new()
            .with("policyAllowedNetworkEnabled", enabled)
            .with("policyAllowedNetworkAttribute", network)
            .with("policyDualAuthDeleteEnabled", enabled)
    };
    let event = EventDraft {
        reason: Reason::success(SuccessCode::NoContent),
        request_data: RequestData {
            request_uri: Some("/api/v2/instance/policies".to_owned()),
            fields: Fields::new()
                .with("initialValue", policies(false, "public-and-private"))
                .with("newValue", policies(true, "private-only")),
        },
        correlation_id: Some("e64b0d18-7f2c-4935-8da1-0b3c9e5f7a26".to_owned()),
        ..draft(find("kms.instance-policies.write").unwrap())
    };
    assert_example(14, (13, 40, 16, 87), &event);
}

#[test]
fn e15_rotation_without_a_valid_token() {
    let text = "Unauthorized: The user does not have access to the specified resource";
    let event = EventDraft {
        initiator: Initiator::unknown(public("192.0.2.200", "curl/8.5.0")),
        reason: Reason::failure(FailureCode::Unauthorized, text),
        ..request(
            "kms.secrets.rotate",
            ("key", KEY, ""),
            &format!("/api/v2/keys/{KEY}/actions/rotate"),
            "91d7f3a5-0c8e-4b62-a7d4-e3f56b908c1d",
        )
    };
    assert_example(15, (13, 45, 1, 5), &event);
}
