//! Seed files: what is read, what is refused and where, and that no fault repeats a secret.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::io::Cursor;
use std::path::{Path, PathBuf};

use hpcs_audit::EventTime;
use hpcs_emulator::seed_file::{document_as_json, open, read_text};
use hpcs_emulator::{Config, SeedFile};
use hpcs_grpc::emulator::v1::InspectCryptoUnitRequest;
use hpcs_service::document::InstanceDocument;
use hpcs_service::{ApiKey, Role};
use support::Server;

const NOW: EventTime = EventTime::from_unix_millis(1_772_352_000_000);

fn read(text: &str) -> Result<SeedFile, String> {
    SeedFile::read(Path::new("s.yaml"), text, NOW).map_err(|fault| fault.to_string())
}

fn fault(text: &str) -> String {
    match read(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(fault) => fault,
    }
}

fn example(name: &str) -> SeedFile {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let text = open(&path).unwrap_or_else(|fault| panic!("{fault}"));
    SeedFile::read(&path, &text, NOW).unwrap_or_else(|fault| panic!("{fault}"))
}

fn document(seed: &SeedFile, index: usize) -> &InstanceDocument {
    &seed.instances[index].document
}

fn digest(key: &str) -> hpcs_service::ApiKeyDigest {
    ApiKey::new(key.to_owned()).digest()
}

#[test]
fn the_ceremony_example_has_two_administrators_thresholds_and_a_key_in_two_units() {
    let seed = example("ceremony.yaml");
    assert_eq!(seed.start, Some(NOW));
    let [instance] = &seed.instances[..] else { panic!("not one instance") };
    assert!(instance.declared.ends_with("ceremony.yaml:10:5: instances[0]"), "{}", instance.declared);
    assert_eq!(instance.spec.id.unwrap().to_string(), "3b1f7a52-6c0d-4e8b-9a47-d2f05c81e6b4");
    assert_eq!((instance.spec.number, instance.spec.operational, instance.spec.recovery), (0, 2, true));
    let document = document(&seed, 0);
    assert_eq!(document.created.as_deref(), Some("2025-12-01T08:00:00.000Z"));
    let units = document.units.as_deref().unwrap();
    assert_eq!(units.len(), 2);
    for unit in units {
        let names: Vec<_> = unit.administrators.iter().flatten().map(|one| one.name.as_deref().unwrap()).collect();
        assert_eq!(names, ["admin1", "admin2"]);
        assert_eq!((unit.signature_threshold, unit.revocation_signature_threshold), (Some(2), Some(2)));
        assert!(unit.current_master_key.is_some() && unit.new_master_key.is_none());
    }
    let [(manager, administrator), (_, reader)] = &seed.api_keys[..] else { panic!("not two API keys") };
    assert_eq!(*manager, digest("ceremony-manager-key"));
    assert_eq!((administrator.iam_id.as_str(), administrator.expires_at), ("IBMid-270000EXM1", None));
    assert_eq!(reader.roles, [Role::Reader, Role::EventReader]);
    assert_eq!(reader.expires_at, Some(EventTime::from_unix_millis(NOW.unix_millis() + 30 * 86_400_000)));
}

#[tokio::test]
async fn an_emulator_that_begins_with_the_ceremony_example_has_its_key_in_both_units() {
    let seed_file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/ceremony.yaml");
    let server = Server::with(Config { seed_file: Some(seed_file), ..Config::default() }).await;
    let [instance] = server.emulator.instances() else { panic!("not one instance") };
    let mut states = Vec::new();
    for unit in &instance.units {
        let request = InspectCryptoUnitRequest { instance: instance.id.to_string(), unit: unit.id.to_string() };
        let request = server.signed("ceremony-manager-key", request).await;
        states.push(server.crypto_units().inspect(request).await.unwrap().into_inner());
    }
    let [first, second, recovery, _] = &states[..] else { panic!("not four units") };
    assert_eq!(first.unit.as_ref().unwrap().id, "6d2c9e10-48b7-4f35-8a1c-0e9b7d54f3a2");
    assert_eq!((first.signature_threshold, first.revocation_signature_threshold), (2, 2));
    assert_eq!(first.current_verification_pattern.len(), 64);
    assert_eq!(first.current_verification_pattern, second.current_verification_pattern);
    assert_eq!(first.administrators, second.administrators);
    assert!(recovery.imprint_mode && recovery.administrators.is_empty());
}

#[test]
fn the_example_of_two_instances_has_its_own_numbers_and_three_identities() {
    let seed = example("two-instances.yaml");
    assert_eq!(seed.start, None);
    let laid_out: Vec<_> =
        seed.instances.iter().map(|one| (one.spec.number, one.spec.region.as_str(), one.spec.recovery)).collect();
    assert_eq!(laid_out, [(0, "us-south", true), (1, "eu-de", false)]);
    assert_eq!(document(&seed, 0).created.as_deref(), Some("2026-02-28T08:00:00.000Z"));
    assert_eq!(document(&seed, 1).units.as_ref().unwrap().len(), 2);
    let identities: Vec<_> = seed.api_keys.iter().map(|(_, identity)| identity.name.as_str()).collect();
    assert_eq!(identities, ["ceremony.admin@example.com", "auditor@example.com", "pipeline"]);
    assert_eq!(seed.api_keys[2].1.roles, [Role::EventReader]);
}

#[test]
fn nothing_but_a_version_is_enough() {
    let seed = read("version: 1").unwrap();
    assert_eq!((seed.instances.len(), seed.api_keys.len(), seed.start), (0, 0, None));
}

#[test]
fn faults_name_file_line_column_and_field() {
    for (text, expected) in [
        ("version: 2\nnew_key: 1", "s.yaml:1:10: version: 2 is not known; this program reads version 1"),
        ("version: one", "s.yaml:1:10: version: expected a whole number from 0 to 4294967295, found text"),
        ("instances: []", "s.yaml:1:1: version: is missing"),
        ("version: 1\ninstance: []", "s.yaml:2:1: instance: there is no such key; did you mean instances?"),
        ("version: 1\nstart: -1d", "s.yaml:2:8: start: not a time such as 2026-01-01T00:00:00Z (RFC 3339)"),
        (
            "version: 1\ninstances:\n  - regon: us-south",
            "s.yaml:3:5: instances[0].regon: there is no such key; did you mean region?",
        ),
        (
            "version: 1\ninstances:\n  - units:\n      - signature_threshold: two",
            "s.yaml:4:30: instances[0].units[0].signature_threshold: expected a whole number from 0 to 4294967295, found text",
        ),
        (
            "version: 1\ninstances:\n  - created: -30 d",
            "s.yaml:3:14: instances[0].created: not a time such as 2026-01-01T00:00:00Z, -30d or +2h; units are ms, s, m, h \
             and d",
        ),
        (
            "version: 1\ninstances:\n  - operational: 7",
            "s.yaml:3:18: instances[0].operational: 7 operational crypto units",
        ),
        ("version: 1\ninstances:\n  - region: xx-yy", "s.yaml:3:13: instances[0].region: "),
        (
            "version: 1\ninstances:\n  - {id: 1234}",
            "s.yaml:3:10: instances[0].id: expected text, found a number; put it in",
        ),
        ("version: 1\ninstances:\n  - {id: x}", "s.yaml:3:10: instances[0].id: is not a UUID such as "),
        ("version: 1\ninstances:\n  - deleted: true", "s.yaml:3:14: instances[0].deleted: nothing begins deleted"),
        ("version: 1\ninstances:\n  - number: 1000000", "s.yaml:3:13: instances[0].number: 1000000 is too large"),
        (
            "version: 1\ninstances:\n  - units:\n    - signature_threshold: 1",
            "s.yaml:4:28: instances[0].units[0].signature_threshold: ",
        ),
        ("version: 1\napi_keys:\n  - {key: a}", "s.yaml:3:5: api_keys[0].iam_id: is missing"),
        (
            "version: 1\napi_keys:\n  - {key: '', iam_id: IBMid-1}",
            "s.yaml:3:11: api_keys[0].key: an API key is not empty",
        ),
        ("version: 1\napi_keys:\n  - {key: a, iam_id: me}", "s.yaml:3:22: api_keys[0].iam_id: an IAM id starts with "),
        (
            "version: 1\napi_keys:\n  - {key: a, iam_id: IBMid-1, roles: [Managr]}",
            "s.yaml:3:39: api_keys[0].roles[0]: not one of Reader, ReaderPlus, Writer, Manager, CryptoUnitAdministrator, \
             CryptoOperator, KeyOperator, KeystoreOperator, CertificateManager, EventReader, EmulatorOperator; did you mean Manager?",
        ),
        (
            "version: 1\napi_keys:\n  - {key: a, iam_id: IBMid-1, expires_at: tomorrow}",
            "s.yaml:3:43: api_keys[0].expires_at: not a time ",
        ),
        ("", "s.yaml:1:1: the file is empty"),
    ] {
        let found = fault(text);
        assert!(found.starts_with(expected), "{text}\n{found}\n{expected}");
    }
}

#[test]
fn what_has_to_be_unique_is() {
    let id = "858af272-6e93-4290-ad52-ae1b57ba54dd";
    let instances = format!("version: 1\ninstances:\n  - id: {id}\n  - id: {id}");
    assert_eq!(fault(&instances), "s.yaml:4:9: instances[1].id: instances[0] has the same id");
    let numbers = "version: 1\ninstances:\n  - number: 3\n  - number: 3";
    assert_eq!(fault(numbers), "s.yaml:4:13: instances[1].number: an instance before has the same number");
    let units = format!("version: 1\ninstances:\n  - units: [{{id: {id}}}]\n  - units:\n    - id: {id}");
    assert_eq!(fault(&units), "s.yaml:5:11: instances[1].units[0].id: instances[0].units[0] has the same id");
    let within = format!("version: 1\ninstances:\n  - units:\n    - id: {id}\n    - id: {id}");
    assert!(fault(&within).starts_with("s.yaml:5:11: instances[0].units[1].id: "), "{}", fault(&within));
    let location = "[us-south].[AZ1-CS7].[01].[13]";
    let places = format!("version: 1\ninstances:\n- {{}}\n- units:\n  - location: '{location}'");
    assert!(fault(&places).starts_with("s.yaml:5:15: instances[1].units[0].location: "), "{}", fault(&places));
    let keys = "version: 1\napi_keys:\n- {key: same, iam_id: IBMid-1}\n- {key: same, iam_id: IBMid-2}";
    assert_eq!(fault(keys), "s.yaml:4:9: api_keys[1].key: api_keys[0] has the same API key");
    let identities = "version: 1\nidentities:\n- iam_id: IBMid-1\n- iam_id: IBMid-1";
    assert_eq!(fault(identities), "s.yaml:4:11: identities[1].iam_id: identities[0] has the same IAM id");
}

#[test]
fn numbers_that_are_left_out_are_the_smallest_that_are_free() {
    let seed = read("version: 1\ninstances: [{}, {number: 0}, {}, {number: 2}]").unwrap();
    let numbers: Vec<_> = seed.instances.iter().map(|instance| instance.spec.number).collect();
    assert_eq!(numbers, [1, 0, 3, 2]);
}

#[test]
fn api_keys_name_identities_and_every_identity_has_an_api_key() {
    let file = |key: &str| {
        format!("version: 1\nidentities:\n- iam_id: IBMid-100\n  name: Ann\napi_keys:\n- {{key: k, {key}}}")
    };
    let seed = read(&file("iam_id: IBMid-100")).unwrap();
    assert_eq!(seed.api_keys[0].1.name, "Ann");
    assert_eq!(
        fault(&file("iam_id: IBMid-10O")),
        "s.yaml:6:20: api_keys[0].iam_id: none of the identities has this IAM id; did you mean IBMid-100?"
    );
    assert_eq!(
        fault(&file("iam_id: IBMid-100, roles: [Reader]")),
        "s.yaml:6:38: api_keys[0].roles: identities[0] says this"
    );
    assert_eq!(
        fault("version: 1\nidentities:\n- iam_id: IBMid-1"),
        "s.yaml:3:3: identities[0]: no API key stands for this identity"
    );
}

/// A unit out of imprint mode; the rest is appended to it.
const SECURED: &str = "
version: 1
instances:
- units:
  - administrators:
    - name: admin1
      private_key: '009fee5a3bd10d4cd897d5a0d6edcfe38e61bb3dc6d1c92839eee1c628180f236edbd2751c2679928303b88ae7f739fded503a\
                     d7d6723838c758aa6ed028aa0df125'
    signature_threshold: 1
    revocation_signature_threshold: 1
";

#[test]
fn key_material_of_the_wrong_form_is_refused_and_never_repeated() {
    assert!(read(SECURED).is_ok());
    for (key, expected) in [
        (
            "current_master_key:\n      key: '5ec2e75ec2e7'",
            "10:12: instances[0].units[0].current_master_key.key: has 6 bytes",
        ),
        ("current_master_key:\n      key: '5ec2e7z'", "10:12: instances[0].units[0].current_master_key.key: is not "),
        ("current_master_key:\n      key: 5232752327", "10:12: instances[0].units[0].current_master_key.key: "),
        (
            "current_master_key: 5ec2e75ec2e7",
            "9:25: instances[0].units[0].current_master_key: expected keys and values",
        ),
        ("current_master_key:\n      key: ['5ec2e7']", "10:12: instances[0].units[0].current_master_key.key: "),
        ("current_master_key:\n      key: {sealed: '5ec2e7'}", "10:12: instances[0].units[0].current_master_key.key: "),
        (
            "new_master_key:\n      parts: ['5ec2e7']",
            "10:15: instances[0].units[0].new_master_key.parts[0]: has 3 bytes",
        ),
        ("importer_key:\n      key: '5ec2e7'", "10:12: instances[0].units[0].importer_key.key: has 3 bytes"),
        ("module: {epoch_key: '5ec2e7'}", "9:25: instances[0].units[0].module.epoch_key: "),
    ] {
        let text = format!("{}    {key}\n", SECURED.trim_start());
        let found = fault(&text);
        assert!(found.starts_with(&format!("s.yaml:{expected}")), "{key}\n{found}");
        assert!(!found.contains("5ec2e7") && !found.contains("5232752327"), "{found}");
    }
    let key = "version: 1\napi_keys:\n- {key: [very-secret], iam_id: IBMid-1}";
    assert_eq!(fault(key), "s.yaml:3:9: api_keys[0].key: expected text, found a list");
}

#[test]
fn text_that_cannot_be_one_is_refused_before_it_is_parsed() {
    let path = Path::new("s.yaml");
    let fault = |bytes: &[u8]| read_text(path, &mut Cursor::new(bytes)).err().unwrap().to_string();
    assert_eq!(fault(b"version: 1\n# caf\xc3\xa9 \xff"), "s.yaml:2:8: this is not UTF-8");
    let large = vec![b'#'; 10_000_000];
    assert_eq!(fault(&large), "s.yaml: the file is larger than 4 MiB");
    assert_eq!(read(&"#".repeat(10_000_000)).err().unwrap(), "s.yaml: the file is larger than 4 MiB");
    assert!(open(Path::new("/no/such.yaml")).err().unwrap().to_string().starts_with("/no/such.yaml: "));
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = "version: 1\ninstances:\n- &a0 {}\n".to_owned();
    for level in 1..10 {
        bomb += &format!("- &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", "));
    }
    assert!(fault(&bomb).contains("more than 200000 values"), "{}", fault(&bomb));
}

#[test]
fn a_document_in_yaml_or_json_becomes_the_json_of_requests() {
    let path = Path::new("i.yaml");
    let json = |text: &str| document_as_json(path, text).map_err(|fault| fault.to_string());
    let yaml = "region: eu-de\nunits:\n- current_master_key:\n    key: '00ff'";
    let expected = r#"{"region":"eu-de","units":[{"current_master_key":{"key":"00ff"}}]}"#;
    assert_eq!(json(yaml).unwrap(), expected.as_bytes());
    assert_eq!(json(expected).unwrap(), expected.as_bytes());
    assert_eq!(json("regions: eu-de").unwrap_err(), "i.yaml:1:1: regions: there is no such key; did you mean region?");
    assert_eq!(json("plan: best").unwrap_err(), "i.yaml:1:7: plan: is not a plan: standard or hpcs-hourly-uko");
    let secret = json("units: [{current_master_key: {key: 5ec2e7z}}]").unwrap_err();
    assert!(!secret.contains("5ec2e7"), "{secret}");
}
