//! Compiles the interface definitions with protox, so that no protoc is needed.

use std::path::PathBuf;

use prost::Message;

#[expect(clippy::disallowed_methods, reason = "cargo tells build scripts where to write through the environment")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files =
        ["proto/hpcs/emulator/v1/emulator.proto", "proto/hpcs/keystore/v1/keystore.proto", "proto/grep11/grep11.proto"];
    for file in files {
        println!("cargo::rerun-if-changed={file}");
    }
    let descriptors = protox::compile(files, ["proto"])?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    std::fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        .bytes(".grep11")
        // Maps in one order, so that equal messages are equal bytes.
        .btree_map(".grep11")
        .btree_map(".hpcs.keystore.v1")
        .bytes(".hpcs.emulator.v1.SubmitRequest.payload")
        .bytes(".hpcs.emulator.v1.Event.json")
        .bytes(".hpcs.emulator.v1.ExportedPiece.content")
        .bytes(".hpcs.emulator.v1.ImportInstanceRequest.content")
        .skip_debug(WITH_SECRETS)
        .compile_fds(descriptors)?;
    Ok(())
}

/// Messages that may hold secrets. What cannot be formatted cannot get into a log by accident.
const WITH_SECRETS: [&str; 8] = [
    ".grep11",
    ".hpcs.keystore.v1",
    ".hpcs.emulator.v1.IssueTokenRequest",
    ".hpcs.emulator.v1.CreateInstanceRequest",
    ".hpcs.emulator.v1.ResetInstanceRequest",
    ".hpcs.emulator.v1.ExportInstanceRequest",
    ".hpcs.emulator.v1.ExportedPiece",
    ".hpcs.emulator.v1.ImportInstanceRequest",
];
