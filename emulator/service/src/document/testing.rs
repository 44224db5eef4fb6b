//! Units and instances for the tests of this folder.

use std::sync::{Arc, LazyLock};

use chacha20::ChaCha20Rng;
use hpcs_audit::EventTime;
use hpcs_ep11::{
    AdminCertificate, AdminDomain, DomainIndex, DomainInstance, ImporterKey, ImporterKeyType, KeyPart, ModuleId,
    P521KeyPair, PatternTail, Permissions, SigningKey, TransactionCounter, development_root,
};
use hpcs_hsm::{Module, ModuleParts, NewMasterKeyParts, Profile, Unit, UnitParts};
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use super::Factory;
use crate::sealing::StoreKey;
use crate::{Instance, InstanceSpec, Plan, Seed, ServiceRoot, UnitIds, lay_out};

pub(super) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(super) fn store_key() -> StoreKey {
    StoreKey::new(&Zeroizing::new([1; 32]))
}

pub(super) fn key(byte: u8) -> Arc<KeyPart> {
    Arc::new(KeyPart::new(Zeroizing::new([byte; 32])))
}

pub(super) fn signing_key(number: u64) -> P521KeyPair {
    P521KeyPair::generate(&mut rng(number))
}

pub(super) fn certificate(number: u64) -> Vec<u8> {
    let name = format!("administrator {number}");
    AdminCertificate::build(&name, &SigningKey::P521(signing_key(number))).unwrap()
}

pub(super) fn factory_unit() -> Unit {
    static UNIT: LazyLock<Unit> = LazyLock::new(|| factory_unit_of(Profile::Cex7));
    UNIT.clone()
}

pub(super) fn factory_unit_of(profile: Profile) -> Unit {
    let id = ModuleId::from_bytes(*b"93AABC01\x00\x11\x22\x33\x44\x55\x66\x77").unwrap();
    let module = Module::manufacture(profile, id, &development_root(), &mut rng(200));
    Unit::new(Arc::new(module), DomainIndex(3))
}

/// A module as earlier versions made it: OA2 certificates whatever its generation.
pub(super) fn with_oa2_certificates(profile: Profile) -> Module {
    let old = factory_unit_of(Profile::Cex7).module().parts();
    Module::from_kept_parts(ModuleParts { profile, ..old }).unwrap()
}

pub(super) fn importer(kind: ImporterKeyType) -> Arc<ImporterKey> {
    static KEYS: LazyLock<[Arc<ImporterKey>; 2]> = LazyLock::new(|| {
        [ImporterKeyType::P521, ImporterKeyType::Rsa2048]
            .map(|kind| Arc::new(ImporterKey::generate(kind, &mut rng(300))))
    });
    KEYS.iter().find(|key| key.kind() == kind).unwrap().clone()
}

pub(super) fn new_key(byte: u8, parts: u8, committed: bool) -> NewMasterKeyParts {
    let part_patterns = (1..=parts).map(|part| key(part).verification_pattern(PatternTail::Kept)).collect();
    NewMasterKeyParts { key: key(byte), part_patterns, committed }
}

/// The parts of a secured unit with two administrators, both registers full and an importer key.
pub(super) fn full_parts() -> UnitParts {
    UnitParts {
        administrators: vec![certificate(1), certificate(2)],
        signature_threshold: 2,
        revocation_threshold: 1,
        permissions: Permissions::FACTORY.sdk_recovery(),
        counter: TransactionCounter(u128::MAX - 5),
        domain: AdminDomain { index: DomainIndex(3), instance: DomainInstance([0, 0, 1, 7]) },
        current_master_key: Some(key(0x51)),
        new_master_key: Some(new_key(0x52, 2, true)),
        importer_key: Some(importer(ImporterKeyType::P521)),
        ..factory_unit().parts()
    }
}

pub(super) fn full() -> Unit {
    Unit::from_parts(full_parts()).unwrap()
}

/// A unit in every kind of state that commands reach: every mode, content of the registers, and importer key.
pub(super) fn every_kind_of_state() -> Vec<Unit> {
    let mut states = Vec::new();
    for administrators in 0..=8 {
        let certificates = (1..=administrators).map(certificate).collect();
        let revocation_threshold = administrators as u8;
        states.push(UnitParts { administrators: certificates, revocation_threshold, ..factory_unit().parts() });
    }
    for current in [None, Some(key(0x51))] {
        for new in [(0, false), (0, true), (1, false), (20, true), (99, false)] {
            for importer_key in [None, Some(importer(ImporterKeyType::P521)), Some(importer(ImporterKeyType::Rsa2048))]
            {
                let new_master_key = (new.0 != 99).then(|| new_key(0x52, new.0, new.1));
                states.push(UnitParts {
                    current_master_key: current.clone(),
                    new_master_key,
                    importer_key,
                    ..full_parts()
                });
            }
        }
    }
    states.into_iter().map(|parts| Unit::from_parts(parts).unwrap()).collect()
}

/// Whether two units are in the same state, keys included.
pub(super) fn assert_same(one: &Unit, other: &Unit) {
    let (one_module, other_module) = (one.module().parts(), other.module().parts());
    assert_eq!(one_module.epoch.to_stored(), other_module.epoch.to_stored());
    assert_eq!(one_module.configuration_hashes, other_module.configuration_hashes);
    assert_eq!(one.module().certificates(), other.module().certificates());
    assert_eq!(one.module().profile(), other.module().profile());
    assert_eq!(one.status(), other.status());
    let (one, other) = (one.parts(), other.parts());
    assert_eq!(one.administrators, other.administrators);
    let bytes = |key: &Option<Arc<KeyPart>>| key.as_ref().map(|key| *key.expose());
    assert_eq!(bytes(&one.current_master_key), bytes(&other.current_master_key));
    let register = |register: &Option<NewMasterKeyParts>| {
        register.as_ref().map(|new| (*new.key.expose(), new.part_patterns.clone(), new.committed))
    };
    assert_eq!(register(&one.new_master_key), register(&other.new_master_key));
    let importer = |key: &Option<Arc<ImporterKey>>| key.as_ref().map(|key| (key.kind(), key.to_stored()));
    assert_eq!(importer(&one.importer_key), importer(&other.importer_key));
}

pub(super) fn spec() -> InstanceSpec {
    InstanceSpec {
        number: 0,
        id: None,
        region: "us-south".parse().unwrap(),
        plan: Plan::Standard,
        account: "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap(),
        profile: None,
        operational: 2,
        recovery: true,
        failover: 0,
    }
}

/// Two operational and two recovery units; the second and the third share a module.
pub(super) fn laid_out() -> (Instance, Vec<Unit>) {
    static LAID_OUT: LazyLock<(Instance, Vec<Unit>)> = LazyLock::new(|| {
        let created = EventTime::from_unix_millis(1_772_443_305_071);
        lay_out(&spec(), UnitIds::OfNumber, created, &root(), &development_root()).unwrap()
    });
    LAID_OUT.clone()
}

pub(super) fn root() -> ServiceRoot {
    ServiceRoot::of(&Seed::from_number(1))
}

/// Hands `test` a factory of modules.
pub(super) fn with_factory<T>(test: impl FnOnce(&Factory<'_>) -> T) -> T {
    test(&Factory { root: &root(), manufacturer: &development_root(), exported: false })
}
