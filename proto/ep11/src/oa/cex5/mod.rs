//! The layout of CEX5 modules (section 9.4): a header, a signed body with the public key in it, a signature.

mod certificate;
mod issue;
mod layout;

pub use certificate::Cex5Certificate;
pub(super) use issue::issue;
