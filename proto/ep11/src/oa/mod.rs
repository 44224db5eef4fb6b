//! Outbound authentication (OA): how a crypto module proves that an answer is its own (sections 4.8 and 9).
//!
//! ```text
//! root key, known to the client --signs--> device certificate --signs--> epoch certificate --signs--> every answer
//!                                          index 1                       index 0
//! ```
//!
//! Modules issue and sign; the workstation verifies answers and walks the chain. The layout is OA2, that of CEX6 and
//! CEX7: 672 bytes of fixed fields.

mod certificate;
mod chain;
mod development_root;
mod issue;
mod layout;
mod response;

pub use certificate::OaCertificate;
pub use chain::{ChainError, TrustedRoot, verify_chain};
pub use development_root::development_root;
pub use issue::OaCertificateSpec;
pub use response::{sign_response, verify_response};
