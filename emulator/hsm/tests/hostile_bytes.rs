//! Bytes that nobody meant: no panic, a decodable answer, and a refused command leaves the unit as it was.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a fixture that cannot be made is a failed test")]

mod support;

use std::sync::LazyLock;

use hpcs_ep11::{
    AdminFunction, AdminResponse, ImporterKeyType, KphCertificate, P521KeyPair, XcpInfoRequest, XcpInfoResponse,
};
use hpcs_hsm::{COMMANDS, QUERIES, Request, Unit, apply};
use proptest::prelude::*;
use proptest::sample::Index;
use support::key_parts::{export_to, import};
use support::message::{Message, answer};
use support::mutation::mutation;
use support::{RECOVERY, assume, attributes, certificate, env, key, secured, snapshot, with_importer};

/// A unit with both registers full, and a request of every kind, which the unit takes.
static SCENE: LazyLock<(Unit, Vec<Vec<u8>>)> = LazyLock::new(|| {
    let mut unit = with_importer(&secured(2, 1, 1, RECOVERY), ImporterKeyType::P521);
    for _ in 0..2 {
        unit = assume(&unit, AdminFunction::RANDOM_WK, &[]);
    }
    unit = assume(&unit, AdminFunction::COMMIT_WK, &unit.new_pattern().unwrap().0);
    let holder = P521KeyPair::generate(&mut support::rng(50)).public();
    let commands = COMMANDS.iter().map(|row| {
        let input = match row.function {
            AdminFunction::ADD_ADMINISTRATOR => certificate(3),
            AdminFunction::REMOVE_ADMINISTRATOR => key(2).public().subject_key_id().0.to_vec(),
            AdminFunction::SET_ATTRIBUTES => attributes(2, 2, RECOVERY),
            AdminFunction::GENERATE_IMPORTER => 3_u32.to_be_bytes().to_vec(),
            AdminFunction::EXPORT_WK | AdminFunction::EXPORT_NEXT_WK => export_to(&KphCertificate::encode_sdk(&holder)),
            AdminFunction::COMMIT_WK | AdminFunction::FINALIZE_WK => unit.new_pattern().unwrap().0.to_vec(),
            AdminFunction::IMPORT_WK => import(&unit, &[[1; 32], [2; 32]], &key(1)).input,
            _ if row.name.ends_with("control points") => vec![0xC0; 16],
            _ => vec![],
        };
        Message::command(&unit, row.function, input).signed([&key(1)])
    });
    let queries = QUERIES.iter().map(|row| Message::query(&unit, row.function, []).unsigned());
    let infos = [XcpInfoRequest::MODULE, XcpInfoRequest::DOMAIN]
        .map(|subtype| XcpInfoRequest::new(support::DOMAIN, subtype).encode());
    let requests = commands.chain(queries).chain(infos).collect();
    (unit, requests)
});

/// The answer decodes; a refusal leaves the unit alone.
fn survives(unit: &Unit, bytes: &[u8]) {
    let before = snapshot(unit);
    if let Ok(Request::Command(command)) = Request::decode(bytes, unit) {
        let refused = command.admit(unit).and_then(|admitted| apply(unit, &admitted, &mut env(unit))).is_err();
        assert!(!refused || snapshot(unit) == before);
    }
    let payload = answer(unit, bytes);
    assert!(AdminResponse::decode(&payload).is_ok() || XcpInfoResponse::decode(&payload).is_ok());
}

#[test]
fn the_requests_that_are_mutated_are_right_ones() {
    let (unit, requests) = &*SCENE;
    assert_eq!(requests.len(), COMMANDS.len() + QUERIES.len() + 2);
    let taken = requests.iter().filter(|bytes| match Request::decode(bytes, unit) {
        Ok(Request::Command(command)) => command.admit(unit).is_ok(),
        Ok(_) => true,
        Err(_) => false,
    });
    assert_eq!(taken.count(), requests.len());
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        survives(&SCENE.0, &bytes);
    }

    #[test]
    fn mutated_requests_are_answered(
        which: Index,
        mutations in proptest::collection::vec(mutation(), 1..4),
    ) {
        let (unit, requests) = &*SCENE;
        let mut bytes = which.get(requests).clone();
        mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
        survives(unit, &bytes);
    }

    /// Signed after the mutation, so that it reaches the commands.
    #[test]
    fn mutated_inputs_are_answered(
        which in 0..COMMANDS.len(),
        mutations in proptest::collection::vec(mutation(), 0..4),
    ) {
        let (unit, requests) = &*SCENE;
        let request = hpcs_ep11::AdminRequest::decode(&requests[which]).unwrap();
        let block = hpcs_ep11::AdminBlock::decode(request.block).unwrap();
        let mut input = block.input.to_vec();
        mutations.iter().for_each(|mutation| mutation.apply(&mut input));
        let message = Message::command(unit, COMMANDS[which].function, input);
        survives(unit, &message.signed([&key(1)]));
    }
}
