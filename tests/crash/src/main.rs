//! `hpcs-crash`: the crash test by hand, with as many cycles as one likes.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use hpcs_crash::{Failure, Plan, run};

/// Kill the emulator under load, again and again, and compare what it kept with what its clients were told.
#[derive(Parser)]
#[command(name = "hpcs-crash", after_help = AFTER_HELP)]
struct Cli {
    /// How often a process is killed
    #[arg(long, default_value_t = 500)]
    cycles: u64,
    /// Decides what clients do and when the process dies
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A PostgreSQL database, empty, for two replicas; without it, one process over an SQLite file
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
}

const AFTER_HELP: &str = "\
Examples:
  cargo run --release -p hpcs-crash -- --cycles 500
  cargo run --release -p hpcs-crash -- --cycles 500 --postgres postgres://localhost/hpcs

Exit codes: 0 nothing was lost, 1 something was; the last line tells seed and cycle.";

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    println!("seed {}", cli.seed);
    match crash(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("hpcs-crash: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn crash(cli: Cli) -> Result<(), Failure> {
    let directory = tempfile::tempdir()?;
    let (store, replicas) = match &cli.postgres {
        None => (vec!["--data-dir".to_owned(), directory.path().display().to_string()], 1),
        Some(url) => (hpcs_crash::over_postgres(url, directory.path())?, 2),
    };
    let plan = Plan { program: server()?, store, replicas, cycles: cli.cycles, seed: cli.seed };
    println!("{:?}", run(&plan).await?);
    Ok(())
}

/// `crash-server` is built beside this program.
fn server() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()?.with_file_name("crash-server");
    if program.exists() {
        Ok(program)
    } else {
        Err(format!("{} is not there; `cargo build -p hpcs-crash` with the same profile makes it", program.display())
            .into())
    }
}
