//! The catalogue against the rules of the reference that generate or limit its columns.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeSet;

use hpcs_audit::Severity;
use hpcs_audit::catalogue::{BaseSeverity, CATALOGUE, Family, Plan, Row, Status, find};
use hpcs_names::ServiceName;

/// The action without service and verb.
fn object(row: &Row) -> &'static str {
    let (rest, _) = row.action.rsplit_once('.').unwrap();
    rest.split_once('.').unwrap().1
}

fn verb(row: &Row) -> &'static str {
    row.action.rsplit_once('.').unwrap().1
}

/// All rows that the service emits or will emit.
fn emitted() -> impl Iterator<Item = &'static Row> {
    CATALOGUE.iter().filter(|row| row.status != Status::Erratum)
}

fn actions(rows: impl Iterator<Item = &'static Row>) -> BTreeSet<&'static str> {
    rows.map(|row| row.action).collect()
}

#[test]
fn every_action_of_every_source_is_there_once() {
    let of = |service| CATALOGUE.iter().filter(|row| row.service == service).count();
    assert_eq!(CATALOGUE.len(), 169);
    assert_eq!((of(ServiceName::HsCrypto), of(ServiceName::Kms)), (106, 63));
    assert_eq!(actions(CATALOGUE.iter()).len(), 169);
}

#[test]
fn actions_are_service_object_verb_in_lower_case() {
    for row in CATALOGUE {
        let action = row.action;
        assert!(action.starts_with(&format!("{}.", row.service.as_str())), "{action}");
        assert!(action.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')), "{action}");
        let segments = action.split('.').count();
        assert_eq!(segments, if row.status == Status::Erratum { 4 } else { 3 }, "{action}");
    }
}

#[test]
fn historical_names_are_unique_and_name_nothing_current() {
    let legacy: Vec<_> = CATALOGUE.iter().filter_map(|row| row.legacy_action).collect();
    assert_eq!(legacy.iter().collect::<BTreeSet<_>>().len(), legacy.len());
    for row in CATALOGUE {
        if let Some(name) = row.legacy_action {
            assert!(name.starts_with(&format!("{}.", row.service.as_str())), "{name}");
            assert!(find(name).is_none(), "{name}");
        }
    }
}

#[test]
fn a_plan_documents_every_row_but_misprints() {
    for row in CATALOGUE {
        assert_eq!(row.plans.is_empty(), row.status == Status::Erratum, "{}", row.action);
        let key_protect = row.plans.contains(&Plan::KeyProtect);
        assert_eq!(key_protect, row.service == ServiceName::Kms, "{}", row.action);
        let orchestrator_only = row.plans == [Plan::Uko];
        assert_eq!(orchestrator_only, row.family.is_orchestrator(), "{}", row.action);
    }
}

#[test]
fn the_one_misprint_is_the_doubled_prefix() {
    let errata = actions(CATALOGUE.iter().filter(|row| row.status == Status::Erratum));
    assert_eq!(errata, BTreeSet::from(["hs-crypto.hs-crypto.instance-policies.write"]));
}

#[test]
fn target_types_follow_from_the_object() {
    for row in emitted() {
        let object = object(row);
        let split = ["secrets", "instance", "tke-cryptounit", "kmip-key"]
            .into_iter()
            .find_map(|parent| Some(format!("{parent}/{}", object.strip_prefix(parent)?.strip_prefix('-')?)));
        let expected = format!("{}/{}", row.service.as_str(), split.unwrap_or_else(|| object.to_owned()));
        assert_eq!(row.type_uri, expected, "{}", row.action);
    }
}

#[test]
fn phrases_are_verb_and_singular_object() {
    const SINGULAR: [(&str, &str); 6] = [
        ("secrets", "secret"),
        ("versions", "version"),
        ("policies", "policy"),
        ("registrations", "registration"),
        ("rings", "ring"),
        ("managed-keys", "managed-key"),
    ];
    const OTHER_SINGULAR: [(&str, &str); 3] =
        [("vaults", "vault"), ("target-keystores", "target-keystore"), ("key-templates", "key-template")];
    for row in emitted() {
        let object = SINGULAR
            .iter()
            .chain(&OTHER_SINGULAR)
            .fold(object(row).to_owned(), |object, (plural, singular)| object.replace(plural, singular));
        assert_eq!(row.phrase, format!("{} {object}", verb(row)), "{}", row.action);
    }
}

#[test]
fn data_events_follow_the_family() {
    for row in emitted() {
        let acknowledges = verb(row).starts_with("ack");
        let expected = match row.family {
            Family::Key => !acknowledges,
            Family::ImportToken
            | Family::Ep11Keystore
            | Family::Ep11Crypto
            | Family::KmipProtocol
            | Family::KmipVmware
            | Family::ManagedKey => true,
            _ => false,
        };
        assert_eq!(row.data_event, expected, "{}", row.action);
    }
}

#[test]
fn listed_severities_are_those_of_the_vendor() {
    let both = |names: &[&str]| -> Vec<String> {
        names.iter().flat_map(|name| [format!("hs-crypto.{name}"), format!("kms.{name}")]).collect()
    };
    let mut critical = both(&["secrets.delete", "registrations.delete"]);
    critical.extend(
        [
            "tke-cryptounit-admin.add",
            "tke-cryptounit-admin.remove",
            "tke-cryptounit-threshold.set",
            "tke-cryptounit-master-key-register.add",
            "tke-cryptounit-master-key-register.commit",
            "tke-cryptounit-master-key-register.activate",
            "tke-cryptounit-new-master-key-register.clear",
            "tke-cryptounit-current-master-key-register.clear",
            "tke-cryptounit.reset",
            "mtlscert-admin-key.create",
            "mtlscert-admin-key.update",
            "mtlscert-admin-key.delete",
            "mtlscert-cert.set",
            "keystore.deletekey",
            "keystore.deletekeystore",
            "keystore.updatekey",
            "managed-keys.delete",
            "target-keystores.delete",
            "vaults.delete",
        ]
        .map(|name| format!("hs-crypto.{name}")),
    );
    let mut warning = both(&[
        "secrets.rotate",
        "secrets.restore",
        "secrets.enable",
        "secrets.disable",
        "secrets.setkeyfordeletion",
        "secrets.unsetkeyfordeletion",
        "policies.write",
        "instance-policies.write",
    ]);
    warning.push("hs-crypto.managed-keys.write".to_owned());
    for (severity, expected) in [(BaseSeverity::Critical, critical), (BaseSeverity::Warning, warning)] {
        let rows = actions(emitted().filter(|row| row.base_severity == severity));
        assert_eq!(rows, expected.iter().map(String::as_str).collect(), "{severity:?}");
    }
    assert_eq!(emitted().filter(|row| row.base_severity == BaseSeverity::Normal).count(), 64);
}

#[test]
fn unlisted_severities_follow_the_verb() {
    let unlisted: Vec<_> = emitted().filter(|row| matches!(row.base_severity, BaseSeverity::Unlisted(_))).collect();
    assert_eq!(unlisted.len(), 64);
    for row in unlisted {
        let expected = match verb(row) {
            "delete" | "purge" | "destroy" => Severity::Critical,
            "patch" | "expire" | "revoke" => Severity::Warning,
            _ => Severity::Normal,
        };
        assert_eq!(row.base_severity.severity(), expected, "{}", row.action);
    }
}

#[test]
fn request_data_starts_with_the_common_members() {
    for row in CATALOGUE {
        let paths: Vec<_> = row.request_fields.iter().map(|field| field.path).collect();
        let common: &[&str] = match row.family {
            Family::KmipProtocol | Family::KmipVmware => &["instanceID"],
            Family::Tke => &["requestURI", "instanceID", "location"],
            _ => &["requestURI", "instanceID"],
        };
        assert!(paths.starts_with(common), "{}: {paths:?}", row.action);
    }
}

#[test]
fn members_are_named_once_and_inside_their_object() {
    for row in CATALOGUE {
        for fields in [row.request_fields, row.response_fields] {
            let paths: BTreeSet<_> = fields.iter().map(|field| field.path).collect();
            assert_eq!(paths.len(), fields.len(), "{}", row.action);
            for path in paths {
                assert!(!path.starts_with("requestData") && !path.starts_with("responseData"), "{path}");
                assert!(path.split('.').all(|step| !step.is_empty()), "{path}");
            }
        }
    }
}

#[test]
fn every_row_says_what_happens() {
    for row in CATALOGUE {
        assert!(!row.description.is_empty() && !row.phrase.is_empty() && !row.type_uri.is_empty(), "{}", row.action);
    }
}
