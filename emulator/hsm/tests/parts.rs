//! Units and modules taken apart and put together again; parts that no unit could have.
#![allow(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod support;

use std::sync::Arc;

use hpcs_ep11::{
    AdminFunction, ControlPoints, DomainInstance, Fault, ImporterKeyType, KeyPart, OaGeneration, P521KeyPair,
    Permissions, TransactionCounter, VerificationPattern,
};
use hpcs_hsm::{Module, ModuleParts, NewMasterKeyParts, PartsField, PartsRule, Profile, Unit, UnitParts, UnitState};
use support::key_parts::import;
use support::message::{Message, answer, ask};
use support::{RECOVERY, assume, certificate, factory, key, rng, secured, shared_factory, snapshot, with_importer};
use zeroize::Zeroizing;

fn key_of(byte: u8) -> Arc<KeyPart> {
    Arc::new(KeyPart::new(Zeroizing::new([byte; 32])))
}

/// A unit with everything that a unit can have.
fn full() -> Unit {
    let unit = with_importer(&secured(3, 2, 2, RECOVERY), ImporterKeyType::P521);
    let unit = assume(&unit, AdminFunction::RANDOM_WK, &[]);
    support::message::accept(&unit, &import(&unit, &[[1; 32], [2; 32]], &key(1)).unsigned())
}

fn parts() -> UnitParts {
    full().parts()
}

fn fault(parts: UnitParts) -> (PartsField, PartsRule) {
    let fault = Unit::from_parts(parts).err().unwrap();
    (fault.field, fault.rule)
}

fn module_fault(parts: ModuleParts) -> (PartsField, PartsRule) {
    let fault = Module::from_parts(parts).err().unwrap();
    (fault.field, fault.rule)
}

/// The unit after its module, with a stored epoch key, and itself were taken apart.
fn rebuilt(unit: &Unit) -> Unit {
    let module = unit.module().parts();
    let epoch = Arc::new(P521KeyPair::from_stored(&module.epoch.to_stored()).unwrap());
    let module = Arc::new(Module::from_parts(ModuleParts { epoch, ..module }).unwrap());
    Unit::from_parts(UnitParts { module, ..unit.parts() }).unwrap()
}

#[test]
fn a_module_has_no_more_and_no_larger_certificates_than_real_ones() {
    let module = || full().module().parts();
    let mut certificates = module().certificates;
    certificates.push(certificates[1].clone());
    let too_many = module_fault(ModuleParts { certificates, ..module() });
    assert_eq!(too_many, (PartsField::ModuleCertificates, PartsRule::TooMany { most: 2, found: 3 }));
    let mut certificates = module().certificates;
    certificates[1] = vec![0; 7974];
    let too_large = module_fault(ModuleParts { certificates, ..module() });
    let rule = PartsRule::CertificateSize { most: 7973, found: 7974 };
    assert_eq!(too_large, (PartsField::ModuleCertificate(1), rule));
}

#[test]
fn a_module_put_together_from_stored_keys_signs_the_same_bytes() {
    let (unit, rebuilt) = (full(), rebuilt(&full()));
    assert_eq!(snapshot(&rebuilt), snapshot(&unit));
    assert!(rebuilt.module().check_keys().is_ok());
    for function in [AdminFunction::QUERY_ATTRIBUTES, AdminFunction::QUERY_ADMINISTRATORS, AdminFunction::QUERY_NEXT_WK]
    {
        let query = Message::query(&unit, function, []).unsigned();
        assert_eq!(answer(&rebuilt, &query), answer(&unit, &query));
    }
}

#[test]
fn part_patterns_and_states_of_the_registers_come_back() {
    let (before, after) = (full().parts(), rebuilt(&full()).parts());
    let (before, after) = (before.new_master_key.unwrap(), after.new_master_key.unwrap());
    assert_eq!(after.part_patterns, before.part_patterns);
    assert_eq!((after.part_patterns.len(), after.committed), (2, false));
    assert!(after.key.ct_eq(&before.key));
}

#[test]
fn a_unit_put_together_opens_key_parts_sealed_to_its_importer_key() {
    let unit = full();
    let request = import(&unit, &[[5; 32], [6; 32]], &key(2)).unsigned();
    assert_eq!(answer(&rebuilt(&unit), &request), answer(&unit, &request));
}

#[test]
fn keys_are_shared_and_not_copied() {
    let unit = full();
    let (one, other) = (unit.parts(), unit.parts());
    assert!(Arc::ptr_eq(&one.current_master_key.unwrap(), &other.current_master_key.unwrap()));
    let again = Unit::from_parts(unit.parts()).unwrap();
    assert!(Arc::ptr_eq(&again.parts().importer_key.unwrap(), &unit.parts().importer_key.unwrap()));
}

#[test]
fn as_manufactured_takes_everything_back() {
    let zeroized = assume(&full(), AdminFunction::ZEROIZE, &[]);
    for unit in [full(), zeroized] {
        let manufactured = unit.as_manufactured();
        assert_eq!(snapshot(&manufactured), snapshot(&shared_factory()));
        assert_eq!(manufactured.domain().instance, DomainInstance::FIRST);
        assert_eq!(manufactured.counter(), TransactionCounter::ZERO);
        assert!(matches!(manufactured.state(), UnitState::Imprint(_)));
        assert!(Arc::ptr_eq(manufactured.module(), unit.module()));
    }
}

#[test]
fn thresholds_out_of_range_are_refused() {
    let with = |signature_threshold, revocation_threshold| {
        fault(UnitParts { signature_threshold, revocation_threshold, ..parts() })
    };
    let range = |least, found| PartsRule::OutOfRange { least, most: 8, found };
    assert_eq!(with(9, 2), (PartsField::SignatureThreshold, range(1, 9)));
    assert_eq!(with(2, 9), (PartsField::RevocationThreshold, range(1, 9)));
    assert_eq!(with(2, 0), (PartsField::RevocationThreshold, range(1, 0)));
    let above = PartsRule::AboveAdministrators { found: 4, administrators: 3 };
    assert_eq!(with(4, 2), (PartsField::SignatureThreshold, above.clone()));
    assert_eq!(with(2, 4), (PartsField::RevocationThreshold, above));
    let imprint = UnitParts { revocation_threshold: 9, ..shared_factory().parts() };
    assert_eq!(fault(imprint), (PartsField::RevocationThreshold, range(0, 9)));
}

#[test]
fn a_threshold_of_1_needs_its_permission() {
    let permissions = RECOVERY.minus(Permissions::ONE_SIGN);
    let refused = UnitParts { permissions, signature_threshold: 1, ..parts() };
    assert_eq!(fault(refused), (PartsField::SignatureThreshold, PartsRule::NeedsOneSign));
    assert!(Unit::from_parts(UnitParts { signature_threshold: 1, ..parts() }).is_ok());
}

#[test]
fn a_unit_in_imprint_mode_holds_no_key() {
    let imprint = || UnitParts { signature_threshold: 0, ..parts() };
    assert_eq!(fault(imprint()), (PartsField::CurrentMasterKey, PartsRule::ImprintMode));
    let new_alone = UnitParts { current_master_key: None, ..imprint() };
    assert_eq!(fault(new_alone), (PartsField::NewMasterKey, PartsRule::ImprintMode));
    let importer_alone = UnitParts { current_master_key: None, new_master_key: None, ..imprint() };
    assert_eq!(fault(importer_alone), (PartsField::ImporterKey, PartsRule::ImprintMode));
}

#[test]
fn the_new_key_is_never_the_current_one() {
    let new = NewMasterKeyParts { key: key_of(7), part_patterns: Vec::new(), committed: true };
    let repeated = UnitParts { current_master_key: Some(key_of(7)), new_master_key: Some(new), ..parts() };
    assert_eq!(fault(repeated), (PartsField::NewMasterKey, PartsRule::RepeatsCurrent));
    let part_patterns = vec![VerificationPattern::ZERO; 21];
    let new = NewMasterKeyParts { key: key_of(8), part_patterns, committed: false };
    let many = UnitParts { new_master_key: Some(new), ..parts() };
    assert_eq!(fault(many), (PartsField::PartPatterns, PartsRule::TooMany { most: 20, found: 21 }));
}

#[test]
fn at_most_eight_distinct_administrators_with_readable_certificates() {
    let with = |administrators: Vec<Vec<u8>>| UnitParts { administrators, ..parts() };
    let nine = fault(with((1..=9).map(certificate).collect()));
    assert_eq!(nine, (PartsField::Administrators, PartsRule::TooMany { most: 8, found: 9 }));
    let twice = fault(with(vec![certificate(1), certificate(2), certificate(1)]));
    assert_eq!(twice, (PartsField::AdministratorCertificate(2), PartsRule::Repeats { first: 0 }));
    let (field, rule) = fault(with(vec![certificate(1), certificate(2)[..400].to_vec()]));
    assert_eq!(field, PartsField::AdministratorCertificate(1));
    assert!(matches!(rule, PartsRule::Certificate(error) if error.fault == Fault::Truncated));
    let empty = fault(with(vec![vec![]]));
    let size = PartsRule::CertificateSize { most: 12288, found: 0 };
    assert_eq!(empty, (PartsField::AdministratorCertificate(0), size));
    assert!(Unit::from_parts(with((1..=8).map(certificate).collect())).is_ok());
}

#[test]
fn bits_that_no_command_turns_on_are_refused() {
    let permissions = Permissions(RECOVERY.0 | 0x4000_0080);
    let refused = UnitParts { permissions, ..parts() };
    assert_eq!(fault(refused), (PartsField::Permissions, PartsRule::ImpossibleBits(0x4000_0080)));
    let control_points = ControlPoints::DEFAULT.union(&ControlPoints::of(&[127, 15]));
    let refused = UnitParts { control_points, ..parts() };
    assert_eq!(fault(refused), (PartsField::ControlPoints, PartsRule::ImpossibleBits((1 << (127 - 15)) | 1)));
}

#[test]
fn the_certificates_of_a_module_are_those_of_its_keys() {
    let own = || shared_factory().module().parts();
    let other = factory(Profile::Cex7);
    let none = ModuleParts { certificates: vec![], ..own() };
    assert_eq!(module_fault(none), (PartsField::ModuleCertificates, PartsRule::NoCertificate));
    let mut cut = own();
    cut.certificates[1].truncate(100);
    let (field, rule) = module_fault(cut);
    assert_eq!(field, PartsField::ModuleCertificate(1));
    assert!(matches!(rule, PartsRule::Certificate(_)), "{rule}");
    let swapped = ModuleParts { certificates: own().certificates.into_iter().rev().collect(), ..own() };
    assert_eq!(module_fault(swapped), (PartsField::ModuleCertificate(0), PartsRule::OtherKey));
    let mut id = other.module().id();
    id.serial = "93AABC02".parse().unwrap();
    let renamed = ModuleParts { id, ..own() };
    assert_eq!(module_fault(renamed), (PartsField::ModuleCertificate(0), PartsRule::OtherModule));
}

#[test]
fn a_module_of_every_generation_comes_back_with_its_chain() {
    for profile in Profile::ALL {
        let module = factory(profile).module().clone();
        let again = Module::from_parts(module.parts()).unwrap();
        assert_eq!((again.profile(), again.certificates()), (profile, module.certificates()));
        assert!(again.check_keys().is_ok());
        let sizes: Vec<_> = module.certificates().iter().map(Vec::len).collect();
        let expected = match profile {
            Profile::Cex5 => [423, 423],
            Profile::Cex6 | Profile::Cex7 => [672, 672],
            Profile::Cex8 => [7973, 7810],
        };
        assert_eq!(sizes, expected, "{profile}");
    }
}

#[test]
fn certificates_of_another_generation_are_refused() {
    for profile in Profile::ALL {
        for other in Profile::ALL.into_iter().filter(|other| other.oa_generation() != profile.oa_generation()) {
            let parts = || ModuleParts { profile, ..factory(other).module().parts() };
            let (expected, found) = (profile.oa_generation(), other.oa_generation());
            let rule = PartsRule::OtherGeneration { profile, expected, found };
            assert_eq!(module_fault(parts()), (PartsField::ModuleCertificate(0), rule.clone()));
            // Earlier versions made OA2 certificates for every module, and no others.
            let kept = Module::from_kept_parts(parts());
            assert_eq!(kept.is_ok(), found == OaGeneration::Oa2, "{other} in {profile}");
            let text = rule.to_string();
            assert!(text.contains(&found.to_string()) && text.contains(profile.as_str()), "{text}");
        }
    }
}

#[test]
fn a_kept_module_has_one_layout_and_goes_on_signing_with_its_key() {
    let old = factory(Profile::Cex7).module().parts();
    let module = Module::from_kept_parts(ModuleParts { profile: Profile::Cex8, ..old }).unwrap();
    assert!(module.check_keys().is_ok());
    assert_eq!(module.epoch_key(), factory(Profile::Cex7).module().epoch_key());
    let mut mixed = factory(Profile::Cex8).module().parts();
    mixed.certificates[1] = module.certificates()[1].clone();
    let fault = Module::from_kept_parts(mixed).err().unwrap();
    assert_eq!(fault.field, PartsField::ModuleCertificate(1));
    assert!(matches!(fault.rule, PartsRule::OtherGeneration { .. }), "{fault}");
}

#[test]
fn check_keys_finds_a_broken_chain_in_every_generation() {
    for profile in Profile::ALL {
        let mut broken = factory(profile).module().parts();
        // A byte that no reader looks at, and that the signature covers.
        let signed = if profile == Profile::Cex5 { 52 + 71 } else { 181 };
        broken.certificates[0][signed] ^= 1;
        let fault = Module::from_parts(broken).unwrap().check_keys().unwrap_err();
        assert_eq!((fault.field, fault.rule), (PartsField::ModuleCertificate(0), PartsRule::WrongSignature));
    }
}

#[test]
fn check_keys_finds_a_foreign_private_key_and_a_broken_chain() {
    let own = || shared_factory().module().parts();
    let foreign = P521KeyPair::generate(&mut rng(77));
    let mixed = [&foreign.to_stored()[..66], &own().epoch.to_stored()[66..]].concat();
    let epoch = Arc::new(P521KeyPair::from_stored(&mixed).unwrap());
    let module = Module::from_parts(ModuleParts { epoch, ..own() }).unwrap();
    let fault = module.check_keys().unwrap_err();
    assert_eq!((fault.field, fault.rule), (PartsField::EpochKey, PartsRule::NoPair));
    let mut broken = own();
    let last = broken.certificates[0].len() - 2;
    broken.certificates[0][last] ^= 1;
    let fault = Module::from_parts(broken).unwrap().check_keys().unwrap_err();
    assert_eq!((fault.field, fault.rule), (PartsField::ModuleCertificate(0), PartsRule::WrongSignature));
}

#[test]
fn faults_name_the_field_as_documents_do() {
    let text = Unit::from_parts(UnitParts { signature_threshold: 9, ..parts() }).err().unwrap().to_string();
    assert_eq!(text, "signature_threshold: 9 is not possible; 1 to 8 are");
    let administrators = vec![certificate(1), certificate(1)];
    let text = Unit::from_parts(UnitParts { administrators, ..parts() }).err().unwrap().to_string();
    assert_eq!(text, "administrators[1].certificate: the same administrator as number 0, counted from 0");
}

#[test]
fn what_was_put_together_can_be_asked_like_any_unit() {
    let unit = rebuilt(&full());
    let pattern = ask(&unit, AdminFunction::QUERY_NEXT_WK, &[]).unwrap();
    assert_eq!(pattern, full().new_pattern().unwrap().0);
}
