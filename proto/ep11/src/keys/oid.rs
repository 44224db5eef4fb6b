//! The object identifiers of the formats, as BER content without tag and length.

/// `id-ecPublicKey`, 1.2.840.10045.2.1.
pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
/// `secp521r1`, 1.3.132.0.35.
pub(crate) const SECP521R1: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x23];
/// `ecdsa-with-SHA512`, 1.2.840.10045.4.3.4.
pub(crate) const ECDSA_WITH_SHA512: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04];
/// `rsaEncryption`, 1.2.840.113549.1.1.1.
pub(crate) const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
/// `sha256WithRSAEncryption`, 1.2.840.113549.1.1.11.
pub(crate) const SHA256_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
/// `id-sha256`, 2.16.840.1.101.3.4.2.1.
pub(crate) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// `id-sha512`, 2.16.840.1.101.3.4.2.3.
pub(crate) const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
/// `id-aes256-wrap`, 2.16.840.1.101.3.4.1.45.
pub(crate) const AES256_WRAP: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2D];
/// `dhSinglePass-stdDH-sha256kdf-scheme`, 1.3.132.1.11.1.
pub(crate) const STD_DH_SHA256_KDF: &[u8] = &[0x2B, 0x81, 0x04, 0x01, 0x0B, 0x01];
/// `id-at-commonName`, 2.5.4.3.
pub(crate) const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// `id-at-organizationalUnitName`, 2.5.4.11.
pub(crate) const ORGANIZATIONAL_UNIT: &[u8] = &[0x55, 0x04, 0x0B];
/// `id-ce-subjectKeyIdentifier`, 2.5.29.14.
pub(crate) const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 0x0E];
