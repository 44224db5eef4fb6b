//! Every example over GREP11: those of the emulator's own client, those that IBM publishes, and those of a program that is
//! on this machine.
//!
//! A harness of its own, so that a machine without Go says that nothing was tested. With `HPCS_TEST_REQUIRE_GO=1` that is a
//! failure. Which versions of IBM's examples a module proxy serves is not in our hands: where it serves none, that part says
//! so and is skipped all the same. A program is named by `HPCS_TEST_GREP11_PROGRAM`.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used)]

use std::process::ExitCode;

use hpcs_clients::grep11::{Selection, Source, run};
use hpcs_clients::{Outcome, Programs};

const OWN: &str = "a_go_client_reaches_grep11_and_each_of_its_calls_has_its_event";
const PUBLISHED: &str = "the_published_grep11_examples_work_unchanged";
const GIVEN: &str = "the_grep11_examples_of_a_program_work_unchanged";

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        println!("{OWN}: test\n{PUBLISHED}: test\n{GIVEN}: test");
        return ExitCode::SUCCESS;
    }
    let own = test(OWN, Source::Own, is_required());
    let published = test(PUBLISHED, Source::Published, false);
    let given = match std::env::var_os("HPCS_TEST_GREP11_PROGRAM") {
        Some(program) => test(GIVEN, Source::Program(program.into()), is_required()),
        None => {
            println!("test {GIVEN} ... skipped: HPCS_TEST_GREP11_PROGRAM names none");
            true
        }
    };
    ExitCode::from(u8::from(!(own && published && given)))
}

/// Whether all went well, or as well as this machine can where it is not required to.
fn test(name: &str, source: Source, required: bool) -> bool {
    let selection = Selection { source, ..Selection::default() };
    let programs = Programs {
        emulator: env!("CARGO_BIN_EXE_walked-emulator").into(),
        tke: env!("CARGO_BIN_EXE_walked-tke").into(),
    };
    match run(&programs, &selection, &mut std::io::stdout()) {
        Ok(Outcome::Walked { passed, failed: 0, skipped }) => {
            println!("test {name} ... ok: {passed} examples, {skipped} skipped");
            true
        }
        Ok(Outcome::Walked { failed, .. }) => {
            println!("test {name} ... FAILED: {failed} examples");
            false
        }
        Ok(Outcome::Skipped(reason)) => {
            println!("test {name} ... skipped: {reason}");
            !required
        }
        Err(failure) => {
            println!("test {name} ... FAILED: {failure}");
            false
        }
    }
}

/// Whether a skip is a failure: `HPCS_TEST_REQUIRE_GO` is 1.
fn is_required() -> bool {
    std::env::var_os("HPCS_TEST_REQUIRE_GO").is_some_and(|value| value == "1")
}
