//! Processes of this program, and the processors that they and the clients run on.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The first argument of a process that is the emulator: its own command.
pub const EMULATOR: &str = "serve";
/// The first argument of a process that is the bare service.
pub const BARE: &str = "bare";

/// Which of the two services.
#[derive(Clone, Copy)]
pub enum Side {
    Emulator,
    Bare,
}

/// A service in a process of its own; it ends with this value.
pub struct Process {
    pub url: String,
    child: Child,
}

impl Process {
    /// Starts a service on the processor of the services, and waits until it says where it is.
    pub fn start(side: Side) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        match side {
            Side::Emulator => command.args([EMULATOR, "--port", "0", "--seed-file"]).arg(ceremony()),
            Side::Bare => command.arg(BARE),
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = on_processor(0, || command.spawn().unwrap());
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Process { url: url.trim().to_owned(), child }
    }

    /// Seconds that the process has been working so far, as Linux tells it.
    pub fn worked(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
        ticks.sum::<f64>() / TICKS_A_SECOND
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// An instance with master keys.
fn ceremony() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ceremony.yaml")
}

/// Does something on the processor that the services do not use, and stays there.
pub fn beside_the_services<T>(work: impl FnOnce() -> T) -> T {
    stay_on(1);
    work()
}

/// Does something on this processor; what is started there stays there.
fn on_processor<T>(number: usize, work: impl FnOnce() -> T) -> T {
    stay_on(number);
    let done = work();
    stay_on(1);
    done
}

/// Pins this thread, where the system can and has the processor; otherwise the scheduler decides.
#[cfg(target_os = "linux")]
fn stay_on(processor: usize) {
    use rustix::thread::{CpuSet, sched_setaffinity};
    let mut set = CpuSet::new();
    set.set(processor);
    if sched_setaffinity(None, &set).is_err() {
        println!("processor {processor} cannot be had: services and clients are not kept apart");
    }
}

#[cfg(not(target_os = "linux"))]
fn stay_on(_: usize) {}

/// The unit of times in `/proc`, the same on every Linux.
const TICKS_A_SECOND: f64 = 100.0;
