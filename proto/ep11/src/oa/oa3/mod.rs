//! OA3, the layout of CEX8 modules (section 9.5): keys and signatures of two algorithms, P-521 and Dilithium.
//!
//! Clients verify P-521 alone, and so does [`Oa3Certificate`].

mod certificate;
mod dilithium;
mod issue;
mod layout;

pub use certificate::Oa3Certificate;
pub(super) use issue::issue;
pub(super) use layout::{LARGEST, is_size};
