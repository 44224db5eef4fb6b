//! One walkthrough: a fresh emulator, and a process of the Go program that finds it by two variables.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::str::FromStr;
#[cfg(unix)]
use std::sync::mpsc;
#[cfg(unix)]
use std::time::Duration;

use crate::emulator::Emulator;
use crate::sdk::{SOURCES, Sdk};
use crate::{Failure, Programs};

/// A walkthrough as the Go program lists it.
pub(crate) struct Walkthrough {
    pub(crate) name: String,
    way: Way,
    /// The part of the administration protocol that it follows.
    pub(crate) section: String,
    pub(crate) title: String,
}

/// Which build of the SDK a walkthrough needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As the module proxy serves it.
    Published,
    /// With the emulator's root.
    Rooted,
}

impl FromStr for Walkthrough {
    type Err = Failure;

    fn from_str(line: &str) -> Result<Self, Failure> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, way, section, title] = fields[..] else {
            return Err(format!("not a line of a walkthrough: {line}").into());
        };
        let way = match way {
            "published" => Way::Published,
            "rooted" => Way::Rooted,
            other => return Err(format!("{name}: there is no way in named {other}").into()),
        };
        Ok(Walkthrough { name: name.to_owned(), way, section: section.to_owned(), title: title.to_owned() })
    }
}

impl Walkthrough {
    /// Walks it; the failure shows what both programs wrote.
    pub(crate) fn walk(&self, sdk: &Sdk, programs: &Programs) -> Result<(), Failure> {
        let directory = tempfile::tempdir()?;
        let emulator = Emulator::start(&programs.emulator, directory.path())?;
        let program = sdk.program(self.way);
        run(&program, &["run", &self.name], &emulator, programs, directory.path()).map(drop)
    }
}

/// Runs the Go program against an emulator, with nothing in its environment that leads elsewhere.
pub(crate) fn run(
    program: &Path,
    arguments: &[&str],
    emulator: &Emulator,
    programs: &Programs,
    directory: &Path,
) -> Result<String, Failure> {
    let files = directory.join("files");
    std::fs::create_dir(&files)?;
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if LEADING_ELSEWHERE.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command.args(arguments).env("HTTPS_PROXY", &emulator.address).env("SSL_CERT_FILE", emulator.authority());
    command.env("HPCS_WALK_EMULATOR", &emulator.address).env("HPCS_WALK_FILES", &files);
    command.env("HPCS_WALK_PROGRAM", &programs.emulator).env("HPCS_WALK_TKE", &programs.tke);
    command.env("HPCS_WALK_TESTDATA", Path::new(SOURCES).join("testdata"));
    let output = bounded(&mut command)?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (status, stdout, stderr) = (output.status, text(&output.stdout), text(&output.stderr));
    Err(format!("{status}\n{stdout}{stderr}--- the emulator:\n{}", emulator.told()).into())
}

/// Waits for a command, but not for ever; with it goes whatever it started.
#[cfg(unix)]
fn bounded(command: &mut Command) -> Result<Output, Failure> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
    let group = Group::led_by(&child)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let readers = [scope.spawn(|| all_of(stdout)), scope.spawn(|| all_of(stderr))];
        let (done, ended) = mpsc::channel();
        scope.spawn(move || {
            group.await_leader();
            // The receiver may have lost patience.
            let _ = done.send(());
        });
        let in_time = ended.recv_timeout(PATIENCE).is_ok();
        // Who else holds the pipes keeps the readers waiting.
        group.end();
        let status = child.wait()?;
        let [stdout, stderr] = readers.map(|reader| reader.join().unwrap_or_else(|_| Err("reading failed".into())));
        let (stdout, stderr) = (stdout?, stderr?);
        if !in_time {
            let text = String::from_utf8_lossy(&stderr);
            return Err(format!("it did not end in {} s\n{text}", PATIENCE.as_secs()).into());
        }
        Ok(Output { status, stdout, stderr })
    })
}

#[cfg(not(unix))]
fn bounded(command: &mut Command) -> Result<Output, Failure> {
    Ok(command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?)
}

#[cfg(unix)]
fn all_of(pipe: Option<impl std::io::Read>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// A process and all that it started.
#[cfg(unix)]
#[derive(Clone, Copy)]
struct Group(rustix::process::Pid);

#[cfg(unix)]
impl Group {
    fn led_by(child: &std::process::Child) -> Result<Self, Failure> {
        let leader = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
        Ok(Group(leader.ok_or("a process without a number")?))
    }

    /// Returns when the leader has ended. It stays a zombie, so that nobody else gets its number.
    fn await_leader(self) {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        // An error means that there is nothing to wait for.
        let _ = rustix::io::retry_on_intr(|| waitid(WaitId::Pid(self.0), options));
    }

    fn end(self) {
        // Nobody but the zombie is left when all went well.
        let _ = rustix::process::kill_process_group(self.0, rustix::process::Signal::KILL);
    }
}

/// Beginnings of the names of variables by which clients find other places than the emulator.
const LEADING_ELSEWHERE: [&str; 9] =
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_", "TKE_", "CLOUDTKEFILES", "IBMCLOUD_", "HPCS_"];

/// How long a walkthrough may take. It is not measured, only not waited for longer.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_walkthrough_is_read_and_anything_else_named() {
        let one: Walkthrough = "commands\tpublished\t12.1\tall of them".parse().unwrap();
        assert_eq!(
            (&*one.name, one.way, &*one.section, &*one.title),
            ("commands", Way::Published, "12.1", "all of them")
        );
        for (line, fault) in [("commands\tpublished", "not a line"), ("a\tsecretly\t1\tb", "no way in named secretly")]
        {
            let found = line.parse::<Walkthrough>().err().unwrap().to_string();
            assert!(found.contains(fault), "{found}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_command_takes_along_what_it_started() {
        // The grandchild holds the pipe of standard error: the answer comes when that process has ended.
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 >&2 2>/dev/null </dev/null & echo started"]);
        let output = bounded(&mut command).unwrap();
        assert_eq!(output.stdout, b"started\n");
    }
}
