//! Programs of others: started with nothing in their environment that leads elsewhere, and not waited for without end.

use std::path::Path;
use std::process::{Command, Output, Stdio};
#[cfg(unix)]
use std::sync::mpsc;
#[cfg(unix)]
use std::time::Duration;

use crate::Failure;

/// A command without those variables of this environment that clients look at.
pub(crate) fn not_led_elsewhere(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if LEADING_ELSEWHERE.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// What a command prints.
pub(crate) fn printed(command: &mut Command) -> Result<String, Failure> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}\n{}", output.status, said(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Bytes of a program as text.
pub(crate) fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// Waits for a command, but not for ever; with it goes whatever it started.
#[cfg(unix)]
pub(crate) fn bounded(command: &mut Command) -> Result<Output, Failure> {
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
pub(crate) fn bounded(command: &mut Command) -> Result<Output, Failure> {
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

/// Beginnings of the names of variables by which clients find other places than the emulator, or do more than they would.
const LEADING_ELSEWHERE: [&str; 12] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_",
    "TKE_",
    "CLOUDTKEFILES",
    "IBMCLOUD_",
    "HPCS_",
    "GREP11_",
    "GRPC_",
    "GODEBUG",
];

/// How long a program may take. It is not measured, only not waited for longer.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

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
