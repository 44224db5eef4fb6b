//! Classes and types of keys.

/// What an object is, a `CK_OBJECT_CLASS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectClass(pub u32);

impl ObjectClass {
    /// `CKO_PUBLIC_KEY`.
    pub const PUBLIC_KEY: Self = Self(2);
    /// `CKO_PRIVATE_KEY`.
    pub const PRIVATE_KEY: Self = Self(3);
    /// `CKO_SECRET_KEY`.
    pub const SECRET_KEY: Self = Self(4);
}

/// What kind of key it is, a `CK_KEY_TYPE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyType(pub u32);

impl KeyType {
    /// `CKK_RSA`.
    pub const RSA: Self = Self(0);
    /// `CKK_DSA`.
    pub const DSA: Self = Self(1);
    /// `CKK_DH`.
    pub const DH: Self = Self(2);
    /// `CKK_EC`: every curve, also those of Montgomery and Edwards form.
    pub const EC: Self = Self(3);
    /// `CKK_GENERIC_SECRET`.
    pub const GENERIC_SECRET: Self = Self(0x10);
    /// `CKK_DES2`.
    pub const DES2: Self = Self(0x14);
    /// `CKK_DES3`.
    pub const DES3: Self = Self(0x15);
    /// `CKK_AES`.
    pub const AES: Self = Self(0x1F);
    /// `CKK_IBM_PQC_DILITHIUM`.
    pub const IBM_DILITHIUM: Self = Self(0x8001_0023);
    /// `CKK_IBM_PQC_KYBER`.
    pub const IBM_KYBER: Self = Self(0x8001_0024);
}
