//! `env`: the lines that let unchanged clients reach a running emulator under the names of the cloud.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use tokio::net::TcpStream;

use super::client::DEFAULT_SERVER;
use super::{Failure, Surroundings};
use crate::http::CA_PATH;

/// Flags of `env`.
#[derive(Args)]
#[command(after_help = "\
Clients that honour a proxy reach the hosts of the service on the emulator; it
ends TLS itself, with certificates of its development CA, and refuses every other
host. Go programs need the first two variables. The others are for curl, for
Python's requests, and for Node.js, which trusts the CA but takes a proxy only
from version 24 on, with NODE_USE_ENV_PROXY=1.

Examples:
  eval \"$(hpcs-emulator env)\"                                bash, zsh
  hpcs-emulator env --shell fish | source                     fish
  hpcs-emulator env --shell powershell | Invoke-Expression    PowerShell
  eval \"$(hpcs-emulator env --unset)\"                        back as it was

Exit codes: 0 done; 1 no emulator, or it serves no TLS; 2 wrong usage.")]
pub(super) struct EnvArgs {
    /// The emulator [default: http://127.0.0.1:9876] [env: HPCS_EMULATOR_SERVER]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// The shell whose lines are printed [default: fish if SHELL names it, else bash]
    #[arg(long, value_enum)]
    shell: Option<Shell>,
    /// Where the CA's certificate is written to, unless the emulator keeps it in a file on this machine [default: the
    /// user's cache directory]
    #[arg(long, value_name = "FILE", conflicts_with = "unset")]
    ca_file: Option<PathBuf>,
    /// Print the lines that take the variables back
    #[arg(long)]
    unset: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// And whatever else takes `export`
    Bash,
    Fish,
    Powershell,
}

/// What the emulator says of its CA.
#[derive(Deserialize)]
struct Trusted {
    certificate: String,
    file: Option<PathBuf>,
}

/// Prints the lines.
pub(super) async fn run(arguments: EnvArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let EnvArgs { server, shell, ca_file, unset } = arguments;
    let shell = shell.unwrap_or_else(|| Shell::of(variable(here, "SHELL")));
    if unset {
        for name in PROXY_VARIABLES.iter().chain(CA_VARIABLES) {
            writeln!(here.stdout, "{}", shell.unset(name))?;
        }
        here.stdout.flush()?;
        return Ok(0);
    }
    let environment = here.environment()?;
    let server =
        server.or_else(|| environment.server().map(str::to_owned)).unwrap_or_else(|| DEFAULT_SERVER.to_owned());
    let address = authority(&server)?;
    let trusted = tokio::time::timeout(DEADLINE, ask(&address))
        .await
        .unwrap_or_else(|_| Err(Failure::refused(format_args!("{address} did not answer in time"))))?;
    let file = place(trusted, ca_file, here)?;
    let file = file.to_str().ok_or_else(|| Failure::usage("--ca-file: its path is not UTF-8"))?;
    for name in PROXY_VARIABLES {
        writeln!(here.stdout, "{}", shell.set(name, &format!("http://{address}")))?;
    }
    for name in CA_VARIABLES {
        writeln!(here.stdout, "{}", shell.set(name, file))?;
    }
    here.stdout.flush()?;
    Ok(0)
}

/// The address of a server, as a proxy is named.
fn authority(server: &str) -> Result<String, Failure> {
    let rest = match server.split_once("://") {
        None => server,
        Some(("http", rest)) => rest.trim_end_matches('/'),
        Some(_) => return Err(Failure::usage("--server: clients talk to a proxy without TLS; use http://")),
    };
    let parsed: Option<http::uri::Authority> = rest.parse().ok();
    let wrong = || Failure::usage(format_args!("--server: '{server}' is not an address such as {DEFAULT_SERVER}"));
    let authority = parsed.filter(|authority| !authority.host().is_empty()).ok_or_else(wrong)?;
    Ok(format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80)))
}

/// Asks the emulator whom clients have to trust.
async fn ask(address: &str) -> Result<Trusted, Failure> {
    let nobody = || {
        Failure::refused(format_args!("there is no emulator at http://{address}; start one with `hpcs-emulator serve`"))
    };
    let stream = TcpStream::connect(address).await.map_err(|_| nobody())?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| nobody())?;
    let served = tokio::spawn(connection);
    let request = Request::get(CA_PATH).header(header::HOST, address).body(Empty::<Bytes>::new());
    let response = sender.send_request(request.map_err(|_| nobody())?).await.map_err(|_| nobody())?;
    let status = response.status();
    let content = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await.map_err(|_| nobody())?.to_bytes();
    served.abort();
    match status {
        StatusCode::OK => serde_json::from_slice(&content).map_err(|_| nobody()),
        StatusCode::NOT_FOUND => {
            Err(Failure::refused("the emulator serves no TLS; start it with `--tls auto`, which is the default"))
        }
        _ => Err(nobody()),
    }
}

/// The file with the certificate: the emulator's own when it is on this machine, otherwise one that is written.
fn place(trusted: Trusted, asked: Option<PathBuf>, here: &Surroundings<'_>) -> Result<PathBuf, Failure> {
    let Trusted { certificate, file } = trusted;
    let holds_it = |path: &Path| fs::read(path).is_ok_and(|content| content == certificate.as_bytes());
    if asked.is_none()
        && let Some(kept) = file.filter(|path| holds_it(path))
    {
        return Ok(kept);
    }
    let path = match asked {
        Some(path) => path,
        None => {
            let number = hex::encode(digest(&SHA256, certificate.as_bytes()).as_ref().get(..8).unwrap_or_default());
            cache_directory(here)?.join(format!("ca-{number}.pem"))
        }
    };
    if !holds_it(&path) {
        let unwritable = |error| Failure::refused(format_args!("{}: {error}", path.display()));
        if let Some(directory) = path.parent().filter(|directory| *directory != Path::new("")) {
            fs::create_dir_all(directory).map_err(unwritable)?;
        }
        fs::write(&path, &certificate).map_err(unwritable)?;
    }
    Ok(std::path::absolute(&path).unwrap_or(path))
}

/// A directory of the user's own, where nobody else writes.
fn cache_directory(here: &Surroundings<'_>) -> Result<PathBuf, Failure> {
    let of = |name, below: &str| {
        let value = variable(here, name).filter(|value| !value.is_empty())?;
        Some(Path::new(value).join(below).join("hpcs-emulator"))
    };
    of("XDG_CACHE_HOME", "")
        .or_else(|| of("HOME", ".cache"))
        .or_else(|| of("LOCALAPPDATA", ""))
        .ok_or_else(|| Failure::usage("--ca-file: say where the certificate goes; there is no home directory"))
}

fn variable<'a>(here: &'a Surroundings<'_>, name: &str) -> Option<&'a OsStr> {
    here.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_os_str())
}

impl Shell {
    fn of(program: Option<&OsStr>) -> Self {
        let name = program.and_then(|program| Path::new(program).file_name());
        if name == Some(OsStr::new("fish")) { Shell::Fish } else { Shell::Bash }
    }

    fn set(self, name: &str, value: &str) -> String {
        match self {
            Shell::Bash => format!("export {name}='{}'", value.replace('\'', r"'\''")),
            Shell::Fish => format!("set -gx {name} '{}'", value.replace('\\', r"\\").replace('\'', r"\'")),
            Shell::Powershell => format!("$env:{name} = '{}'", value.replace('\'', "''")),
        }
    }

    fn unset(self, name: &str) -> String {
        match self {
            Shell::Bash => format!("unset {name}"),
            Shell::Fish => format!("set -e {name}"),
            Shell::Powershell => format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue"),
        }
    }
}

/// Who goes through the emulator. Some programs read one spelling only.
const PROXY_VARIABLES: &[&str] = &["HTTPS_PROXY", "https_proxy"];

/// Whom to trust: Go and OpenSSL, curl, Python's requests, Node.js.
const CA_VARIABLES: &[&str] = &["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

const DEADLINE: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read.
const LARGEST_ANSWER: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_as_each_shell_reads_them() {
        let value = r"/tmp/it's a \ file";
        assert_eq!(Shell::Bash.set("A", value), r"export A='/tmp/it'\''s a \ file'");
        assert_eq!(Shell::Fish.set("A", value), r"set -gx A '/tmp/it\'s a \\ file'");
        assert_eq!(Shell::Powershell.set("A", value), r"$env:A = '/tmp/it''s a \ file'");
    }

    #[test]
    fn the_shell_is_fish_when_the_variable_says_so() {
        for (program, shell) in [
            (None, Shell::Bash),
            (Some("/bin/bash"), Shell::Bash),
            (Some("/usr/bin/zsh"), Shell::Bash),
            (Some("/usr/bin/fish"), Shell::Fish),
        ] {
            assert_eq!(Shell::of(program.map(OsStr::new)), shell);
        }
    }

    #[test]
    fn the_proxy_is_an_address_without_tls() {
        for (server, expected) in [
            ("http://127.0.0.1:9876", Some("127.0.0.1:9876")),
            ("127.0.0.1:9876", Some("127.0.0.1:9876")),
            ("http://emulator/", Some("emulator:80")),
            ("https://127.0.0.1:9876", None),
            ("http://", None),
            ("a b", None),
        ] {
            assert_eq!(authority(server).ok().as_deref(), expected, "{server}");
        }
    }
}
