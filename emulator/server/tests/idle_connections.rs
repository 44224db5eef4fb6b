//! A thousand connections that send nothing.
//!
//! The server is a process of its own with room for them; this process holds nothing else, so that a limit of 1,024 open
//! files is enough for it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

const CONNECTIONS: usize = 1_000;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_thousand_silent_connections_harm_nobody() {
    let mut server = Server(
        Command::new("sh")
            .args([
                "-c",
                r#"ulimit -n 4096 2>/dev/null; exec "$0" serve --port 0"#,
                env!("CARGO_BIN_EXE_hpcs-emulator"),
            ])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let mut address = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let address = address.trim().strip_prefix("http://").unwrap().to_owned();
    let silent: Vec<TcpStream> = (0..CONNECTIONS).map(|_| TcpStream::connect(&address).unwrap()).collect();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    for connection in &silent {
        connection.set_nonblocking(true).unwrap();
        let open = connection.peek(&mut [0]);
        assert_eq!(open.unwrap_err().kind(), ErrorKind::WouldBlock, "a silent connection was closed");
    }
}
