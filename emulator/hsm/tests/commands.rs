//! The rules of each command (administration protocol, section 5) but *set attributes*, which has a file of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a fixture that cannot be made is a failed test")]

mod support;

use hpcs_ep11::{
    AdminCertificate, AdminFunction, AttributeList, ControlPoints, ImporterKeyType, KphCertificate, P521KeyPair,
    Parameter, ParameterMap, Permissions, PublicKey, RecipientInfo, RsaKeyPair, SigningKey, verify_response,
};
use hpcs_hsm::{Unit, UnitState};
use support::key_parts::{export_map, export_to, import, import_of, importer, inner, seal};
use support::message::{Message, accept, answer, ask, refuse, send};
use support::{
    OPERATIONAL, RECOVERY, administered, assume, certificate, code, key, keys, output, pairs, refused, rng, secured,
    shared_factory, snapshot, try_assume, with_importer,
};

const ZEROS: [u8; 32] = [0; 32];

fn id(number: u8) -> Vec<u8> {
    key(number).public().subject_key_id().0.to_vec()
}

// Administrators: 00000002, 00000004, query 00010002.

#[test]
fn administrators_are_listed_in_order_and_certificates_come_back_as_sent() {
    let unit = administered(shared_factory(), 3);
    assert_eq!(ask(&unit, AdminFunction::QUERY_ADMINISTRATORS, &[]).unwrap(), [id(1), id(2), id(3)].concat());
    assert_eq!(ask(&unit, AdminFunction::QUERY_ADMINISTRATORS, &id(2)).unwrap(), certificate(2));
    assert_eq!(ask(&unit, AdminFunction::QUERY_ADMINISTRATORS, &id(4)), Err((32, Some(32))));
    assert_eq!(ask(&unit, AdminFunction::QUERY_ADMINISTRATORS, &id(2)[..31]), Err((32, Some(32))));
    let next = output(&unit, AdminFunction::ADD_ADMINISTRATOR, &certificate(4));
    assert_eq!(next, [id(1), id(2), id(3), id(4)].concat());
    assert_eq!(output(&unit, AdminFunction::REMOVE_ADMINISTRATOR, &id(2)), [id(1), id(3)].concat());
    assert_eq!(ask(&shared_factory(), AdminFunction::QUERY_ADMINISTRATORS, &[]).unwrap(), []);
}

#[test]
fn certificates_are_refused_by_size_form_key_and_number() {
    const ADD: AdminFunction = AdminFunction::ADD_ADMINISTRATOR;
    let unit = administered(shared_factory(), 8);
    assert_eq!(refused(&unit, ADD, &[]), (33, None));
    assert_eq!(refused(&unit, ADD, &[0x30; 12289]), (33, None));
    assert_eq!(refused(&unit, ADD, &[0x30; 12288]), (32, Some(40)));
    let mut other_curve = certificate(9);
    other_curve[4 + 224] = 0x22; // secp384r1
    assert_eq!(refused(&unit, ADD, &other_curve), (32, Some(138)));
    // Already installed comes before full.
    assert_eq!(refused(&unit, ADD, &certificate(8)), (256, Some(38)));
    assert_eq!(refused(&unit, ADD, &certificate(9)), (261, Some(39)));
}

#[test]
fn an_administrator_is_known_by_key_and_not_by_name() {
    let unit = administered(shared_factory(), 1);
    let renamed = AdminCertificate::build("another name", &key(1)).unwrap();
    assert_eq!(refused(&unit, AdminFunction::ADD_ADMINISTRATOR, &renamed), (256, Some(38)));
    let namesake = AdminCertificate::build("administrator 1", &key(2)).unwrap();
    assert_eq!(assume(&unit, AdminFunction::ADD_ADMINISTRATOR, &namesake).administrators().len(), 2);
}

#[test]
fn removal_never_leaves_fewer_administrators_than_a_threshold() {
    const REMOVE: AdminFunction = AdminFunction::REMOVE_ADMINISTRATOR;
    for (signature, revocation) in [(2, 1), (1, 2)] {
        let unit = secured(3, signature, revocation, OPERATIONAL);
        let unit = assume(&unit, REMOVE, &id(3));
        assert_eq!(refused(&unit, REMOVE, &id(1)), (209, Some(66)));
        assert_eq!(refused(&unit, REMOVE, &id(3)), (32, Some(32)));
        assert_eq!(refused(&unit, REMOVE, &id(1)[1..]), (32, Some(32)));
    }
    let imprint = administered(shared_factory(), 1);
    assert!(assume(&imprint, REMOVE, &id(1)).administrators().is_empty());
}

#[test]
fn the_administrator_who_is_removed_may_sign() {
    let unit = secured(2, 1, 1, OPERATIONAL);
    let message = Message::command(&unit, AdminFunction::REMOVE_ADMINISTRATOR, id(2));
    assert_eq!(accept(&unit, &message.signed([&key(2)])).administrators().packed_ids(), id(1));
}

#[test]
fn rsa_administrators_are_installed() {
    let rsa = SigningKey::Rsa(RsaKeyPair::generate_2048(&mut rng(61)));
    let certificate = AdminCertificate::build("rsa", &rsa).unwrap();
    let unit = assume(&shared_factory(), AdminFunction::ADD_ADMINISTRATOR, &certificate);
    assert_eq!(unit.administrators().iter().next().unwrap().name(), "rsa");
    assert_eq!(unit.administrators().packed_ids(), rsa.public().subject_key_id().0);
}

// Importer key: 00000009.

#[test]
fn importer_keys_are_of_two_types_and_replace_one_another() {
    const GENERATE: AdminFunction = AdminFunction::GENERATE_IMPORTER;
    let unit = secured(1, 1, 1, OPERATIONAL);
    for length in [0, 3, 5] {
        assert_eq!(refused(&unit, GENERATE, &vec![0; length]), (33, Some(54)));
    }
    for kind in [1_u32, 2, 4, 5, 6, 7, 8, 9, 0x0300_0000] {
        assert_eq!(refused(&unit, GENERATE, &kind.to_be_bytes()), (7, Some(55)));
    }
    let (first, spki) = try_assume(&unit, GENERATE, &3_u32.to_be_bytes()).unwrap();
    assert_eq!(hex::encode(&spki[..26]), "30819b301006072a8648ce3d020106052b8104002303818600 04".replace(' ', ""));
    assert_eq!((spki.len(), PublicKey::from_spki(&spki).unwrap()), (158, importer(&first)));
    let second = with_importer(&first, ImporterKeyType::P521);
    assert_ne!(importer(&first), importer(&second));
    let old = import_of(&second, &[inner(&second, seal([1; 32], &importer(&first))).signed([&key(1)])]);
    assert_eq!(refuse(&second, &old.unsigned()), (32, Some(27)));
}

#[test]
fn an_rsa_importer_key_opens_parts_and_tells_faults_apart() {
    let unit = with_importer(&secured(1, 1, 1, OPERATIONAL), ImporterKeyType::Rsa2048);
    let PublicKey::Rsa(to) = importer(&unit) else { panic!("the importer key is RSA") };
    let next = accept(&unit, &import(&unit, &[[7; 32]], &key(1)).unsigned());
    assert!(next.new_pattern().is_some());
    let sent = |encrypted: &[u8]| {
        let info = RecipientInfo::Rsa { recipient: &ZEROS, encrypted }.encode();
        refuse(&unit, &import_of(&unit, &[inner(&unit, info).signed([&key(1)])]).unsigned())
    };
    assert_eq!(sent(&[1; 255]), (32, Some(24)));
    assert_eq!(sent(&[1; 256]), (32, Some(23)));
    assert_eq!(sent(&to.encrypt_pkcs1(&mut rng(1), &[1; 31]).unwrap()), (32, Some(28)));
    let p521 = seal([1; 32], &key(40).public());
    assert_eq!(refuse(&unit, &import_of(&unit, &[inner(&unit, p521).signed([&key(1)])]).unsigned()), (32, Some(23)));
}

// Master key registers: 0000000A to 0000000E, 0000001B, 0000001C, 00000026.

#[test]
fn a_random_key_fills_the_current_register_and_then_the_new_one() {
    const RANDOM: AdminFunction = AdminFunction::RANDOM_WK;
    let unit = secured(1, 1, 1, RECOVERY);
    assert_eq!(refused(&unit, RANDOM, &[0]), (33, None));
    let (unit, first) = try_assume(&unit, RANDOM, &[]).unwrap();
    assert_eq!(unit.current_pattern().unwrap().0.to_vec(), first);
    assert!(unit.new_pattern().is_none());
    let (unit, second) = try_assume(&unit, RANDOM, &[]).unwrap();
    assert_eq!(unit.new_pattern().unwrap().0.to_vec(), second);
    assert_ne!(first, second);
    assert!(!unit.registers().new.is_committed());
    assert_eq!(refused(&unit, RANDOM, &[]), (80, Some(53)));
    // With an empty current register the key goes there, and what waits in the new one stays.
    let unit = assume(&unit, AdminFunction::CLEAR_CURRENT_WK, &[]);
    let (unit, third) = try_assume(&unit, RANDOM, &[]).unwrap();
    let patterns = [unit.current_pattern(), unit.new_pattern()].map(|pattern| pattern.unwrap().0.to_vec());
    assert_eq!(patterns, [third, second]);
    assert_eq!(refused(&secured(1, 1, 1, OPERATIONAL), RANDOM, &[]), (80, Some(52)));
}

#[test]
fn a_key_goes_from_loaded_to_committed_to_current() {
    let unit = with_importer(&secured(1, 1, 1, OPERATIONAL), ImporterKeyType::P521);
    let (unit, pattern) = send(&unit, &import(&unit, &[[1; 32], [2; 32]], &key(1)).unsigned()).unwrap();
    let unit_after = |function, input: &[u8]| try_assume(&unit, function, input);
    assert_eq!(unit_after(AdminFunction::FINALIZE_WK, &pattern).err(), Some((102, Some(64))));
    assert_eq!(unit_after(AdminFunction::COMMIT_WK, &pattern[..28]).err(), Some((101, Some(48))));
    assert_eq!(unit_after(AdminFunction::COMMIT_WK, &ZEROS).err(), Some((101, Some(48))));
    let (committed, answered) = unit_after(AdminFunction::COMMIT_WK, &pattern).unwrap();
    assert_eq!(answered, pattern);
    assert!(committed.registers().new.is_committed());
    assert!(assume(&committed, AdminFunction::COMMIT_WK, &pattern).registers().new.is_committed());
    assert_eq!(refused(&committed, AdminFunction::FINALIZE_WK, &ZEROS), (101, Some(48)));
    let (current, answered) = try_assume(&committed, AdminFunction::FINALIZE_WK, &pattern).unwrap();
    assert_eq!(answered, pattern);
    assert_eq!((current.current_pattern().unwrap().0.to_vec(), current.new_pattern()), (pattern, None));
}

#[test]
fn the_current_key_cannot_be_loaded_again() {
    let unit = with_importer(&secured(1, 1, 1, OPERATIONAL), ImporterKeyType::P521);
    let mut unit = accept(&unit, &import(&unit, &[[9; 32]], &key(1)).unsigned());
    let pattern = unit.new_pattern().unwrap().0;
    for function in [AdminFunction::COMMIT_WK, AdminFunction::FINALIZE_WK] {
        unit = assume(&unit, function, &pattern);
    }
    assert_eq!(refuse(&unit, &import(&unit, &[[8; 32], [1; 32]], &key(1)).unsigned()), (32, None));
    // The one that waits can, and has to be committed again.
    let unit = accept(&unit, &import(&unit, &[[5; 32]], &key(1)).unsigned());
    let unit = assume(&unit, AdminFunction::COMMIT_WK, &unit.new_pattern().unwrap().0);
    let unit = accept(&unit, &import(&unit, &[[5; 32]], &key(1)).unsigned());
    assert!(!unit.registers().new.is_committed());
}

#[test]
fn clearing_takes_no_input_and_works_on_empty_registers() {
    let unit = secured(1, 1, 1, RECOVERY);
    for function in [AdminFunction::CLEAR_CURRENT_WK, AdminFunction::CLEAR_NEXT_WK] {
        assert_eq!(refused(&unit, function, &[0]), (33, None));
        assert_eq!(output(&unit, function, &[]), []);
    }
}

#[test]
fn a_key_travels_from_a_recovery_unit_to_an_operational_one() {
    let recovery = assume(&secured(2, 2, 2, RECOVERY), AdminFunction::RANDOM_WK, &[]);
    let target = with_importer(&secured(1, 1, 1, OPERATIONAL), ImporterKeyType::P521);
    let PublicKey::P521(to) = importer(&target) else { panic!("the importer key is on P-521") };
    let message = Message::command(&recovery, AdminFunction::EXPORT_WK, export_to(&KphCertificate::encode_sdk(&to)));
    let (after, exported) = send(&recovery, &message.signed(&keys(2))).unwrap();
    assert_eq!(after.current_pattern(), recovery.current_pattern());
    let map = ParameterMap::decode(&exported).unwrap();
    let sealed = map.first(Parameter::ENCRYPTED_KEY_PART).unwrap();
    let signature = map.first(Parameter::KEY_PART_SIGNATURE).unwrap();
    assert!(verify_response(sealed.data, signature.data, &recovery.module().epoch_key()));
    let tags: Vec<_> = map.0.iter().map(|parameter| (parameter.tag, parameter.index)).collect();
    assert_eq!(tags, [(0x1B, 1), (0x1C, 1), (0x19, 0), (0x1A, 0)]);

    let request = inner(&target, sealed.data.to_vec()).signed([&key(1)]);
    let target = accept(&target, &import_of(&target, &[request]).unsigned());
    assert_eq!(target.new_pattern(), recovery.current_pattern());
}

#[test]
fn an_export_is_refused_for_the_first_reason() {
    let kph = KphCertificate::encode_sdk(&P521KeyPair::generate(&mut rng(50)).public());
    let mut other = kph;
    other[36] = b'X';
    let good = export_to(&kph);
    let unit = assume(&secured(1, 1, 1, RECOVERY), AdminFunction::RANDOM_WK, &[]);
    let unit = assume(&unit, AdminFunction::RANDOM_WK, &[]);
    let forbidden = assume(
        &unit,
        AdminFunction::SET_ATTRIBUTES,
        &pairs(&[(AttributeList::PERMISSIONS, RECOVERY.minus(Permissions::WK_EXPORT).0)]),
    );
    let several_only = assume(
        &unit,
        AdminFunction::SET_ATTRIBUTES,
        &pairs(&[(AttributeList::PERMISSIONS, RECOVERY.minus(Permissions::WK_1PART).0)]),
    );
    let empty = secured(1, 1, 1, OPERATIONAL);
    for (function, missing) in [(AdminFunction::EXPORT_WK, 49), (AdminFunction::EXPORT_NEXT_WK, 50)] {
        assert_eq!(refused(&empty, function, &[]), (102, Some(missing)));
        assert_eq!(refused(&forbidden, function, &[]), (80, Some(131)));
        assert_eq!(refused(&unit, function, &good[1..]), (32, Some(103)));
        assert_eq!(refused(&several_only, function, &export_map(0, &[], 0x100)), (32, Some(96)));
        assert_eq!(refused(&several_only, function, &export_map(0, &[(7, &other)], 0x100)), (32, Some(96)));
        assert_eq!(refused(&several_only, function, &export_map(2, &[(7, &other)], 0x100)), (32, Some(96)));
        assert_eq!(refused(&several_only, function, &export_map(1, &[(7, &other)], 0x100)), (80, Some(110)));
        assert_eq!(refused(&unit, function, &export_map(1, &[(7, &other)], 0x100)), (3, Some(102)));
        assert_eq!(refused(&unit, function, &export_map(1, &[(1, &kph)], 0x100)), (32, Some(101)));
        assert_eq!(refused(&unit, function, &export_map(1, &[(0, &kph), (0, &kph)], 0x100)), (32, Some(101)));
        assert_eq!(refused(&unit, function, &export_map(1, &[(0, &kph)], 0x10)), (32, Some(120)));
        assert!(try_assume(&unit, function, &good).is_ok());
    }
}

#[test]
fn the_scope_decides_which_certificates_an_export_carries() {
    let kph = KphCertificate::encode_sdk(&P521KeyPair::generate(&mut rng(50)).public());
    let unit = assume(&secured(1, 1, 1, RECOVERY), AdminFunction::RANDOM_WK, &[]);
    let carried = |scope| {
        let exported = output(&unit, AdminFunction::EXPORT_WK, &export_map(1, &[(0, &kph)], scope));
        let map = ParameterMap::decode(&exported).unwrap();
        [Parameter::KPH_CERTIFICATE, Parameter::OA_CERTIFICATE].map(|tag| map.all(tag).count())
    };
    assert_eq!([0x0C, 0x08, 0x04, 0x60].map(carried), [[0, 0], [1, 0], [0, 2], [1, 2]]);
}

// Control points: 00000011, 00000012, 00000013, query 00010006.

#[test]
fn control_points_follow_their_own_switches() {
    const SET_CP: AdminFunction = AdminFunction::SET_CONTROL_POINTS;
    const ADD_CP: AdminFunction = AdminFunction::ADD_CONTROL_POINTS;
    const DELETE_CP: AdminFunction = AdminFunction::DELETE_CONTROL_POINTS;
    let unit = secured(1, 1, 1, OPERATIONAL);
    let queried = |unit: &Unit| hex::encode(ask(unit, AdminFunction::QUERY_CONTROL_POINTS, &[]).unwrap());
    assert_eq!(queried(&unit), "fffee8ffffff810cf000000000000000");
    let mask = |numbers: &[u8]| ControlPoints::of(numbers).0;
    for function in [SET_CP, ADD_CP, DELETE_CP] {
        assert_eq!(refused(&unit, function, &[0; 15]), (33, Some(44)));
    }
    let (unit, rest) = try_assume(&unit, DELETE_CP, &mask(&[66, 67])).unwrap();
    assert_eq!(hex::encode(&rest), "fffee8ffffff810cc000000000000000");
    assert_eq!(hex::encode(output(&unit, ADD_CP, &mask(&[67]))), "fffee8ffffff810cd000000000000000");
    for never in [15, 19, 21, 22, 23, 49, 127] {
        assert_eq!(refused(&unit, ADD_CP, &mask(&[never])), (80, Some(45)), "{never}");
        assert_eq!(refused(&unit, SET_CP, &mask(&[0, 1, never])), (80, Some(45)), "{never}");
    }
    // Without point 0 nothing goes on, without point 1 nothing goes off; what stays as it is does not matter.
    let closed = assume(&unit, DELETE_CP, &mask(&[0]));
    assert_eq!(refused(&closed, ADD_CP, &mask(&[66])), (80, Some(46)));
    assert_eq!(refused(&closed, ADD_CP, &mask(&[15])), (80, Some(46)));
    assert_eq!(refused(&closed, SET_CP, &mask(&[0])), (80, Some(46)));
    assert!(try_assume(&closed, ADD_CP, &mask(&[2])).is_ok());
    assert!(try_assume(&closed, SET_CP, &mask(&[1, 2])).is_ok());
    let kept = assume(&unit, DELETE_CP, &mask(&[1]));
    assert_eq!(refused(&kept, DELETE_CP, &mask(&[2])), (80, Some(47)));
    assert_eq!(refused(&kept, SET_CP, &mask(&[0])), (80, Some(47)));
    assert!(try_assume(&kept, DELETE_CP, &mask(&[1, 66])).is_ok());
    assert!(try_assume(&kept, ADD_CP, &mask(&[66])).is_ok());
}

#[test]
fn one_signature_changes_control_points_with_the_permission() {
    for (permissions, expected) in
        [(OPERATIONAL, Err((208, Some(21)))), (OPERATIONAL.union(Permissions::CP_1SIGN), Ok(()))]
    {
        let unit = secured(2, 2, 2, permissions);
        let message = Message::command(&unit, AdminFunction::ADD_CONTROL_POINTS, [0; 16]);
        let outcome = send(&unit, &message.signed([&key(2)])).map(|_| ()).map_err(code);
        assert_eq!(outcome, expected);
    }
}

// Zeroize: 00000010.

#[test]
fn zeroize_brings_back_the_factory_under_the_next_instance() {
    let unit = with_importer(&secured(2, 2, 2, RECOVERY), ImporterKeyType::P521);
    let unit = assume(&unit, AdminFunction::RANDOM_WK, &[]);
    let unit = accept(&unit, &import(&unit, &[[1; 32]], &key(1)).unsigned());
    let unit = assume(&unit, AdminFunction::DELETE_CONTROL_POINTS, &ControlPoints::of(&[66]).0);
    assert_eq!(refused(&unit, AdminFunction::ZEROIZE, &[0]), (33, None));
    let (zeroized, output) = try_assume(&unit, AdminFunction::ZEROIZE, &[]).unwrap();
    assert_eq!(output, []);
    assert_eq!(zeroized.domain().instance.0, [0, 0, 0, 2]);
    assert_eq!(zeroized.counter().0, 0);
    assert!(matches!(zeroized.state(), UnitState::Imprint(imprint) if imprint.revocation_threshold == 0));
    // All else is that of a new unit.
    let fresh = assume(&shared_factory(), AdminFunction::ZEROIZE, &[]);
    assert_eq!(snapshot(&zeroized), snapshot(&fresh));
    assert_eq!(zeroized.module().id(), unit.module().id());
}

#[test]
fn the_answer_to_zeroize_names_the_new_instance_and_counter() {
    let unit = secured(1, 1, 1, OPERATIONAL);
    let payload = answer(&unit, &Message::command(&unit, AdminFunction::ZEROIZE, []).signed([&key(1)]));
    let (module, counter) = ("39334141424330310011223344556677", "00".repeat(16));
    let block = format!("303c040400000010040800000003000000020410{module}0410{counter}0404000000000400");
    assert!(hex::encode(&payload).contains(&block), "{}", hex::encode(&payload));
}

#[test]
fn zeroize_needs_one_signature_or_the_threshold() {
    for (permissions, expected) in
        [(OPERATIONAL.minus(Permissions::ZERO_1SIGN), Err((208, Some(21)))), (OPERATIONAL, Ok(()))]
    {
        let unit = secured(2, 2, 1, permissions);
        let message = Message::command(&unit, AdminFunction::ZEROIZE, []);
        assert_eq!(refuse(&unit, &message.unsigned()), (208, Some(21)));
        assert_eq!(send(&unit, &message.signed([&key(2)])).map(|_| ()).map_err(code), expected);
        assert!(send(&unit, &message.signed(&keys(2))).is_ok());
    }
}
