//! The byte formats of EP11 administration: encoders, decoders and their test vectors.
//!
//! A client administers a crypto unit with messages that wrap one another. From the outside in: an
//! [HTP string](HtpRequest) inside JSON, a [`Cprb`], a message in BER ([`AdminRequest`] or [`XcpInfoRequest`]), inside
//! it the signed [`AdminBlock`], inside that the input of one command. This crate turns each layer into a checked value
//! and back, and holds the cryptography that the formats themselves need: signatures, transport of key parts,
//! certificates. It decides nothing: which command is allowed is the business of the crypto unit.
//!
//! Decoders accept BER with definite lengths of any form, because real modules send non-minimal ones; encoders write
//! minimal lengths. Decoders borrow from their input, look at each byte a fixed number of times, and never panic.
//! Integers are big-endian. Part of the specification: the TKE administration protocol.
//!
//! # Layout
//! - `ids`: serial numbers, domains, counters, patterns: the values that several formats share.
//! - `codes`: return and reason codes with the texts clients show.
//! - `htp`, `cprb`, `function`, `admin`, `xcp_info`: the layers of a message. `glimpse` reads damaged ones.
//! - `attributes`, `control_points`, `parameter_map`: inputs and outputs of commands.
//! - `keys`, `secret`, `signer_info`, `importer`, `recipient_info`: keys, signatures and key parts.
//! - `certificate`, `oa`: certificates of administrators, of key part holders and of modules.
//! - [`pkcs11`]: names and numbers of the cryptographic functions.
//! - `der`, `hexadecimal`, `error`: what all of them are written with.

mod admin;
mod attributes;
mod certificate;
mod codes;
mod control_points;
mod cprb;
mod der;
mod error;
mod function;
mod glimpse;
mod hexadecimal;
mod htp;
mod ids;
mod importer;
mod keys;
mod oa;
mod parameter_map;
pub mod pkcs11;
mod recipient_info;
mod secret;
mod signer_info;
mod xcp_info;

pub use admin::{AdminBlock, AdminRequest, AdminResponse, AdminResponseBlock};
pub use attributes::{AttributeList, Permissions};
pub use codes::{ReasonCode, ReturnCode, client_text, reason_meaning};
pub use control_points::ControlPoints;
pub use cprb::Cprb;
pub use error::{DecodeError, Fault};
pub use function::{AdminFunction, FunctionWord};
pub use glimpse::glimpse_function;
pub use htp::{HtpError, HtpRequest, HtpResponse};
pub use ids::{
    AdminDomain, DomainIndex, DomainInstance, IdError, ModuleId, ModuleInstance, PatternTail, SerialNumber,
    SubjectKeyId, TransactionCounter, UnixMillis, VerificationPattern,
};
pub use parameter_map::{Parameter, ParameterMap};
pub use xcp_info::{DomainFlags, DomainInfo, ModuleInfo, XcpInfoRequest, XcpInfoResponse};

pub use certificate::{AdminCertificate, KphCertificate, NameError, SelfSignature, UnsignedAdminCertificate};
pub use importer::{ImporterKey, ImporterKeyType};
pub use keys::{
    P521KeyPair, P521PublicKey, PublicKey, RsaDecryptError, RsaKeyPair, RsaKeySizeError, RsaPublicKey, SignatureScheme,
    SigningKey,
};
pub use oa::{
    Cex5Certificate, ChainError, Oa2Certificate, Oa3Certificate, OaCertificate, OaCertificateSpec, OaGeneration, OaKey,
    TrustedRoot, development_root, sign_response, verify_chain, verify_response,
};
pub use recipient_info::{OpenError, RecipientInfo, SealError, open_key_part, seal_key_part};
pub use secret::KeyPart;
pub use signer_info::SignerInfo;
