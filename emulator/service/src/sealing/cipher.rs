//! AES-256-GCM with a place.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use super::SealFault;

/// A key, ready for use. Cleared when it is dropped.
pub(super) struct Cipher(Box<Aes256Gcm>);

/// What a secret is sealed for. It is authenticated, not stored.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// What kind of thing is sealed.
    pub(super) purpose: &'a str,
    /// The record or file it belongs to.
    pub(super) record: &'a str,
    /// The field in it.
    pub(super) field: &'a str,
}

/// Sealed: version, nonce, ciphertext, tag.
const VERSION: u8 = 1;
pub(super) const NONCE_SIZE: usize = 12;
const TAG_SIZE: usize = 16;
const HEAD_SIZE: usize = 1 + NONCE_SIZE;

impl Cipher {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Cipher(Box::new(Aes256Gcm::new(key.into())))
    }

    /// Seals `secret`. The caller never gives the same nonce twice.
    #[expect(clippy::expect_used, reason = "GCM refuses contents of 64 GiB and more, and nothing else")]
    pub(super) fn seal(&self, nonce: [u8; NONCE_SIZE], place: Place<'_>, secret: &[u8]) -> Vec<u8> {
        // Room for all of it from the start: growing would leave a copy of the secret behind.
        let mut sealed = Vec::with_capacity(HEAD_SIZE + secret.len() + TAG_SIZE);
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(secret);
        let (_, content) = sealed.split_at_mut(HEAD_SIZE);
        let tag = self
            .0
            .encrypt_inout_detached(&Nonce::from(nonce), &place.associated_data(), content.into())
            .expect("a secret is short");
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// Opens what [`Cipher::seal`] made for the same place.
    pub(super) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault> {
        let (&version, rest) = sealed.split_first().ok_or(SealFault::Damaged)?;
        if version != VERSION {
            return Err(SealFault::ForeignVersion(version));
        }
        let (nonce, rest) = rest.split_first_chunk::<NONCE_SIZE>().ok_or(SealFault::Damaged)?;
        let (content, tag) = rest.split_last_chunk::<TAG_SIZE>().ok_or(SealFault::Damaged)?;
        let mut secret = Zeroizing::new(content.to_vec());
        self.0
            .decrypt_inout_detached(
                &Nonce::from(*nonce),
                &place.associated_data(),
                secret.as_mut_slice().into(),
                &(*tag).into(),
            )
            .map_err(|_| SealFault::Damaged)?;
        Ok(secret)
    }
}

impl Place<'_> {
    /// Each part with its length in front, so that no two places look alike.
    fn associated_data(self) -> Vec<u8> {
        let parts = [self.purpose, self.record, self.field];
        let mut data = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
        for part in parts {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLACE: Place<'static> = Place { purpose: "test", record: "unit/1", field: "key" };

    fn cipher() -> Cipher {
        Cipher::new(&[7; 32])
    }

    fn fault(place: Place<'_>, sealed: &[u8]) -> Option<SealFault> {
        cipher().open(place, sealed).err()
    }

    #[test]
    fn a_secret_opens_in_its_place_alone() {
        let sealed = cipher().seal([1; 12], PLACE, b"secret");
        assert_eq!(cipher().open(PLACE, &sealed).unwrap().as_slice(), b"secret");
        for other in [
            Place { purpose: "tes", ..PLACE },
            Place { record: "unit/2", ..PLACE },
            Place { field: "part", ..PLACE },
            Place { purpose: "testu", record: "nit/1", ..PLACE },
        ] {
            assert_eq!(fault(other, &sealed), Some(SealFault::Damaged), "{} {}", other.record, other.field);
        }
        assert!(Cipher::new(&[8; 32]).open(PLACE, &sealed).is_err());
    }

    #[test]
    fn another_version_is_told_apart_from_damage() {
        let mut sealed = cipher().seal([1; 12], PLACE, b"secret");
        sealed[0] = 2;
        assert_eq!(fault(PLACE, &sealed), Some(SealFault::ForeignVersion(2)));
        assert_eq!(fault(PLACE, &[]), Some(SealFault::Damaged));
        assert_eq!(fault(PLACE, &[1; 28]), Some(SealFault::Damaged));
    }

    #[test]
    fn the_key_is_cleared_on_drop() {
        fn is_cleared<T: zeroize::ZeroizeOnDrop>() {}
        is_cleared::<Aes256Gcm>();
    }

    #[test]
    fn sealing_needs_one_allocation() {
        let sealed = cipher().seal([1; 12], PLACE, &[9; 199]);
        assert_eq!((sealed.len(), sealed.capacity()), (228, 228));
        assert!(!sealed.windows(16).any(|window| window == [9; 16]));
    }

    proptest! {
        #[test]
        fn one_wrong_bit_or_a_cut_never_opens(secret: Vec<u8>, at: prop::sample::Index, bit in 0_u8..8) {
            let sealed = cipher().seal([2; 12], PLACE, &secret);
            let at = at.index(sealed.len());
            let mut wrong = sealed.clone();
            wrong[at] ^= 1 << bit;
            prop_assert!(fault(PLACE, &wrong).is_some());
            prop_assert!(fault(PLACE, &sealed[..at]).is_some());
        }
    }
}
