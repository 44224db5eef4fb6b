//! Fuzzes `recipient_info`: see `decoders.rs`.
#![no_main]

#[path = "../decoders.rs"]
mod decoders;

libfuzzer_sys::fuzz_target!(|input: &[u8]| decoders::run("recipient_info", input));
