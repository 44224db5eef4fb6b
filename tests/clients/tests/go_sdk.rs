//! Every walkthrough of the Go SDK.
//!
//! A harness of its own, so that a machine without Go says that nothing was tested. With `HPCS_TEST_REQUIRE_GO=1` that is a
//! failure.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used)]

use std::process::ExitCode;

use hpcs_clients::tke::walk;
use hpcs_clients::{Outcome, Programs};

const NAME: &str = "the_published_go_sdk_works_unchanged";

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        println!("{NAME}: test");
        return ExitCode::SUCCESS;
    }
    let programs = Programs {
        emulator: env!("CARGO_BIN_EXE_walked-emulator").into(),
        tke: env!("CARGO_BIN_EXE_walked-tke").into(),
    };
    match walk(&programs, &[], &mut std::io::stdout()) {
        Ok(Outcome::Walked { passed, failed: 0, .. }) => {
            println!("test {NAME} ... ok: {passed} walkthroughs");
            ExitCode::SUCCESS
        }
        Ok(Outcome::Walked { failed, .. }) => {
            println!("test {NAME} ... FAILED: {failed} walkthroughs");
            ExitCode::FAILURE
        }
        Ok(Outcome::Skipped(reason)) => {
            println!("test {NAME} ... skipped: {reason}");
            ExitCode::from(u8::from(is_required()))
        }
        Err(failure) => {
            println!("test {NAME} ... FAILED: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Whether a skip is a failure: `HPCS_TEST_REQUIRE_GO` is 1.
fn is_required() -> bool {
    std::env::var_os("HPCS_TEST_REQUIRE_GO").is_some_and(|value| value == "1")
}
