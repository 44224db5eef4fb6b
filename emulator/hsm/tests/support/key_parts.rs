//! Imports: key parts sealed to a unit's importer key, each in a signed inner request.

use hpcs_ep11::{AdminFunction, KeyPart, Parameter, ParameterMap, PublicKey, SigningKey, seal_key_part};
use hpcs_hsm::{Unit, UnitState};
use zeroize::Zeroizing;

use super::message::Message;
use super::rng;

/// The importer key of a unit that has one.
pub(crate) fn importer(unit: &Unit) -> PublicKey {
    match unit.state() {
        UnitState::Secured(secured) => secured.importer.as_ref().unwrap().public(),
        UnitState::Imprint(_) => panic!("no importer key in imprint mode"),
    }
}

/// RecipientInfo of a key part.
pub(crate) fn seal(part: [u8; 32], to: &PublicKey) -> Vec<u8> {
    seal_key_part(&KeyPart::new(Zeroizing::new(part)), to, &mut rng(part[0])).unwrap()
}

/// The inner request for one sealed part.
pub(crate) fn inner(unit: &Unit, sealed: Vec<u8>) -> Message {
    Message::command(unit, AdminFunction::IMPORT_WK, sealed)
}

/// The outer command around finished inner requests.
pub(crate) fn import_of(unit: &Unit, inner_requests: &[Vec<u8>]) -> Message {
    Message::command(unit, AdminFunction::IMPORT_WK, inner_requests.concat())
}

/// A complete import of these parts, each signed by `signer`.
pub(crate) fn import(unit: &Unit, parts: &[[u8; 32]], signer: &SigningKey) -> Message {
    let to = importer(unit);
    let requests: Vec<_> = parts.iter().map(|part| inner(unit, seal(*part, &to)).signed([signer])).collect();
    import_of(unit, &requests)
}

/// The input of an export for one key part holder, with the scope that the published client sends.
pub(crate) fn export_to(kph: &[u8]) -> Vec<u8> {
    export_map(1, &[(0, kph)], 0x0C)
}

/// The input of an export: M, the holders' certificates, the scope mask.
pub(crate) fn export_map(needed: u32, holders: &[(u32, &[u8])], scope: u32) -> Vec<u8> {
    let mut map = vec![Parameter::number(Parameter::SCOPE, scope)];
    map.extend(holders.iter().map(|(index, data)| Parameter { tag: Parameter::KPH_CERTIFICATE, index: *index, data }));
    map.push(Parameter::number(Parameter::KEY_PARTS_NEEDED, needed));
    ParameterMap(map).encode()
}
