//! How blobs and states are protected under a master key.
//!
//! The real format inside a blob is not public. Here: AES-256-CBC, then HMAC-SHA256 over everything before it, with two
//! keys that HKDF-SHA256 makes out of the master key.

use hpcs_crypto::block::{BlockCipher, CipherKey, CipherStream, Direction, Mode};
use hpcs_crypto::hash::Hash;
use hpcs_crypto::hmac::HmacState;
use hpcs_crypto::kdf::hkdf_sha256;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_ep11::{KeyPart, VerificationPattern};
use zeroize::Zeroizing;

use crate::functions::Outcome;

/// The name of a master key in blobs: the first half of its verification pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrappingKeyId(pub(crate) [u8; WrappingKeyId::SIZE]);

impl WrappingKeyId {
    /// Size in bytes.
    pub(crate) const SIZE: usize = 16;

    pub(crate) fn of(pattern: VerificationPattern) -> Self {
        let mut id = [0; Self::SIZE];
        id.copy_from_slice(&pattern.0[..Self::SIZE]);
        WrappingKeyId(id)
    }
}

/// The two keys that protect what leaves the unit.
pub(crate) struct BlobKeys {
    encryption: Zeroizing<[u8; 32]>,
    authentication: Zeroizing<[u8; 32]>,
}

impl BlobKeys {
    /// The keys under a master key.
    pub(crate) fn of(master_key: &KeyPart) -> Self {
        BlobKeys {
            encryption: hkdf_sha256(master_key.expose(), b"grep11-blob-enc"),
            authentication: hkdf_sha256(master_key.expose(), b"grep11-blob-mac"),
        }
    }

    /// Appends `plaintext`, which is a multiple of 16 bytes, encrypted, and the authentication code over everything.
    pub(crate) fn seal(&self, head: Vec<u8>, iv: [u8; IV_SIZE], plaintext: &[u8]) -> Outcome<Vec<u8>> {
        let mut sealed = head;
        let stream = self.stream(Direction::Encrypt, iv)?;
        sealed.extend_from_slice(&stream.complete(plaintext).map_err(|_| ReturnValue::IBM_INTERNAL_ERROR)?);
        let code = self.code(&sealed);
        sealed.extend_from_slice(&code);
        Ok(sealed)
    }

    /// Checks the authentication code and decrypts what stands between the head and it.
    pub(crate) fn open(&self, sealed: Sealed<'_>, iv: [u8; IV_SIZE]) -> Option<Zeroizing<Vec<u8>>> {
        let mut state = HmacState::start(Hash::Sha256, &*self.authentication);
        state.update(sealed.authenticated);
        if !state.verify(sealed.code) {
            return None;
        }
        self.stream(Direction::Decrypt, iv).ok()?.complete(sealed.ciphertext).ok()
    }

    /// The authentication code over `bytes`.
    pub(crate) fn code(&self, bytes: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut state = HmacState::start(Hash::Sha256, &*self.authentication);
        state.update(bytes);
        state.finish()
    }

    /// Whether this is the authentication code over `bytes`, in constant time.
    pub(crate) fn is_code(&self, bytes: &[u8], code: &[u8]) -> bool {
        let mut state = HmacState::start(Hash::Sha256, &*self.authentication);
        state.update(bytes);
        state.verify(code)
    }

    fn stream(&self, direction: Direction, iv: [u8; IV_SIZE]) -> Outcome<CipherStream> {
        let key = CipherKey::new(BlockCipher::Aes, &*self.encryption).ok_or(ReturnValue::IBM_INTERNAL_ERROR)?;
        CipherStream::start(key, direction, Mode::Cbc, &iv).ok_or(ReturnValue::IBM_INTERNAL_ERROR)
    }
}

/// Something sealed, taken apart.
#[derive(Clone, Copy)]
pub(crate) struct Sealed<'a> {
    authenticated: &'a [u8],
    ciphertext: &'a [u8],
    code: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// What is sealed behind a head of this size; `None` when there is less than a block of it.
    pub(crate) fn behind(head: usize, bytes: &'a [u8]) -> Option<Self> {
        let (authenticated, code) = bytes.split_at_checked(bytes.len().checked_sub(CODE_SIZE)?)?;
        let ciphertext = authenticated.get(head..)?;
        (!ciphertext.is_empty()).then_some(Sealed { authenticated, ciphertext, code })
    }
}

/// Bytes of an initialisation vector.
pub(crate) const IV_SIZE: usize = 16;

/// Bytes of an authentication code.
pub(super) const CODE_SIZE: usize = 32;
