//! The whole service against the cryptography it cannot avoid, its start, and its memory.
//!
//! `cargo bench -p hpcs-emulator` prints
//! - a threshold change with two signatures through gRPC, against the bare P-521 work of server and client in the same
//!   run (aim: at least 0.8 of its rate),
//! - the time from start to the first line of output (aim: 50 ms),
//! - the memory of a server at rest (aim: 15 MiB).
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hpcs_emulator::{Config, Emulator, Log, World};
use hpcs_ep11::{AdminFunction, AttributeList, P521KeyPair, PublicKey, SignatureScheme, SigningKey};
use hpcs_workstation::{PreparedCommand, Service, Signer, Thresholds, UnitClient, trusted_roots};

/// Commands in one round.
const COMMANDS: u32 = 200;
/// Rounds; the median of their ratios counts.
const ROUNDS: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(through_grpc());
    start_and_memory();
}

async fn through_grpc() {
    let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
    let emulator = Emulator::start(config, World::reproducible(7), Log::silent()).await.unwrap();
    let service = Service::connect(&emulator.url()).unwrap();
    let token = service.issue_token("hpcs-emulator-manager-key").await.unwrap().token;
    let service = service.with_token(token);
    let instance = service.instances().await.unwrap()[0].id;
    let listed = service.crypto_units(instance).await.unwrap();
    let unit = UnitClient::connect(&service, instance, &listed[0], &trusted_roots()).await.unwrap();
    let [alice, bob] = [51, 52].map(|scalar| Signer::from(key(scalar)));
    unit.add_administrator("alice", &alice, &[]).await.unwrap();
    unit.add_administrator("bob", &bob, &[]).await.unwrap();
    unit.set_thresholds(Thresholds { signature: 2, revocation: 2 }, &[&alice, &bob]).await.unwrap();

    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let (audited, bare) = round(&unit, &alice, &bob).await;
        let ratio = bare.as_secs_f64() / audited.as_secs_f64();
        let (audited, bare) = (audited / COMMANDS, bare / COMMANDS);
        println!("through gRPC {audited:>7.1?} a command, bare P-521 {bare:>7.1?}, ratio {ratio:.2}");
        ratios.push(ratio);
    }
    ratios.sort_unstable_by(f64::total_cmp);
    let median = ratios[ROUNDS / 2];
    println!("threshold change with two signatures through gRPC / bare P-521 work: median {median:.2} (aim: 0.8)");
    emulator.shutdown().await.unwrap();
}

/// Commands one after the other, each followed by the bare work of one, so that both meet the same machine: the time of
/// all commands, and of all the bare work.
async fn round(unit: &UnitClient, alice: &Signer, bob: &Signer) -> (Duration, Duration) {
    let mut report = unit.attributes().await.unwrap();
    let input = AttributeList(vec![(AttributeList::REVOCATION_THRESHOLD, 2)]).encode();
    let keys = [key(51), key(52)];
    let (mut audited, mut alone) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..COMMANDS {
        let start = Instant::now();
        let command = PreparedCommand::new(&report, AdminFunction::SET_ATTRIBUTES, &input);
        unit.send_signed(&command, &[alice, bob]).await.unwrap();
        report.counter = command.counter;
        audited += start.elapsed();
        let start = Instant::now();
        bare(&keys[0], &keys[1]);
        alone += start.elapsed();
    }
    (audited, alone)
}

fn key(scalar: u8) -> SigningKey {
    SigningKey::P521(P521KeyPair::from_scalar(&[scalar]).unwrap())
}

/// The signatures and verifications of one command without anything around them.
fn bare(alice: &SigningKey, bob: &SigningKey) {
    let message = [0x5a; 170];
    let verify = |key: &PublicKey, signature: &[u8]| {
        assert!(key.verify(SignatureScheme::EcdsaP521Sha512, black_box(&message), signature));
    };
    let (alice_key, bob_key) = (alice.public(), bob.public());
    let signatures = [alice.sign(black_box(&message)), bob.sign(black_box(&message))];
    verify(&alice_key, &signatures[0]);
    verify(&bob_key, &signatures[1]);
    verify(&alice_key, &alice.sign(black_box(&message)));
}

fn start_and_memory() {
    let mut starts = Vec::new();
    for _ in 0..10 {
        let start = Instant::now();
        let mut server = spawn();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        starts.push(start.elapsed());
        if starts.len() == 10 {
            println!("start to ready: median {:.1?} (aim: 50 ms)", median(&mut starts));
            println!("memory at rest: {} (aim: 15 MiB)", resident(&server));
        }
        server.kill().unwrap();
        server.wait().unwrap();
    }
}

fn spawn() -> Child {
    Command::new(env!("CARGO_BIN_EXE_hpcs-emulator"))
        .args(["serve", "--port", "0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Resident memory as Linux tells it; elsewhere it is not measured.
fn resident(server: &Child) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    match status.lines().find_map(|line| line.strip_prefix("VmRSS:")).and_then(|size| size.trim().strip_suffix(" kB")) {
        Some(kib) => format!("{:.1} MiB", kib.trim().parse::<f64>().unwrap_or_default() / 1024.0),
        None => "not measured on this system".to_owned(),
    }
}
