//! Every example over GREP11: those of the emulator's own client, and those of a published one that is on this machine.
//!
//! A harness of its own, so that a machine without Go says that nothing was tested. With `HPCS_TEST_REQUIRE_GO=1` that is a
//! failure. A published client's program is named by `HPCS_TEST_GREP11_PROGRAM`; without it, that part says that it was
//! skipped.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used)]

use std::path::PathBuf;
use std::process::ExitCode;

use hpcs_clients::grep11::{Selection, run};
use hpcs_clients::{Outcome, Programs};

const OWN: &str = "a_go_client_reaches_grep11_and_each_of_its_calls_has_its_event";
const PUBLISHED: &str = "the_published_grep11_examples_work_unchanged";

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        println!("{OWN}: test\n{PUBLISHED}: test");
        return ExitCode::SUCCESS;
    }
    let own = test(OWN, Selection::default());
    let published = match std::env::var_os("HPCS_TEST_GREP11_PROGRAM") {
        Some(program) => test(PUBLISHED, Selection { program: Some(PathBuf::from(program)), ..Selection::default() }),
        None => {
            println!("test {PUBLISHED} ... skipped: HPCS_TEST_GREP11_PROGRAM names no Go test program that has them");
            true
        }
    };
    ExitCode::from(u8::from(!(own && published)))
}

/// Whether all went well, or as well as this machine can.
fn test(name: &str, selection: Selection) -> bool {
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
            !is_required()
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
