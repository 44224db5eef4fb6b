//! How long the SDK's Update of five fresh crypto units takes, and how much of that is the emulator's.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::sdk::Sdk;
use super::walk::{self, Way};
use crate::emulator::Emulator;
use crate::{Failure, Programs};

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// From the call of Update to its return.
    pub wall: Duration,
    /// Of that, what the emulator needed for its answers, from a request's head on.
    pub emulator: Duration,
    /// Answers.
    pub requests: u64,
}

impl Measured {
    /// The emulator's part of the wall time, in percent.
    pub fn share(&self) -> f64 {
        100.0 * self.emulator.as_secs_f64() / self.wall.as_secs_f64()
    }
}

/// Measures so many runs, each with a fresh emulator. The inner error says why this machine cannot.
///
/// # Errors
/// Update fails; the emulator does not tell its timings.
pub fn bench(programs: &Programs, runs: usize) -> Result<Result<Vec<Measured>, String>, Failure> {
    let sdk = match Sdk::build(programs)? {
        Ok(sdk) => sdk,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut measured = Vec::new();
    for _ in 0..runs {
        let directory = tempfile::tempdir()?;
        let emulator = Emulator::start(&programs.emulator, directory.path(), &[])?;
        let program = sdk.program(Way::Rooted);
        let printed = walk::run(&program, &["bench"], &emulator, programs, directory.path())?;
        let wall = Duration::from_micros(printed.trim().parse()?);
        // The program asked Trusted Key Entry for nothing but Update.
        let (emulator, requests) = total(&metrics(&emulator.address)?)?;
        measured.push(Measured { wall, emulator, requests });
    }
    Ok(Ok(measured))
}

/// `GET /metrics`, as it comes.
fn metrics(address: &str) -> Result<String, Failure> {
    let place = address.strip_prefix("http://").ok_or("the emulator's address is no http address")?;
    let mut stream = TcpStream::connect(place)?;
    write!(stream, "GET /metrics HTTP/1.1\r\nhost: {place}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Time and number of the answers of Trusted Key Entry.
fn total(metrics: &str) -> Result<(Duration, u64), Failure> {
    let (mut time, mut requests) = (0.0, 0);
    for line in metrics.lines().filter(|line| line.contains("route=\"/v1/tke/")) {
        let (name, value) = line.rsplit_once(' ').ok_or("a metric has no value")?;
        if name.starts_with("hpcs_http_request_duration_seconds_sum{") {
            time += value.parse::<f64>()?;
        } else if name.starts_with("hpcs_http_request_duration_seconds_count{") {
            requests += value.parse::<u64>()?;
        }
    }
    if requests == 0 {
        return Err(format!("the emulator does not tell how long its answers took:\n{metrics}").into());
    }
    Ok((Duration::from_secs_f64(time), requests))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_trusted_key_entry_are_added_up_and_others_left_out() {
        let metrics = "\
HTTP/1.1 200 OK

hpcs_http_request_duration_seconds_sum{method=\"GET\",route=\"/v1/tke/{instance}/hsms\"} 0.001
hpcs_http_request_duration_seconds_count{method=\"GET\",route=\"/v1/tke/{instance}/hsms\"} 1
hpcs_http_request_duration_seconds_sum{method=\"POST\",route=\"/identity/token\"} 5
hpcs_http_request_duration_seconds_count{method=\"POST\",route=\"/identity/token\"} 5
hpcs_http_request_duration_seconds_sum{method=\"POST\",route=\"/v1/tke/{instance}/hsms/{hsm}\"} 0.249
hpcs_http_request_duration_seconds_count{method=\"POST\",route=\"/v1/tke/{instance}/hsms/{hsm}\"} 118
";
        assert_eq!(total(metrics).unwrap(), (Duration::from_millis(250), 119));
        let measured = Measured { wall: Duration::from_secs(1), emulator: Duration::from_millis(250), requests: 119 };
        assert!((measured.share() - 25.0).abs() < 1e-9);
        assert!(total("HTTP/1.1 404 Not Found\r\n\r\n").is_err());
    }
}
