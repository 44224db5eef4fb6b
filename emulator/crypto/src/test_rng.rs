//! Generators for tests: bytes that are given, and the one of NIST's known-answer tests.

use std::convert::Infallible;

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use rand_core::{TryCryptoRng, TryRng};

/// Gives out bytes, once.
pub(crate) struct Replay<'a>(&'a [u8]);

impl<'a> Replay<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl TryRng for Replay<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let (now, later) = self.0.split_at(bytes.len());
        bytes.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Replay<'_> {}

/// CTR_DRBG with AES-256 and without a derivation function (NIST SP 800-90A, section 10.2.1), as the submissions to the
/// post-quantum competition made their known answers with it.
pub(crate) struct NistDrbg {
    key: [u8; 32],
    counter: u128,
}

impl NistDrbg {
    pub(crate) fn new(seed: &[u8; 48]) -> Self {
        let mut drbg = Self { key: [0; 32], counter: 0 };
        drbg.update(seed);
        drbg
    }

    /// The generator that the seeds and messages of the tests come from.
    pub(crate) fn outer() -> Self {
        Self::new(&std::array::from_fn(|index| index as u8))
    }

    fn generate(&mut self, bytes: &mut [u8]) {
        let cipher = Aes256::new(&self.key.into());
        for chunk in bytes.chunks_mut(16) {
            self.counter = self.counter.wrapping_add(1);
            let mut block = self.counter.to_be_bytes().into();
            cipher.encrypt_block(&mut block);
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }

    fn update(&mut self, provided: &[u8; 48]) {
        let mut state = [0; 48];
        self.generate(&mut state);
        for (state, provided) in state.iter_mut().zip(provided) {
            *state ^= provided;
        }
        self.key.copy_from_slice(&state[..32]);
        self.counter = u128::from_be_bytes(*state.last_chunk().unwrap());
    }
}

impl TryRng for NistDrbg {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.generate(bytes);
        self.update(&[0; 48]);
        Ok(())
    }
}

impl TryCryptoRng for NistDrbg {}
