//! Makes certificates, the work of a module and of its manufacturer.

use super::{OaGeneration, cex5, oa2, oa3};
use crate::{P521KeyPair, P521PublicKey, SerialNumber, SubjectKeyId};

/// What a certificate says about the module. Clients read none of it; the values make certificates of one module look
/// alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OaCertificateSpec {
    /// The adapter, ASCII padded with blanks: `4768` for CEX6, `4769` for CEX7.
    pub adapter_type: [u8; 8],
    /// The serial number of the module.
    pub serial: SerialNumber,
    /// How often the module had been started when the key was made.
    pub boot_count: u32,
    /// The segment of the module's software that issues: 2.
    pub issuing_segment: u8,
    /// The segment that the key belongs to: 3.
    pub subject_segment: u8,
    /// The kind of key, any number.
    pub key_type: u32,
    /// When it was signed: `YYYYMMDDhhmmss` and two digits of a fraction.
    pub signing_time: [u8; 16],
}

/// Whose certificate it is: its place in the chain of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OaKey {
    /// The key that signs answers. A CEX8 module certifies it in its segment 3.
    Epoch,
    /// The key of the device, which a root certifies. In a CEX8 module this is the work of miniboot.
    Device,
}

impl OaCertificateSpec {
    /// The certificate of `subject`, signed by `signer`.
    ///
    /// `signer_id` is the identifier that clients follow to the signer's own certificate or to a root, its
    /// [`oa_key_id`](P521PublicKey::oa_key_id). The CEX5 layout has none; there the names of the keys follow from `key`.
    pub fn issue(
        &self,
        generation: OaGeneration,
        key: OaKey,
        subject: &P521PublicKey,
        signer: &P521KeyPair,
        signer_id: SubjectKeyId,
    ) -> Vec<u8> {
        match generation {
            OaGeneration::Cex5 => cex5::issue(self, key, subject, signer),
            OaGeneration::Oa2 => oa2::issue(self, subject, signer, signer_id),
            OaGeneration::Oa3 => oa3::issue(self, key, subject, signer, signer_id),
        }
    }
}

#[cfg(test)]
impl OaCertificateSpec {
    /// Some values, for tests of this crate.
    pub(crate) fn for_tests() -> Self {
        Self {
            adapter_type: *b"4769    ",
            serial: "93AABC01".parse().unwrap(),
            boot_count: 1,
            issuing_segment: 2,
            subject_segment: 3,
            key_type: 2,
            signing_time: *b"2024010100000000",
        }
    }
}
