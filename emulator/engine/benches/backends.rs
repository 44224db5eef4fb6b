//! The same operations by 64 clients over the store in memory and over a SQLite file, in turn.
//!
//! `cargo bench -p hpcs-engine --bench backends`. The whole way of an operation is measured but for public-key work: the
//! commands passed admission already, and answers are not signed. The file is to reach at least half the rate of memory.
//! A directory may be named as an argument: `-- /mnt/disk`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use chacha20::ChaCha20Rng;
use hpcs_engine::{Engine, RecordCodec, ServiceStore};
use hpcs_ep11::{AdminCertificate, AdminFunction};
use hpcs_names::{CryptoUnitId, InstanceId};
use hpcs_service::sealing::StoreKey;
use hpcs_service::{InstanceSpec, Operation, Origin, Who};
use hpcs_store::{ControlledClock, LogOptions, MemoryStore, NoFaults, SqliteStore, StoreOptions, VirtualClock};
use rand_core::SeedableRng;
use support::{Bench, Making, START, administrators, admitted, attributes, spec};
use zeroize::Zeroizing;

/// An emulator without surfaces, and its clients.
struct Contestant {
    bench: Bench,
    clients: Vec<Client>,
}

#[derive(Clone)]
struct Client {
    instance: InstanceId,
    unit: CryptoUnitId,
    counter: u128,
}

fn main() {
    let place: PathBuf = match std::env::args().skip(1).find(|argument| !argument.starts_with('-')) {
        Some(path) => path.into(),
        None => std::env::temp_dir(),
    };
    let directory = tempfile::tempdir_in(place).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let clock = || Arc::new(ControlledClock::new(Arc::new(VirtualClock::new(START, 10))));
        let (memory_clock, file_clock) = (clock(), clock());
        let memory = Arc::new(MemoryStore::new(memory_clock.clone(), LogOptions::default()));
        let rng = || Box::new(ChaCha20Rng::seed_from_u64(1));
        let codec = Arc::new(RecordCodec::new(StoreKey::new(&Zeroizing::new([1; 32])), rng()));
        let options = StoreOptions::new(LogOptions::default(), 1);
        let file = SqliteStore::open(directory.path(), codec, file_clock.clone(), options, Arc::new(NoFaults)).unwrap();
        let mut memory = Contestant::new(memory, memory_clock).await;
        let mut file = Contestant::new(Arc::new(file), file_clock).await;
        memory.compare(&mut file, "threshold changes: state and event", Contestant::change_thresholds).await;
        memory.compare(&mut file, "calls without a token: event only", Contestant::be_refused).await;
        file.bench.engine.close().await.unwrap();
    });
}

impl Contestant {
    async fn new(store: ServiceStore, clock: Arc<ControlledClock>) -> Self {
        let instances: Vec<InstanceSpec> = (0..CLIENTS.div_ceil(6) as u32)
            .map(|number| InstanceSpec { operational: 6, recovery: false, ..spec(number) })
            .collect();
        let bench = Bench::on(store, clock, Making { instances, ..Making::default() }).await;
        let mut clients = Vec::new();
        for instance in bench.instances().await {
            let client = |unit| Client { instance: instance.id, unit, counter: 2 };
            clients.extend(instance.units.iter().map(|card| client(card.id)));
        }
        clients.truncate(CLIENTS);
        let certificates: Vec<_> = ["one", "two"]
            .into_iter()
            .zip(&administrators())
            .map(|(name, key)| AdminCertificate::build(name, key).unwrap())
            .collect();
        for Client { instance, unit, .. } in &clients {
            for (certificate, counter) in certificates.iter().zip(1..) {
                let command = admitted(AdminFunction::ADD_ADMINISTRATOR, certificate.clone(), counter);
                let operation = Operation::admitted(*instance, *unit, command);
                bench.engine.carry_out(bench.who(), operation).await.ok().unwrap();
            }
        }
        Contestant { bench, clients }
    }

    /// Both in turn, after a round that does not count; prints the medians and their ratio.
    async fn compare(&mut self, other: &mut Self, what: &str, work: fn(&Engine, String, Client) -> Work) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let rates = (self.rate(work).await, other.rate(work).await);
            if round > 0 {
                ours.push(rates.0);
                theirs.push(rates.1);
            }
        }
        let (memory, file) = (median(ours), median(theirs));
        println!("{what}: memory {memory:.0} /s, SQLite file {file:.0} /s, ratio {:.2}", file / memory);
    }

    /// Operations a second of all clients together.
    async fn rate(&mut self, work: fn(&Engine, String, Client) -> Work) -> f64 {
        let begun = Instant::now();
        let tasks: Vec<_> = self
            .clients
            .iter()
            .map(|client| tokio::spawn(work(&self.bench.engine, self.bench.token.clone(), client.clone())))
            .collect();
        for (client, task) in self.clients.iter_mut().zip(tasks) {
            client.counter = task.await.unwrap();
        }
        (CLIENTS * OPERATIONS) as f64 / begun.elapsed().as_secs_f64()
    }

    fn change_thresholds(engine: &Engine, token: String, client: Client) -> Work {
        let engine = engine.clone();
        Box::pin(async move {
            let Client { instance, unit, mut counter } = client;
            for _ in 0..OPERATIONS {
                counter += 1;
                let input = attributes(1 + (counter % 2) as u32, 1);
                let command = admitted(AdminFunction::SET_ATTRIBUTES, input, counter);
                let who = Who { authentication: engine.authenticate(Some(&token)), origin: Origin::default() };
                engine.carry_out(who, Operation::admitted(instance, unit, command)).await.ok().unwrap();
            }
            counter
        })
    }

    fn be_refused(engine: &Engine, _: String, client: Client) -> Work {
        let engine = engine.clone();
        Box::pin(async move {
            let Client { instance, unit, counter } = client;
            for _ in 0..OPERATIONS {
                let command = admitted(AdminFunction::ZEROIZE, vec![], 1);
                let who = Who { authentication: engine.authenticate(None), origin: Origin::default() };
                let refused = engine.carry_out(who, Operation::admitted(instance, unit, command)).await;
                assert!(refused.is_err());
            }
            counter
        })
    }
}

/// What one client does; gives its transaction counter.
type Work = std::pin::Pin<Box<dyn Future<Output = u128> + Send>>;

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

const CLIENTS: usize = 64;

/// Operations of one client in one round.
const OPERATIONS: usize = 200;

const ROUNDS: usize = 5;
