//! Certificates that clients send to a crypto unit: of administrators (section 7) and of key part holders (section
//! 8.3). Those that modules send are in [`oa`](crate::oa).

mod admin;
mod kph;
mod self_signature;
mod x509;

pub use admin::{AdminCertificate, NameError, UnsignedAdminCertificate};
pub use kph::KphCertificate;
pub use self_signature::SelfSignature;
