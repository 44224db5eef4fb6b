//! Ceremonies of `tke` whose administrators' keys a signing service keeps, and what happens when it fails.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;
#[path = "../tke-client/tke/tests/workstation/mod.rs"]
mod workstation;

use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20::ChaCha20Rng;
use hpcs_emulator::Log;
use hpcs_emulator::signing_service::{Faults, KeyDirectory, Options, SigningServiceServer};
use hpcs_ep11::SigningKey;
use hpcs_workstation::{Password, open_signature_key_file};
use rand_core::SeedableRng;
use support::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use workstation::Workstation;

const FIRST: &str = "[us-south].[AZ1-CS7].[01].[13]";
const SECOND: &str = "[us-south].[AZ3-CS9].[01].[39]";
const KEYS: &str = r#"[{"key":"first-key"},{"key":"second-key","token":"t2"}]"#;
const SIGNATURE: &str = "Error requesting a signature over supplied data.\n";

/// A directory with two keys: `first-key` under `t1`, `second-key` under `t2`.
struct Keys {
    directory: tempfile::TempDir,
}

impl Keys {
    fn new() -> Self {
        let keys = Keys { directory: tempfile::tempdir().unwrap() };
        let mut rng = ChaCha20Rng::from_seed([5; 32]);
        for (name, token) in [("first-key", "t1"), ("second-key", "t2")] {
            keys.open().add(name, &password(token), &mut rng).unwrap();
        }
        keys
    }

    fn open(&self) -> KeyDirectory {
        KeyDirectory::at(self.directory.path().to_owned())
    }

    /// The keys, and a service without faults that keeps them.
    fn serving(self, server: &Server) -> (Self, SigningServiceServer) {
        let service = self.serve(server, &[]);
        (self, service)
    }

    fn serve(&self, server: &Server, faults: &[&str]) -> SigningServiceServer {
        let options = Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            keys: self.open(),
            faults: Faults::new(faults.iter().map(|fault| fault.parse().unwrap()).collect()),
            log_requests: false,
        };
        server.run(SigningServiceServer::start(options, Log::silent())).unwrap()
    }
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

/// A workstation with two selected units, and a key file that is not to be read.
fn desk(server: &Server, signing: &str) -> Workstation {
    let mut desk = Workstation::seeded(1).with("TKE_PRIVATE_ADDR", &server.address).with("TKE_SIGNSERV_URL", signing);
    std::fs::write(desk.path().join("SIGNSERVKEYS"), KEYS).unwrap();
    std::fs::write(desk.path().join("1.sigkey"), "not a key file").unwrap();
    desk.run("cryptounit-add", "1 2\n").success();
    desk
}

/// Both keys become administrators of both units, which then leave imprint mode with thresholds of 2.
fn initialise(desk: &mut Workstation) {
    desk.run("cryptounit-admin-add", "first-key\nadmin1\nt1\n").success();
    desk.run("cryptounit-admin-add --key second-key --name admin2", "t2\n").success();
    desk.run("cryptounit-thrhld-set", "2\n2\nt1\n").success();
}

/// Each action on both units, in unit order.
fn on_both(actions: &[&str]) -> Vec<(String, String, String)> {
    let each =
        |action: &&str| [FIRST, SECOND].map(|unit| ((*action).to_owned(), unit.to_owned(), "success".to_owned()));
    actions.iter().flat_map(each).collect()
}

#[test]
fn keys_of_a_service_initialise_two_units() {
    let server = Server::start();
    let (_keys, service) = Keys::new().serving(&server);
    let mut desk = desk(&server, &service.url());
    initialise(&mut desk);
    for part in ["first", "second"] {
        desk.run("mk-add --random", &format!("{part}\npw-{part}\npw-{part}\n")).success();
    }
    let loaded = desk.run("cryptounit-mk-load", "1 2\nt1\npw-first\npw-second\n").success();
    let prompt = "Enter the access token for the signature key identified by:\nfirst-key\n> ";
    assert!(loaded.contains(prompt) && loaded.contains("Full Uncommitted"), "{loaded}");
    let committed = desk.run("cryptounit-mk-commit", "t1\n").success();
    assert!(committed.contains("Full Committed"), "{committed}");
    let active = desk.run("cryptounit-mk-setimm", "y\nt1\n").success();
    assert!(active.contains("Valid"), "{active}");
    let compared = desk.run("cryptounit-compare", "").success();
    assert!(compared.contains("admin1") && compared.contains("configured the same"), "{compared}");
    let expected = on_both(&[
        "-admin.add",
        "-admin.add",
        "-threshold.set",
        "-master-key-register.add",
        "-master-key-register.commit",
        "-master-key-register.activate",
    ]);
    assert_eq!(server.events(), expected);

    let file = desk.path().join("clear.json").display().to_string();
    desk.run(&format!("request create mk-clrcur --unit 1 --out {file}"), "").success();
    desk.run(&format!("request sign {file} --key second-key -y"), "").success();
    desk.run(&format!("request submit {file} -y"), "").success();
    assert_eq!(server.events().len(), expected.len() + 1);
    assert_eq!(std::fs::read_to_string(desk.path().join("1.sigkey")).unwrap(), "not a key file");
}

#[test]
fn keys_of_a_service_initialise_an_instance_with_recovery_units_and_rotate_its_master_key() {
    let server = Server::start();
    let (_keys, service) = Keys::new().serving(&server);
    let mut desk = desk(&server, &service.url());
    let twice = "\n2\n2\n2\nsecond-key\nadmin2\nt2\nsecond-key\nother\nt2\n";
    let message = desk.run("auto-init", twice).failure();
    assert!(message.starts_with("Signature keys are not unique."), "{message}");
    assert_eq!(server.events(), []);
    let administrators = "first-key\nadmin1\nt1\nsecond-key\nadmin2\nt2\n";
    let printed = desk.run("auto-init", &format!("\n2\n2\n2\n{administrators}")).success();
    assert!(printed.contains("\nEnter the signature key identifier:\n> first-key\n"), "{printed}");
    assert!(printed.contains("\nTransferring the master key value to 3 of 3 crypto units....\nOK\n"), "{printed}");
    // Two administrators and thresholds in four units, then three events in each of three.
    assert_eq!(server.events().len(), 4 * 3 + 3 * 3);
    let rotated = desk.run("auto-mk-rotate --delay 0", "t1\n").success();
    assert!(rotated.ends_with("Master key rotation successful.\n"), "{rotated}");
    let compared = desk.run("cryptounit-compare", "").success();
    assert!(compared.contains("admin2") && compared.contains("configured the same"), "{compared}");
}

#[test]
fn a_service_that_is_down_or_short_of_keys_changes_nothing() {
    let server = Server::start();
    let (keys, service) = Keys::new().serving(&server);
    let mut desk = desk(&server, &service.url());
    initialise(&mut desk);
    let before = server.events().len();
    server.run(service.shutdown());
    let message = desk.run("cryptounit-mk-commit", "t1\n").failure();
    assert!(message.starts_with(&format!("{SIGNATURE}Message: ")), "{message}");

    std::fs::write(desk.path().join("SIGNSERVKEYS"), r#"[{"key":"second-key","token":"t2"}]"#).unwrap();
    let message = desk.run("cryptounit-mk-commit", "").failure();
    let few = "Not enough signature keys are selected to meet the signature threshold value.\n";
    assert!(message.starts_with(few), "{message}");
    let message = desk.run("cryptounit-admin-rm", "1\n").failure();
    assert!(message.contains("to meet the revocation signature threshold value."), "{message}");

    // Enough keys, but one of them is no administrator.
    keys.open().add("stranger", &password("t3"), &mut ChaCha20Rng::from_seed([6; 32])).unwrap();
    let service = keys.serve(&server, &[]);
    let listed = r#"[{"key":"stranger","token":"t3"},{"key":"second-key","token":"t2"}]"#;
    std::fs::write(desk.path().join("SIGNSERVKEYS"), listed).unwrap();
    let mut desk = desk.with("TKE_SIGNSERV_URL", &service.url());
    let message = desk.run("cryptounit-mk-commit", "").failure();
    assert!(message.starts_with(few), "{message}");
    assert_eq!(server.events().len(), before);
}

#[test]
fn faults_of_the_service_have_the_documented_texts_and_leave_no_event() {
    let server = Server::start();
    let (keys, service) = Keys::new().serving(&server);
    let mut desk = desk(&server, &service.url());
    initialise(&mut desk);
    let before = server.events().len();
    let message = desk.run("cryptounit-mk-commit", "wrong\n").failure();
    assert_eq!(message, format!("{SIGNATURE}Status code: 401\nMessage: the token does not open the key"));
    let curve = "Invalid public key returned by signing service.  Only P521 EC keys are supported.";
    for (fault, expected) in [
        ("second-key:wrong-curve", curve.to_owned()),
        ("unauthorized", format!("{SIGNATURE}Status code: 401\nMessage: the token is not accepted")),
        ("first-key:down", format!("{SIGNATURE}Message: ")),
        ("down", format!("{SIGNATURE}Message: ")),
    ] {
        let service = keys.serve(&server, &[fault]);
        let mut faulty = desk.with("TKE_SIGNSERV_URL", &service.url());
        let message = faulty.run("cryptounit-mk-commit", "t1\n").failure();
        assert!(message.starts_with(&expected), "{fault}: {message}");
        desk = faulty;
    }
    let mut nowhere = desk.with("TKE_SIGNSERV_URL", "signing.example.com");
    let message = nowhere.run("cryptounit-mk-commit", "t1\n").failure();
    assert!(message.starts_with("The TKE_SIGNSERV_URL environment variable is not an http or https URL"), "{message}");
    assert_eq!(server.events().len(), before);
}

#[test]
fn moved_keys_keep_their_identifiers_and_never_are_on_the_wire() {
    let server = Server::start();
    let mut before = Workstation::seeded(2).with("TKE_PRIVATE_ADDR", &server.address);
    before.run("cryptounit-add", "1\n").success();
    before.add_signature_key("admin1");
    before.run("sigkey-sel", "1\npw-admin1\n").success();
    before.run("cryptounit-admin-add", "1\npw-admin1\n").success();
    let file = before.path().join("1.sigkey");

    let keys = Keys::new();
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    keys.open().import("moved", &file, &password("pw-admin1"), &password("t4"), &mut rng).unwrap();
    let service = keys.serve(&server, &[]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let url = server.run(overheard(service.url().trim_start_matches("http://").to_owned(), seen.clone()));
    std::fs::write(before.path().join("SIGNSERVKEYS"), r#"[{"key":"moved","token":"t4"}]"#).unwrap();
    let mut after = before.with("TKE_SIGNSERV_URL", &url);
    after.run("cryptounit-thrhld-set", "1\n1\n").success();

    let seen = seen.lock().unwrap();
    let text = String::from_utf8_lossy(&seen).into_owned();
    assert!(text.contains("POST /sign/moved") && text.contains("\"publickey\""), "{text}");
    for form in forms_of_the_private_key(&file) {
        assert!(!text.contains(&form), "the private key is on the wire");
    }
}

/// The private scalar in hexadecimal, and in base64 at each of the three places where it can begin.
fn forms_of_the_private_key(file: &Path) -> Vec<String> {
    let SigningKey::P521(key) = open_signature_key_file(file, &password("pw-admin1")).unwrap() else { panic!("RSA") };
    let stored = key.to_stored();
    let scalar = &stored[2..66];
    let shifted = (0..3).map(|skipped| STANDARD_NO_PAD.encode(&scalar[skipped..skipped + 60]));
    shifted.chain([hex::encode(scalar)]).collect()
}

/// An address that leads to `target`; every byte in either direction is kept.
async fn overheard(target: String, seen: Arc<Mutex<Vec<u8>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (from_client, to_client) = client.into_split();
            let (from_service, to_service) = TcpStream::connect(&target).await.unwrap().into_split();
            tokio::spawn(pump(from_client, to_service, seen.clone()));
            tokio::spawn(pump(from_service, to_client, seen.clone()));
        }
    });
    url
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, seen: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = vec![0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        seen.lock().unwrap().extend_from_slice(&buffer[..count]);
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
