//! What only a database has: replicas, connections that break, a server that stops, locks of strangers.
//!
//! A harness of its own, so that a machine without PostgreSQL says that nothing was tested instead of passing in silence.
//! With `HPCS_TEST_REQUIRE_POSTGRES=1` that is a failure.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

#[path = "postgres/mod.rs"]
mod cases;
#[path = "support/fixture.rs"]
mod fixture;
#[path = "support/postgres.rs"]
mod server;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use futures_util::future::LocalBoxFuture;

use crate::server::Server;

/// One test: its name, and what it does with the server.
pub type Case = (&'static str, for<'a> fn(&'a Server) -> LocalBoxFuture<'a, ()>);

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let listing = std::env::args().any(|argument| argument == "--list");
    let wanted = arguments.find(|argument| !argument.starts_with('-'));
    let cases = cases::all();
    let chosen = |name: &str| wanted.as_deref().is_none_or(|wanted| name.contains(wanted));
    let chosen: Vec<&Case> = cases.iter().filter(|(name, _)| chosen(name)).collect();
    if listing {
        chosen.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let server = match Server::start() {
        Ok(server) => server,
        Err(reason) => return skip(&chosen, &reason),
    };
    let failed = chosen.iter().filter(|case| !passes(case, &server)).count();
    println!("\ntest result: {} passed; {failed} failed\n", chosen.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn passes((name, case): &Case, server: &Server) -> bool {
    let passed = catch_unwind(AssertUnwindSafe(|| {
        tokio::runtime::Runtime::new().unwrap().block_on(case(server));
    }));
    println!("test {name} ... {}", if passed.is_ok() { "ok" } else { "FAILED" });
    passed.is_ok()
}

fn skip(cases: &[&Case], reason: &str) -> ExitCode {
    for (name, _) in cases {
        println!("test {name} ... skipped: {reason}");
    }
    if server::is_required() {
        eprintln!("HPCS_TEST_REQUIRE_POSTGRES is set, and {} tests were skipped: {reason}", cases.len());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
