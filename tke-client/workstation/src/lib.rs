//! The workstation of a crypto unit administrator: key files, signing, requests, and verification of what units answer.
//!
//! The library knows no terminal, reads no environment and draws no randomness: the directory, the passwords and the
//! generator are handed in. The command line `tke`, the scenarios and the tests are written against it.
//!
//! # Layout
//! - `files`: the directory that `CLOUDTKEFILES` names: signature keys, key parts, the selection, units seen.
//! - `signer`: whoever signs: a key on this workstation, or one that a signing service keeps.
//! - `tls`: TLS with the roots of this machine.
//! - `transport`: the service, over gRPC.
//! - `unit`: one crypto unit: queries, preparing and sending commands, and verification of every answer.
//! - `commands`: one function for each administration command.
//! - `quorum`: which keys sign a command, and how many. Pure.
//! - `explain`, `request_file`: commands in words, and files with which several workstations sign one command.
//! - `printable`: text that somebody else wrote, made fit to be shown.
//! - `roots`: the root under which emulated modules are certified.
//! - `texts`: every text that a user can see.
//!
//! # Example
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use hpcs_workstation::{Password, Service, Signer, Thresholds, UnitClient, WorkstationFiles, trusted_roots};
//!
//! let files = WorkstationFiles::open(Some("/home/alice/tke".as_ref()))?;
//! let alice = Signer::from(files.open_signature_key(1, &Password::new("alice's password".to_owned()))?);
//!
//! let service = Service::connect("127.0.0.1:9876")?;
//! let token = service.issue_token("alice-api-key").await?.token;
//! let service = service.with_token(token);
//! let instance = service.instances().await?[0].id;
//! let listed = &service.crypto_units(instance).await?[0];
//!
//! let unit = UnitClient::connect(&service, instance, listed, &trusted_roots()).await?;
//! unit.add_administrator("alice", &alice, &[]).await?;
//! unit.set_thresholds(Thresholds { signature: 1, revocation: 1 }, &[&alice]).await?;
//! # Ok(())
//! # }
//! ```

mod commands;
mod explain;
mod files;
mod printable;
mod quorum;
mod request_file;
mod roots;
mod signer;
#[cfg(test)]
mod testing;
mod texts;
mod tls;
mod transport;
mod unit;

pub use commands::{MasterKeyRegister, combined_pattern};
pub use explain::{Explanation, explain};
pub use files::{
    DomainEntry, FieldFault, FilesError, KeyPartEntry, KeyPartHexError, LineError, Listing, MAX_FILE_SIZE,
    MAX_LINE_SIZE, ModuleKeyEntry, Password, SignatureKeyEntry, SigningServiceKeyEntry, WorkstationFiles,
    check_administrator_name, key_part_from_hex, open_signature_key_file, read_file, read_line, refresh_domains,
    seal_signature_key, signature_key_file_ski, write_atomically, write_new,
};
pub use printable::printable;
pub use quorum::{Quorum, QuorumError, SignedOperation, UnitAuthority, choose_signers, required};
pub use request_file::{RequestError, RequestFile, RequestSignature};
pub use roots::trusted_roots;
pub use signer::{MemberFault, Signer, SigningService, SigningServiceCall, SigningServiceError, check_key_name};
pub use tls::{NoRoots, untrusted_certificate, with_tls};
pub use transport::{
    CryptoUnitInfo, CryptoUnitKind, InstanceInfo, IssuedToken, Service, ServiceCall, ServiceError, Token, WhoAmI,
};
pub use unit::{Administrator, AttributeReport, PreparedCommand, Thresholds, UnitClient, UnitError};
