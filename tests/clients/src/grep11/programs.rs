//! The Go programs: those that have examples, and the relay.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{API_KEY, HOST, IAM, Source};
use crate::Failure;
use crate::go::{fetched, go, reachable};
use crate::process::printed;

/// What is built lies in a directory that goes with it.
pub(crate) struct GoPrograms {
    directory: TempDir,
    programs: Vec<Program>,
    /// Published examples that this machine cannot have, and why.
    pub(crate) out_of_reach: Vec<String>,
}

/// A program with examples.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) file: PathBuf,
    pub(crate) client: Client,
}

/// Whose examples they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// IBM's of the first generation, which know nothing but TLS.
    First,
    /// IBM's of the second generation.
    Second,
    /// The emulator's own.
    Own,
    /// Those of a program that was here before.
    Given,
}

impl GoPrograms {
    /// Builds what is not here yet. The inner error says why this machine cannot: Go or its modules are out of reach.
    pub(crate) fn build(source: &Source) -> Result<Result<Self, String>, Failure> {
        let mut built = GoPrograms { directory: tempfile::tempdir()?, programs: Vec::new(), out_of_reach: Vec::new() };
        let clients: &[Client] = match source {
            Source::Published => &[Client::Second, Client::First],
            Source::Own => &[Client::Own],
            Source::Program(_) => &[Client::Given],
        };
        for &client in clients {
            let file = match source {
                Source::Program(file) => file.canonicalize().map_err(|error| format!("{}: {error}", file.display()))?,
                Source::Published | Source::Own => built.file(&format!("{client:?}").to_lowercase()),
            };
            match built.make(client, &file)? {
                Ok(()) => built.programs.push(Program { file, client }),
                Err(reason) => built.out_of_reach.push(reason),
            }
        }
        Ok(if built.programs.is_empty() { Err(built.out_of_reach.join("; ")) } else { Ok(built) })
    }

    /// Makes the program of a client, and the relay for those that come without TLS.
    fn make(&self, client: Client, file: &Path) -> Result<Result<(), String>, Failure> {
        if client != Client::First {
            if let Err(reason) = reachable(OWN)? {
                return Ok(Err(reason));
            }
            printed(go(OWN).args(["build", "-o"]).arg(self.relay()).arg("./relay"))?;
        }
        match client {
            Client::First => {
                if let Err(reason) = reachable(FIRST)? {
                    return Ok(Err(reason));
                }
                // The linker sets what users of the examples are told to change.
                let flags = [("Address", HOST), ("APIKey", API_KEY), ("IAMEndpoint", IAM)]
                    .map(|(variable, value)| format!("-X {FIRST_EXAMPLES}.{variable}={value}"));
                printed(go(FIRST).args(TEST).arg(file).args(["-ldflags", &flags.join(" "), FIRST_EXAMPLES]))?;
            }
            Client::Second => {
                // In a module that is made here, since not every proxy has what its sums would have to be fixed from; the
                // go command holds what it fetches against the public database of sums.
                let module = self.file("module");
                std::fs::create_dir(&module)?;
                std::fs::write(module.join("go.mod"), "module examples\n\ngo 1.19\n")?;
                let open = |arguments: &[&str]| {
                    let mut go = go(&module);
                    go.args(arguments).env("GOFLAGS", "-mod=mod -buildvcs=false");
                    go
                };
                if let Err(reason) = fetched(&mut open(&["get", SECOND]))? {
                    return Ok(Err(reason));
                }
                // What the examples need besides is fetched when it is met.
                return fetched(open(&TEST).arg(file).arg(SECOND_EXAMPLES));
            }
            Client::Own => {
                printed(go(OWN).args(TEST).arg(file).arg("./calls"))?;
            }
            Client::Given => {}
        }
        Ok(Ok(()))
    }

    /// Names of the examples, in the programs' order.
    pub(crate) fn examples(&self) -> Result<Vec<(String, Program)>, Failure> {
        let mut examples = Vec::new();
        for program in &self.programs {
            let listed = printed(
                Command::new(&program.file).args(["-test.list", "^(Example|Test)"]).current_dir(self.directory.path()),
            )?;
            let before = examples.len();
            let names = listed.lines().filter(|line| is_example(line));
            examples.extend(names.map(|name| (name.to_owned(), program.clone())));
            if examples.len() == before {
                let file = program.file.display();
                return Err(format!("{file}: it has no examples; is it a Go test program?").into());
            }
        }
        Ok(examples)
    }

    /// The relay, which examples without TLS need.
    pub(crate) fn relay(&self) -> PathBuf {
        self.file("relay")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// Names of functions, and not what a program says besides.
fn is_example(line: &str) -> bool {
    let begins = ["Example", "Test"].iter().any(|prefix| line.starts_with(prefix));
    begins && line.chars().all(|one| one.is_alphanumeric() || one == '_')
}

/// Makes a program of tests.
const TEST: [&str; 3] = ["test", "-c", "-o"];

/// Sources of the relay and of the emulator's own examples.
const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go-grep11");

/// Where the version of the published examples of the first generation is fixed.
const FIRST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go-grep11-published");

/// The package that has them.
const FIRST_EXAMPLES: &str = "github.com/IBM-Cloud/hpcs-grep11-go/examples";

/// The published module of the second generation.
const SECOND: &str = "github.com/IBM-Cloud/hpcs-grep11-go/v2@v2.0.0";

/// The package that has its examples.
const SECOND_EXAMPLES: &str = "github.com/IBM-Cloud/hpcs-grep11-go/v2/examples";

/// What an emulator begins with.
pub(crate) const SEED_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go-grep11/seed.yaml");
