//! `grep11.Crypto` over the wire, with the client that is generated from the interface: every method and its event, what
//! is refused and how, both generations of messages, which instance a call reaches, damaged keys and states, clients that
//! leave, and that equal runs are equal bytes where they are seeded, and only there.
#![allow(clippy::unwrap_used, clippy::panic)]

#[macro_use]
mod desk;
mod addressing;
mod concurrency;
mod damage;
mod every_method;
mod forms;
mod refusals;
#[path = "../support/mod.rs"]
mod support;
mod throttling;
mod unseeded;
