//! The Go programs: one that has examples, and the relay.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{API_KEY, HOST, IAM, Source};
use crate::Failure;
use crate::go::{go, reachable};
use crate::process::printed;

/// What is built lies in a directory that goes with it.
pub(crate) struct GoPrograms {
    directory: TempDir,
    /// The program with the examples, if it was here before.
    given: Option<PathBuf>,
}

impl GoPrograms {
    /// Builds what is not here yet. The inner error says why this machine cannot: Go or its modules are out of reach.
    pub(crate) fn build(source: &Source) -> Result<Result<Self, String>, Failure> {
        let given = match source {
            Source::Program(program) => {
                Some(program.canonicalize().map_err(|error| format!("{}: {error}", program.display()))?)
            }
            Source::Published | Source::Own => None,
        };
        let sources = if *source == Source::Published { PUBLISHED } else { OWN };
        if let Err(reason) = reachable(sources)? {
            return Ok(Err(reason));
        }
        let built = GoPrograms { directory: tempfile::tempdir()?, given };
        let tests = || {
            let mut go = go(sources);
            go.args(["test", "-c", "-o"]).arg(built.program());
            go
        };
        match source {
            // The linker sets what users of the examples are told to change.
            Source::Published => {
                let flags = [("Address", HOST), ("APIKey", API_KEY), ("IAMEndpoint", IAM)]
                    .map(|(variable, value)| format!("-X {EXAMPLES}.{variable}={value}"));
                printed(tests().args(["-ldflags", &flags.join(" "), EXAMPLES]))?;
            }
            Source::Own => {
                printed(tests().arg("./calls"))?;
            }
            Source::Program(_) => {}
        }
        if *source != Source::Published {
            printed(go(OWN).args(["build", "-o"]).arg(built.relay()).arg("./relay"))?;
        }
        Ok(Ok(built))
    }

    /// The program with the examples.
    pub(crate) fn program(&self) -> PathBuf {
        self.given.clone().unwrap_or_else(|| self.file("examples"))
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

    /// The relay, which examples without TLS need.
    pub(crate) fn relay(&self) -> PathBuf {
        self.file("relay")
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
const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go-grep11");

/// Where the version of the published examples is fixed.
const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go-grep11-published");

/// The package of the published examples.
const EXAMPLES: &str = "github.com/IBM-Cloud/hpcs-grep11-go/examples";

/// What an emulator begins with.
pub(crate) const SEED_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go-grep11/seed.yaml");
