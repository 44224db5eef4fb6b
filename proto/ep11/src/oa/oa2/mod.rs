//! OA2, the layout of CEX6 and CEX7 modules (section 9.3): 672 bytes of fixed fields.

mod certificate;
mod issue;
mod layout;

pub use certificate::Oa2Certificate;
pub(super) use issue::issue;
pub(super) use layout::MAGIC;
