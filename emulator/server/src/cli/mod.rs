//! The commands of `hpcs-emulator`.

mod catalog;
mod client;
mod clock;
mod completion;
mod configuration;
mod demo;
mod env;
mod events;
mod export_file;
mod failure;
mod instance;
mod mechanisms;
mod moment;
mod operation;
mod passphrase;
mod remote_transfer;
mod root;
mod seed_file;
mod serve;
mod signing_service;
mod store;
mod token;
mod transfer;
mod validate;

use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::pin::Pin;

use clap::{Parser, Subcommand};
use zeroize::Zeroizing;

use crate::config::{Environment, settings_help};
use crate::shell::NoRandomness;
use crate::{Log, World};
use failure::Failure;

/// An emulator of IBM Cloud Hyper Protect Crypto Services, with its audit trail.
#[derive(Parser)]
#[command(
    name = "hpcs-emulator",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = AFTER_HELP
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until Ctrl-C (the default)
    #[command(after_help = settings_help())]
    Serve(serve::ServeArgs),
    /// Play a key ceremony: the story on stderr, its events as NDJSON on stdout
    Demo(demo::DemoArgs),
    /// Print an access token for an API key
    Token(token::TokenArgs),
    /// Print the lines that let unchanged clients of the cloud reach a running emulator
    Env(env::EnvArgs),
    /// Print events of a running emulator as NDJSON
    Events(events::EventsArgs),
    /// List, create, reset or delete instances of a running emulator
    Instance(instance::InstanceArgs),
    /// Show or set the clock of a running emulator
    Clock(clock::ClockArgs),
    /// Print what became of an operation whose outcome was unknown
    Operation(operation::OperationArgs),
    /// Keep administrators' keys for clients with TKE_SIGNSERV_URL
    SigningService(signing_service::SigningServiceArgs),
    /// Check a seed file, or print the schema of seed files
    SeedFile(seed_file::SeedFileArgs),
    /// Write an instance with its event log, out of a store, to stdout
    Export(transfer::ExportArgs),
    /// Take an instance with its event log into a store
    Import(transfer::ImportArgs),
    /// Check a store, or tell what is in it
    Store(store::StoreArgs),
    /// Print the root key that certificates of crypto modules end at, for clients to trust
    Root(root::RootArgs),
    /// Check event files against the catalogue
    Validate(validate::ValidateArgs),
    /// Print the catalogue of audit events
    Catalog(catalog::CatalogArgs),
    /// Print the mechanisms of the cryptographic interface
    Mechanisms(mechanisms::MechanismsArgs),
    /// Print a completion script for a shell
    Completion(completion::CompletionArgs),
}

/// Everything a command takes from outside, apart from its arguments.
pub struct Surroundings<'a> {
    /// What `validate -` reads.
    pub stdin: &'a mut dyn BufRead,
    /// Results.
    pub stdout: &'a mut dyn Write,
    /// Explanations and failures.
    pub stderr: &'a mut dyn Write,
    /// Reads a line from the terminal without showing it.
    pub read_hidden: &'a mut dyn FnMut() -> io::Result<Zeroizing<String>>,
    /// The environment variables: a copy, taken once.
    pub variables: Vec<(OsString, OsString)>,
    /// What a serving emulator tells its operator.
    pub log: Log,
    /// Makes a future that ends when the user wants the program to end.
    pub interrupted: Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// Makes the world of a run: that of a seed, or that of the machine.
    pub world: fn(Option<u64>) -> Result<World, NoRandomness>,
}

/// Runs a command; gives the exit code.
pub async fn run(cli: Cli, mut surroundings: Surroundings<'_>) -> u8 {
    let here = &mut surroundings;
    let result = match cli.command {
        None => serve::run(cli.serve, serve::Asked::Tacitly, here).await,
        Some(Command::Serve(arguments)) => serve::run(arguments, serve::Asked::ByName, here).await,
        Some(Command::Demo(arguments)) => demo::run(arguments, here).await,
        Some(Command::Token(arguments)) => token::run(arguments, here).await,
        Some(Command::Env(arguments)) => env::run(arguments, here).await,
        Some(Command::Events(arguments)) => events::run(arguments, here).await,
        Some(Command::Instance(arguments)) => instance::run(arguments, here).await,
        Some(Command::Clock(arguments)) => clock::run(arguments, here).await,
        Some(Command::Operation(arguments)) => operation::run(arguments, here).await,
        Some(Command::SigningService(arguments)) => signing_service::run(arguments, here).await,
        Some(Command::SeedFile(arguments)) => seed_file::run(arguments, here),
        Some(Command::Export(arguments)) => transfer::export(arguments, here).await,
        Some(Command::Import(arguments)) => transfer::import(arguments, here).await,
        Some(Command::Store(arguments)) => store::run(arguments, here).await,
        Some(Command::Root(arguments)) => root::run(&arguments, here),
        Some(Command::Validate(arguments)) => validate::run(&arguments, here),
        Some(Command::Catalog(arguments)) => catalog::run(&arguments, here),
        Some(Command::Mechanisms(arguments)) => mechanisms::run(&arguments, here),
        Some(Command::Completion(arguments)) => completion::run(&arguments, here),
    };
    match result {
        Ok(status) => status,
        Err(failure) => {
            if let Some(text) = failure.text() {
                // Nobody is left to hear that standard error is closed.
                let _ = writeln!(surroundings.stderr, "hpcs-emulator: {text}");
            }
            failure.status()
        }
    }
}

impl Surroundings<'_> {
    fn environment(&self) -> Result<Environment, Failure> {
        Ok(Environment::new(self.variables.iter().cloned())?)
    }
}

const AFTER_HELP: &str = "\
Examples:
  hpcs-emulator                            serve on 127.0.0.1:9876
  hpcs-emulator serve --port 0 --events -  any free port, events on stdout
  hpcs-emulator serve --seed 7 --events run.ndjson
  hpcs-emulator serve --data-dir data      keep state and events over restarts
  hpcs-emulator env                        the lines that let clients of the cloud come here
  hpcs-emulator demo | hpcs-emulator validate -
  hpcs-emulator events --action 'hs-crypto.tke-*' --wait 12 --timeout 30
  hpcs-emulator instance create --region eu-de
  hpcs-emulator clock shift +31d

The address is the first line of stdout; with --events - it is the first line
of stderr. Settings are flags of serve, variables HPCS_EMULATOR_... and keys of
the configuration file; flags count before variables, variables before the file.
`hpcs-emulator serve --help` lists them all.

Exit codes: 0 done; 1 refused, unreachable, deviations or findings; 2 wrong usage,
wrong configuration, or an unreadable file; 3 --timeout ran out; 130 Ctrl-C in a
demo or at a passphrase. A reader that closes the pipe is no failure.";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn command(arguments: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from([&["hpcs-emulator"], arguments].concat())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_bare_run_serves_and_takes_the_flags_of_serve() {
        assert!(command(&[]).unwrap().command.is_none());
        assert!(command(&["--port", "0", "--events", "-"]).unwrap().command.is_none());
        assert!(matches!(command(&["serve", "--seed", "7"]).unwrap().command, Some(Command::Serve(_))));
    }

    #[test]
    fn the_help_of_serve_lists_settings_without_a_flag_and_that_of_the_program_does_not() {
        let mut program = Cli::command();
        let setting = "HPCS_EMULATOR_EVENTS_TKE_GEN_WK_EVENT";
        assert!(!program.render_long_help().to_string().contains(setting));
        let serve = program.find_subcommand_mut("serve").unwrap();
        assert!(serve.render_help().to_string().contains(setting));
    }

    #[test]
    fn wrong_usage_is_refused() {
        for arguments in [
            &["--port", "65536"][..],
            &["--port", "0", "demo"],
            &["events", "--timeout", "5"],
            &["validate"],
            &["frobnicate"],
            &["completion", "cmd.exe"],
        ] {
            assert!(command(arguments).is_err(), "{arguments:?}");
        }
    }
}
