//! Ten thousand connections that send nothing.
//!
//! The server is a process of its own, so that each side has all the files that a process may open; limits that stand in
//! the way are raised, and where the system does not let them be, the test says so and is skipped.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const CONNECTIONS: usize = 10_000;

/// Connections, and what a process has open besides.
const FILES: u64 = CONNECTIONS as u64 + 200;

/// Bytes of memory that a silent connection may cost the emulator.
const BYTES_EACH: u64 = 8 * 1024;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Lets this process, and those that it starts, open enough files.
fn raise_open_files() -> bool {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let enough = maximum.is_none_or(|maximum| maximum >= FILES);
    let maximum = if enough { maximum } else { Some(FILES) };
    setrlimit(Resource::Nofile, Rlimit { current: Some(FILES), maximum }).is_ok()
}

/// Bytes of memory that a process uses.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")).map_or(0, |number| number.parse().unwrap());
    kilobytes * 1024
}

fn healthy(address: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn ten_thousand_silent_connections_harm_nobody() {
    if !raise_open_files() {
        eprintln!("SKIPPED ten_thousand_silent_connections_harm_nobody: a process may not open {FILES} files here");
        return;
    }
    let mut server = Server(
        Command::new(env!("CARGO_BIN_EXE_hpcs-emulator"))
            .args(["serve", "--port", "0"])
            .env_clear()
            .env("HPCS_EMULATOR_CONNECTIONS", (CONNECTIONS + 10).to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let mut address = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let address = address.trim().strip_prefix("http://").unwrap().to_owned();
    healthy(&address);
    let before = memory(server.0.id());
    let silent: Vec<TcpStream> = (0..CONNECTIONS).map(|_| TcpStream::connect(&address).unwrap()).collect();
    for _ in 0..3 {
        healthy(&address);
    }
    let each = memory(server.0.id()).saturating_sub(before) / CONNECTIONS as u64;
    assert!(each <= BYTES_EACH, "{each} bytes a connection");
    for connection in [&silent[0], &silent[CONNECTIONS - 1]] {
        connection.set_nonblocking(true).unwrap();
        let answer = connection.peek(&mut [0]);
        // Those that said nothing for ten seconds are closed; on a busy machine that may be the first ones.
        assert!(matches!(answer, Ok(0)) || answer.unwrap_err().kind() == ErrorKind::WouldBlock);
    }
}
