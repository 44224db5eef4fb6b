//! `signing-service`: the companion that keeps administrators' keys, and its keys.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use hpcs_workstation::{Password, printable, read_line};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Failure, Surroundings};
use crate::signing_service::{Fault, Faults, KeyDirectory, KeyError, Options, SigningServiceServer};

/// Flags of `signing-service`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub(super) struct SigningServiceArgs {
    #[command(subcommand)]
    command: Option<SigningServiceCommand>,
    #[command(flatten)]
    keys: KeysArgs,
    /// Address to listen on; port 0 takes any free port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9877")]
    listen: SocketAddr,
    /// What goes wrong on purpose: down, unauthorized, wrong-curve or slow=MILLISECONDS, for one key with KEY: before it
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<Fault>,
    /// Do not tell of requests
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Args)]
struct KeysArgs {
    /// Directory of the keys
    #[arg(long = "keys", value_name = "DIRECTORY", default_value = "signing-keys")]
    directory: PathBuf,
}

#[derive(Subcommand)]
enum SigningServiceCommand {
    /// Add, import, list or remove keys
    #[command(subcommand)]
    Key(KeyCommand),
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Make a random P-521 key
    Add {
        /// Its name: letters, digits, '-', '.', '_' and '~'
        name: String,
        #[command(flatten)]
        token: TokenArgs,
        #[command(flatten)]
        keys: KeysArgs,
    },
    /// Take over the key in a signature key file of a workstation
    Import {
        /// Its name here
        name: String,
        /// The file, for example 1.sigkey
        file: PathBuf,
        #[command(flatten)]
        token: TokenArgs,
        #[command(flatten)]
        keys: KeysArgs,
    },
    /// List the keys with their subject key identifiers
    List {
        #[command(flatten)]
        keys: KeysArgs,
    },
    /// Delete a key
    Remove {
        /// Its name
        name: String,
        #[command(flatten)]
        keys: KeysArgs,
    },
}

#[derive(Args)]
struct TokenArgs {
    /// Make a random token and print it, once
    #[arg(long)]
    random_token: bool,
    /// Read from standard input instead of asking: the password of the file, if there is one, then the token, one a line
    #[arg(long)]
    stdin: bool,
}

/// Serves until interrupted, or works on keys.
pub(super) async fn run(arguments: SigningServiceArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    match arguments.command {
        Some(SigningServiceCommand::Key(command)) => work_on_keys(command, here),
        None => serve(arguments, here).await,
    }
}

async fn serve(arguments: SigningServiceArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let interrupted = (here.interrupted)();
    let SigningServiceArgs { keys, listen, faults, quiet, .. } = arguments;
    let keys = KeyDirectory::at(keys.directory);
    // A directory that is not there yet is an empty one.
    let count = keys.list().map(|keys| keys.len()).unwrap_or(0);
    let faulty = faults.len();
    let options = Options { listen, keys, faults: Faults::new(faults), log_requests: !quiet };
    let server = SigningServiceServer::start(options, here.log.clone())
        .await
        .map_err(|error| Failure::refused(format_args!("{listen} cannot be listened on: {error}")))?;
    writeln!(here.stdout, "{}", server.url())?;
    here.stdout.flush()?;
    writeln!(here.stderr, "Signing service for TKE_SIGNSERV_URL={}; keys: {count}, faults: {faulty}.", server.url())?;
    interrupted.await;
    server.shutdown().await;
    Ok(0)
}

fn work_on_keys(command: KeyCommand, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    match command {
        KeyCommand::Add { name, token, keys } => {
            let mut rng = (here.world)(None)?.sealing;
            let token = Token::ask(&token, &mut *rng, here)?;
            let ski = KeyDirectory::at(keys.directory).add(&name, &token.value, &mut *rng).map_err(failed)?;
            token.tell(here)?;
            writeln!(here.stdout, "{name}  {ski}")?;
        }
        KeyCommand::Import { name, file, token, keys } => {
            let mut rng = (here.world)(None)?.sealing;
            let password = secret("Enter the password of the signature key file:", token.stdin, here)?;
            let token = Token::ask(&token, &mut *rng, here)?;
            let keys = KeyDirectory::at(keys.directory);
            let ski = keys.import(&name, &file, &password, &token.value, &mut *rng).map_err(failed)?;
            token.tell(here)?;
            writeln!(here.stdout, "{name}  {ski}")?;
        }
        KeyCommand::List { keys } => {
            for key in KeyDirectory::at(keys.directory).list().map_err(failed)? {
                match key.ski {
                    Ok(ski) => writeln!(here.stdout, "{}  {ski}", key.name)?,
                    Err(error) => writeln!(here.stderr, "{}", printable(&error.to_string()))?,
                }
            }
        }
        KeyCommand::Remove { name, keys } => KeyDirectory::at(keys.directory).remove(&name).map_err(failed)?,
    }
    here.stdout.flush()?;
    Ok(0)
}

/// The token of a key that is being made.
struct Token {
    value: Password,
    /// What is printed, because nobody else knows it.
    random: Option<Zeroizing<String>>,
}

impl Token {
    fn ask(arguments: &TokenArgs, rng: &mut dyn CryptoRng, here: &mut Surroundings<'_>) -> Result<Self, Failure> {
        if arguments.random_token {
            let mut bytes = Zeroizing::new([0; RANDOM_TOKEN]);
            rng.fill_bytes(&mut *bytes);
            let text = Zeroizing::new(hex::encode(*bytes));
            return Ok(Token { value: Password::new(text.to_string()), random: Some(text) });
        }
        let value = secret("Enter a token for the key:", arguments.stdin, here)?;
        // A slip of the finger would lock the key up; a line of standard input is no slip.
        if !arguments.stdin && !value.matches(&secret("Re-enter the token to confirm:", false, here)?) {
            return Err(Failure::usage("the tokens differ"));
        }
        Ok(Token { value, random: None })
    }

    fn tell(&self, here: &mut Surroundings<'_>) -> Result<(), Failure> {
        if let Some(text) = &self.random {
            writeln!(here.stdout, "token {}", text.as_str())?;
        }
        Ok(())
    }
}

fn secret(question: &str, from_stdin: bool, here: &mut Surroundings<'_>) -> Result<Password, Failure> {
    if from_stdin {
        let line = read_line(here.stdin).map_err(Failure::usage)?;
        let mut line =
            line.ok_or_else(|| Failure::usage("standard input has ended before the password and the token"))?;
        return Ok(Password::new(std::mem::take(&mut *line)));
    }
    writeln!(here.stderr, "{question}")?;
    here.stderr.flush()?;
    let mut typed = (here.read_hidden)().map_err(|error| match error.kind() {
        std::io::ErrorKind::Interrupted => Failure::interrupted(),
        _ => Failure::usage(format_args!(
            "the answer cannot be asked for: {error}; --stdin takes it from standard input"
        )),
    })?;
    Ok(Password::new(std::mem::take(&mut *typed)))
}

fn failed(error: KeyError) -> Failure {
    match error {
        KeyError::Name | KeyError::EmptyToken | KeyError::Directory { .. } => Failure::usage(error),
        _ => Failure::refused(error),
    }
}

/// Bytes of a random token.
const RANDOM_TOKEN: usize = 24;

const AFTER_HELP: &str = "\
Keys are P-521, one file each, encrypted under the token that clients send. The
address is the first line of stdout.

Examples:
  hpcs-emulator signing-service key add first-key --random-token
  hpcs-emulator signing-service key import admin1 \"$CLOUDTKEFILES/1.sigkey\"
  hpcs-emulator signing-service
  hpcs-emulator signing-service --fault first-key:slow=2000 --fault second-key:down";
