//! The process: the one place that reads the machine's clock, environment, arguments and randomness.

use std::fmt;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chacha20::ChaCha20Rng;
use clap::Parser;
use hpcs_audit::EventTime;
use hpcs_service::Seed;
use hpcs_store::Clock;
use rand_core::SeedableRng;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::cli::{self, Cli, Surroundings};
use crate::{Log, World};

/// Runs the program: arguments and environment in, exit code out.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    raise_open_files();
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let log = Log::new(io::stderr());
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            log.line(format_args!("the runtime cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let surroundings = Surroundings {
        stdin: &mut io::stdin().lock(),
        stdout: &mut io::stdout(),
        stderr: &mut io::stderr(),
        read_hidden: &mut read_hidden,
        variables: std::env::vars_os().collect(),
        log,
        interrupted: Box::new(|| Box::pin(interrupted())),
        world,
    };
    let status = runtime.block_on(cli::run(cli, surroundings));
    // A reader that never takes what a blocked writer holds must not keep the process alive.
    runtime.shutdown_background();
    ExitCode::from(status)
}

/// The world of a run: reproducible with a seed, otherwise that of the machine.
///
/// Sealing is always random: a data directory outlives the run, and a data key that follows from a number could be made
/// again after it was destroyed. Sealed bytes are seen nowhere but in the store.
///
/// # Errors
/// [`NoRandomness`].
pub fn world(seed: Option<u64>) -> Result<World, NoRandomness> {
    let sealing = Box::new(ChaCha20Rng::from_seed(*random()?));
    match seed {
        Some(number) => Ok(World { sealing, ..World::reproducible(number) }),
        None => Ok(World { clock: Arc::new(SystemClock), stepped: false, seed: Seed::new(random()?), sealing }),
    }
}

/// 32 bytes from the operating system.
fn random() -> Result<Zeroizing<[u8; 32]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(&mut *bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// Reads a line from the terminal without showing it.
fn read_hidden() -> io::Result<Zeroizing<String>> {
    let quietly = rpassword::ConfigBuilder::new().password_feedback_hide().output_discard().build();
    rpassword::read_password_with_config(quietly).map(Zeroizing::new)
}

/// The operating system gives no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRandomness;

impl fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system gives no random bytes")
    }
}

impl std::error::Error for NoRandomness {}

/// The machine's clock.
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the shell")]
    fn now(&self) -> EventTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        EventTime::from_unix_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    fn advance(&self) {}
}

/// A future that ends when the user presses Ctrl-C or the system asks the process to end.
///
/// What comes between this call and the first poll counts too.
fn interrupted() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    let handlers = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    };
    #[cfg(windows)]
    let handlers = (tokio::signal::windows::ctrl_c(), tokio::signal::windows::ctrl_close());
    async {
        // Without handlers the system's own action remains: the process ends at once.
        let (interrupt, terminate) = handlers;
        let interrupt = async {
            match interrupt {
                Ok(mut handler) => handler.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        let terminate = async {
            match terminate {
                Ok(mut handler) => handler.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate => {}
        }
    }
}

/// Raises the number of open files as far as the system lets us: each connection is one.
fn raise_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        // Where this is refused, the limit stays what it was, and the listener copes.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
}

/// More threads than this gain nothing: what is slow runs on the blocking pool.
const MOST_WORKERS: usize = 4;

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Signal, getpid, kill_process};

    use super::*;

    #[tokio::test]
    async fn a_signal_before_the_first_poll_counts() {
        for signal in [Signal::TERM, Signal::INT] {
            let interrupted = interrupted();
            kill_process(getpid(), signal).unwrap();
            interrupted.await;
        }
    }
}
