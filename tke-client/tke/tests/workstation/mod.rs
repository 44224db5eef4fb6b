//! A workstation to test with: a directory for `CLOUDTKEFILES`, and commands run in process with scripted input.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::unwrap_used, reason = "a fault here is a failed test")]

use std::io;
use std::path::Path;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use tke::{Environment, HiddenInput, Shell, Terminal};
use zeroize::Zeroizing;

/// A workstation with an empty directory, and variables that commands see.
pub(crate) struct Workstation {
    directory: tempfile::TempDir,
    variables: Vec<(String, String)>,
    rng: ChaCha20Rng,
}

/// How a command ended and what it printed.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workstation {
    pub(crate) fn new() -> Self {
        Workstation::seeded(7)
    }

    /// A workstation whose keys differ from those of another seed.
    pub(crate) fn seeded(seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let variables = vec![("CLOUDTKEFILES".to_owned(), directory.path().display().to_string())];
        Workstation { directory, variables, rng: ChaCha20Rng::seed_from_u64(seed) }
    }

    /// The same workstation with one more variable, or another value of it.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Runs `tke` with these arguments, separated by blanks, and this standard input.
    pub(crate) fn run(&mut self, arguments: &str, stdin: &str) -> Outcome {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        self.run_with(&arguments, stdin)
    }

    /// As [`Workstation::run`], with arguments that hold blanks.
    pub(crate) fn run_with(&mut self, arguments: &[&str], stdin: &str) -> Outcome {
        self.run_reading(arguments, &mut stdin.as_bytes())
    }

    /// As [`Workstation::run_with`], with any standard input.
    pub(crate) fn run_reading(&mut self, arguments: &[&str], stdin: &mut dyn io::BufRead) -> Outcome {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let shell = Shell {
            stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            terminal: Terminal::default(),
            passwords: &mut NoTerminal,
            rng: &mut self.rng,
            environment: Environment::new(self.variables.iter().map(|(name, value)| (name.into(), value.into()))),
        };
        let arguments = std::iter::once("tke").chain(arguments.iter().copied()).map(Into::into);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let status = runtime.block_on(tke::run(arguments, shell));
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Outcome { status, stdout: text(stdout), stderr: text(stderr) }
    }

    /// Makes a signature key with password `pw-<name>`.
    pub(crate) fn add_signature_key(&mut self, name: &str) {
        self.run("sigkey-add", &format!("{name}\npw-{name}\npw-{name}\n")).success();
    }

    /// A member of a workstation file, without its quotes.
    pub(crate) fn member(&self, file: &str, name: &str) -> String {
        let text = std::fs::read_to_string(self.path().join(file)).unwrap();
        let (_, rest) = text.split_once(&format!("\"{name}\"")).unwrap();
        rest.split('"').nth(1).unwrap().to_owned()
    }

    /// Replaces text in a workstation file.
    pub(crate) fn damage(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }
}

impl Outcome {
    /// The output of a command that must have succeeded without a word on standard error.
    pub(crate) fn success(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// The message of a command that must have failed, without the mark of failure.
    pub(crate) fn failure(self) -> String {
        assert_eq!(self.status, 1, "{self:?}");
        let (_, message) = self.stderr.split_once("FAILED\n").unwrap();
        message.strip_suffix("\n\n").unwrap().to_owned()
    }
}

struct NoTerminal;

impl HiddenInput for NoTerminal {
    fn read_hidden(&mut self) -> io::Result<Zeroizing<String>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
