//! The service, over gRPC: who the caller is, which instances and crypto units there are, and handing requests to units.
//!
//! Nothing here knows what a request says. Part of the specification: `proto/hpcs/emulator/v1/emulator.proto`.

mod error;
mod service;
mod token;
mod unit_info;

pub(crate) use error::chain;
pub use error::{ServiceCall, ServiceError};
pub use service::{InstanceInfo, IssuedToken, Service, WhoAmI};
pub use token::Token;
pub use unit_info::{CryptoUnitInfo, CryptoUnitKind};
