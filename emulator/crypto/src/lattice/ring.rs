//! The ring of polynomials and its number-theoretic transform, for the primes of both schemes.
//!
//! Every coefficient is a residue between zero and the modulus, always. Nothing branches on one, is indexed by one or
//! divides one: reductions multiply by a reciprocal and subtract under a mask.

use std::marker::PhantomData;

use zeroize::Zeroize;

use super::{Coefficients, DEGREE};

/// A prime field with a transform.
pub(super) trait Field: Sized {
    /// The prime, below 2³¹.
    const MODULUS: u32;
    /// A primitive root of unity of order 2 to the power of `LAYERS` + 1.
    const ROOT: u32;
    /// How often the transform splits X²⁵⁶ + 1 in two.
    const LAYERS: u32;

    /// The powers of the root that the transform multiplies by, in the order it comes by them.
    const ZETAS: Coefficients = zetas(Self::MODULUS, Self::ROOT, Self::LAYERS);
    /// Undoes the factor of two that every layer of the inverse leaves.
    const SCALE: u32 = power(Self::MODULUS.div_ceil(2), Self::LAYERS, Self::MODULUS);

    /// The product of two transformed polynomials.
    fn product(left: &Coefficients, right: &Coefficients) -> Coefficients;

    /// The residue of any number (Barrett).
    fn reduce(value: u64) -> u32 {
        let quotient = ((u128::from(value) * u128::from(u64::MAX / u64::from(Self::MODULUS))) >> 64) as u64;
        // The reciprocal is rounded down, so the quotient is right or one too small.
        Self::subtract_modulus((value - quotient * u64::from(Self::MODULUS)) as u32)
    }

    /// The sum of two residues.
    fn add(left: u32, right: u32) -> u32 {
        Self::subtract_modulus(left + right)
    }

    /// The difference of two residues.
    fn subtract(left: u32, right: u32) -> u32 {
        Self::subtract_modulus(left + Self::MODULUS - right)
    }

    /// The product of two residues.
    fn multiply(left: u32, right: u32) -> u32 {
        Self::reduce(u64::from(left) * u64::from(right))
    }

    /// The residue of a number between the negative modulus and the modulus.
    fn from_signed(value: i32) -> u32 {
        let negative = (value >> 31) as u32;
        (value as u32).wrapping_add(Self::MODULUS & negative)
    }

    /// The representative of a residue that is nearest to zero.
    fn centred(value: u32) -> i32 {
        let upper_half = 0_u32.wrapping_sub((Self::MODULUS / 2).wrapping_sub(value) >> 31);
        value.wrapping_sub(Self::MODULUS & upper_half) as i32
    }

    /// The residue of a number below twice the modulus.
    fn subtract_modulus(value: u32) -> u32 {
        let difference = value.wrapping_sub(Self::MODULUS);
        let borrow = 0_u32.wrapping_sub(difference >> 31);
        difference.wrapping_add(Self::MODULUS & borrow)
    }
}

const fn power(base: u32, exponent: u32, modulus: u32) -> u32 {
    let mut result = 1;
    let mut index = 0;
    while index < exponent {
        result = (result as u64 * base as u64 % modulus as u64) as u32;
        index += 1;
    }
    result
}

const fn zetas(modulus: u32, root: u32, layers: u32) -> Coefficients {
    let mut zetas = [0; DEGREE];
    let mut index: usize = 0;
    while index < 1 << layers {
        zetas[index] = power(root, (index as u32).reverse_bits() >> (32 - layers), modulus);
        index += 1;
    }
    zetas
}

/// Marks a polynomial that is given by its coefficients.
pub(super) enum Plain {}

/// Marks a polynomial that is given by its residues modulo the factors of X²⁵⁶ + 1.
pub(super) enum Transformed {}

/// A polynomial. Cleared on drop, secret or not.
pub(super) struct Polynomial<F, Form = Plain> {
    /// Residues.
    pub(super) values: Coefficients,
    marker: PhantomData<(F, Form)>,
}

impl<F, Form> Drop for Polynomial<F, Form> {
    fn drop(&mut self) {
        self.values.zeroize();
    }
}

impl<F, Form> Clone for Polynomial<F, Form> {
    fn clone(&self) -> Self {
        Self::new(self.values)
    }
}

impl<F, Form> Polynomial<F, Form> {
    pub(super) fn new(values: Coefficients) -> Self {
        Self { values, marker: PhantomData }
    }

    pub(super) fn zero() -> Self {
        Self::new([0; DEGREE])
    }

    /// Takes as many values as there are coefficients; what is missing stays zero.
    pub(super) fn collect(values: impl IntoIterator<Item = u32>) -> Self {
        let mut polynomial = Self::zero();
        for (slot, value) in polynomial.values.iter_mut().zip(values) {
            *slot = value;
        }
        polynomial
    }

    pub(super) fn map(&self, function: impl Fn(u32) -> u32) -> Self {
        Self::collect(self.values.iter().map(|&value| function(value)))
    }
}

impl<F: Field, Form> Polynomial<F, Form> {
    pub(super) fn add(mut self, other: &Self) -> Self {
        for (left, &right) in self.values.iter_mut().zip(&other.values) {
            *left = F::add(*left, right);
        }
        self
    }

    pub(super) fn subtract(mut self, other: &Self) -> Self {
        for (left, &right) in self.values.iter_mut().zip(&other.values) {
            *left = F::subtract(*left, right);
        }
        self
    }
}

impl<F: Field> Polynomial<F> {
    pub(super) fn transform(&self) -> Polynomial<F, Transformed> {
        let mut values = self.values;
        let mut zetas = F::ZETAS.iter().skip(1);
        let mut half = DEGREE / 2;
        for _ in 0..F::LAYERS {
            for (block, &zeta) in values.chunks_exact_mut(2 * half).zip(&mut zetas) {
                let (low, high) = block.split_at_mut(half);
                for (low, high) in low.iter_mut().zip(high) {
                    let turned = F::multiply(*high, zeta);
                    *high = F::subtract(*low, turned);
                    *low = F::add(*low, turned);
                }
            }
            half /= 2;
        }
        let transformed = Polynomial::new(values);
        values.zeroize();
        transformed
    }
}

impl<F: Field> Polynomial<F, Transformed> {
    pub(super) fn multiply(&self, other: &Self) -> Self {
        Self::new(F::product(&self.values, &other.values))
    }

    pub(super) fn inverse(&self) -> Polynomial<F> {
        let mut values = self.values;
        let mut zetas = F::ZETAS[..1 << F::LAYERS].iter().rev();
        let mut half = DEGREE >> F::LAYERS;
        for _ in 0..F::LAYERS {
            for (block, &zeta) in values.chunks_exact_mut(2 * half).zip(&mut zetas) {
                let (low, high) = block.split_at_mut(half);
                for (low, high) in low.iter_mut().zip(high) {
                    let difference = F::subtract(*high, *low);
                    *low = F::add(*low, *high);
                    *high = F::multiply(difference, zeta);
                }
            }
            half *= 2;
        }
        let polynomial = Polynomial::new(values.map(|value| F::multiply(value, F::SCALE)));
        values.zeroize();
        polynomial
    }
}

/// The sum of the products of two vectors.
pub(super) fn dot<F: Field>(
    left: &[Polynomial<F, Transformed>],
    right: &[Polynomial<F, Transformed>],
) -> Polynomial<F, Transformed> {
    left.iter().zip(right).fold(Polynomial::zero(), |sum, (left, right)| sum.add(&left.multiply(right)))
}

pub(super) fn transform<F: Field>(vector: &[Polynomial<F>]) -> Vec<Polynomial<F, Transformed>> {
    vector.iter().map(Polynomial::transform).collect()
}

/// Division of numbers below 2²⁴ by a constant, without a division.
#[derive(Clone, Copy)]
pub(super) struct Divisor {
    reciprocal: u64,
}

impl Divisor {
    /// For divisors above one and below 2²⁴.
    pub(super) const fn new(divisor: u32) -> Self {
        Self { reciprocal: (1 << 48) / divisor as u64 + 1 }
    }

    /// The quotient, rounded down. The reciprocal is too large by less than one, which moves the result by less than
    /// 2²⁴/2⁴⁸: not as far as the next multiple of the divisor.
    pub(super) const fn divide(self, value: u32) -> u32 {
        ((value as u128 * self.reciprocal as u128) >> 48) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::super::{dilithium, kyber};
    use super::*;

    fn product_by_definition<F: Field>(left: &Coefficients, right: &Coefficients) -> Coefficients {
        let mut product = [0; DEGREE];
        for (i, &left) in left.iter().enumerate() {
            for (j, &right) in right.iter().enumerate() {
                let term = F::multiply(left, right);
                let slot = &mut product[(i + j) % DEGREE];
                *slot = if i + j < DEGREE { F::add(*slot, term) } else { F::subtract(*slot, term) };
            }
        }
        product
    }

    fn arbitrary<F: Field>(seed: u64) -> Polynomial<F> {
        Polynomial::collect((0..).map(|index: u64| F::reduce((index + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15))))
    }

    fn transforms<F: Field>() {
        let (left, right) = (arbitrary::<F>(1), arbitrary::<F>(2));
        assert_eq!(left.transform().inverse().values, left.values);
        let product = left.transform().multiply(&right.transform()).inverse();
        assert_eq!(product.values, product_by_definition::<F>(&left.values, &right.values));
    }

    #[test]
    fn transforms_multiply_polynomials() {
        transforms::<dilithium::Field>();
        transforms::<kyber::Field>();
    }

    fn residues<F: Field>() {
        let modulus = u64::from(F::MODULUS);
        for value in [0, 1, modulus - 1, modulus, modulus + 1, modulus * modulus, u64::MAX - 1, u64::MAX] {
            assert_eq!(u64::from(F::reduce(value)), value % modulus);
        }
        for value in (0..F::MODULUS).step_by(7).chain([F::MODULUS / 2, F::MODULUS / 2 + 1, F::MODULUS - 1]) {
            let centred = F::centred(value);
            assert!(centred.unsigned_abs() <= F::MODULUS / 2);
            assert_eq!(F::from_signed(centred), value);
        }
    }

    #[test]
    fn residues_are_least_and_centred_nearest_to_zero() {
        residues::<dilithium::Field>();
        residues::<kyber::Field>();
    }

    #[test]
    fn quotients_are_exact() {
        for divisor in [3, 3329, 190_464, 523_776] {
            let quotient = Divisor::new(divisor);
            for value in (0_u32..1 << 24).step_by(divisor as usize).chain([1 << 24]) {
                for value in [value.saturating_sub(1), value, value + 1].into_iter().filter(|value| *value < 1 << 24) {
                    assert_eq!(quotient.divide(value), value / divisor);
                }
            }
        }
    }
}
