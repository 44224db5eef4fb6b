//! The go command.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use crate::Failure;
use crate::process::said;

/// The go command in the directory of these sources. It fetches no other Go and changes no file of the sources.
pub(crate) fn go(sources: impl AsRef<Path>) -> Command {
    let mut go = Command::new(GO);
    go.current_dir(sources).env("GOTOOLCHAIN", "local").env("GOFLAGS", "-mod=readonly -buildvcs=false");
    go.env("GOWORK", "off").env("CGO_ENABLED", "0");
    go
}

/// Whether there is Go, and whether the modules that these sources need are there or can be fetched. The inner error says
/// why this machine cannot.
pub(crate) fn reachable(sources: &str) -> Result<Result<(), String>, Failure> {
    match Command::new(GO).arg("version").output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => return Ok(Err(format!("`go version` fails: {}", said(&output.stderr)))),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Err("Go is not installed".to_owned())),
        Err(error) => return Ok(Err(format!("go cannot be run: {error}"))),
    }
    fetched(go(sources).args(["mod", "download"]))
}

/// Runs a go command that fetches modules. The inner error says that they are out of reach.
pub(crate) fn fetched(go: &mut Command) -> Result<Result<(), String>, Failure> {
    let output = go.output()?;
    let text = said(&output.stderr);
    let text = text.lines().filter(|line| !line.starts_with("go: downloading ")).collect::<Vec<_>>().join("\n");
    if output.status.success() {
        Ok(Ok(()))
    } else if OUT_OF_REACH.iter().any(|sign| text.contains(sign)) {
        Ok(Err(format!("the Go modules are out of reach: {text}")))
    } else {
        Err(text.into())
    }
}

/// What the go command says when no proxy answers, or the proxy has not got a module. All else is wrong with the sources.
const OUT_OF_REACH: [&str; 9] = [
    "module lookup disabled",
    "dial tcp",
    "read tcp",
    "proxyconnect",
    "i/o timeout",
    "TLS handshake",
    "403 Forbidden",
    "404 Not Found",
    "410 Gone",
];

const GO: &str = "go";
