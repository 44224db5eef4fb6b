//! The key ceremony typed by hand with `tke`, and once with request files on two workstations.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;
#[path = "../tke-client/tke/tests/workstation/mod.rs"]
mod workstation;

use support::Server;
use workstation::Workstation;

const FIRST: &str = "[us-south].[AZ1-CS7].[01].[13]";
const SECOND: &str = "[us-south].[AZ3-CS9].[01].[39]";

fn at(server: &Server, seed: u64) -> Workstation {
    Workstation::seeded(seed).with("TKE_PRIVATE_ADDR", &server.address)
}

/// Each action on both units, in unit order.
fn on_both(actions: &[&str]) -> Vec<(String, String, String)> {
    let both = [FIRST, SECOND];
    let each = |action: &&str| both.map(|unit| ((*action).to_owned(), unit.to_owned(), "success".to_owned()));
    actions.iter().flat_map(each).collect()
}

#[test]
fn two_administrators_three_key_parts_two_units() {
    let server = Server::start();
    let mut desk = at(&server, 1);
    let listing = desk.run("cryptounits", "").success();
    assert!(listing.contains(FIRST) && listing.contains("RECOVERY"), "{listing}");
    desk.run("cryptounit-add", "1 2\n").success();
    for name in ["admin1", "admin2"] {
        desk.add_signature_key(name);
    }
    desk.run("sigkey-sel", "1 2\npw-admin1\npw-admin2\n").success();
    desk.run("cryptounit-admin-add", "1\npw-admin1\n").success();
    desk.run("cryptounit-admin-add", "2\npw-admin2\n").success();
    desk.run("cryptounit-thrhld-set", "2\n2\npw-admin1\npw-admin2\n").success();
    for part in ["first", "second", "third"] {
        desk.run("mk-add --random", &format!("{part}\npw-{part}\npw-{part}\n")).success();
    }
    let loaded = desk.run("cryptounit-mk-load", "1 2 3\npw-admin1\npw-first\npw-second\npw-third\n").success();
    assert!(loaded.contains("Full Uncommitted"), "{loaded}");
    let committed = desk.run("cryptounit-mk-commit", "pw-admin1\npw-admin2\n").success();
    assert!(committed.contains("Full Committed"), "{committed}");
    let active = desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    assert!(active.contains("Valid"), "{active}");
    let compared = desk.run("cryptounit-compare", "").success();
    assert!(compared.contains("==> All crypto units are configured the same. <=="), "{compared}");

    let events = server.events();
    let expected = on_both(&[
        "-admin.add",
        "-admin.add",
        "-threshold.set",
        "-master-key-register.add",
        "-master-key-register.commit",
        "-master-key-register.activate",
    ]);
    assert_eq!(events, expected);
    chained(&server);

    desk.run("cryptounit-zeroize", "y\npw-admin1\n").success();
    assert_eq!(server.events()[12..], on_both(&[".reset"]));
}

/// The commit answers with the ids of the load, and the activation names the pattern of the commit.
fn chained(server: &Server) {
    let events: Vec<serde_json::Value> =
        server.event_lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    for unit in 0..2 {
        let (load, commit, activate) = (&events[6 + unit], &events[8 + unit], &events[10 + unit]);
        assert_eq!(load["requestData"]["masterKeyIds"].as_array().unwrap().len(), 3);
        assert_eq!(load["requestData"]["masterKeyIds"], commit["responseData"]["masterKeyIds"]);
        assert_eq!(load["responseData"]["verificationPattern"], commit["requestData"]["verificationPattern"]);
        assert_eq!(commit["requestData"]["verificationPattern"], activate["requestData"]["verificationPattern"]);
        assert_eq!(activate["requestData"]["verificationPattern"], activate["responseData"]["verificationPattern"]);
    }
}

#[test]
fn a_unit_refusal_is_shown_with_its_codes_and_stops_the_command() {
    let server = Server::start();
    let mut desk = at(&server, 1);
    desk.run("cryptounit-add", "1 2\n").success();
    desk.add_signature_key("admin1");
    desk.run("sigkey-sel", "1\npw-admin1\n").success();
    desk.run("cryptounit-admin-add", "1\npw-admin1\n").success();
    let message = desk.run("cryptounit-admin-add", "1\npw-admin1\n").failure();
    assert!(message.contains("Return code: 256\nReason code: 38\n"), "{message}");
    let events = server.events();
    assert_eq!(events.len(), 3);
    assert_eq!(events[2], ("-admin.add".to_owned(), FIRST.to_owned(), "failure".to_owned()));
}

#[test]
fn two_workstations_sign_one_request() {
    let server = Server::start();
    let (mut alice, mut bob) = (at(&server, 1), at(&server, 2));
    for (desk, name) in [(&mut alice, "alice"), (&mut bob, "bob")] {
        desk.run("cryptounit-add", "1\n").success();
        desk.add_signature_key(name);
        desk.run("sigkey-sel", &format!("1\npw-{name}\n")).success();
        desk.run("cryptounit-admin-add", &format!("1\npw-{name}\n")).success();
    }
    let file = alice.path().join("thresholds.json").display().to_string();
    alice.run(&format!("request create thrhld-set --unit 1 --signature 2 --revocation 2 --out {file}"), "").success();
    alice.run(&format!("request sign {file} -y"), "1\npw-alice\n").success();
    let message = alice.run(&format!("request submit {file} -y"), "").failure();
    assert!(message.contains("Return code: 208"), "{message}");
    bob.run(&format!("request sign {file} -y"), "1\npw-bob\n").success();
    let shown = bob.run(&format!("request show {file}"), "").success();
    assert!(shown.contains("alice") && shown.contains("bob") && shown.contains(FIRST), "{shown}");
    bob.run(&format!("request submit {file} -y"), "").success();
    let outcomes: Vec<_> = server.events().into_iter().map(|(action, _, outcome)| (action, outcome)).collect();
    let expected = [
        ("-admin.add", "success"),
        ("-admin.add", "success"),
        ("-threshold.set", "failure"),
        ("-threshold.set", "success"),
    ];
    assert_eq!(outcomes, expected.map(|(action, outcome)| (action.to_owned(), outcome.to_owned())));

    let moved = bob.run(&format!("request show {file}"), "").success();
    assert!(moved.to_lowercase().contains("counter"), "{moved}");
    let message = bob.run(&format!("request submit {file} -y"), "").failure();
    assert!(message.contains("Return code: 163") || message.contains("counter"), "{message}");
}
