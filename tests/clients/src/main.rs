//! `hpcs-clients`: published clients against the emulator, by hand. `tests/clients/run` builds what it needs and starts it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hpcs_clients::{Failure, Measured, Outcome, Programs, bench, copy_sdk, list, walk};

/// Published clients of Trusted Key Entry, unchanged, against the emulator.
#[derive(Parser)]
#[command(name = "hpcs-clients", after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    client: Client,
}

#[derive(Subcommand)]
enum Client {
    /// The Go SDK IBM/ibm-hpcs-tke-sdk, the library under Terraform's ibm_hpcs resource
    GoTke {
        /// Walkthroughs; all of them when none is named
        names: Vec<String>,
        /// Print what there is and walk nothing
        #[arg(long, conflicts_with_all = ["names", "bench"])]
        list: bool,
        /// Measure Update of five fresh crypto units instead
        #[arg(long, conflicts_with = "names")]
        bench: bool,
        /// Walk nothing; leave a copy of the SDK that trusts the emulator's root in this directory, for your own programs
        #[arg(long, value_name = "DIR", conflicts_with_all = ["names", "list", "bench"])]
        sdk: Option<std::path::PathBuf>,
        /// Runs of the benchmark
        #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u16).range(1..))]
        runs: u16,
    },
}

const AFTER_HELP: &str = "\
Examples:
  tests/clients/run go-tke
  tests/clients/run go-tke acceptance cex8
  tests/clients/run go-tke --bench
  tests/clients/run go-tke --sdk ../sdk

Exit codes: 0 all passed, 1 one failed or nothing could be built, 3 Go or its modules are not there.";

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("hpcs-clients: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let Client::GoTke { names, list: only_list, bench: measure, sdk, runs } = cli.client;
    let programs = Programs::beside(&std::env::current_exe()?)?;
    let outcome = if let Some(directory) = sdk {
        copy_sdk(&programs, &directory)?
    } else if measure {
        match bench(&programs, runs.into())? {
            Ok(measured) => {
                tell(measured);
                Outcome::Walked { passed: 1, failed: 0 }
            }
            Err(reason) => Outcome::Skipped(reason),
        }
    } else if only_list {
        list(&programs, &mut std::io::stdout())?
    } else {
        walk(&programs, &names, &mut std::io::stdout())?
    };
    Ok(match outcome {
        Outcome::Walked { failed: 0, .. } => ExitCode::SUCCESS,
        Outcome::Walked { .. } => ExitCode::FAILURE,
        Outcome::Skipped(reason) => {
            eprintln!("skipped: {reason}");
            ExitCode::from(3)
        }
    })
}

/// All runs, and the one in the middle by wall time.
fn tell(mut measured: Vec<Measured>) {
    let row = |name: &str, one: &Measured| {
        let [wall, emulator] = [one.wall, one.emulator].map(|time| time.as_secs_f64() * 1000.0);
        println!("{name:<7} {wall:>9.1} ms {emulator:>9.1} ms {:>7.1} %   {:>5}", one.share(), one.requests);
    };
    println!("{:<7} {:>12} {:>12} {:>9}   {:>5}", "run", "wall", "emulator", "share", "requests");
    for (place, one) in measured.iter().enumerate() {
        row(&(place + 1).to_string(), one);
    }
    measured.sort_by_key(|one| one.wall);
    if let Some(median) = measured.get(measured.len() / 2) {
        row("median", median);
    }
}
