//! A process of the emulator, with a directory of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Failure;

/// An emulator that ends when it is dropped.
pub(crate) struct Emulator {
    process: Child,
    directory: PathBuf,
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Emulator {
    /// Starts it with its data in `directory` and with these flags; returns when it listens.
    pub(crate) fn start(program: &Path, directory: &Path, flags: &[&str]) -> Result<Self, Failure> {
        let mut command = Command::new(program);
        command.args(["serve", "--port", "0", "--seed", SEED, "--data-dir"]).arg(directory.join(DATA));
        command.args(flags);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HPCS_EMULATOR_") {
                command.env_remove(name);
            }
        }
        command.env("HPCS_EMULATOR_STORE_COMMIT_DEADLINE", COMMIT_DEADLINE);
        let stderr = File::create(directory.join(LOG))?;
        let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn();
        let mut process = process.map_err(|error| format!("{}: {error}", program.display()))?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            // Nothing more comes there.
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let emulator = Emulator { process, directory: directory.to_owned(), address: line.trim().to_owned() };
        if emulator.address.is_empty() {
            return Err(format!("the emulator did not start:\n{}", emulator.told()).into());
        }
        Ok(emulator)
    }

    /// The certificate of its development CA.
    pub(crate) fn authority(&self) -> PathBuf {
        self.directory.join(DATA).join("ca.pem")
    }

    /// What it wrote to standard error.
    pub(crate) fn told(&self) -> String {
        fs::read_to_string(self.directory.join(LOG)).unwrap_or_default()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself; what it has of state goes with the directory.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const DATA: &str = "data";
const LOG: &str = "emulator.log";

/// A disk that is busy with other tests is no failure of a client.
const COMMIT_DEADLINE: &str = "30s";

/// Keys, identifiers and times are the same in every run.
const SEED: &str = "7";
