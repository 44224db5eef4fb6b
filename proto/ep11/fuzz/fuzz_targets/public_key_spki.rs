//! Fuzzes `public_key_spki`: see `decoders.rs`.
#![no_main]

#[path = "../decoders.rs"]
mod decoders;

libfuzzer_sys::fuzz_target!(|input: &[u8]| decoders::run("public_key_spki", input));
