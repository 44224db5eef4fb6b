//! Random operations with random faults, from many seeds; the rules are in `support/simulation.rs`.
//!
//! `HPCS_SIMULATION_SEED=N cargo test -p hpcs-store --test simulation` runs that seed alone,
//! `HPCS_SIMULATION_SEEDS=N` runs the seeds from 1 to N. A seed fixes operations and faults; which operations meet in one
//! transaction is also a matter of the machine.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic)]

#[path = "support/fixture.rs"]
#[allow(dead_code)]
mod fixture;
#[path = "support/postgres.rs"]
#[allow(dead_code)]
mod server;
#[path = "support/simulation.rs"]
#[allow(dead_code)]
mod simulation;

use std::fs;
use std::future::Future;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hpcs_store::{Faults, LogOptions, PostgresStore, SqliteStore, StoreOptions, VirtualClock};
use tempfile::TempDir;

use crate::fixture::{Digits, START};
use crate::server::{Server, is_required};
use crate::simulation::{Site, TestStore, run};

#[test]
fn sqlite_keeps_its_word_under_faults() {
    each_seed(150, |seed| run(seed, File { directory: tempfile::tempdir().unwrap(), open: None }));
}

#[test]
fn postgres_keeps_its_word_under_faults() {
    let server = match Server::start() {
        Ok(server) => server,
        Err(reason) if is_required() => panic!("{reason}"),
        Err(reason) => {
            // Not `eprintln`: what that writes is hidden in a test that passes.
            let _ = writeln!(std::io::stderr(), "postgres_keeps_its_word_under_faults ... skipped: {reason}");
            return;
        }
    };
    let server = &server;
    each_seed(20, |seed| async move {
        let url = server.url(&server.database().await);
        run(seed, Database { url }).await;
    });
}

/// Runs the seeds, and names the one that fails.
fn each_seed<F: Future<Output = ()>>(usual: u64, run: impl Fn(u64) -> F) {
    let seeds = match (number("HPCS_SIMULATION_SEED"), number("HPCS_SIMULATION_SEEDS")) {
        (Some(one), _) => one..=one,
        (None, many) => 1..=many.unwrap_or(usual),
    };
    for seed in seeds {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        if catch_unwind(AssertUnwindSafe(|| runtime.block_on(run(seed)))).is_err() {
            panic!("seed {seed} failed; run it again with HPCS_SIMULATION_SEED={seed}");
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "a switch of the test itself")]
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap())
}

/// A file; after a crash, a copy of it as it was at that moment.
struct File {
    directory: TempDir,
    open: Option<Arc<SqliteStore<&'static str, u32>>>,
}

impl Site for File {
    fn open(&mut self, faults: Arc<dyn Faults>, session: u64) -> BoxFuture<'_, TestStore> {
        let clock = Arc::new(VirtualClock::new(START, 10));
        let opened = SqliteStore::open(self.directory.path(), Arc::new(Digits), clock, options(session), faults);
        let store = Arc::new(opened.unwrap());
        self.open = Some(store.clone());
        async move { store as TestStore }.boxed()
    }

    fn crash(&mut self, store: TestStore) -> BoxFuture<'_, ()> {
        let copy = tempfile::tempdir().unwrap();
        // In this order the log has what the file has not yet: nothing is moved while nobody commits.
        for file in ["emulator.db", "emulator.db-wal"] {
            fs::copy(self.directory.path().join(file), copy.path().join(file)).unwrap();
        }
        self.open = None;
        self.directory = copy;
        drop(store);
        async {}.boxed()
    }

    fn inspect(&self, _: &TestStore) -> BoxFuture<'_, ()> {
        if let Some(store) = &self.open {
            store.check(&mut |finding| panic!("{finding}")).unwrap();
        }
        async {}.boxed()
    }
}

/// A database; a crash is a replica that is simply gone.
struct Database {
    url: String,
}

impl Site for Database {
    fn open(&mut self, faults: Arc<dyn Faults>, session: u64) -> BoxFuture<'_, TestStore> {
        let clock = Arc::new(VirtualClock::new(START, 10));
        async move {
            let store = PostgresStore::open(&self.url, Arc::new(Digits), clock, options(session), faults).await;
            Arc::new(store.unwrap()) as TestStore
        }
        .boxed()
    }

    fn crash(&mut self, store: TestStore) -> BoxFuture<'_, ()> {
        drop(store);
        async {}.boxed()
    }

    fn inspect(&self, _: &TestStore) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }
}

/// Nothing is decided by time.
fn options(session: u64) -> StoreOptions {
    let mut options = StoreOptions::new(LogOptions { chained: true, ..LogOptions::default() }, session);
    options.deadline = Duration::from_secs(60);
    options
}
