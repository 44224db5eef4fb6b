//! Fuzzes `oa_certificate_oa3`: see `decoders.rs`.
#![no_main]

#[path = "../decoders.rs"]
mod decoders;

libfuzzer_sys::fuzz_target!(|input: &[u8]| decoders::run("oa_certificate_oa3", input));
