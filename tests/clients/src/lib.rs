//! Published clients of Trusted Key Entry, unchanged, against the emulator.
//!
//! ```text
//! tests/clients/go            walkthroughs, in Go, over the SDK that the Go module proxy serves
//!      │ built twice: with the module as it is, and with a copy whose root constants are the emulator's
//!      ▼
//! a process a walkthrough ── HTTPS_PROXY, SSL_CERT_FILE ──► a fresh emulator, on a port and a directory of its own
//! ```
//!
//! Nothing of the SDK is kept: the copy lives in a temporary directory.
//!
//! # Layout
//! - `sdk`: the Go program's two builds; `roots`: the constants that are replaced in the copy.
//! - `emulator`: a process of the emulator; `walk`: one walkthrough; `bench`: how long Update takes.

mod bench;
mod emulator;
mod roots;
mod sdk;
mod walk;

use std::collections::VecDeque;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};

pub use bench::{Measured, bench};
use sdk::Sdk;
use walk::Walkthrough;

/// Any failure; a text is all that a test needs.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The programs that walkthroughs need besides Go's.
#[derive(Clone, Debug)]
pub struct Programs {
    /// `hpcs-emulator`.
    pub emulator: PathBuf,
    /// `tke`.
    pub tke: PathBuf,
}

impl Programs {
    /// The programs that are built beside this one.
    ///
    /// # Errors
    /// One is not there.
    pub fn beside(own: &Path) -> Result<Self, Failure> {
        let beside = |name: &str| {
            let program = own.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
            let missing = || format!("{} is not there; tests/clients/run builds it", program.display());
            if program.exists() { Ok(program.clone()) } else { Err(missing()) }
        };
        Ok(Programs { emulator: beside("walked-emulator")?, tke: beside("walked-tke")? })
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The walkthroughs were walked.
    Walked {
        /// That ended well.
        passed: usize,
        /// That did not.
        failed: usize,
    },
    /// This machine cannot; why.
    Skipped(String),
}

/// Leaves a copy of the published Go SDK that trusts the emulator's root, for programs of your own. The directory must not
/// be there yet.
///
/// # Errors
/// The copy cannot be made, or the SDK is another one than the known.
pub fn copy_sdk(programs: &Programs, to: &Path) -> Result<Outcome, Failure> {
    Ok(match sdk::leave_copy(programs, to)? {
        Ok(()) => Outcome::Walked { passed: 0, failed: 0 },
        Err(reason) => Outcome::Skipped(reason),
    })
}

/// Walks the walkthroughs of the Go SDK with these names, or all of them, and tells of each.
///
/// # Errors
/// No such walkthrough; the Go program cannot be built although Go and its modules are there; `out` cannot be written.
pub fn walk(programs: &Programs, names: &[String], out: &mut dyn Write) -> Result<Outcome, Failure> {
    let sdk = match Sdk::build(programs)? {
        Ok(sdk) => sdk,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let chosen = chosen(sdk.walkthroughs()?, names)?;
    let waiting = Mutex::new(chosen.iter().enumerate().collect::<VecDeque<_>>());
    let (done, results) = mpsc::channel();
    let (mut passed, mut failed) = (0, 0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            let (done, sdk, waiting) = (done.clone(), &sdk, &waiting);
            scope.spawn(move || {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((place, one)) = next else { break };
                    if done.send((place, one.walk(sdk, programs))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        // They are told in the order of the table, whichever is ready first.
        let mut ready: Vec<Option<Result<(), Failure>>> = chosen.iter().map(|_| None).collect();
        let mut told = 0;
        for (place, result) in results {
            ready[place] = Some(result);
            while let Some(result) = ready.get_mut(told).and_then(Option::take) {
                let Walkthrough { name, section, title, .. } = &chosen[told];
                match result {
                    Ok(()) => {
                        passed += 1;
                        writeln!(out, "ok      {name:<19} {section:<19} {title}")?;
                    }
                    Err(failure) => {
                        failed += 1;
                        writeln!(out, "FAILED  {name:<19} {section:<19} {title}\n{failure}\n")?;
                    }
                }
                told += 1;
            }
        }
        writeln!(out, "{passed} passed, {failed} failed")?;
        Ok(Outcome::Walked { passed, failed })
    })
}

/// What `list` prints: a walkthrough a line.
///
/// # Errors
/// As [`walk`].
pub fn list(programs: &Programs, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let sdk = match Sdk::build(programs)? {
        Ok(sdk) => sdk,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    for Walkthrough { name, section, title, .. } in sdk.walkthroughs()? {
        writeln!(out, "{name:<19} {section:<19} {title}")?;
    }
    Ok(Outcome::Walked { passed: 0, failed: 0 })
}

fn chosen(all: Vec<Walkthrough>, names: &[String]) -> Result<Vec<Walkthrough>, Failure> {
    if let Some(name) = names.iter().find(|name| all.iter().all(|one| one.name != **name)) {
        let known: Vec<&str> = all.iter().map(|one| &*one.name).collect();
        return Err(format!("there is no walkthrough {name}; there are {}", known.join(", ")).into());
    }
    Ok(all.into_iter().filter(|one| names.is_empty() || names.contains(&one.name)).collect())
}

/// Walkthroughs at the same time: each keeps client and emulator busy in turn.
const AT_ONCE: usize = 2;
