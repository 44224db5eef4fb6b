//! One example: a fresh emulator, a process of the program that has it, and what both sides tell of its calls.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::calls::{Call, Logged, compare, without_transport};
use super::programs::{GoPrograms, SEED_FILE};
use super::verdict::Verdict;
use super::{API_KEY, HOST, IAM};
use crate::emulator::Emulator;
use crate::process::{bounded, not_led_elsewhere, printed, said};
use crate::{Failure, Programs};

/// An example, and how it gets here.
pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) way: Way,
}

/// How a client gets here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Without TLS and token, to an address.
    Plaintext,
    /// To the host of the cloud, through TLS and with a token.
    Tls,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Way::Plaintext => "plaintext",
            Way::Tls => "TLS",
        })
    }
}

impl Example {
    /// Runs it. The event log counts: an example that passed, while its calls and the events differ, has failed.
    pub(crate) fn run(&self, go: &GoPrograms, programs: &Programs) -> Result<(Verdict, usize), Failure> {
        let directory = tempfile::tempdir()?;
        let emulator =
            Emulator::start(&programs.emulator, directory.path(), &["--grep11-local", "--seed-file", SEED_FILE])?;
        let files = directory.path().join("files");
        std::fs::create_dir(&files)?;
        let mut command = not_led_elsewhere(&self.program);
        command.args(["-test.run", &format!("^{}$", self.name), "-test.v", "-test.count", "1"]).current_dir(&files);
        let (output, calls) = match self.way {
            Way::Plaintext => {
                let relay = Relay::start(&go.relay(), &emulator)?;
                let output = bounded(command.env("GREP11_LOCAL", "1").env("GREP11_ADDRESS", &relay.address))?;
                (output, Call::of_relay(&relay.end()?)?)
            }
            Way::Tls => {
                command.env("HTTPS_PROXY", &emulator.address).env("SSL_CERT_FILE", emulator.authority());
                command.env("GREP11_ADDRESS", HOST).env("GREP11_APIKEY", API_KEY).env("GREP11_IAMENDPOINT", IAM);
                let output = bounded(command.env("GODEBUG", "http2debug=2"))?;
                let calls = Call::of_transport(&said(&output.stderr));
                (output, calls)
            }
        };
        let verdict = Verdict::read(&self.name, &output, &without_transport(&said(&output.stderr)));
        let logged = Logged::read(&events(programs, &emulator)?)?;
        Ok((with_log(verdict, &calls, &logged, &emulator), calls.len()))
    }
}

/// The verdict, once the log is known too.
fn with_log(verdict: Verdict, calls: &[Call], logged: &[Logged], emulator: &Emulator) -> Verdict {
    let mut fault = compare(calls, logged).err();
    if verdict == Verdict::Passed && calls.is_empty() {
        fault = Some("it passed without a call; the variables did not lead it here".to_owned());
    }
    match (verdict, fault) {
        (Verdict::Failed(text), None) => Verdict::Failed(text),
        (Verdict::Failed(text), Some(fault)) => Verdict::Failed(format!("{text}\n{fault}")),
        (_, Some(fault)) => Verdict::Failed(format!("{fault}\n--- the emulator:\n{}", emulator.told())),
        (good, None) => good,
    }
}

/// The events of cryptographic calls. An event is there before the answer to its call.
fn events(programs: &Programs, emulator: &Emulator) -> Result<String, Failure> {
    let mut command = not_led_elsewhere(&programs.emulator);
    printed(command.args(["events", "--action", ACTION, "--server", &emulator.address]))
}

/// A process of the relay.
struct Relay {
    process: Child,
    address: String,
    told: BufReader<std::process::ChildStdout>,
}

impl Relay {
    fn start(program: &Path, emulator: &Emulator) -> Result<Self, Failure> {
        let place = emulator.address.strip_prefix("http://").ok_or("the emulator's address is no http address")?;
        let mut command = Command::new(program);
        let command = command.arg(place).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let stdout = process.stdout.take().ok_or("the relay has no output")?;
        let mut relay = Relay { process, address: String::new(), told: BufReader::new(stdout) };
        let mut line = String::new();
        relay.told.read_line(&mut line)?;
        line.trim().clone_into(&mut relay.address);
        if relay.address.is_empty() {
            return Err("the relay did not start".into());
        }
        Ok(relay)
    }

    /// What it saw. The end of its input ends it.
    fn end(mut self) -> Result<String, Failure> {
        drop(self.process.stdin.take());
        let mut told = String::new();
        self.told.read_to_string(&mut told)?;
        match self.process.wait()? {
            status if status.success() => Ok(told),
            status => Err(format!("the relay could not follow the client: {status}").into()),
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It has ended already unless something went wrong before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The documented action of every cryptographic call.
const ACTION: &str = "hs-crypto.ep11.use";
