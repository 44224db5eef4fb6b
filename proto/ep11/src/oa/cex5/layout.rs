//! The fixed numbers of a CEX5 certificate (section 9.4).
//!
//! Parts are found by offsets that count from the field that holds them. Readers follow the offsets; the certificates
//! that are issued here have the parts one after the other:
//!
//! | Part | Starts at | Length |
//! |---|---|---|
//! | header | 0 | 52 |
//! | body: fields | 52 | 72 |
//! | body: public key section | 124 | 159 |
//! | body: two descriptors | 283 | 0 |
//! | signature section | 283 | 140 |

pub(super) const HEADER_SIZE: usize = 52;
/// The body up to the public key section.
pub(super) const BODY_FIELDS_SIZE: usize = 72;
/// 26 bytes of kind and sizes, then the uncompressed point.
pub(super) const KEY_SECTION_SIZE: usize = 159;
pub(super) const BODY_SIZE: usize = BODY_FIELDS_SIZE + KEY_SECTION_SIZE;
/// 8 bytes without meaning, then `r` and `s` of 66 bytes each.
pub(super) const SIGNATURE_SIZE: usize = 8 + 132;

/// Where the fields stand that offsets count from: in the header, and in the body.
pub(super) const BODY_OFFSET_AT: usize = 8;
pub(super) const SIGNATURE_OFFSET_AT: usize = 16;
pub(super) const KEY_OFFSET_AT: usize = 8;
pub(super) const DESCRIPTOR_A_OFFSET_AT: usize = 16;
pub(super) const DESCRIPTOR_B_OFFSET_AT: usize = 24;

/// The only type of certificate.
pub(super) const NEW_CERTIFICATE: u32 = 1;
/// Kinds of public keys; clients refuse RSA.
pub(super) const ECC: u32 = 2;

/// What comes before the point in the public key section: curve type, size of the curve in bits, of the point in bytes.
pub(super) const PRIME_CURVE: u8 = 0;
pub(super) const CURVE_BITS: u16 = 521;
pub(super) const POINT_SIZE: u16 = 133;

/// Name type of keys that a root certifies: a chain may end at them.
pub(super) const DEVICE_NAME_TYPE: u16 = 0x9000;
/// Name type of epoch keys.
pub(super) const EPOCH_NAME_TYPE: u16 = 0x9001;
