//! Fuzzes `parameter_map`: see `decoders.rs`.
#![no_main]

#[path = "../decoders.rs"]
mod decoders;

libfuzzer_sys::fuzz_target!(|input: &[u8]| decoders::run("parameter_map", input));
