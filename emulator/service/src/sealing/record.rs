//! The secrets of one record, under a data key of their own.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::cipher::{Cipher, NONCE_SIZE, Place};
use super::{Opener, SealFault, Sealer, StoreKey};

/// Seals the secrets of one write of one record.
///
/// The data key is new, so nonces may count: nothing else is ever sealed under it.
pub struct RecordSealer<'a> {
    record: &'a str,
    data_key: Cipher,
    sealed_data_key: Vec<u8>,
    used: u64,
}

/// Opens the secrets of one record.
pub struct RecordOpener<'a> {
    record: &'a str,
    data_key: Cipher,
}

impl<'a> RecordSealer<'a> {
    /// A sealer for the record of this name, with a data key from `rng`.
    pub fn new(store_key: &StoreKey, record: &'a str, rng: &mut dyn CryptoRng) -> Self {
        let mut data_key = Zeroizing::new([0; DATA_KEY_SIZE]);
        rng.fill_bytes(&mut *data_key);
        let sealed_data_key = store_key.seal(data_key_of(record), &*data_key, rng);
        RecordSealer { record, data_key: Cipher::new(&data_key), sealed_data_key, used: 0 }
    }

    /// The data key, sealed under the store key; it goes into the record's value.
    pub fn sealed_data_key(&self) -> &[u8] {
        &self.sealed_data_key
    }
}

impl Sealer for RecordSealer<'_> {
    fn seal(&mut self, field: &str, secret: &[u8]) -> Vec<u8> {
        let nonce = counted(&mut self.used);
        self.data_key.seal(nonce, secret_of(self.record, field), secret)
    }
}

impl<'a> RecordOpener<'a> {
    /// An opener for the record of this name, whose value holds `sealed_data_key`.
    ///
    /// # Errors
    /// [`SealFault`]; with a store key that was verified, [`SealFault::Damaged`] means just that.
    pub fn new(store_key: &StoreKey, record: &'a str, sealed_data_key: &[u8]) -> Result<Self, SealFault> {
        let data_key = store_key.open(data_key_of(record), sealed_data_key)?;
        let data_key = data_key.as_slice().try_into().map_err(|_| SealFault::Damaged)?;
        Ok(RecordOpener { record, data_key: Cipher::new(data_key) })
    }
}

impl Opener for RecordOpener<'_> {
    fn open(&self, field: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault> {
        self.data_key.open(secret_of(self.record, field), sealed)
    }
}

/// The next nonce of a key that only one sealer ever has.
pub(super) fn counted(used: &mut u64) -> [u8; NONCE_SIZE] {
    let mut nonce = [0; NONCE_SIZE];
    if let Some(last) = nonce.last_chunk_mut() {
        *last = used.to_be_bytes();
    }
    *used += 1;
    nonce
}

fn data_key_of(record: &str) -> Place<'_> {
    Place { purpose: "hpcs-emulator data key", record, field: "" }
}

fn secret_of<'a>(record: &'a str, field: &'a str) -> Place<'a> {
    Place { purpose: "hpcs-emulator record", record, field }
}

const DATA_KEY_SIZE: usize = 32;

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    fn store_key(byte: u8) -> StoreKey {
        StoreKey::new(&Zeroizing::new([byte; 32]))
    }

    fn sealer<'a>(key: &StoreKey, record: &'a str, seed: u64) -> RecordSealer<'a> {
        RecordSealer::new(key, record, &mut ChaCha20Rng::seed_from_u64(seed))
    }

    #[test]
    fn a_secret_opens_in_its_record_and_field_alone() {
        let key = store_key(1);
        let mut sealer = sealer(&key, "unit/1", 1);
        let sealed = sealer.seal("key", b"secret");
        let open = |key: &StoreKey, record: &str, field: &str| {
            RecordOpener::new(key, record, sealer.sealed_data_key())?.open(field, &sealed).map(|secret| secret.to_vec())
        };
        assert_eq!(open(&key, "unit/1", "key"), Ok(b"secret".to_vec()));
        assert_eq!(open(&key, "unit/1", "other"), Err(SealFault::Damaged));
        assert_eq!(open(&key, "unit/2", "key"), Err(SealFault::Damaged));
        assert_eq!(open(&store_key(2), "unit/1", "key"), Err(SealFault::Damaged));
    }

    #[test]
    fn each_write_has_another_data_key_and_the_old_one_opens_nothing_new() {
        let key = store_key(1);
        let (first, mut second) = (sealer(&key, "unit/1", 1), sealer(&key, "unit/1", 2));
        assert_ne!(first.sealed_data_key(), second.sealed_data_key());
        let sealed = second.seal("key", b"secret");
        let opener = RecordOpener::new(&key, "unit/1", first.sealed_data_key()).ok().unwrap();
        assert_eq!(opener.open("key", &sealed).err(), Some(SealFault::Damaged));
    }

    #[test]
    fn no_nonce_comes_twice() {
        let mut sealer = sealer(&store_key(1), "unit/1", 1);
        let (first, second) = (sealer.seal("key", b"secret"), sealer.seal("key", b"secret"));
        assert_ne!(first[1..13], second[1..13]);
        assert_ne!(first[13..], second[13..]);
    }
}
