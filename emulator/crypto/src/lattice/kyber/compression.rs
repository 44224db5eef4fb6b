//! Polynomials as bytes: whole in keys, compressed in ciphertexts, one bit a coefficient in messages.

use zeroize::Zeroizing;

use super::super::bits::{pack, packed_size, unpack};
use super::super::ring::{Divisor, Field as _};
use super::parameters::COEFFICIENT_BITS;
use super::{Field, MODULUS, Polynomial, SYMMETRIC_SIZE, Seed, Transformed};

/// Appends a vector with all its bits.
pub(super) fn encode(vector: &[Transformed], bytes: &mut Vec<u8>) {
    for polynomial in vector {
        pack(polynomial.values.iter().copied(), COEFFICIENT_BITS, bytes);
    }
}

/// Reads a vector. Twelve bits may be more than a residue; the specification takes them as they are.
pub(super) fn decode(bytes: &[u8]) -> Vec<Transformed> {
    let polynomials = bytes.chunks(packed_size(COEFFICIENT_BITS));
    polynomials
        .map(|bytes| Transformed::new(unpack(bytes, COEFFICIENT_BITS)).map(|value| Field::reduce(value.into())))
        .collect()
}

/// The nearest of 2 to the power of `bits` values around the circle of residues: `Compress`.
fn compressed(value: u32, bits: u32) -> u32 {
    const QUOTIENT: Divisor = Divisor::new(MODULUS);
    QUOTIENT.divide((value << bits) + MODULUS / 2) & ((1 << bits) - 1)
}

/// The residue in the middle of those that compress to the value: `Decompress`.
fn decompressed(value: u32, bits: u32) -> u32 {
    (value * MODULUS + (1 << (bits - 1))) >> bits
}

/// Appends a polynomial, compressed.
pub(super) fn compress(polynomial: &Polynomial, bits: u32, bytes: &mut Vec<u8>) {
    pack(polynomial.values.iter().map(|value| compressed(*value, bits)), bits, bytes);
}

/// Reads a compressed polynomial.
pub(super) fn decompress(bytes: &[u8], bits: u32) -> Polynomial {
    Polynomial::new(unpack(bytes, bits)).map(|value| decompressed(value, bits))
}

/// A message as a polynomial.
pub(super) fn from_message(message: &[u8; SYMMETRIC_SIZE]) -> Polynomial {
    decompress(message, 1)
}

/// The message that a polynomial is nearest to.
pub(super) fn to_message(polynomial: &Polynomial) -> Seed {
    let mut bytes = Zeroizing::new(Vec::with_capacity(SYMMETRIC_SIZE));
    compress(polynomial, 1, &mut bytes);
    let mut message = Seed::default();
    message.copy_from_slice(&bytes);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_rounds_to_the_nearest() {
        for bits in [1, 4, 5, 10, 11] {
            for value in 0..MODULUS {
                let exact = f64::from(value) * f64::from(1 << bits) / f64::from(MODULUS);
                assert_eq!(compressed(value, bits), exact.round() as u32 % (1 << bits), "{value}");
            }
        }
    }

    #[test]
    fn compressing_undoes_decompressing() {
        for bits in [1, 4, 5, 10, 11] {
            for value in 0..1 << bits {
                assert!(decompressed(value, bits) < MODULUS);
                assert_eq!(compressed(decompressed(value, bits), bits), value);
            }
        }
    }
}
