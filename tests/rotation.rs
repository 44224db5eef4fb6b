//! Master key rotations with `tke`: the whole way, every check before it, and every place where one can be interrupted.
#![allow(clippy::unwrap_used, clippy::panic)]

mod fleet;
mod support;
#[path = "../tke-client/tke/tests/workstation/mod.rs"]
mod workstation;

use std::time::Duration;

use fleet::*;
use hpcs_emulator::Config;
use hpcs_service::Knobs;
use hpcs_workstation::{RotationState, RotationStatus};
use support::Server;
use workstation::Workstation;

const STARTED: &str = "Master key rotation started.\n";
const REWRAPPED: &str = "KMS CRK rewrap successful, waiting on cryptounit-mk-setimm.\n";
const SUCCESSFUL: &str = "Master key rotation successful.\n";
const ROTATE: &str = "cryptounit-mk-rotate -y";

/// An emulator whose rotations take an hour. Its clock moves with commits alone, so that the hour is over when a test
/// says so.
fn slow() -> Server {
    let knobs = Knobs { rewrap_time: HOUR, ..Knobs::default() };
    Server::configured(Config { knobs, ..Config::default() })
}

fn pass_an_hour(server: &Server) {
    server.pass(i64::try_from(HOUR.as_millis()).unwrap());
}

const HOUR: Duration = Duration::from_secs(3600);

fn state(server: &Server) -> RotationState {
    let client = server.client();
    server.run(client.service.rotation(client.instance)).unwrap()
}

#[test]
fn a_committed_master_key_is_rotated_to_and_leaves_the_events_of_setting_alone() {
    let server = Server::start();
    let mut desk = init2(&server);
    assert_eq!(state(&server).status, RotationStatus::None);
    commit_other_parts(&mut desk);
    let before = server.events().len();
    let printed = desk.run("cryptounit-mk-rotate", "n\n").success();
    assert!(printed.ends_with("Do you want to continue?\nAnswer [y/N]:\n> n\n"), "{printed}");
    let printed = desk.run("cryptounit-mk-rotate", "y\npw-admin1\n").success();
    assert_eq!(printed.rsplit_once("> \n").unwrap().1, [STARTED, REWRAPPED, SUCCESSFUL].concat());
    assert_eq!(server.events()[before..], on(&[1, 2], &[ACTIVATE]));
    let RotationState { status, message } = state(&server);
    assert_eq!(status, RotationStatus::Done);
    assert!(message.ends_with(" is current in all crypto units."), "{message}");
    assert!(are_the_same(&mut desk));
}

/// The checks of the documented table in their order: each fails alone and sends nothing.
#[test]
fn every_check_before_a_rotation_refuses_without_an_event() {
    let server = Server::start();
    let mut desk = init2(&server);
    let refused = |desk: &mut Workstation, message: &str| {
        let before = server.events();
        let outcome = desk.run(ROTATE, "");
        assert!(!outcome.stdout.contains(STARTED.trim_end()), "{}", outcome.stdout);
        assert_eq!(outcome.failure(), message);
        assert_eq!(server.events(), before);
        assert_eq!(state(&server).status, RotationStatus::None);
    };
    refused(&mut desk, "The new master key registers are not all Full Committed with the same verification pattern.");
    desk.run("cryptounit-mk-load", "3 4\npw-admin1\npw\npw\n").success();
    refused(&mut desk, "The new master key registers are not all Full Committed with the same verification pattern.");
    desk.run("cryptounit-mk-commit", BOTH).success();

    select(&mut desk, "1");
    refused(&mut desk, "All crypto units in a single service instance must be selected.");
    // Recovery units may be left out, but one that is selected has to pass.
    select(&mut desk, "1 2 3");
    refused(&mut desk, "One or more crypto units are in imprint mode.");
    select(&mut desk, "2");
    desk.run("cryptounit-thrhld-set", &format!("1\n1\n{BOTH}")).success();
    select(&mut desk, "1 2");
    refused(&mut desk, "Signature thresholds on the crypto units are not set the same.");
    select(&mut desk, "2");
    desk.run("cryptounit-thrhld-set", "2\n2\npw-admin1\n").success();
    select(&mut desk, "1 2");
    desk.run("sigkey-sel", "2\npw-admin2\n").success();
    let common = "A common set of administrators large enough to meet the signature threshold value is not selected and \
                  installed in all crypto units.";
    refused(&mut desk, common);
    desk.run("sigkey-sel", &format!("1 2\n{BOTH}")).success();
    select(&mut desk, "2");
    desk.run("cryptounit-mk-clrcur", "y\npw-admin1\n").success();
    select(&mut desk, "1 2");
    refused(&mut desk, "The current master key registers are not all Valid with the same verification pattern.");
    desk.run("cryptounit-rm", "1 2\n").success();
    let none = "No crypto units are selected.\nUse the 'ibmcloud tke cryptounit-add' command to select crypto units.";
    refused(&mut desk, none);
}

/// The service looks for itself: it does not rely on what a client checks.
#[test]
fn the_service_starts_no_rotation_of_registers_that_are_not_ready() {
    let server = Server::start();
    let mut desk = init2(&server);
    let client = server.client();
    let start = || server.run(client.service.start_rotation(client.instance)).map_err(|refused| refused.to_string());
    let text = start().unwrap_err();
    assert!(text.starts_with("Error rotating the master key.\nStatus code: 400\nMessage: instance: the new"), "{text}");
    commit_other_parts(&mut desk);
    assert_eq!(start().unwrap().status, RotationStatus::Waiting);
    select(&mut desk, "1");
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    let text = start().unwrap_err();
    assert!(text.contains("instance: the current master key registers are not Valid in all"), "{text}");
    assert!(state(&server).message.contains(" is current in 1 of 2 crypto units."));
}

/// D20.
#[test]
fn a_rotation_interrupted_while_it_runs_goes_on_when_it_is_run_again() {
    let server = slow();
    let mut desk = init2(&server);
    commit_other_parts(&mut desk);
    let before = server.events();
    let printed = desk.run_until(ROTATE, "pw-admin1\n", STARTED);
    assert!(!printed.contains(REWRAPPED), "{printed}");
    let running = state(&server);
    assert_eq!(running.status, RotationStatus::Running);
    // Run again before the time is over: the same rotation.
    desk.run_until(ROTATE, "pw-admin1\n", STARTED);
    assert_eq!(state(&server), running);
    let registers = desk.run("cryptounit-mk", "").success();
    assert!(registers.contains("Full Committed") && registers.contains("Valid"), "{registers}");
    assert_eq!(server.events(), before);
    pass_an_hour(&server);
    assert_eq!(state(&server).status, RotationStatus::Waiting);
    let printed = desk.run(ROTATE, "pw-admin1\n").success();
    assert!(printed.ends_with(&[STARTED, REWRAPPED, SUCCESSFUL].concat()), "{printed}");
    assert_eq!(server.events()[before.len()..], on(&[1, 2], &[ACTIVATE]));
    assert_eq!(state(&server).status, RotationStatus::Done);
}

/// D21, the right action.
#[test]
fn a_rotation_interrupted_before_setting_is_finished_by_setting() {
    let server = Server::start();
    let mut desk = init2(&server);
    commit_other_parts(&mut desk);
    let before = server.events().len();
    desk.run_until(ROTATE, "pw-admin1\n", REWRAPPED);
    assert_eq!(state(&server).status, RotationStatus::Waiting);
    assert_eq!(server.events().len(), before);
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    assert_eq!(server.events()[before..], on(&[1, 2], &[ACTIVATE]));
    assert_eq!(state(&server).status, RotationStatus::Done);
}

/// D21, the wrong action.
#[test]
fn clearing_the_new_register_during_a_rotation_makes_it_fail() {
    let server = slow();
    let mut desk = init2(&server);
    commit_other_parts(&mut desk);
    let before = server.events().len();
    desk.run_until(ROTATE, "pw-admin1\n", STARTED);
    select(&mut desk, "2");
    desk.run("cryptounit-mk-clrnew", "pw-admin1\n").success();
    let RotationState { status, message } = state(&server);
    assert_eq!(status, RotationStatus::Failed);
    assert!(message.starts_with(&format!("Crypto unit {} holds the new master key", LOCATIONS[1])), "{message}");
    assert_eq!(server.events()[before..], on(&[2], &[CLEAR_NEW]));
    select(&mut desk, "1 2");
    let message = desk.run(ROTATE, "").failure();
    assert_eq!(message, "The new master key registers are not all Full Committed with the same verification pattern.");
    // The same parts again make the same key, and the rotation begins anew.
    commit_other_parts(&mut desk);
    pass_an_hour(&server);
    assert_eq!(state(&server).status, RotationStatus::Waiting);
    desk.run_until(ROTATE, "pw-admin1\n", STARTED);
    assert!(!state(&server).message.contains("given up"));
}

/// D22: some units are set and others are not.
#[test]
fn a_rotation_that_was_set_in_part_is_finished_by_setting_the_others() {
    let server = Server::start();
    let mut desk = init2(&server);
    commit_other_parts(&mut desk);
    desk.run_until(ROTATE, "pw-admin1\n", REWRAPPED);
    let before = server.events().len();
    // Unit 2 is lost on the way: its new register is not committed any more.
    select(&mut desk, "2");
    desk.run("cryptounit-mk-load", "3 4\npw-admin1\npw\npw\n").success();
    select(&mut desk, "1 2");
    let message = desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").failure();
    let stopped = "\nThe command stopped at CRYPTO UNIT NUM 2.  Crypto units after it were not changed.";
    assert!(message.contains("Return code: 102\nReason code: 64\n") && message.ends_with(stopped), "{message}");
    let mut expected = on(&[2], &[LOAD]);
    expected.extend([event(ACTIVATE, 1, "success"), event(ACTIVATE, 2, "failure")]);
    assert_eq!(server.events()[before..], expected);
    let message = desk.run(ROTATE, "").failure();
    assert_eq!(message, "The current master key registers are not all Valid with the same verification pattern.");
    desk.run("cryptounit-rm", "1\n").success();
    desk.run("cryptounit-mk-commit", BOTH).success();
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    assert_eq!(state(&server).status, RotationStatus::Done);
    desk.run("cryptounit-add", "1\n").success();
    assert!(are_the_same(&mut desk));
}

/// D23, case 1: before the delay message.
#[test]
fn an_automatic_rotation_interrupted_while_it_loads_or_commits_is_run_again() {
    let server = Server::start();
    let mut desk = rec4(&server);
    let before = server.events().len();
    let second = "Transferring the master key value to 2 of 3 crypto units....\n";
    desk.run_until("auto-mk-rotate --delay 0", BOTH, second);
    assert_eq!(server.events()[before..], on(&[1], &[LOAD]));
    desk.run_until("auto-mk-rotate --delay 0", BOTH, "Committing the master key value....\n");
    let mut expected = on(&[1], &[LOAD]);
    expected.extend(on(&[3], &[CLEAR_NEW]));
    expected.extend(on(&[1, 2, 4], &[LOAD]));
    assert_eq!(server.events()[before..], expected);
    assert_eq!(state(&server).status, RotationStatus::None);
    let done = server.events().len();
    desk.run("auto-mk-rotate --delay 0", BOTH).success();
    let mut expected = on(&[3], &[CLEAR_NEW]);
    expected.extend(on(&[1, 2, 4], &[LOAD]));
    expected.extend(on(&[1, 2, 3, 4], &[COMMIT, ACTIVATE]));
    assert_eq!(server.events()[done..], expected);
    assert!(are_the_same(&mut desk));
}

/// D23, case 2: between the delay message and the rewrap.
#[test]
fn an_automatic_rotation_interrupted_while_key_storage_is_rewrapped_is_finished_by_hand() {
    let server = slow();
    let mut desk = rec4(&server);
    let delaying = "Delaying 30 seconds to allow server to discover new master key values\n";
    let printed = desk.run_until("auto-mk-rotate", BOTH, delaying);
    assert!(printed.ends_with(delaying), "{printed}");
    assert_eq!(state(&server).status, RotationStatus::None);
    desk.run_until(ROTATE, "pw-admin1\n", STARTED);
    let before = server.events().len();
    pass_an_hour(&server);
    desk.run(ROTATE, "pw-admin1\n").success();
    assert_eq!(server.events()[before..], on(&[1, 2, 3, 4], &[ACTIVATE]));
    assert_eq!(state(&server).status, RotationStatus::Done);
}

/// D23, case 2, the wrong action: key storage is wrapped under a master key that nobody has any more.
#[test]
fn rotating_automatically_again_gives_up_the_rotation_that_was_running() {
    let server = slow();
    let mut desk = rec4(&server);
    desk.run_until("auto-mk-rotate --delay 0", BOTH, STARTED);
    let first = state(&server).message;
    desk.run_until("auto-mk-rotate --delay 0", BOTH, STARTED);
    let RotationState { status, message } = state(&server);
    assert_eq!(status, RotationStatus::Running);
    let lost = first.strip_prefix("Key storage is being rewrapped under master key ").unwrap().trim_end_matches('.');
    let given_up = format!("The rotation to master key {lost} was given up; what was rewrapped under it is unusable.");
    assert!(message.ends_with(&given_up), "{message}");
}

/// D23, case 3: after the rewrap.
#[test]
fn an_automatic_rotation_interrupted_before_setting_is_finished_by_setting() {
    let server = Server::start();
    let mut desk = rec4(&server);
    desk.run_until("auto-mk-rotate --delay 0", BOTH, REWRAPPED);
    let before = server.events().len();
    select(&mut desk, "1 3");
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    assert_eq!(state(&server).status, RotationStatus::Waiting);
    select(&mut desk, "2 4");
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    assert_eq!(server.events()[before..], on(&[1, 3, 2, 4], &[ACTIVATE]));
    assert_eq!(state(&server).status, RotationStatus::Done);
}

#[test]
fn an_automatic_rotation_wants_every_unit_of_the_instance_ready() {
    let server = Server::start();
    let mut desk = fail6(&server);
    let before = server.events();
    let message = desk.run("auto-mk-rotate --delay 0", "").failure();
    assert_eq!(message, "One or more crypto units are in imprint mode.");
    for wrong in ["x", "-1", "3601", "1.5"] {
        let message = desk.run_with(&["auto-mk-rotate", &format!("--delay={wrong}")], "").failure();
        assert_eq!(message, format!("'{wrong}' is not a number of seconds between 0 and 3600."));
    }
    assert_eq!(server.events(), before);
}
