//! Tests of permissions, which do not hold for root.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};

/// Runs the body, as nobody in particular: where this process is root's, in a process of its own that runs the test
/// `name` of this program again. Where there can be none, the test says so and is skipped.
pub fn unprivileged(name: &str, body: impl FnOnce()) {
    if !rustix::process::geteuid().is_root() {
        return body();
    }
    if let Err(reason) = run_again(name) {
        // Not `eprintln`: what that writes is hidden in a test that passes.
        let _ = writeln!(std::io::stderr(), "{name} ... skipped: {reason}");
    }
}

fn run_again(name: &str) -> Result<(), String> {
    let program = std::env::current_exe().and_then(File::open).map_err(|error| error.to_string())?;
    // The program may lie where only root can go; as an open file it can be run from anywhere.
    let child = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "/proc/self/fd/0", "--exact", name])
        .stdin(Stdio::from(program))
        .current_dir("/")
        .env("TMPDIR", "/tmp")
        .output()
        .map_err(|error| format!("setpriv: {error}"))?;
    let said = format!("{}{}", String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    match child.status.code() {
        Some(0) => assert!(said.contains("1 passed"), "there is no test {name}: {said}"),
        Some(TEST_FAILED) => panic!("{said}"),
        _ => return Err(format!("no process without privileges: {}", said.trim())),
    }
    Ok(())
}

/// How a program of tests ends when one of them fails.
const TEST_FAILED: i32 = 101;
