//! Examples over GREP11: the functions `Example_*` and `Test_*` of a Go test program, each by itself.
//!
//! - `programs`: the program with the examples, and the relay; `example`: one of them, in one way.
//! - `verdict`: what a Go test program says of an example; `calls`: what a client called, held against the event log.
//!
//! The examples are those that IBM publishes, unless others are asked for ([`Source`]). A program is run as it is: four
//! variables of the environment lead it here. One whose address, API key and IAM endpoint are fixed goes through the proxy
//! all the same, if they are those of [`HOST`], [`API_KEY`] and [`IAM`].

mod calls;
mod example;
mod programs;
mod verdict;

use std::io::Write;
use std::path::PathBuf;

use example::{Example, Way};
use programs::{Client, GoPrograms, Program};
use verdict::Verdict;

use crate::in_turn::in_turn;
use crate::{Failure, Outcome, Programs, chosen};

/// Where the instance of the examples is in the cloud.
pub const HOST: &str = "6f0b1c52-3d84-4e17-a95b-70c2de481f36.ep11.us-south.hs-crypto.appdomain.cloud:443";

/// With what they sign in: the emulator's documented administrator.
pub const API_KEY: &str = "hpcs-emulator-manager-key";

/// Where they sign in.
pub const IAM: &str = "https://iam.cloud.ibm.com";

/// Whose examples are run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// IBM's of both generations, 2.0.0 and 1.2.2, as far as the Go module proxy serves them.
    #[default]
    Published,
    /// Those of the emulator's own client.
    Own,
    /// Those of a Go test program that is here.
    Program(PathBuf),
}

/// What is run.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Names of examples; all of them when there is none.
    pub names: Vec<String>,
    /// Who has them.
    pub source: Source,
    /// Only through TLS with a token.
    pub only_tls: bool,
}

/// Runs the examples and tells of each.
///
/// # Errors
/// No such example; the Go programs cannot be built although Go and its modules are there; `out` cannot be written.
pub fn run(programs: &Programs, selection: &Selection, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let go = match GoPrograms::build(&selection.source)? {
        Ok(go) => go,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    for reason in &go.out_of_reach {
        writeln!(out, "skipped: {reason}")?;
    }
    let examples = chosen(go.examples()?, &selection.names, |(name, _)| name)?;
    let in_its_ways = |(name, program): (String, Program)| {
        let ways = ways(&name, program.client, selection.only_tls).iter();
        ways.map(move |&way| Example { name: name.clone(), program: program.file.clone(), way }).collect::<Vec<_>>()
    };
    let examples: Vec<Example> = examples.into_iter().flat_map(in_its_ways).collect();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    in_turn(
        &examples,
        |one| one.run(&go, programs),
        |Example { name, way, .. }, ran| {
            let (verdict, calls) = ran.unwrap_or_else(|failure| (Verdict::Failed(failure.to_string()), 0));
            let noun = if calls == 1 { "call" } else { "calls" };
            let line = format!("{name:<48} {way:<9} {calls:>4} {noun}");
            match verdict {
                Verdict::Passed => {
                    passed += 1;
                    writeln!(out, "pass  {line}")?;
                }
                Verdict::Skipped(reason) => {
                    skipped += 1;
                    writeln!(out, "skip  {line}: {reason}")?;
                }
                Verdict::Failed(text) => {
                    failed += 1;
                    writeln!(out, "FAIL  {line}\n{text}\n")?;
                }
            }
            Ok(())
        },
    )?;
    writeln!(out, "{passed} passed, {failed} failed, {skipped} skipped")?;
    Ok(Outcome::Walked { passed, failed, skipped })
}

/// Prints what there is: a name a line.
///
/// # Errors
/// As [`run`].
pub fn list(selection: &Selection, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let go = match GoPrograms::build(&selection.source)? {
        Ok(go) => go,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    for (name, _) in go.examples()? {
        writeln!(out, "{name}")?;
    }
    Ok(Outcome::NOTHING_WALKED)
}

/// The ways in which an example is run.
fn ways(name: &str, client: Client, only_tls: bool) -> &'static [Way] {
    match client {
        Client::First => &[Way::Tls],
        _ if only_tls => &[Way::Tls],
        Client::Second | Client::Given if !TWICE.contains(&name) => &[Way::Plaintext],
        Client::Own | Client::Second | Client::Given => &[Way::Plaintext, Way::Tls],
    }
}

/// Examples of the second generation that go both ways. Once there, TLS makes no difference to an example.
const TWICE: [&str; 2] = ["Example_mechanism_List", "Example_signVerify_ECDSA_ESP"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_examples_go_both_ways_and_others_only_where_they_can_and_that_shows_something() {
        assert_eq!(ways("Example_a", Client::Own, false), [Way::Plaintext, Way::Tls]);
        assert_eq!(ways("Example_a", Client::First, false), [Way::Tls]);
        for client in [Client::Second, Client::Given] {
            assert_eq!(ways("Example_a", client, false), [Way::Plaintext]);
            assert_eq!(ways("Example_mechanism_List", client, false), [Way::Plaintext, Way::Tls]);
        }
        for client in [Client::First, Client::Second, Client::Own, Client::Given] {
            assert_eq!(ways("Example_a", client, true), [Way::Tls]);
        }
    }

    #[test]
    fn the_seed_file_has_the_instance_of_the_host() {
        let id = HOST.split('.').next().unwrap();
        assert!(std::fs::read_to_string(programs::SEED_FILE).unwrap().contains(&format!("id: {id}\n")));
    }
}
