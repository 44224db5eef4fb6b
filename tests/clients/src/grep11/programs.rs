//! The Go programs: one that has examples, and the relay.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::Failure;
use crate::go::{go, reachable};
use crate::process::printed;

/// What is built lies in a directory that goes with it.
pub(crate) struct GoPrograms {
    directory: TempDir,
    published: Option<PathBuf>,
}

impl GoPrograms {
    /// Builds the relay, and the emulator's own examples unless there is a program. The inner error says why this machine
    /// cannot: Go or its modules are out of reach.
    pub(crate) fn build(published: Option<&Path>) -> Result<Result<Self, String>, Failure> {
        let published = match published {
            Some(program) => Some(program.canonicalize().map_err(|error| format!("{}: {error}", program.display()))?),
            None => None,
        };
        if let Err(reason) = reachable(SOURCES)? {
            return Ok(Err(reason));
        }
        let built = GoPrograms { directory: tempfile::tempdir()?, published };
        printed(go(SOURCES).args(["build", "-o"]).arg(built.relay()).arg("./relay"))?;
        if built.published.is_none() {
            printed(go(SOURCES).args(["test", "-c", "-o"]).arg(built.own()).arg("./calls"))?;
        }
        Ok(Ok(built))
    }

    /// The program with the examples.
    pub(crate) fn program(&self) -> PathBuf {
        self.published.clone().unwrap_or_else(|| self.own())
    }

    /// Names of the examples, in the program's order.
    pub(crate) fn examples(&self) -> Result<Vec<String>, Failure> {
        let program = self.program();
        let listed = printed(Command::new(&program).args(["-test.list", "^(Example|Test)"]).current_dir(self.place()))?;
        let names: Vec<String> = listed.lines().filter(|line| is_example(line)).map(str::to_owned).collect();
        if names.is_empty() {
            return Err(format!("{}: it has no examples; is it a Go test program?", program.display()).into());
        }
        Ok(names)
    }

    pub(crate) fn relay(&self) -> PathBuf {
        self.file("relay")
    }

    fn own(&self) -> PathBuf {
        self.file("calls")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.place().join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    fn place(&self) -> &Path {
        self.directory.path()
    }
}

/// Names of functions, and not what a program says besides.
fn is_example(line: &str) -> bool {
    let begins = ["Example", "Test"].iter().any(|prefix| line.starts_with(prefix));
    begins && line.chars().all(|one| one.is_alphanumeric() || one == '_')
}

/// Sources of the relay and of the emulator's own examples.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go-grep11");

/// What an emulator begins with.
pub(crate) const SEED_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go-grep11/seed.yaml");
