//! Keys and signatures as bytes.

use zeroize::Zeroizing;

use super::super::bits::{pack, packed_size, unpack};
use super::super::ring::Field as _;
use super::parameters::{Parameters, Round};
use super::rounding::Hints;
use super::{Fault, Field, ParameterSet, Polynomial, SEED_SIZE};

/// A public key, taken apart.
pub(super) struct PublicKey<'a> {
    pub(super) rho: &'a [u8],
    pub(super) t1: Vec<Polynomial>,
}

impl<'a> PublicKey<'a> {
    pub(super) fn decode(set: ParameterSet, bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() != set.public_key_size() {
            return Err(Fault::PublicKey);
        }
        let (rho, t1) = bytes.split_at(SEED_SIZE);
        let bits = set.parameters().kept_bits();
        Ok(Self { rho, t1: t1.chunks(packed_size(bits)).map(|bytes| Polynomial::new(unpack(bytes, bits))).collect() })
    }

    pub(super) fn encode(&self, set: ParameterSet) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(set.public_key_size());
        bytes.extend_from_slice(self.rho);
        for polynomial in &self.t1 {
            pack(polynomial.values.iter().copied(), set.parameters().kept_bits(), &mut bytes);
        }
        bytes
    }
}

/// A secret key, taken apart.
pub(super) struct SecretKey<'a> {
    pub(super) rho: &'a [u8],
    /// The specification's K, that the randomness of signatures comes from.
    pub(super) key: &'a [u8],
    /// The public key's digest.
    pub(super) tr: &'a [u8],
    pub(super) s1: Vec<Polynomial>,
    pub(super) s2: Vec<Polynomial>,
    pub(super) t0: Vec<Polynomial>,
}

impl<'a> SecretKey<'a> {
    pub(super) fn decode(set: ParameterSet, bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() != set.secret_key_size() {
            return Err(Fault::SecretKey);
        }
        let parameters = set.parameters();
        let (rho, rest) = bytes.split_at(SEED_SIZE);
        let (key, rest) = rest.split_at(SEED_SIZE);
        let (tr, rest) = rest.split_at(parameters.key_digest_size());
        let bits = parameters.eta_bits();
        let (s1, rest) = rest.split_at(parameters.columns * packed_size(bits));
        let (s2, t0) = rest.split_at(parameters.rows * packed_size(bits));
        Ok(Self {
            rho,
            key,
            tr,
            s1: decode_small(parameters, s1)?,
            s2: decode_small(parameters, s2)?,
            t0: decode_below(t0, parameters.dropped_bits(), low_maximum(parameters)),
        })
    }

    pub(super) fn encode(&self, set: ParameterSet) -> Zeroizing<Vec<u8>> {
        let parameters = set.parameters();
        let mut bytes = Zeroizing::new(Vec::with_capacity(set.secret_key_size()));
        for part in [self.rho, self.key, self.tr] {
            bytes.extend_from_slice(part);
        }
        for vector in [&self.s1, &self.s2] {
            encode_below(vector, parameters.eta_bits(), parameters.eta, &mut bytes);
        }
        encode_below(&self.t0, parameters.dropped_bits(), low_maximum(parameters), &mut bytes);
        bytes
    }
}

/// The largest coefficient of t0.
fn low_maximum(parameters: &Parameters) -> u32 {
    1 << (parameters.dropped_bits() - 1)
}

fn decode_small(parameters: &Parameters, bytes: &[u8]) -> Result<Vec<Polynomial>, Fault> {
    let vector = decode_below(bytes, parameters.eta_bits(), parameters.eta);
    let is_small = super::rounding::is_below(&vector, parameters.eta + 1);
    if is_small { Ok(vector) } else { Err(Fault::SecretKey) }
}

/// Packs coefficients as their distances from the largest one.
fn encode_below(vector: &[Polynomial], bits: u32, maximum: u32, bytes: &mut Vec<u8>) {
    for polynomial in vector {
        pack(polynomial.values.iter().map(|value| Field::subtract(maximum, *value)), bits, bytes);
    }
}

fn decode_below(bytes: &[u8], bits: u32, maximum: u32) -> Vec<Polynomial> {
    let polynomials = bytes.chunks(packed_size(bits)).map(|bytes| Polynomial::new(unpack(bytes, bits)));
    polynomials.map(|polynomial| polynomial.map(|value| Field::subtract(maximum, value))).collect()
}

/// The rounded vector, as challenges are derived from it.
pub(super) fn encode_high(parameters: &Parameters, high: &[Polynomial]) -> Zeroizing<Vec<u8>> {
    let bits = parameters.high_bits();
    let mut bytes = Zeroizing::new(Vec::with_capacity(high.len() * packed_size(bits)));
    for polynomial in high {
        pack(polynomial.values.iter().copied(), bits, &mut bytes);
    }
    bytes
}

/// A signature, taken apart.
pub(super) struct Signature {
    pub(super) challenge: Vec<u8>,
    pub(super) z: Vec<Polynomial>,
    pub(super) hints: Hints,
}

impl Signature {
    /// Of every signature there is one encoding only.
    pub(super) fn decode(set: ParameterSet, bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.len() != set.signature_size() {
            return Err(Fault::Signature);
        }
        let parameters = set.parameters();
        let z_size = parameters.columns * packed_size(parameters.mask_bits());
        let hints_size = parameters.omega + parameters.rows;
        let (challenge, z, hints) = match parameters.round {
            Round::Two => {
                let (z, rest) = bytes.split_at(z_size);
                let (hints, challenge) = rest.split_at(hints_size);
                (challenge, z, hints)
            }
            Round::Three => {
                let (challenge, rest) = bytes.split_at(parameters.challenge_size());
                let (z, hints) = rest.split_at(z_size);
                (challenge, z, hints)
            }
        };
        Ok(Self {
            challenge: challenge.to_vec(),
            z: decode_below(z, parameters.mask_bits(), parameters.mask_maximum()),
            hints: decode_hints(parameters, hints).ok_or(Fault::Signature)?,
        })
    }

    pub(super) fn encode(&self, set: ParameterSet) -> Vec<u8> {
        let parameters = set.parameters();
        let mut z = Vec::new();
        encode_below(&self.z, parameters.mask_bits(), parameters.mask_maximum(), &mut z);
        let hints = encode_hints(parameters, &self.hints);
        match parameters.round {
            Round::Two => [z, hints, self.challenge.clone()].concat(),
            Round::Three => [self.challenge.clone(), z, hints].concat(),
        }
    }
}

/// The places of all polynomials one after the other, filled up with zeros, then where each polynomial's end.
fn encode_hints(parameters: &Parameters, hints: &Hints) -> Vec<u8> {
    let mut bytes = hints.concat();
    bytes.resize(parameters.omega, 0);
    bytes.extend(hints.iter().scan(0, |end, places| {
        *end += places.len();
        Some(*end as u8)
    }));
    bytes
}

fn decode_hints(parameters: &Parameters, bytes: &[u8]) -> Option<Hints> {
    let (places, ends) = bytes.split_at_checked(parameters.omega)?;
    let mut start = 0;
    let mut hints = Hints::new();
    for end in ends.iter().copied().map(usize::from) {
        let polynomial = places.get(start..end)?;
        if !polynomial.is_sorted_by(|left, right| left < right) {
            return None;
        }
        hints.push(polynomial.to_vec());
        start = end;
    }
    places.get(start..)?.iter().all(|place| *place == 0).then_some(hints)
}
