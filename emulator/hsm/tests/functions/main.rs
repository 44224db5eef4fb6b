//! Cryptographic functions of a crypto unit as applications ask them: keys outside the unit, what attributes and control
//! points allow, and bytes that nobody meant.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a fixture that cannot be made is a failed test")]

mod bench;
mod blobs;
mod control_points;
mod hostile;
#[path = "../support/mod.rs"]
mod support;
mod transitions;
