//! `hpcs-clients`: published clients against the emulator, by hand. `tests/clients/run` builds what it needs and starts it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hpcs_clients::tke::{self, Measured};
use hpcs_clients::{Failure, Outcome, Programs, grep11};

/// Published clients, unchanged, against the emulator.
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
    /// Examples over GREP11, each by itself: those of IBM-Cloud/hpcs-grep11-go, 2.0.0 and 1.2.2, as far as the Go module
    /// proxy serves them
    GoGrep11 {
        /// Examples; all of them when none is named
        names: Vec<String>,
        /// Print what there is and run nothing
        #[arg(long, conflicts_with = "names")]
        list: bool,
        /// Those of the emulator's own client instead
        #[arg(long, conflicts_with = "program")]
        own: bool,
        /// Those of this Go test program instead: its functions Example_* and Test_*
        #[arg(long, value_name = "FILE")]
        program: Option<std::path::PathBuf>,
        /// Run all of them through TLS with a token, as clients do whose address is fixed
        #[arg(long)]
        tls: bool,
    },
}

const AFTER_HELP: &str = "\
Examples:
  tests/clients/run go-tke
  tests/clients/run go-tke acceptance cex8
  tests/clients/run go-tke --bench
  tests/clients/run go-tke --sdk ../sdk
  tests/clients/run go-grep11
  tests/clients/run go-grep11 --own
  tests/clients/run go-grep11 --program examples.test Example_mechanism_List

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
    let programs = Programs::beside(&std::env::current_exe()?)?;
    let out = &mut std::io::stdout();
    let outcome = match cli.client {
        Client::GoTke { sdk: Some(directory), .. } => tke::copy_sdk(&programs, &directory)?,
        Client::GoTke { bench: true, runs, .. } => match tke::bench(&programs, runs.into())? {
            Ok(measured) => {
                tell(measured);
                return Ok(ExitCode::SUCCESS);
            }
            Err(reason) => Outcome::Skipped(reason),
        },
        Client::GoTke { list: true, .. } => tke::list(&programs, out)?,
        Client::GoTke { names, .. } => tke::walk(&programs, &names, out)?,
        Client::GoGrep11 { names, list, own, program, tls } => {
            let source = match program {
                Some(program) => grep11::Source::Program(program),
                None if own => grep11::Source::Own,
                None => grep11::Source::Published,
            };
            let selection = grep11::Selection { names, source, only_tls: tls };
            if list { grep11::list(&selection, out)? } else { grep11::run(&programs, &selection, out)? }
        }
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
