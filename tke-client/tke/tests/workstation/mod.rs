//! A workstation to test with: a directory for `CLOUDTKEFILES`, and commands run in process with scripted input.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::unwrap_used, reason = "a fault here is a failed test")]

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::rc::Rc;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use tke::{Environment, HiddenInput, Shell, Terminal};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
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
        let running = self.start(arguments, stdin, &mut stdout, &mut stderr);
        let status = runtime().block_on(running);
        Outcome { status, stdout: text(stdout), stderr: text(stderr) }
    }

    /// Runs a command and drops it where it waits next after printing `message`, as Ctrl-C would end it. Gives what it
    /// printed until then.
    pub(crate) fn run_until(&mut self, arguments: &str, stdin: &str, message: &str) -> String {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let seen = Rc::new(Notify::new());
        let mut stdout = Watched { printed: Vec::new(), message: message.to_owned(), seen: seen.clone() };
        let (mut stdin, mut stderr) = (stdin.as_bytes(), Vec::new());
        let running = self.start(&arguments, &mut stdin, &mut stdout, &mut stderr);
        let ended = runtime().block_on(async {
            tokio::select! {
                biased;
                () = seen.notified() => None,
                status = running => Some(status),
            }
        });
        assert_eq!(ended, None, "it ended: {}\n{}", text(stdout.printed), text(stderr));
        text(stdout.printed)
    }

    fn start<'a>(
        &'a mut self,
        arguments: &[&str],
        stdin: &'a mut dyn io::BufRead,
        stdout: &'a mut dyn io::Write,
        stderr: &'a mut dyn io::Write,
    ) -> impl Future<Output = u8> + 'a {
        let arguments: Vec<OsString> =
            std::iter::once("tke").chain(arguments.iter().copied()).map(Into::into).collect();
        let environment = Environment::new(self.variables.iter().map(|(name, value)| (name.into(), value.into())));
        let rng = &mut self.rng;
        async move {
            let terminal = Terminal::default();
            let passwords = &mut NoTerminal;
            tke::run(arguments, Shell { stdin, stdout, stderr, terminal, passwords, rng, environment }).await
        }
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

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// Standard output that tells when a message was printed.
struct Watched {
    printed: Vec<u8>,
    message: String,
    seen: Rc<Notify>,
}

impl io::Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.printed.extend_from_slice(bytes);
        if String::from_utf8_lossy(&self.printed).contains(&self.message) {
            self.seen.notify_one();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct NoTerminal;

impl HiddenInput for NoTerminal {
    fn read_hidden(&mut self) -> io::Result<Zeroizing<String>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
