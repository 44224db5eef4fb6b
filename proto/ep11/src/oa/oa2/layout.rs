//! The fixed numbers of an OA2 certificate (section 9.3): a header of 32 bytes, then five sections.
//!
//! A section is followed by zeros. Clients do not compute how many: they add fixed sizes, whatever the section's
//! length, and skip them when the section is absent. Reader and writer here do the same.
//!
//! | Section | Starts at | Length | Zeros |
//! |---|---|---|---|
//! | info | 32 | 4 | 4 |
//! | metadata | 40 | 173 + OA info | 3 |
//! | auxiliary data | 216 | 83 | 5 |
//! | subject's public key | 304 | 158 | 2 |
//! | signer info | 464 | 207 | 1 |

pub(super) use super::super::common::{AUXILIARY_SIZE, SPKI_SIZE};

/// The first byte of every OA2 certificate.
pub(in crate::oa) const MAGIC: u8 = 0x45;
pub(super) const SECTIONS: u8 = 5;

pub(super) const INFO_SIZE: usize = 4;
pub(super) const INFO_PAD: usize = 4;
/// Metadata without OA info.
pub(super) const METADATA_SIZE: usize = 173;
pub(super) const METADATA_PAD: usize = 3;
pub(super) const AUXILIARY_PAD: usize = 5;
pub(super) const SPKI_PAD: usize = 2;
pub(super) const SIGNER_SIZE: usize = 207;
pub(super) const SIGNER_PAD: usize = 1;

/// Size in bytes of a certificate without OA info: the only one issued here.
pub(super) const TOTAL_SIZE: usize = 672;
