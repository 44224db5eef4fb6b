//! Units, administrators and signed messages for the tests of this folder.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "every test program uses its own part; a fixture that cannot be made is a failed test"
)]

pub(crate) mod key_parts;
pub(crate) mod message;
pub(crate) mod model;
pub(crate) mod mutation;
pub(crate) mod rehearsal;

use std::sync::{Arc, LazyLock};

use chacha20::ChaCha20Rng;
use hpcs_ep11::{
    AdminCertificate, AdminFunction, AttributeList, DomainIndex, ImporterKeyType, ModuleId, P521KeyPair, Permissions,
    SigningKey, UnixMillis, development_root,
};
use hpcs_hsm::{Admitted, CallEnv, CommandRow, Module, Profile, Unit, UnitRefusal, UnitState, apply};
use rand_core::SeedableRng;
use zeroize::Zeroizing;

/// Number of an administrator whom no unit knows.
pub(crate) const FOREIGN: u8 = 99;
/// The domain of every unit, that of the specification's vectors.
pub(crate) const DOMAIN: DomainIndex = DomainIndex(3);
/// What the published client sets on operational and on recovery units.
pub(crate) const OPERATIONAL: Permissions = Permissions(0x01FF_2055);
/// See [`OPERATIONAL`].
pub(crate) const RECOVERY: Permissions = Permissions(0x01FF_205F);

/// Return code and reason code.
pub(crate) type Code = (u32, Option<u32>);

pub(crate) fn code(refusal: UnitRefusal) -> Code {
    (refusal.code().0, refusal.reason().map(|reason| reason.0))
}

pub(crate) fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

/// When every test takes place.
pub(crate) const NOW: UnixMillis = UnixMillis(1_772_443_305_070);

/// The environment of the call that advances the counter to the number after `unit`'s.
pub(crate) fn env(unit: &Unit) -> CallEnv {
    let seed = [unit.counter().0 as u8; 32];
    CallEnv::new(&Zeroizing::new(seed))
}

pub(crate) fn key(number: u8) -> SigningKey {
    SigningKey::P521(P521KeyPair::generate(&mut rng(number)))
}

/// The keys of administrators 1 to `count`.
pub(crate) fn keys(count: u8) -> Vec<SigningKey> {
    (1..=count).map(key).collect()
}

pub(crate) fn certificate(number: u8) -> Vec<u8> {
    AdminCertificate::build(&format!("administrator {number}"), &key(number)).unwrap()
}

/// A unit as it leaves the factory, with the module identifier of the specification's vectors.
pub(crate) fn factory(profile: Profile) -> Unit {
    let id = ModuleId::from_bytes(*b"93AABC01\x00\x11\x22\x33\x44\x55\x66\x77").unwrap();
    let module = Module::manufacture(profile, id, &development_root(), &mut rng(200));
    Unit::new(Arc::new(module), DOMAIN)
}

/// A factory unit of one CEX7 module that all callers share.
pub(crate) fn shared_factory() -> Unit {
    static UNIT: LazyLock<Unit> = LazyLock::new(|| factory(Profile::Cex7));
    UNIT.clone()
}

/// The command applied without signatures.
pub(crate) fn try_assume(unit: &Unit, function: AdminFunction, input: &[u8]) -> Result<(Unit, Vec<u8>), Code> {
    let row = CommandRow::find(function).unwrap();
    let admitted = Admitted::assume(row, input.to_vec(), unit.counter().next());
    apply(unit, &admitted, &mut env(unit)).map_err(code)
}

/// The state after a command that the unit must take.
pub(crate) fn assume(unit: &Unit, function: AdminFunction, input: &[u8]) -> Unit {
    match try_assume(unit, function, input) {
        Ok((next, _)) => next,
        Err(code) => panic!("{function} is refused with {code:?}"),
    }
}

/// The refusal of a command that enters below the signatures.
pub(crate) fn refused(unit: &Unit, function: AdminFunction, input: &[u8]) -> Code {
    try_assume(unit, function, input).map(|_| "accepted").unwrap_err()
}

/// The output of a command that the unit must take.
pub(crate) fn output(unit: &Unit, function: AdminFunction, input: &[u8]) -> Vec<u8> {
    try_assume(unit, function, input).map(|(_, output)| output).unwrap()
}

/// The unit with administrators 1 to `count`.
pub(crate) fn administered(mut unit: Unit, count: u8) -> Unit {
    for number in 1..=count {
        unit = assume(&unit, AdminFunction::ADD_ADMINISTRATOR, &certificate(number));
    }
    unit
}

/// A unit out of imprint mode, with administrators 1 to `count`.
pub(crate) fn secured(count: u8, signature: u32, revocation: u32, permissions: Permissions) -> Unit {
    let unit = administered(shared_factory(), count);
    assume(&unit, AdminFunction::SET_ATTRIBUTES, &attributes(signature, revocation, permissions))
}

/// The unit with a fresh importer key.
pub(crate) fn with_importer(unit: &Unit, kind: ImporterKeyType) -> Unit {
    assume(unit, AdminFunction::GENERATE_IMPORTER, &(kind as u32).to_be_bytes())
}

/// The four attributes that the published client sends.
pub(crate) fn attributes(signature: u32, revocation: u32, permissions: Permissions) -> Vec<u8> {
    pairs(&[
        (AttributeList::SIGNATURE_THRESHOLD, signature),
        (AttributeList::REVOCATION_THRESHOLD, revocation),
        (AttributeList::PERMISSIONS, permissions.0),
        (AttributeList::MODE, 0),
    ])
}

pub(crate) fn pairs(pairs: &[(u32, u32)]) -> Vec<u8> {
    AttributeList(pairs.to_vec()).encode()
}

/// Everything a client can learn of a unit, to compare states.
pub(crate) fn snapshot(unit: &Unit) -> impl PartialEq + std::fmt::Debug + use<> {
    let importer = match unit.state() {
        UnitState::Imprint(_) => None,
        UnitState::Secured(secured) => secured.importer.as_ref().map(|key| key.public().to_spki()),
    };
    let configuration = (unit.domain(), unit.attributes(), unit.control_points(), importer);
    (unit.counter(), unit.administrators().packed_ids(), unit.domain_info(), configuration)
}
