//! The program `tke`: the process around [`tke::run`].

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use ring::rand::{SecureRandom, SystemRandom};
use tke::{Environment, HiddenInput, Shell, Terminal};
use zeroize::Zeroizing;

fn main() -> ExitCode {
    match start() {
        Ok(status) => ExitCode::from(status),
        Err(fault) => {
            // Nothing else is set up yet; a fault of standard error leaves only the status.
            let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("FAILED\n{fault}\n\n"));
            ExitCode::FAILURE
        }
    }
}

fn start() -> io::Result<u8> {
    let (stdin, stdout, stderr) = (io::stdin(), io::stdout(), io::stderr());
    let terminal = Terminal { stdin: stdin.is_terminal(), stdout: stdout.is_terminal(), stderr: stderr.is_terminal() };
    let mut passwords = ControllingTerminal::default();
    // One worker watches the network and signals while this thread runs the command and waits for input.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.spawn(end_on_interrupt(Arc::clone(&passwords.in_use)));
    let shell = Shell {
        stdin: &mut stdin.lock(),
        stdout: &mut stdout.lock(),
        stderr: &mut stderr.lock(),
        terminal,
        passwords: &mut passwords,
        rng: &mut system_rng()?,
        environment: Environment::new(std::env::vars_os()),
    };
    Ok(runtime.block_on(tke::run(std::env::args_os(), shell)))
}

/// A generator that the operating system seeds.
fn system_rng() -> io::Result<ChaCha20Rng> {
    let mut seed = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(&mut *seed).map_err(|_| io::Error::other("The system has no randomness."))?;
    Ok(ChaCha20Rng::from_seed(*seed))
}

/// Ctrl-C ends the program, but not while the terminal is without echo: then reading the password ends first and puts
/// the terminal back.
async fn end_on_interrupt(in_use: Arc<Mutex<()>>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        let wait = move || drop(in_use.lock().unwrap_or_else(PoisonError::into_inner));
        // The lock was free, or reading ended; either way the terminal is as it was.
        let _ = tokio::task::spawn_blocking(wait).await;
        std::process::exit(INTERRUPTED);
    }
}

/// The terminal of the process, read without echo.
#[derive(Default)]
struct ControllingTerminal {
    /// Held while the terminal is without echo.
    in_use: Arc<Mutex<()>>,
}

impl HiddenInput for ControllingTerminal {
    fn read_hidden(&mut self) -> io::Result<Zeroizing<String>> {
        let _in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let quietly = rpassword::ConfigBuilder::new().password_feedback_hide().output_discard().build();
        rpassword::read_password_with_config(quietly).map(Zeroizing::new)
    }
}

const INTERRUPTED: i32 = 130;
