//! Sampling: the matrix, secret vectors, masks and challenges.

use shake::XofReader;
use zeroize::Zeroizing;

use super::super::DEGREE;
use super::super::bits;
use super::super::ring::{self, Field as _};
use super::super::stream::{Groups, shake128_reader, shake256, shake256_reader};
use super::parameters::{Parameters, Round};
use super::{Field, MODULUS, Polynomial, Transformed};

/// The public matrix: `ExpandA`. Its rows come as they are asked for.
pub(super) fn matrix(parameters: &Parameters, rho: &[u8]) -> impl Iterator<Item = Vec<Transformed>> {
    let columns = parameters.columns;
    (0..parameters.rows).map(move |row| (0..columns).map(|column| uniform(rho, row, column)).collect())
}

fn uniform(rho: &[u8], row: usize, column: usize) -> Transformed {
    let stream = Groups::new(shake128_reader(&[rho, &[column as u8, row as u8]]));
    let candidates = stream.map(|[low, middle, high]| u32::from_le_bytes([low, middle, high & 0x7f, 0]));
    Transformed::collect(candidates.filter(|candidate| *candidate < MODULUS))
}

/// The secret vectors s1 and s2: `ExpandS`.
pub(super) fn secrets(parameters: &Parameters, seed: &[u8]) -> (Vec<Polynomial>, Vec<Polynomial>) {
    let sample = |nonce: usize| small(parameters, seed, nonce as u16);
    let (columns, rows) = (parameters.columns, parameters.rows);
    ((0..columns).map(sample).collect(), (columns..columns + rows).map(sample).collect())
}

/// A polynomial with coefficients between −eta and eta.
fn small(parameters: &Parameters, seed: &[u8], nonce: u16) -> Polynomial {
    let eta = parameters.eta;
    let parts = [seed, &nonce.to_le_bytes()];
    let coefficient = |candidate: u32| Field::subtract(eta, candidate);
    match parameters.round {
        Round::Two => {
            let bits = parameters.eta_bits();
            let bytes = Groups::new(shake128_reader(&parts)).map(|[byte]| u32::from(byte));
            let candidates = bytes.flat_map(|byte| [byte & ((1 << bits) - 1), byte >> (8 - bits)]);
            Polynomial::collect(candidates.filter(|candidate| *candidate <= 2 * eta).map(coefficient))
        }
        Round::Three => {
            let values = 2 * eta + 1;
            // Of the sixteen nibbles the whole multiples of the number of values.
            let limit = 16 - 16 % values;
            let bytes = Groups::new(shake256_reader(&parts)).map(|[byte]| u32::from(byte));
            let nibbles = bytes.flat_map(|byte| [byte & 15, byte >> 4]);
            // A division of secrets by a small constant: by its reciprocal, as ring::Divisor explains.
            let divisor = ring::Divisor::new(values);
            let remainder = |nibble| nibble - divisor.divide(nibble) * values;
            Polynomial::collect(nibbles.filter(|nibble| *nibble < limit).map(remainder).map(coefficient))
        }
    }
}

/// The mask y: `ExpandMask`.
pub(super) fn mask(parameters: &Parameters, seed: &[u8], nonce: u16) -> Vec<Polynomial> {
    let nonces = (nonce..).take(parameters.columns);
    nonces.map(|nonce| mask_polynomial(parameters, shake256_reader(&[seed, &nonce.to_le_bytes()]))).collect()
}

fn mask_polynomial(parameters: &Parameters, mut reader: impl XofReader) -> Polynomial {
    let maximum = parameters.mask_maximum();
    let coefficient = |candidate: u32| Field::subtract(maximum, candidate);
    match parameters.round {
        Round::Two => {
            let pairs = Groups::new(reader).flat_map(|group: [u8; 5]| {
                let [a, b, c, d, e] = group.map(u32::from);
                [a | b << 8 | (c & 15) << 16, c >> 4 | d << 4 | e << 12]
            });
            Polynomial::collect(pairs.filter(|candidate| *candidate <= 2 * maximum).map(coefficient))
        }
        Round::Three => {
            let mut bytes = Zeroizing::new(vec![0; bits::packed_size(parameters.mask_bits())]);
            reader.read(&mut bytes);
            Polynomial::new(bits::unpack(&bytes, parameters.mask_bits())).map(coefficient)
        }
    }
}

/// The challenge for a message's digest and a rounded, packed vector, as it stands in signatures.
pub(super) fn challenge(parameters: &Parameters, digest: &[u8], high: &[u8]) -> Vec<u8> {
    match parameters.round {
        Round::Two => encode(&ball(shake256_reader(&[digest, high]), parameters.tau)),
        Round::Three => shake256::<32>(&[digest, high]).to_vec(),
    }
}

/// The polynomial of a challenge. Of bytes that [`challenge`] does not make it is some polynomial.
pub(super) fn challenge_polynomial(parameters: &Parameters, challenge: &[u8]) -> Polynomial {
    match parameters.round {
        Round::Two => decode(challenge),
        Round::Three => ball(shake256_reader(&[challenge]), parameters.tau),
    }
}

/// A polynomial with so many coefficients that are one or minus one: `SampleInBall`.
fn ball(mut reader: impl XofReader, weight: usize) -> Polynomial {
    let mut signs = [0; 8];
    reader.read(&mut signs);
    let signs = u64::from_le_bytes(signs);
    let mut places = Groups::new(reader).map(|[byte]| usize::from(byte));
    let mut polynomial = Polynomial::zero();
    for (index, last) in (DEGREE - weight..DEGREE).enumerate() {
        let place = places.find(|place| *place <= last).unwrap_or(last);
        polynomial.values[last] = polynomial.values[place];
        polynomial.values[place] = signed_one(signs >> index);
    }
    polynomial
}

/// One, or minus one if the lowest bit is set.
fn signed_one(signs: u64) -> u32 {
    Field::from_signed(1 - 2 * (signs & 1) as i32)
}

/// A bit for every coefficient that is not zero, then the signs of these.
fn encode(challenge: &Polynomial) -> Vec<u8> {
    let mut bytes = Vec::new();
    bits::pack(challenge.values.iter().map(|value| u32::from(*value != 0)), 1, &mut bytes);
    let signs = challenge.values.iter().filter(|value| **value != 0).map(|value| u64::from(*value != 1));
    let signs = signs.enumerate().fold(0, |signs, (index, sign)| signs | sign << index);
    bytes.extend_from_slice(&signs.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Polynomial {
    let mut signs = bytes.last_chunk().copied().map_or(0, u64::from_le_bytes);
    Polynomial::collect(bits::unpack(bytes, 1).into_iter().map(|bit| {
        if bit == 0 {
            return 0;
        }
        let value = signed_one(signs);
        signs >>= 1;
        value
    }))
}
