//! Fuzzes `oa_certificate_cex5`: see `decoders.rs`.
#![no_main]

#[path = "../decoders.rs"]
mod decoders;

libfuzzer_sys::fuzz_target!(|input: &[u8]| decoders::run("oa_certificate_cex5", input));
