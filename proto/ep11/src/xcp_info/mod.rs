//! Facts about modules and domains: the unsigned call `get_xcp_info`.
//!
//! Specification: TKE administration protocol, sections 4.2, 5.19 and 5.20.

mod domain;
mod message;
mod module;

pub use domain::{DomainFlags, DomainInfo};
pub use message::{XcpInfoRequest, XcpInfoResponse};
pub use module::ModuleInfo;
