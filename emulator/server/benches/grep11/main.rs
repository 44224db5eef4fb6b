//! The cryptographic interface against a bare service that does the same cryptography.
//!
//! `cargo bench -p hpcs-emulator --bench grep11` prints, for five calls, how many a second the emulator answers to 64
//! parallel clients, how many a bare tonic service does that has no HSM and no audit, and the ratio of the two (aim: at
//! least 0.8); then the latency of the emulator: its median, its 99th percentile, and how many times the median that is
//! (aim: at most 5). `-- --quick` takes about a minute, `-- EncryptSingle` measures the calls whose name contains that.
//!
//! ```text
//! processor 0   emulator, audit on, in memory     bare service     one of them works, the other waits
//! processor 1   64 clients, a connection each
//! ```
//!
//! Both services are processes of their own, made of this program. Rounds take turns, so that a noisy machine hits both,
//! and the median of their ratios counts. The keys are the same: they are imported into the emulator and travel to the
//! bare service in the clear, so both parse them once a call; nothing else differs in what the two are sent, so that the
//! bare service reads a token too, and forgets it. The share of the processor that a service has while it is
//! measured tells whether it was the service or the clients that set the rate.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, unreachable_pub)]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

mod bare;
mod keys;
mod load;
mod place;
mod questions;

use std::process::ExitCode;
use std::time::Duration;

use load::{Clients, Measured};
use place::{Process, Side};
use questions::Question;

/// Clients at once, each with one call under way.
const CLIENTS: usize = 64;

/// How long is measured.
struct Plan {
    rounds: usize,
    round: Duration,
}

impl Plan {
    const WHOLE: Plan = Plan { rounds: 9, round: Duration::from_secs(1) };
    const QUICK: Plan = Plan { rounds: 5, round: Duration::from_millis(600) };
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(place::EMULATOR) => return hpcs_emulator::shell::main(),
        Some(place::BARE) => bare::main(),
        _ => {
            let plan = if arguments.iter().any(|one| one == "--quick") { Plan::QUICK } else { Plan::WHOLE };
            let named: Vec<_> = arguments.into_iter().filter(|one| !one.starts_with('-')).collect();
            // One thread: the clients have one processor.
            let runtime =
                place::beside_the_services(|| tokio::runtime::Builder::new_current_thread().enable_all().build());
            let wanted = |name: &str| named.is_empty() || named.iter().any(|part| name.contains(part.as_str()));
            let mut rows = Vec::new();
            for name in questions::NAMES.into_iter().filter(|name| wanted(name)) {
                rows.push(runtime.as_ref().unwrap().block_on(compare(name, &plan)));
            }
            print(&rows);
        }
    }
    ExitCode::SUCCESS
}

/// What was measured of one call.
struct Row {
    name: &'static str,
    emulator: Vec<Measured>,
    bare: Vec<Measured>,
}

/// Measures one call on both sides in turn. Each call has processes of its own: the log of the one before is gone.
async fn compare(name: &'static str, plan: &Plan) -> Row {
    let (emulator, bare) = (Process::start(Side::Emulator), Process::start(Side::Bare));
    let Question { ours, theirs } = questions::ask(name, &emulator.url, &bare.url).await;
    let mut at_emulator = Clients::connect(&emulator, &ours, CLIENTS).await;
    let mut at_bare = Clients::connect(&bare, &theirs, CLIENTS).await;
    let mut row = Row { name, emulator: Vec::new(), bare: Vec::new() };
    at_emulator.measure(plan.round / 4).await;
    at_bare.measure(plan.round / 4).await;
    for _ in 0..plan.rounds {
        row.emulator.push(at_emulator.measure(plan.round).await);
        row.bare.push(at_bare.measure(plan.round).await);
    }
    row
}

fn print(rows: &[Row]) {
    println!("{:<32} {:>11} {:>11} {:>6} {:>19}", "", "emulator", "bare", "ratio", "busy, a call");
    for Row { name, emulator, bare } in rows {
        let ratio = median(emulator.iter().zip(bare).map(|(ours, bare)| ours.rate() / bare.rate()));
        let rate = |side: &[Measured]| median(side.iter().map(Measured::rate));
        let busy = |side: &[Measured]| median(side.iter().map(Measured::busy));
        let cost = |side: &[Measured]| median(side.iter().map(|one| one.busy() / one.rate() * 1e6));
        println!(
            "{name:<32} {:>9.0}/s {:>9.0}/s {ratio:>6.2} {:>4.0}%/{:.0}% {:>4.0}/{:.0} µs",
            rate(emulator),
            rate(bare),
            busy(emulator) * 100.0,
            busy(bare) * 100.0,
            cost(emulator),
            cost(bare),
        );
    }
    println!("aim: a ratio of 0.8");
    println!();
    println!("{:<32} {:>11} {:>11} {:>6} {:>13}", "latency, 64 clients", "p50", "p99", "ratio", "ratio of bare");
    for Row { name, emulator, bare } in rows {
        let at = |side: &[Measured], share| median(side.iter().map(|one| one.latency(share).as_secs_f64() * 1e3));
        let spread = |side: &[Measured]| at(side, 0.99) / at(side, 0.5);
        let (half, most) = (at(emulator, 0.5), at(emulator, 0.99));
        println!("{name:<32} {half:>8.2} ms {most:>8.2} ms {:>6.2} {:>13.2}", spread(emulator), spread(bare));
    }
    println!("aim: a ratio of at most 5");
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
