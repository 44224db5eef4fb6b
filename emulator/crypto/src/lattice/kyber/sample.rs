//! Sampling: the matrix and noise.

use shake::XofReader;
use zeroize::Zeroizing;

use super::super::ring::Field as _;
use super::super::stream::{Groups, shake128_reader, shake256_reader};
use super::{Field, MODULUS, ParameterSet, Polynomial, Transformed};

/// Which matrix: that of key generation or its transpose, which encryption multiplies by.
#[derive(Clone, Copy)]
pub(super) enum Orientation {
    Straight,
    Transposed,
}

/// The public matrix. Its rows come as they are asked for.
pub(super) fn matrix(
    set: ParameterSet,
    seed: &[u8],
    orientation: Orientation,
) -> impl Iterator<Item = Vec<Transformed>> {
    let entry = move |row: usize, column: usize| match orientation {
        Orientation::Straight => uniform(seed, [column as u8, row as u8]),
        Orientation::Transposed => uniform(seed, [row as u8, column as u8]),
    };
    (0..set.rank()).map(move |row| (0..set.rank()).map(|column| entry(row, column)).collect())
}

/// A polynomial with uniform coefficients: `Parse`, algorithm 1.
fn uniform(seed: &[u8], place: [u8; 2]) -> Transformed {
    // The largest multiple of the modulus in sixteen bits.
    const LIMIT: u16 = u16::MAX - u16::MAX % MODULUS as u16;
    let candidates = Groups::new(shake128_reader(&[seed, &place])).map(u16::from_le_bytes);
    Transformed::collect(candidates.filter(|candidate| *candidate < LIMIT).map(|value| Field::reduce(value.into())))
}

/// So many polynomials of noise, the first of them with this nonce.
pub(super) fn noise(seed: &[u8], first: usize, count: usize) -> Vec<Polynomial> {
    (first..first + count).map(|nonce| binomial(seed, nonce as u8)).collect()
}

/// A polynomial with small coefficients: the centred binomial distribution of two coins a side, algorithm 2.
fn binomial(seed: &[u8], nonce: u8) -> Polynomial {
    let mut bytes = Zeroizing::new([0; 128]);
    shake256_reader(&[seed, &[nonce]]).read(bytes.as_mut_slice());
    let nibbles = bytes.iter().flat_map(|byte| [byte & 15, byte >> 4]);
    Polynomial::collect(nibbles.map(|nibble| {
        let pairs = u32::from((nibble & 5) + (nibble >> 1 & 5));
        Field::subtract(pairs & 3, pairs >> 2)
    }))
}
