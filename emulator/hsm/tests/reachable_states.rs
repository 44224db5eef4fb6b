//! Every command in every state that a unit can get into, signed in every way: the unit does what the model says.
//!
//! In every state the unit is also taken apart and put together again, and has to answer as if nothing had happened.
//!
//! The states are found, not listed: from the factory state on, breadth first, by real signed requests. What is never
//! reached is printed with the reason (`cargo test -p hpcs-hsm --test reachable_states -- --nocapture`).

mod support;

use std::collections::{HashMap, HashSet};
use std::thread;

use hpcs_ep11::TransactionCounter;
use hpcs_hsm::{COMMANDS, Unit};
use support::message::{answer, send};
use support::model::{Command, FACTORY, New, Signers, State, predict};
use support::rehearsal::{Rehearsal, function, observe};
use support::{code, shared_factory};

type Place = (bool, bool, New);

/// What came of trying everything in one state.
#[derive(Default)]
struct Findings {
    visited: HashSet<(Place, Command, Signers)>,
    reached: Vec<(State, Unit)>,
    mismatches: Vec<String>,
}

#[test]
fn every_reachable_state_obeys_the_model() {
    let rehearsal = Rehearsal::new();
    let mut known = HashMap::from([(FACTORY, shared_factory())]);
    let mut level = vec![(FACTORY, shared_factory())];
    let mut visited = HashSet::new();
    let mut mismatches = Vec::new();
    while !level.is_empty() {
        let mut next = Vec::new();
        for findings in try_level(&rehearsal, &level) {
            visited.extend(findings.visited);
            mismatches.extend(findings.mismatches);
            for (state, unit) in findings.reached {
                if known.insert(state, unit.clone()).is_none() {
                    next.push((state, unit));
                }
            }
        }
        level = next;
    }
    assert!(mismatches.is_empty(), "{} mismatches:\n{}", mismatches.len(), mismatches.join("\n"));

    let combinations = Command::ALL.len() * Signers::ALL.len();
    println!("{} states, {} combinations visited\n", known.len(), visited.len());
    println!("{:<10} {:<8} {:<12} {:>12}  reason", "mode", "current", "new", "unreachable");
    for place @ (secured, current, new) in places() {
        let seen = visited.iter().filter(|(seen, ..)| *seen == place).count();
        let mode = if secured { "secured" } else { "imprint" };
        let register = if current { "Valid" } else { "Empty" };
        let reason = why_unreachable(place);
        if let Some(reason) = reason {
            println!("{mode:<10} {register:<8} {:<12} {combinations:>12}  {reason}", format!("{new:?}"));
        }
        assert_eq!(seen, if reason.is_some() { 0 } else { combinations }, "{mode}, {register}, {new:?}");
    }
    // Imprint mode with 0 to 4 administrators; out of it 3 or 4, with and without importer and permissions, six registers.
    assert_eq!(known.len(), 5 + 2 * 2 * 2 * 6);
}

#[test]
fn the_rehearsal_knows_every_command_of_the_unit() {
    let rehearsed: HashSet<_> = Command::ALL.iter().map(|command| function(*command)).collect();
    let executed: HashSet<_> = COMMANDS.iter().map(|row| row.function).collect();
    assert_eq!(executed, rehearsed);
    assert_eq!(executed.len(), 16);
}

fn places() -> impl Iterator<Item = Place> {
    let registers = [false, true]
        .into_iter()
        .flat_map(|current| [New::Empty, New::Uncommitted, New::Committed].into_iter().map(move |new| (current, new)));
    [false, true]
        .into_iter()
        .flat_map(move |secured| registers.clone().map(move |(current, new)| (secured, current, new)))
}

fn why_unreachable((secured, current, new): Place) -> Option<&'static str> {
    match (secured, current, new) {
        (true, ..) | (false, false, New::Empty) => None,
        (false, true, New::Empty) => Some("random and set immediate are refused in imprint mode, zeroize clears"),
        (false, false, _) => Some("import is refused in imprint mode, zeroize clears"),
        (false, true, _) => Some("nothing fills a register in imprint mode, zeroize clears both"),
    }
}

/// Tries everything in every state of a level, shared out among the processors.
fn try_level(rehearsal: &Rehearsal, level: &[(State, Unit)]) -> Vec<Findings> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let shares = level.chunks(level.len().div_ceil(workers));
        let running: Vec<_> = shares
            .map(|share| scope.spawn(move || share.iter().map(|one| try_all(rehearsal, one)).collect()))
            .collect();
        running.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|_| vec![failed()])).collect()
    })
}

fn failed() -> Findings {
    Findings { mismatches: vec!["a worker panicked".to_owned()], ..Findings::default() }
}

fn try_all(rehearsal: &Rehearsal, (state, unit): &(State, Unit)) -> Findings {
    let mut findings = Findings::default();
    let rebuilt = match Unit::from_parts(unit.parts()) {
        Ok(rebuilt) => rebuilt,
        Err(fault) => {
            findings.mismatches.push(format!("the parts in {state:?} make no unit: {fault}"));
            return findings;
        }
    };
    for command in Command::ALL {
        let request = rehearsal.request(unit, *command, Signers::Threshold);
        if answer(&rebuilt, &request) != answer(unit, &request) {
            findings.mismatches.push(format!("{command:?} in {state:?}: another answer after taking the unit apart"));
        }
        for signers in tried_signers(state) {
            findings.visited.insert(((state.secured, state.current, state.new), *command, *signers));
            let answered = send(unit, &rehearsal.request(unit, *command, *signers));
            let seen = answered.as_ref().map(|(next, _)| observe(next)).map_err(|refusal| code(*refusal));
            let predicted = predict(*state, *command, *signers);
            if seen != predicted {
                let line = format!("{command:?} by {signers:?} in {state:?}: {seen:?} instead of {predicted:?}");
                findings.mismatches.push(line);
            }
            if let Ok((next, _)) = answered {
                findings.mismatches.extend(identity_fault(*command, unit, &next));
                findings.reached.push((observe(&next), next));
            }
        }
    }
    findings
}

/// Verification is what takes the time. So every class signs in imprint mode and, out of it, in one state for each
/// content of the registers; where the importer key or permissions are missing or a fourth administrator is installed,
/// too few and enough have to do.
fn tried_signers(state: &State) -> &'static [Signers] {
    let thorough = !state.secured || (state.importer && state.permissive && state.administrators == 3);
    if thorough { Signers::ALL } else { &[Signers::None, Signers::Threshold] }
}

/// Counter, instance and place after a command that took effect.
fn identity_fault(command: Command, unit: &Unit, next: &Unit) -> Option<String> {
    let instance = u32::from_be_bytes(unit.domain().instance.0);
    let expected = match command {
        Command::Zeroize => (TransactionCounter(0), instance + 1),
        _ => (TransactionCounter(unit.counter().0 + 1), instance),
    };
    let seen = (next.counter(), u32::from_be_bytes(next.domain().instance.0));
    let moved = next.domain().index != unit.domain().index || next.module().id() != unit.module().id();
    (seen != expected || moved).then(|| format!("{command:?}: counter and instance {seen:?} instead of {expected:?}"))
}
