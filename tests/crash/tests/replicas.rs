//! Two replicas over one PostgreSQL database, of which one is killed, again and again.
//!
//! A harness of its own, so that a machine without PostgreSQL says that nothing was tested. With
//! `HPCS_TEST_REQUIRE_POSTGRES=1` that is a failure. Many cycles: `cargo run --release -p hpcs-crash -- --postgres URL`.
#![allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "../../../emulator/store/tests/support/postgres.rs"]
mod server;

use std::process::ExitCode;

use hpcs_crash::{Plan, over_postgres, run};

const NAME: &str = "one_of_two_replicas_is_killed_and_nothing_is_lost";

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        println!("{NAME}: test");
        return ExitCode::SUCCESS;
    }
    let server = match server::Server::start() {
        Ok(server) => server,
        Err(reason) => {
            println!("test {NAME} ... skipped: {reason}");
            return ExitCode::from(u8::from(server::is_required()));
        }
    };
    let directory = tempfile::tempdir().unwrap();
    let result = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = over_postgres(&server.url(&server.database().await), directory.path())?;
        run(&Plan { program: env!("CARGO_BIN_EXE_crash-server").into(), store, replicas: 2, cycles: 8, seed: 1 }).await
    });
    match result {
        Ok(tally) => {
            println!("test {NAME} ... ok: {tally:?}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("test {NAME} ... FAILED: {failure}");
            ExitCode::FAILURE
        }
    }
}
