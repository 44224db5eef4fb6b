//! The randomness that blinds private operations, derived instead of drawn.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use crate::hash::Hash;
use crate::hmac::hmac;

/// Random bytes from a private exponent and an input, after the idea of RFC 6979: no operation needs a generator, and
/// equal calls take equal time. Blocks of HMAC-SHA-512 over a counter, under a key that is the HMAC of the input under
/// the private exponent.
pub(super) struct Blinding {
    seed: Zeroizing<Vec<u8>>,
    counter: u64,
    /// What is left of the last block.
    rest: Zeroizing<Vec<u8>>,
}

impl Blinding {
    pub(super) fn new(private_exponent: &[u8], input: &[u8]) -> Self {
        let seed = hmac(Hash::Sha512, private_exponent, input);
        Self { seed, counter: 0, rest: Zeroizing::new(Vec::new()) }
    }

    fn next_byte(&mut self) -> u8 {
        loop {
            if let Some(byte) = self.rest.pop() {
                return byte;
            }
            self.rest = hmac(Hash::Sha512, &self.seed, &self.counter.to_be_bytes());
            self.counter = self.counter.wrapping_add(1);
        }
    }
}

impl TryRng for Blinding {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        destination.fill_with(|| self.next_byte());
        Ok(())
    }
}

impl TryCryptoRng for Blinding {}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;

    fn drawn(exponent: &[u8], input: &[u8], sizes: &[usize]) -> Vec<u8> {
        let mut blinding = Blinding::new(exponent, input);
        let draw = |size: &usize| {
            let mut bytes = vec![0; *size];
            blinding.fill_bytes(&mut bytes);
            bytes
        };
        sizes.iter().flat_map(draw).collect()
    }

    #[test]
    fn bytes_depend_on_both_and_not_on_how_they_are_drawn() {
        let bytes = drawn(&[1], &[2], &[200]);
        assert_eq!(drawn(&[1], &[2], &[1, 63, 64, 65, 7]), bytes);
        assert_ne!(drawn(&[2], &[2], &[200]), bytes);
        assert_ne!(drawn(&[1], &[3], &[200]), bytes);
        assert_ne!(bytes[..64], bytes[64..128]);
    }
}
