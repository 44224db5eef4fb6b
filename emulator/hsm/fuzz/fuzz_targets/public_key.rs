//! Fuzzes `public_key`: see `entrances.rs`.
#![no_main]

#[path = "../entrances.rs"]
mod entrances;

libfuzzer_sys::fuzz_target!(|input: &[u8]| entrances::run("public_key", input));
