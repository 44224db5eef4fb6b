//! The gRPC interfaces of the emulator, compiled from the definitions under `proto/` without protoc.
//!
//! [`emulator::v1`] is the emulator's own interface: instances, crypto units with administration requests, callers,
//! event logs, the clock and the outcome of operations. Message fields are documented in the `.proto` file. The servers
//! do not use the generated service traits: one generic adapter serves every method over raw bytes (see the server
//! crate); clients use the generated clients.

/// The emulator's own interface, package `hpcs.emulator`.
pub mod emulator {
    /// Version 1.
    #[allow(clippy::all, missing_docs)]
    pub mod v1 {
        tonic::include_proto!("hpcs.emulator.v1");
    }
}

/// Packages below `hpcs` that use messages of others are found from where they are declared.
mod hpcs {
    /// EP11 keystores, package `hpcs.keystore`.
    pub mod keystore {
        /// Version 1.
        #[allow(clippy::all, missing_docs)]
        pub mod v1 {
            tonic::include_proto!("hpcs.keystore.v1");
        }
    }
}

pub use hpcs::keystore;

/// The cryptographic interface of the cloud, package `grep11`: both generations of clients in one definition.
#[allow(clippy::all, missing_docs)]
pub mod grep11 {
    tonic::include_proto!("grep11");
}

/// The compiled file descriptor set of every interface, for server reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
