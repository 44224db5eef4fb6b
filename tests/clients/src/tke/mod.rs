//! Trusted Key Entry: walkthroughs over the Go SDK that the Go module proxy serves.
//!
//! - `sdk`: the Go program's two builds; `roots`: the constants that are replaced in the copy.
//! - `walk`: one walkthrough; `bench`: how long Update takes.

mod bench;
mod roots;
mod sdk;
mod walk;

use std::io::Write;
use std::path::Path;

pub use bench::{Measured, bench};
use sdk::Sdk;
use walk::Walkthrough;

use crate::in_turn::in_turn;
use crate::{Failure, Outcome, Programs, chosen};

/// Leaves a copy of the published Go SDK that trusts the emulator's root, for programs of your own. The directory must not
/// be there yet.
///
/// # Errors
/// The copy cannot be made, or the SDK is another one than the known.
pub fn copy_sdk(programs: &Programs, to: &Path) -> Result<Outcome, Failure> {
    Ok(match sdk::leave_copy(programs, to)? {
        Ok(()) => Outcome::NOTHING_WALKED,
        Err(reason) => Outcome::Skipped(reason),
    })
}

/// Walks the walkthroughs of the Go SDK with these names, or all of them, and tells of each.
///
/// # Errors
/// No such walkthrough; the Go program cannot be built although Go and its modules are there; `out` cannot be written.
pub fn walk(programs: &Programs, names: &[String], out: &mut dyn Write) -> Result<Outcome, Failure> {
    let sdk = match Sdk::build(programs)? {
        Ok(sdk) => sdk,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let chosen = chosen(sdk.walkthroughs()?, names, |one| &one.name)?;
    let (mut passed, mut failed) = (0, 0);
    in_turn(
        &chosen,
        |one| one.walk(&sdk, programs),
        |Walkthrough { name, section, title, .. }, result| {
            match result {
                Ok(()) => {
                    passed += 1;
                    writeln!(out, "ok      {name:<19} {section:<19} {title}")?;
                }
                Err(failure) => {
                    failed += 1;
                    writeln!(out, "FAILED  {name:<19} {section:<19} {title}\n{failure}\n")?;
                }
            }
            Ok(())
        },
    )?;
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok(Outcome::Walked { passed, failed, skipped: 0 })
}

/// What `list` prints: a walkthrough a line.
///
/// # Errors
/// As [`walk`].
pub fn list(programs: &Programs, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let sdk = match Sdk::build(programs)? {
        Ok(sdk) => sdk,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    for Walkthrough { name, section, title, .. } in sdk.walkthroughs()? {
        writeln!(out, "{name:<19} {section:<19} {title}")?;
    }
    Ok(Outcome::NOTHING_WALKED)
}
