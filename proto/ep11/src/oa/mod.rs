//! Outbound authentication (OA): how a crypto module proves that an answer is its own (sections 4.8 and 9).
//!
//! ```text
//! root key, known to the client --signs--> device certificate --signs--> epoch certificate --signs--> every answer
//!                                          index 1                       index 0
//! ```
//!
//! Modules issue and sign; the workstation verifies answers and walks the chain. Three layouts of certificates are in
//! use, each with a folder of its own; nothing in a certificate names its layout, so clients tell them apart as
//! [`OaGeneration::of`] does.
//!
//! | Layout | Modules | Bytes | Links between certificates |
//! |---|---|---|---|
//! | `cex5` | CEX5 | 423 | names of keys; the signatures alone |
//! | `oa2` | CEX6, CEX7 | 672 | identifiers of keys |
//! | `oa3` | CEX8 | 7810 or 7973 | identifiers of keys |

mod certificate;
mod cex5;
mod chain;
mod common;
mod development_root;
mod generation;
mod issue;
mod oa2;
mod oa3;
mod response;

pub use certificate::OaCertificate;
pub use cex5::Cex5Certificate;
pub use chain::{ChainError, TrustedRoot, verify_chain};
pub use development_root::development_root;
pub use generation::OaGeneration;
pub use issue::{OaCertificateSpec, OaKey};
pub use oa2::Oa2Certificate;
pub use oa3::Oa3Certificate;
pub use response::{sign_response, verify_response};
