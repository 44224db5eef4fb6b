//! The same calls by 64 clients through gRPC to an emulator in memory and to one with a data directory, in turn.
//!
//! `cargo bench -p hpcs-emulator --bench stores`. The calls have no token: the whole way of an operation with its event,
//! and no public-key work. The data directory is to reach at least half the rate of memory. A directory may be named as
//! an argument: `-- /mnt/disk`.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use std::path::PathBuf;
use std::time::Instant;

use hpcs_emulator::config::{StoreConfig, StorePlace};
use hpcs_emulator::{Config, Emulator, Log, World};
use hpcs_grpc::emulator::v1::SubmitRequest;
use hpcs_grpc::emulator::v1::crypto_units_client::CryptoUnitsClient;
use tonic::Code;
use tonic::transport::{Channel, Endpoint};

const CLIENTS: usize = 64;
/// Calls of one client in one round.
const CALLS: usize = 100;
/// Rounds that count; the median of their rates does.
const ROUNDS: usize = 5;

fn main() {
    let place: PathBuf = match std::env::args().skip(1).find(|argument| !argument.starts_with('-')) {
        Some(path) => path.into(),
        None => std::env::temp_dir(),
    };
    let directory = tempfile::tempdir_in(place).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let memory = Contestant::start(StorePlace::Memory).await;
        let path = directory.path().join("data");
        let file = Contestant::start(StorePlace::Directory { path, key_file: None }).await;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let rates = (memory.rate().await, file.rate().await);
            if round > 0 {
                ours.push(rates.0);
                theirs.push(rates.1);
            }
        }
        let (ours, theirs) = (median(ours), median(theirs));
        println!("refused calls through gRPC, {CLIENTS} clients: memory {ours:.0} /s, data directory {theirs:.0} /s");
        println!("ratio {:.2} (aim: 0.5)", theirs / ours);
        memory.emulator.shutdown().await.unwrap();
        file.emulator.shutdown().await.unwrap();
    });
}

struct Contestant {
    emulator: Emulator,
    clients: Vec<CryptoUnitsClient<Channel>>,
    message: SubmitRequest,
}

impl Contestant {
    async fn start(place: StorePlace) -> Self {
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            store: StoreConfig { place, ..StoreConfig::default() },
            ..Config::default()
        };
        let emulator = Emulator::start(config, World::reproducible(7), Log::silent()).await.unwrap();
        let instance = &emulator.instances()[0];
        let message = SubmitRequest {
            instance: instance.id.to_string(),
            unit: instance.units[0].id.to_string(),
            payload: ZEROIZE.as_bytes().into(),
        };
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            let channel = Endpoint::from_shared(emulator.url()).unwrap().connect().await.unwrap();
            clients.push(CryptoUnitsClient::new(channel));
        }
        Contestant { emulator, clients, message }
    }

    /// Calls a second of all clients together.
    async fn rate(&self) -> f64 {
        let begun = Instant::now();
        let calls = |client: &CryptoUnitsClient<Channel>| {
            let (mut client, message) = (client.clone(), self.message.clone());
            tokio::spawn(async move {
                for _ in 0..CALLS {
                    let refused = client.submit(message.clone()).await.unwrap_err();
                    assert_eq!(refused.code(), Code::Unauthenticated);
                }
            })
        };
        let tasks: Vec<_> = self.clients.iter().map(calls).collect();
        for task in tasks {
            task.await.unwrap();
        }
        (CLIENTS * CALLS) as f64 / begun.elapsed().as_secs_f64()
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// A request string whose command can be made out: zeroize.
const ZEROIZE: &str = "245;PCI request;XPNUM   ;1;        ;00200400008054340000000000000003000000000000000000000000\
                       0000004A304804040001002904040000000304383036040400000010040800000003000000010410393341414243\
                       3031001122334455667704100000000000000000000000000000000104000400";
