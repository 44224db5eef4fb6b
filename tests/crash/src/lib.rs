//! The crash test: real processes, real clients, `kill -9`.
//!
//! ```text
//! start -> clients command every crypto unit and write down what they are told -> SIGKILL at some operation
//!   ▲                                                                                   │
//!   └────── compare log and units with what was told ◄── settle ◄── start again ◄───────┘
//! ```
//!
//! Of every operation a client knows that it was acknowledged, or, for the one that was under way when the process died,
//! nothing. An acknowledged operation must have its event and its effect. One that was under way must have both or
//! neither. The log has no gap and nothing twice. With two replicas over one database one of them is killed, and the
//! other must go on.
//!
//! # Layout
//! - `replica`: a process of the emulator.
//! - `commander`: a client that changes a crypto unit; `stranger`: one that is refused. Both keep what they were told.
//! - `compare`: what was told against what is there.

#![allow(clippy::print_stdout, reason = "the program and its test tell what they do")]

mod commander;
mod compare;
mod replica;
mod stranger;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chacha20::ChaCha20Rng;
use hpcs_names::InstanceId;
use hpcs_workstation::{CryptoUnitInfo, UnitClient, trusted_roots};
use rand_core::{Rng, SeedableRng};
use tokio::sync::Notify;

use commander::Commander;
use compare::Log;
use replica::Replica;
use stranger::Stranger;

/// Any failure; a text is all that a test needs.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What to do.
pub struct Plan {
    /// The program `crash-server`.
    pub program: PathBuf,
    /// Arguments that name the store: `--data-dir DIR`, or `--store URL --store-key-file FILE`.
    pub store: Vec<String>,
    /// Processes over the store.
    pub replicas: usize,
    /// How often one of them is killed.
    pub cycles: u64,
    /// Decides what the clients do and when the process is killed. The machine's scheduling does the rest.
    pub seed: u64,
}

/// What was done and seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Processes killed.
    pub kills: u64,
    /// Operations that were acknowledged, all with their events.
    pub acknowledged: u64,
    /// Operations under way at a kill that turned out to be committed.
    pub committed_unheard: u64,
    /// Operations under way at a kill that left nothing.
    pub lost_unheard: u64,
    /// Events in the log at the end.
    pub events: u64,
}

/// Everybody who talks to the emulator, through all cycles.
struct Clients {
    commanders: Vec<Commander>,
    strangers: Vec<Stranger>,
}

/// Carries out the plan.
///
/// # Errors
/// The first thing that is not as it must be, with the cycle and the seed.
pub async fn run(plan: &Plan) -> Result<Tally, Failure> {
    let mut cycle = 0;
    let result = cycles(plan, &mut cycle).await;
    result.map_err(|failure| format!("seed {}, cycle {cycle}: {failure}", plan.seed).into())
}

async fn cycles(plan: &Plan, cycle: &mut u64) -> Result<Tally, Failure> {
    let mut rng = ChaCha20Rng::seed_from_u64(plan.seed);
    let mut replicas = Vec::new();
    for _ in 0..plan.replicas {
        replicas.push(Replica::start(plan).await?);
    }
    let (instance, units) = replicas[0].units().await?;
    let mut clients = Clients::new(&units);
    let mut log = Log::default();
    let mut tally = Tally::default();
    while *cycle < plan.cycles {
        *cycle += 1;
        let victim = below(&mut rng, replicas.len() as u64) as usize;
        clients.work(&mut replicas, victim, instance, &units, &mut rng).await?;
        tally.kills += 1;
        if below(&mut rng, STARTS_A_KILL) == 0 {
            Replica::spawn(plan)?.die_starting(Duration::from_micros(below(&mut rng, A_START))).await?;
            tally.kills += 1;
        }
        if replicas.len() == 1 {
            replicas[victim] = Replica::start(plan).await?;
        }
        let witness = (victim + 1) % replicas.len();
        clients.settle(&replicas[witness], instance, &units).await?;
        log.compare(&replicas[witness], instance, &mut clients, &mut tally).await?;
        if replicas.len() > 1 {
            replicas[victim] = Replica::start(plan).await?;
        }
        if cycle.is_multiple_of(REPORT_EVERY) {
            println!("{cycle} cycles: {tally:?}");
        }
    }
    for replica in replicas {
        replica.stop().await?;
    }
    let last = Replica::start(plan).await?;
    tally.events = log.read_again(&last, instance).await?;
    last.stop().await?;
    replica::check(plan).await?;
    Ok(tally)
}

impl Clients {
    fn new(units: &[CryptoUnitInfo]) -> Self {
        Clients {
            commanders: units.iter().map(|_| Commander::default()).collect(),
            strangers: units.iter().map(|_| Stranger::default()).collect(),
        }
    }

    /// Everybody works until one replica is killed; clients of the others stop a little later.
    async fn work(
        &mut self,
        replicas: &mut [Replica],
        victim: usize,
        instance: InstanceId,
        units: &[CryptoUnitInfo],
        rng: &mut ChaCha20Rng,
    ) -> Result<(), Failure> {
        let pulse = Arc::new(Pulse::new(below(rng, MOST_OPERATIONS)));
        let mut commanding = Vec::new();
        let mut refused = Vec::new();
        for (at, unit) in units.iter().enumerate() {
            let replica = &replicas[below(rng, replicas.len() as u64) as usize];
            let listed = [(instance, unit.clone())];
            let client = UnitClient::connect_all(&replica.service, &listed, &trusted_roots()).await?.remove(0);
            let commander = std::mem::take(&mut self.commanders[at]);
            let own = ChaCha20Rng::seed_from_u64(rng.next_u64());
            commanding.push(tokio::spawn(commander.work(client, own, pulse.clone())));
            let stranger = std::mem::take(&mut self.strangers[at]);
            refused.push(tokio::spawn(stranger.work(replica.channel.clone(), instance, unit.id, pulse.clone())));
        }
        tokio::time::timeout(PATIENCE, pulse.reached()).await.map_err(|_| "the clients do not get on")?;
        replicas[victim].kill().await?;
        pulse.stop();
        for (at, task) in commanding.into_iter().enumerate() {
            self.commanders[at] = task.await??;
        }
        for (at, task) in refused.into_iter().enumerate() {
            self.strangers[at] = task.await??;
        }
        Ok(())
    }

    /// One more operation for every unit, which waits for whatever still holds the unit: after it, nothing of a killed
    /// process can come.
    async fn settle(
        &mut self,
        witness: &Replica,
        instance: InstanceId,
        units: &[CryptoUnitInfo],
    ) -> Result<(), Failure> {
        let listed: Vec<_> = units.iter().map(|unit| (instance, unit.clone())).collect();
        let connected = UnitClient::connect_all(&witness.service, &listed, &trusted_roots()).await?;
        for (commander, unit) in self.commanders.iter_mut().zip(&connected) {
            commander.settle(unit).await?;
        }
        Ok(())
    }
}

/// Counts operations as they begin, and says when it is time to kill.
struct Pulse {
    left: AtomicU64,
    reached: Notify,
    stopped: AtomicU64,
}

impl Pulse {
    fn new(operations: u64) -> Self {
        Pulse { left: AtomicU64::new(operations), reached: Notify::new(), stopped: AtomicU64::new(0) }
    }

    /// An operation begins; false when it should not.
    fn beat(&self) -> bool {
        let before = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(1)));
        if before.is_ok_and(|left| left <= 1) {
            self.reached.notify_one();
        }
        self.stopped.load(Ordering::SeqCst) == 0
    }

    async fn reached(&self) {
        self.reached.notified().await;
    }

    fn stop(&self) {
        self.stopped.store(1, Ordering::SeqCst);
    }
}

/// A number below `bound`, evenly enough for a test.
fn below(rng: &mut ChaCha20Rng, bound: u64) -> u64 {
    rng.next_u64() % bound.max(1)
}

/// Longer than this no emulator takes to start, in microseconds.
const A_START: u64 = 60_000;

/// How long anything may take that has to happen. It is not measured, only not waited for longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A kill comes before this many operations have begun.
const MOST_OPERATIONS: u64 = 400;

/// Every so many kills the next process is killed while it starts.
const STARTS_A_KILL: u64 = 8;

/// Cycles between two lines of progress.
const REPORT_EVERY: u64 = 25;

/// The arguments of an emulator over this database; its store key goes into `directory`.
///
/// # Errors
/// The key cannot be written.
pub fn over_postgres(url: &str, directory: &std::path::Path) -> Result<Vec<String>, Failure> {
    let key = directory.join("store.key");
    write_key(&key)?;
    Ok(["--store", url, "--store-key-file", &key.display().to_string()].map(str::to_owned).to_vec())
}

/// A key like that of a data directory: readable by its owner alone.
fn write_key(path: &std::path::Path) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(path)?, "{}", "5a".repeat(32))?;
    Ok(())
}
