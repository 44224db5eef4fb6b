//! The key ceremony typed by hand with `tke`, and once with request files on two workstations.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;
#[path = "../tke-client/tke/tests/workstation/mod.rs"]
mod workstation;

use std::io::{self, BufReader, Read};

use hpcs_workstation::RequestFile;
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
    let warning = "Warning!  The transaction counter of the crypto unit has moved to 3 after the request was created.  It \
                   will refuse the request.";
    assert!(moved.lines().any(|line| line == warning), "{moved}");
    let message = bob.run(&format!("request submit {file} -y"), "").failure();
    assert!(message.contains("Return code: 163\nReason code: 19\n"), "{message}");
}

#[test]
fn two_signatures_at_the_same_time_are_both_kept_and_a_link_stays_one() {
    let server = Server::start();
    let (mut alice, mut bob) = (secured_desk(&server), at(&server, 2));
    bob.add_signature_key("bob");
    let file = alice.path().join("clear.json").display().to_string();
    alice.run(&format!("request create mk-clrnew --unit 1 --out {file}"), "").success();
    let link = bob.path().join("link.json").display().to_string();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let bob_signs = || drop(bob.run(&format!("request sign {link} -y"), "1\npw-bob\n").success());
    let mut stdin = BufReader::new(Meanwhile { work: Some(bob_signs), then: b"1\npw-admin1\n" });
    alice.run_reading(&["request", "sign", &file, "-y"], &mut stdin).success();
    let request = RequestFile::from_json(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(request.signatures().iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["admin1", "bob"]);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
}

/// Standard input that somebody else works before.
struct Meanwhile<F> {
    work: Option<F>,
    then: &'static [u8],
}

impl<F: FnOnce() + Send> Read for Meanwhile<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(work) = self.work.take() {
            // A thread of its own, because the command that reads is at work on a runtime in this one.
            std::thread::scope(|scope| scope.spawn(work).join()).unwrap();
        }
        self.then.read(buffer)
    }
}

/// A desk with one administrator, who alone commands unit 1.
fn secured_desk(server: &Server) -> Workstation {
    let mut desk = at(server, 1);
    desk.run("cryptounit-add", "1\n").success();
    desk.add_signature_key("admin1");
    desk.run("sigkey-sel", "1\npw-admin1\n").success();
    desk.run("cryptounit-admin-add", "1\npw-admin1\n").success();
    desk.run("cryptounit-thrhld-set", "1\n1\npw-admin1\n").success();
    desk
}

#[test]
fn a_copied_key_part_file_loads_nothing() {
    let server = Server::start();
    let mut desk = secured_desk(&server);
    for part in ["first", "other"] {
        desk.run("mk-add --random", &format!("{part}\npw\npw\n")).success();
    }
    std::fs::copy(desk.path().join("1.mkpart"), desk.path().join("3.mkpart")).unwrap();
    let before = server.events();
    for chosen in ["1 3", "1 2 3"] {
        let passwords = "pw\n".repeat(chosen.split(' ').count());
        let message = desk.run("cryptounit-mk-load", &format!("{chosen}\npw-admin1\n{passwords}")).failure();
        assert!(message.starts_with("The same master key part was specified more than once."), "{message}");
    }
    assert_eq!(server.events(), before);
}

#[test]
fn a_wrong_password_for_the_new_administrator_has_its_own_text() {
    let server = Server::start();
    let mut desk = at(&server, 1);
    desk.run("cryptounit-add", "1\n").success();
    desk.add_signature_key("admin1");
    let message = desk.run("cryptounit-admin-add", "1\nwrong\n").failure();
    assert_eq!(message, "Invalid password for a signature key file");
    let file = desk.path().join("request.json").display().to_string();
    let create = format!("request create admin-add --unit 1 --new-keynum 1 --out {file}");
    assert_eq!(desk.run(&create, "wrong\n").failure(), "Invalid password for a signature key file");
    desk.run("sigkey-sel", "1\npw-admin1\n").success();
    desk.run("cryptounit-admin-add", "1\npw-admin1\n").success();
    assert_eq!(desk.run("cryptounit-thrhld-set", "1\n1\nwrong\n").failure(), "Invalid password.");
}

#[test]
fn a_request_tells_whose_signatures_count() {
    let server = Server::start();
    let (mut desk, mut stranger) = (secured_desk(&server), at(&server, 2));
    stranger.add_signature_key("mallory");
    let file = desk.path().join("clear.json").display().to_string();
    desk.run(&format!("request create mk-clrnew --unit 1 --out {file}"), "").success();
    stranger.run(&format!("request sign {file} -y"), "1\npw-mallory\n").success();
    let shown = desk.run(&format!("request show {file}"), "").success();
    assert!(shown.contains("The request has 0 of 1 signatures that the crypto unit requires.\n"), "{shown}");
    assert!(shown.contains("...)  The name was not checked.\n"), "{shown}");
    assert!(shown.contains("is not an administrator of the crypto unit.  It will refuse the request.\n"), "{shown}");
    desk.run(&format!("request sign {file} -y"), "1\npw-admin1\n").success();
    let renamed = std::fs::read_to_string(&file).unwrap().replace("admin1", "director");
    std::fs::write(&file, renamed).unwrap();
    let shown = desk.run(&format!("request show {file}"), "").success();
    assert!(shown.contains("The request has 1 of 1 signatures that the crypto unit requires.\n"), "{shown}");
    assert!(shown.contains("   admin1 (") && !shown.contains("director"), "the certificate names the signer: {shown}");

    let file = desk.path().join("set.json").display().to_string();
    desk.run(&format!("request create mk-setimm --unit 1 --out {file}"), "").success();
    let shown = desk.run(&format!("request show {file}"), "").success();
    assert!(shown.contains("The crypto unit requires no signature on the request.\n"), "{shown}");
}

#[test]
fn another_key_of_a_known_module_is_a_warning() {
    let server = Server::start();
    let mut desk = at(&server, 1);
    desk.run("cryptounit-add", "1\n").success();
    desk.run("cryptounit-admins", "").success();
    let known = desk.member("CRYPTOMODULES", "public_key");
    let file = desk.path().join("zeroize.json").display().to_string();
    desk.run(&format!("request create zeroize --unit 1 --out {file}"), "").success();
    desk.damage("CRYPTOMODULES", &known, &"04".repeat(133));
    let serial = desk.member("CRYPTOMODULES", "serial_num");
    let warning = format!("Warning!  Crypto module {serial} presents another key than before.");
    for command in [format!("request show {file}"), "cryptounit-admins".to_owned()] {
        let outcome = desk.run(&command, "");
        assert_eq!((outcome.status, outcome.stderr.matches(&warning).count()), (0, 1), "{outcome:?}");
    }
    desk.run("cryptounit-admins", "").success();
}

#[test]
fn a_credential_that_leaves_the_machine_is_announced_once_a_run() {
    let server = Server::start();
    let mut desk = secured_desk(&server);
    let file = desk.path().join("clear.json").display().to_string();
    desk.run(&format!("request create mk-clrnew --unit 1 --out {file}"), "").success();
    desk.run(&format!("request sign {file} -y"), "1\npw-admin1\n").success();
    // Every address of this machine, and not its loopback address by name.
    let abroad = server.address.replace("127.0.0.1", "0.0.0.0");
    let mut desk = desk.with("TKE_PRIVATE_ADDR", &abroad).with("IBMCLOUD_API_KEY", support::MANAGER_KEY);
    let outcome = desk.run(&format!("request submit {file} -y"), "");
    let warning = format!("Warning!  The access token or API key is sent to {abroad} without encryption.\n");
    assert_eq!((outcome.status, outcome.stderr), (0, warning), "{}", outcome.stdout);
}

#[test]
fn key_files_do_not_sign_while_a_signing_service_is_set() {
    let server = Server::start();
    let mut desk = secured_desk(&server).with("TKE_SIGNSERV_URL", "https://signing.example.com:8080");
    let message = desk.run("cryptounit-mk-clrnew", "").failure();
    assert!(message.contains("The SIGNSERVKEYS file must name enough signature keys"), "{message}");
    desk.run("cryptounit-mk", "").success();
}
