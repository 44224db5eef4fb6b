//! Programs that others wrote, unchanged, against the emulator.
//!
//! ```text
//! tests/clients/go            walkthroughs, in Go, over the SDK that the Go module proxy serves
//!      │ built twice: with the module as it is, and with a copy whose root constants are the emulator's
//!      ▼
//! a process a walkthrough ── HTTPS_PROXY, SSL_CERT_FILE ──► a fresh emulator, on a port and a directory of its own
//!
//! a Go test program           examples over GREP11: those that the Go module proxy serves, our own in
//!                             tests/clients/go-grep11/calls, or a program that is here
//!      ▼
//! a process an example ── GREP11_LOCAL ──► relay, which notes the calls ──► a fresh emulator
//!                      ── HTTPS_PROXY, SSL_CERT_FILE, a token ────────────► a fresh emulator
//! ```
//!
//! Nothing of the SDK is kept: the copy lives in a temporary directory.
//!
//! # Layout
//! - [`tke`]: Trusted Key Entry; [`grep11`]: cryptographic calls.
//! - `emulator`: a process of the emulator; `process`: those of others; `go`: the go command; `in_turn`: several at once.

mod emulator;
mod go;
pub mod grep11;
mod in_turn;
mod process;
pub mod tke;

use std::path::{Path, PathBuf};

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
    /// The clients ran.
    Walked {
        /// That ended well.
        passed: usize,
        /// That did not.
        failed: usize,
        /// That said themselves that there was nothing for them here.
        skipped: usize,
    },
    /// This machine cannot; why.
    Skipped(String),
}

impl Outcome {
    /// Nothing was to be walked.
    const NOTHING_WALKED: Outcome = Outcome::Walked { passed: 0, failed: 0, skipped: 0 };
}

/// Those with these names, or all of them, in their order.
fn chosen<T>(all: Vec<T>, names: &[String], name: impl Fn(&T) -> &String) -> Result<Vec<T>, Failure> {
    if let Some(unknown) = names.iter().find(|wanted| all.iter().all(|one| name(one) != *wanted)) {
        let known: Vec<&str> = all.iter().map(|one| &**name(one)).collect();
        return Err(format!("there is no {unknown}; there are {}", known.join(", ")).into());
    }
    Ok(all.into_iter().filter(|one| names.is_empty() || names.contains(name(one))).collect())
}
