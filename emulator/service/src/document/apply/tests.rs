use hpcs_ep11::{KeyPart, OaGeneration, PatternTail, PublicKey, TransactionCounter};
use hpcs_hsm::{NewRegister, PartsRule, UnitState};
use proptest::prelude::*;

use super::super::testing::{
    assert_same, certificate, full_parts, key, laid_out, rng, signing_key, spec, with_factory, with_oa2_certificates,
};
use super::super::{ModuleDocument, without_values};
use super::*;
use crate::InstanceSpec;
use crate::sealing::{PassphraseOpener, PassphraseSealer, SealFault};
use crate::{CryptoUnitKind, UnitIds, lay_out};

fn document(json: serde_json::Value) -> InstanceDocument {
    serde_json::from_value(json).unwrap_or_else(|error| panic!("{error}"))
}

fn applied(json: serde_json::Value) -> (Instance, Vec<Unit>) {
    with_factory(|factory| document(json).apply(laid_out(), factory)).unwrap_or_else(|fault| panic!("{fault}"))
}

fn fault(json: serde_json::Value) -> DocumentFault {
    with_factory(|factory| document(json).apply(laid_out(), factory)).err().unwrap()
}

/// The fault of a document whose second unit is this.
fn unit_fault(unit: serde_json::Value) -> (String, Why) {
    let fault = fault(serde_json::json!({"units": [{}, unit]}));
    let path = fault.path.strip_prefix("units[1]").unwrap_or_else(|| panic!("{fault}")).trim_start_matches('.');
    (path.to_owned(), fault.why)
}

/// A laid out instance after a life of its own.
fn lived() -> (Instance, Vec<Unit>) {
    let (instance, mut units) = laid_out();
    let own = units[1].parts();
    let (module, domain) = (own.module, own.domain);
    units[1] = Unit::from_parts(UnitParts { module, domain, ..full_parts() }).unwrap();
    (instance, units)
}

fn hex_of(byte: u8) -> String {
    hex::encode([byte; 32])
}

#[test]
fn an_empty_document_leaves_everything_as_laid_out() {
    let ((instance, units), (own, own_units)) = (applied(serde_json::json!({})), laid_out());
    assert_eq!(format!("{instance:?}"), format!("{own:?}"));
    units.iter().zip(&own_units).for_each(|(one, other)| assert_same(one, other));
    assert!(Arc::ptr_eq(units[1].module(), units[2].module()));
}

#[test]
fn an_export_under_a_passphrase_comes_back_exactly() {
    let (instance, units) = lived();
    let mut sealer = PassphraseSealer::with_iterations("correct horse", 2, &mut rng(1));
    let mut exported = InstanceDocument::of(&instance, &units);
    exported.seal(&mut sealer);
    let text = serde_json::to_string(&exported).unwrap();
    assert!(!text.contains(&hex_of(0x51)));
    let mut read: InstanceDocument = serde_json::from_str(&text).unwrap();
    let sealed = with_factory(|factory| read.apply(laid_out(), factory)).err().unwrap();
    assert_eq!((sealed.path.as_str(), sealed.why), ("units[0].module.epoch_key", Why::Sealed));
    read.open(&PassphraseOpener::new("correct horse", sealer.header()).ok().unwrap()).unwrap();
    let (back, back_units) = with_factory(|factory| read.apply(laid_out(), factory)).ok().unwrap();
    assert_eq!(format!("{back:?}"), format!("{instance:?}"));
    back_units.iter().zip(&units).for_each(|(one, other)| assert_same(one, other));
    assert!(Arc::ptr_eq(back_units[1].module(), back_units[2].module()));
}

#[test]
fn an_export_in_the_clear_has_to_be_asked_for() {
    let (instance, units) = lived();
    let mut exported = InstanceDocument::of(&instance, &units);
    assert!(serde_json::to_string(&exported).is_err());
    exported.disclose();
    let json = serde_json::to_value(&exported).unwrap();
    assert_eq!(json["units"][1]["current_master_key"]["key"], hex_of(0x51));
    applied(json).1.iter().zip(&units).for_each(|(one, other)| assert_same(one, other));
}

#[test]
fn secrets_of_a_file_do_not_open_in_another_unit() {
    let (instance, units) = lived();
    let mut sealer = PassphraseSealer::with_iterations("correct horse", 2, &mut rng(1));
    let mut exported = InstanceDocument::of(&instance, &units);
    exported.seal(&mut sealer);
    exported.units.as_mut().unwrap().swap(0, 1);
    let opener = PassphraseOpener::new("correct horse", sealer.header()).ok().unwrap();
    let fault = exported.open(&opener).unwrap_err();
    assert_eq!((fault.path.as_str(), fault.why), ("units[0].current_master_key.key", Why::Seal(SealFault::Damaged)));
}

#[test]
fn the_instance_record_comes_back() {
    let (instance, _) = laid_out();
    for instance in [instance.clone(), Instance { deleted: true, ..instance }] {
        let text = serde_json::to_string(&InstanceDocument::of_cards(&instance)).unwrap();
        let read: InstanceDocument = serde_json::from_str(&text).unwrap();
        assert_eq!(format!("{:?}", read.to_instance().unwrap()), format!("{instance:?}"));
    }
    let empty = InstanceDocument::default().to_instance().unwrap_err();
    assert_eq!(empty.to_string(), "id: is missing");
}

#[test]
fn a_seed_needs_to_say_only_what_is_otherwise() {
    let private_key = hex::encode(&signing_key(1).to_stored()[..66]);
    let (instance, units) = applied(serde_json::json!({"units": [{}, {
        "signature_threshold": 2,
        "revocation_signature_threshold": 1,
        "transaction_counter": 41,
        "administrators": [
            {"name": "administrator 1", "private_key": private_key},
            {"certificate": hex::encode(certificate(2))},
        ],
        "current_master_key": {"parts": [hex_of(1), hex_of(2), hex_of(4)]},
        "new_master_key": {"parts": [hex_of(8), hex_of(16)], "committed": true},
        "importer_key": {"key": hex::encode(&signing_key(9).to_stored()[..66])},
    }]}));
    let unit = &units[1];
    assert_eq!(unit.counter(), TransactionCounter(41));
    assert_eq!(unit.administrators().iter().next().unwrap().certificate(), certificate(1));
    let UnitState::Secured(secured) = unit.state() else { panic!("imprint mode") };
    assert_eq!(unit.parts().current_master_key.unwrap().expose(), &[7; 32]);
    let NewRegister::Committed(pending) = &secured.registers.new else { panic!("not committed") };
    let patterns = [8, 16].map(|byte| key(byte).verification_pattern(PatternTail::Kept));
    assert_eq!(pending.part_patterns, patterns);
    assert_eq!(secured.importer.as_ref().unwrap().public(), PublicKey::P521(signing_key(9).public()));
    assert_eq!(instance.units[1].serial, unit.module().id().serial);
    assert_same(&units[0], &laid_out().1[0]);
}

#[test]
fn keys_of_the_wrong_length_are_named_with_the_right_one() {
    let secured = serde_json::json!({
        "signature_threshold": 1, "revocation_signature_threshold": 1,
        "administrators": [{"certificate": hex::encode(certificate(1))}],
    });
    let with = |field: &str, value: serde_json::Value| {
        let mut unit = secured.clone();
        unit[field] = value;
        let (path, why) = unit_fault(unit);
        let text = why.to_string();
        assert!(!text.contains("5151"), "{text}");
        format!("{path}: {text}")
    };
    let short = "51".repeat(31);
    assert_eq!(
        with("current_master_key", serde_json::json!({"key": short})),
        "current_master_key.key: has 31 bytes instead of 32"
    );
    assert_eq!(
        with("new_master_key", serde_json::json!({"parts": [hex_of(1), "51".repeat(33)]})),
        "new_master_key.parts[1]: has 33 bytes instead of 32"
    );
    assert_eq!(
        with("importer_key", serde_json::json!({"key": short})),
        "importer_key.key: has 31 bytes instead of 66 or 199"
    );
    assert_eq!(
        with("module", serde_json::json!({"epoch_key": short})),
        "module.epoch_key: has 31 bytes instead of 66 or 199"
    );
    assert!(with("new_master_key", serde_json::json!({"key": "5151515g"})).contains("new_master_key.key: is not"));
}

#[test]
fn contradictions_are_named() {
    let json = |text: &str| unit_fault(serde_json::from_str(text).unwrap());
    let path = |text: &str| json(text).0;
    let (one, other) = (hex_of(1), hex_of(2));
    let master_key = |inner: &str| format!(r#"{{"new_master_key": {inner}}}"#);
    assert_eq!(path(&master_key(&format!(r#"{{"key": "{one}", "parts": ["{other}"]}}"#))), "new_master_key.parts");
    assert_eq!(path(&master_key("{}")), "new_master_key.key");
    assert_eq!(path(&master_key(r#"{"parts": []}"#)), "new_master_key.parts");
    let patterns = format!(r#"{{"parts": ["{one}"], "part_patterns": ["{other}"]}}"#);
    assert_eq!(path(&master_key(&patterns)), "new_master_key.part_patterns");
    let in_imprint_mode = json(&master_key(&format!(r#"{{"key": "{one}"}}"#)));
    assert_eq!(in_imprint_mode, ("new_master_key".to_owned(), Why::Unit(PartsRule::ImprintMode)));
    assert_eq!(path(r#"{"administrators": [{}]}"#), "administrators[0].certificate");
    let named = format!(r#"{{"administrators": [{{"name": "x", "certificate": "{}"}}]}}"#, hex::encode(certificate(1)));
    assert_eq!(path(&named), "administrators[0].name");
    let unnamed = format!(r#"{{"administrators": [{{"private_key": "{}"}}]}}"#, "01".repeat(66));
    assert_eq!(path(&unnamed), "administrators[0].name");
    assert_eq!(path(r#"{"kind": "failover"}"#), "kind");
    assert_eq!(path(r#"{"kind": "spare"}"#), "kind");
    assert_eq!(path(r#"{"domain_index": 5}"#), "domain_index");
    assert_eq!(path(r#"{"id": "7"}"#), "id");
    assert_eq!(path(r#"{"signature_threshold": 300}"#), "signature_threshold");
    let first = laid_out().0.units[0].clone();
    assert_eq!(path(&format!(r#"{{"id": "{}"}}"#, first.id)), "id");
    let too_many = fault(serde_json::json!({"units": [{}, {}, {}, {}, {}]}));
    assert_eq!((too_many.path.as_str(), too_many.why), ("units", Why::TooMany { most: 4, found: 5 }));
}

#[test]
fn a_module_of_another_serial_number_is_manufactured_anew() {
    let (instance, units) = applied(serde_json::json!({"units": [{"module": {"serial": "93ZZZZ99"}}]}));
    assert_eq!(instance.units[0].serial.to_string(), "93ZZZZ99");
    assert!(units[0].module().check_keys().is_ok());
    let again = applied(serde_json::json!({"units": [{"module": {"serial": "93ZZZZ99"}}]}));
    assert_same(&units[0], &again.1[0]);
    // The second and the third unit are on one card.
    let half = fault(serde_json::json!({"units": [{}, {"module": {"serial": "93ZZZZ99"}}]}));
    assert!(half.path == "units[2].module" && matches!(half.why, Why::Conflict(_)), "{half}");
}

#[test]
fn an_instance_of_every_generation_goes_out_and_comes_back() {
    for profile in Profile::ALL {
        let defaults = spec();
        let spec = InstanceSpec { profile: Some(profile), ..spec() };
        let laid_out = || {
            let created = laid_out().0.created;
            with_factory(|factory| {
                lay_out(&spec, UnitIds::OfNumber, created, factory.root, factory.manufacturer).unwrap()
            })
        };
        let (instance, units) = laid_out();
        assert!(units.iter().all(|unit| unit.module().profile() == profile));
        let mut exported = InstanceDocument::of(&instance, &units);
        exported.disclose();
        let text = serde_json::to_string(&exported).unwrap();
        let read: InstanceDocument = serde_json::from_str(&text).unwrap();
        assert_eq!(read.spec(defaults.clone()).unwrap().profile, Some(profile));
        let (back, back_units) = with_factory(|factory| read.apply(laid_out(), factory)).ok().unwrap();
        assert_eq!(format!("{back:?}"), format!("{instance:?}"));
        back_units.iter().zip(&units).for_each(|(one, other)| assert_same(one, other));
        let kept = serde_json::to_string(&InstanceDocument::of_cards(&instance)).unwrap();
        let kept: InstanceDocument = serde_json::from_str(&kept).unwrap();
        assert_eq!(kept.to_instance().unwrap().profile, Some(profile));
    }
}

#[test]
fn a_module_of_another_generation_is_manufactured_with_its_certificates() {
    for profile in Profile::ALL {
        let (_, units) = applied(serde_json::json!({"units": [{"module": {"profile": profile.as_str()}}]}));
        let module = units[0].module();
        assert_eq!(module.profile(), profile);
        assert_eq!(OaGeneration::of(&module.certificates()[0]), profile.oa_generation());
        assert!(module.check_keys().is_ok());
    }
}

#[test]
fn certificates_of_another_generation_are_refused_unless_an_emulator_wrote_them() {
    let (_, units) = laid_out();
    let module = |profile| {
        let mut module = ModuleDocument::of(&with_oa2_certificates(profile));
        module.epoch_key.as_mut().unwrap().disclose();
        serde_json::to_value(module).unwrap()
    };
    for profile in [Profile::Cex5, Profile::Cex8] {
        let json = || serde_json::json!({"units": [{"module": module(profile)}]});
        let refused = fault(json());
        assert_eq!(refused.path, "units[0].module.certificates[0]");
        assert!(refused.to_string().contains("OA2"), "{refused}");
        let (_, taken) =
            with_factory(|factory| document(json()).apply(laid_out(), &Factory { exported: true, ..*factory }))
                .ok()
                .unwrap();
        assert_same(&taken[1], &units[1]);
        assert_eq!(taken[0].module().profile(), profile);
        // What is there stays what it is, whatever a document says of the unit.
        let base = [vec![taken[0].clone()], units[1..].to_vec()].concat();
        let mut instance = laid_out().0;
        instance.units[0].serial = taken[0].module().id().serial;
        let counter = document(serde_json::json!({"units": [{"transaction_counter": 5, "module": {}}]}));
        let reset = with_factory(|factory| counter.apply_to_existing(&instance, &base, factory)).ok().unwrap();
        assert_eq!(reset[0].module().certificates(), taken[0].module().certificates());
    }
}

#[test]
fn the_generation_of_an_instance_is_one_of_four_and_not_changed_by_a_document() {
    let wrong = document(serde_json::json!({"profile": "CEX9"})).spec(spec()).unwrap_err();
    let text = "profile: is not a generation of crypto modules: CEX5, CEX6, CEX7 or CEX8";
    assert_eq!(wrong.to_string(), text);
    let (instance, units) = laid_out();
    let existing = |profile: &str| {
        let document = document(serde_json::json!({ "profile": profile }));
        with_factory(|factory| document.apply_to_existing(&instance, &units, factory).map(|_| ()))
    };
    assert_eq!(existing("CEX8").unwrap_err().path, "profile");
    // us-south has CEX6 anyway.
    assert!(existing("CEX6").is_ok());
}

#[test]
fn keys_that_do_not_belong_together_are_found() {
    let (_, units) = laid_out();
    let own = units[1].module().parts().epoch.to_stored();
    let mixed = [&signing_key(5).to_stored()[..66], &own[66..]].concat();
    let (path, why) = unit_fault(serde_json::json!({"module": {"epoch_key": hex::encode(mixed)}}));
    assert_eq!((path.as_str(), why), ("module.epoch_key", Why::Unit(PartsRule::NoPair)));
    let foreign = hex::encode(signing_key(5).to_stored());
    let (path, why) = unit_fault(serde_json::json!({"module": {"epoch_key": foreign}}));
    assert_eq!((path.as_str(), why), ("module.certificates[0]", Why::Unit(PartsRule::OtherKey)));
    let importer = [&signing_key(5).to_stored()[..66], &signing_key(6).to_stored()[66..]].concat();
    let (path, why) = unit_fault(serde_json::json!({"importer_key": {"key": hex::encode(importer)}}));
    assert_eq!((path.as_str(), why), ("importer_key.key", Why::Unit(PartsRule::NoPair)));
}

#[test]
fn an_existing_instance_keeps_its_cards() {
    let (instance, units) = lived();
    let mut exported = InstanceDocument::of(&instance, &units);
    let fresh: Vec<_> = units.iter().map(Unit::as_manufactured).collect();
    let back = with_factory(|factory| exported.apply_to_existing(&instance, &fresh, factory)).ok().unwrap();
    back.iter().zip(&units).for_each(|(one, other)| assert_same(one, other));
    exported.units.as_mut().unwrap()[3].id = Some("7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".to_owned());
    let fault = with_factory(|factory| exported.apply_to_existing(&instance, &fresh, factory)).err().unwrap();
    assert_eq!(fault.path, "units[3].id");
}

#[test]
fn an_existing_instance_is_not_what_a_document_says_of_it() {
    let (instance, units) = laid_out();
    let fault = |json: serde_json::Value| {
        with_factory(|factory| document(json).apply_to_existing(&instance, &units, factory)).err().unwrap().path
    };
    for (field, value) in [
        ("id", serde_json::json!("7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c")),
        ("number", 1.into()),
        ("created", "2026-01-01T00:00:00Z".into()),
        ("deleted", true.into()),
        ("region", "eu-de".into()),
        ("plan", "hpcs-hourly-uko".into()),
        ("account", "00000000000000000000000000000000".into()),
        ("operational", 3.into()),
        ("recovery", false.into()),
        ("failover", 2.into()),
    ] {
        assert_eq!(fault(serde_json::json!({ field: value })), field);
    }
}

#[test]
fn an_export_says_how_its_instance_is_laid_out() {
    let (instance, units) = laid_out();
    let defaults = InstanceSpec { operational: 3, recovery: false, region: "eu-de".parse().unwrap(), ..spec() };
    let read = InstanceDocument::of(&instance, &units).spec(defaults.clone()).unwrap();
    let read_again =
        with_factory(|factory| lay_out(&read, UnitIds::OfNumber, instance.created, factory.root, factory.manufacturer));
    assert_eq!(format!("{:?}", read_again.unwrap().0), format!("{instance:?}"));
    let silent = InstanceDocument::default().spec(defaults).unwrap();
    assert_eq!((silent.operational, silent.recovery, silent.region.as_str()), (3, false, "eu-de"));
    let explicit = document(serde_json::json!({"operational": 4, "units": [{"kind": "operational"}]}));
    assert_eq!(explicit.spec(spec()).unwrap().operational, 4);
    assert_eq!(instance.count(CryptoUnitKind::Operational), 2);
    let wrong = document(serde_json::json!({"plan": "free"})).spec(spec()).unwrap_err();
    assert_eq!(wrong.to_string(), "plan: is not a plan: standard or hpcs-hourly-uko");
}

#[test]
fn key_parts_are_combined_as_the_unit_combines_them() {
    let parts = [3, 5, 9].map(key);
    let combined = KeyPart::combine(parts.iter().map(AsRef::as_ref)).unwrap();
    let texts = [3, 5, 9].map(hex_of);
    let (_, units) = applied(serde_json::json!({"units": [{
        "signature_threshold": 1, "revocation_signature_threshold": 1,
        "administrators": [{"certificate": hex::encode(certificate(1))}],
        "new_master_key": {"parts": texts},
    }]}));
    assert!(units[0].parts().new_master_key.unwrap().key.ct_eq(&combined));
}

/// Every value of a JSON document that holds no other.
fn leaves(json: &mut serde_json::Value) -> Vec<&mut serde_json::Value> {
    match json {
        serde_json::Value::Array(list) => list.iter_mut().flat_map(leaves).collect(),
        serde_json::Value::Object(members) => members.values_mut().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_document_with_any_value_replaced_is_applied_or_refused_without_telling_it(
        at: prop::sample::Index, other in 0_usize..10,
    ) {
        let (instance, units) = lived();
        let mut exported = InstanceDocument::of(&instance, &units);
        exported.disclose();
        let mut json = serde_json::to_value(&exported).unwrap();
        let others = serde_json::json!(
            [null, -1, 1e99, u64::MAX, "", "5151515151", "51".repeat(66), "%", [], {"sealed": "AQ=="}]
        );
        let mut leaves = leaves(&mut json);
        let at = at.index(leaves.len());
        *leaves[at] = others[other].clone();
        let text = match serde_json::from_value::<InstanceDocument>(json) {
            Err(error) => without_values(&error.to_string()),
            Ok(document) => match with_factory(|factory| document.apply(laid_out(), factory)) {
                Ok((_, units)) => { prop_assert_eq!(units.len(), 4); String::new() }
                Err(fault) => fault.to_string(),
            },
        };
        prop_assert!(!text.contains("5151515151"), "{}", text);
    }
}
