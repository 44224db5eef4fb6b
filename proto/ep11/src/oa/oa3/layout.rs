//! The fixed numbers of an OA3 certificate (section 9.5).
//!
//! | Block | Starts at | Length |
//! |---|---|---|
//! | header of the outer SEQUENCE | 0 | 4 |
//! | metadata | 4 | 95 |
//! | auxiliary data | 99 | 83 |
//! | SignerInfo of P-521 | 182 | 428 or 510 |
//! | SignerInfo of Dilithium | 610 or 692 | 7200 or 7281 |
//!
//! Everything is DER with the same lengths in every certificate, so clients read by offsets and check no framing.

pub(super) use super::super::common::AUXILIARY_SIZE;

/// Who made a certificate. It decides whether the keys in it carry OA info, and so their sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The software of segment 3: 80 bytes of OA info.
    Segment3,
    /// Miniboot: none.
    Miniboot,
}

impl Form {
    /// The form of a certificate of so many bytes.
    pub(super) fn of_size(size: usize) -> Option<Self> {
        [Form::Segment3, Form::Miniboot].into_iter().find(|form| form.size() == size)
    }

    /// Size of the whole certificate in bytes.
    pub(super) fn size(self) -> usize {
        match self {
            Form::Segment3 => LARGEST,
            Form::Miniboot => 7810,
        }
    }

    /// Size of the OA info of each key, in bytes.
    pub(super) fn oa_info(self) -> usize {
        match self {
            Form::Segment3 => 80,
            Form::Miniboot => 0,
        }
    }

    /// Tags and lengths in front of the information about the P-521 key: `[0]` and a SEQUENCE.
    pub(super) fn key_header(self) -> usize {
        match self {
            Form::Segment3 => 7,
            Form::Miniboot => 5,
        }
    }
}

/// Whether a certificate of so many bytes is one of OA3.
pub(in crate::oa) fn is_size(size: usize) -> bool {
    Form::of_size(size).is_some()
}

/// The larger of the two sizes in bytes.
pub(in crate::oa) const LARGEST: usize = 7973;

pub(super) const METADATA_SIZE: usize = 95;
/// Information about a key without OA info.
pub(super) const KEY_INFO_SIZE: usize = 57;
