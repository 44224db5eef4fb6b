//! Rounding: the parts of a coefficient, and the hints that repair them (section 2.4 of the specification of round 3).

use super::super::DEGREE;
use super::super::ring::{Divisor, Field as _};
use super::parameters::Parameters;
use super::{Field, MODULUS, Polynomial};

/// Hints: in which places of every polynomial the rounded value changes, ascending.
pub(super) type Hints = Vec<Vec<u8>>;

/// Splits coefficients into a multiple of 2 to the power of `dropped_bits` and what is nearest to zero: `Power2Round`.
pub(super) fn power2_round(polynomial: &Polynomial, dropped_bits: u32) -> (Polynomial, Polynomial) {
    let high = polynomial.map(|value| (value + (1 << (dropped_bits - 1)) - 1) >> dropped_bits);
    let low = polynomial.clone().subtract(&high.map(|value| value << dropped_bits));
    (high, low)
}

/// Rounding to multiples of twice gamma2.
pub(super) struct Rounding {
    gamma2: u32,
    values: u32,
    step: Divisor,
}

impl Rounding {
    pub(super) const fn new(parameters: &Parameters) -> Self {
        let (gamma2, values) = (parameters.gamma2, parameters.high_values());
        Self { gamma2, values, step: Divisor::new(2 * gamma2) }
    }

    /// `Decompose`: the multiple and, centred, the rest. The last multiple is no value of its own but zero again, with a
    /// rest that is one less.
    fn decompose(&self, value: u32) -> (u32, i32) {
        let multiple = self.step.divide(value + self.gamma2 - 1);
        let rest = value as i32 - (multiple * 2 * self.gamma2) as i32;
        let last = (self.values - 1).wrapping_sub(multiple) >> 31;
        (multiple & last.wrapping_sub(1), rest - last as i32)
    }

    /// The rounded polynomial and the rest.
    pub(super) fn split(&self, polynomial: &Polynomial) -> (Polynomial, Polynomial) {
        let high = polynomial.map(|value| self.decompose(value).0);
        let low = polynomial.map(|value| Field::from_signed(self.decompose(value).1));
        (high, low)
    }

    /// `MakeHint`: where a rest has grown so far that the rounded value is another.
    pub(super) fn hints(&self, high: &Polynomial, low: &Polynomial) -> Vec<u8> {
        let bound = self.gamma2 as i32;
        let is_hinted = |high: u32, low: u32| {
            let low = Field::centred(low);
            low > bound || low < -bound || (low == -bound && high != 0)
        };
        let values = high.values.iter().zip(&low.values);
        (0..=u8::MAX).zip(values).filter(|(_, (high, low))| is_hinted(**high, **low)).map(|(place, _)| place).collect()
    }

    /// `UseHint`: the rounded polynomial, one up or down where there is a hint.
    pub(super) fn apply(&self, hints: &[u8], polynomial: &Polynomial) -> Polynomial {
        let mut hinted = [false; DEGREE];
        for place in hints {
            hinted[usize::from(*place)] = true;
        }
        Polynomial::collect(polynomial.values.iter().zip(hinted).map(|(value, hinted)| {
            let (high, low) = self.decompose(*value);
            match (hinted, low > 0) {
                (false, _) => high,
                (true, true) => (high + 1) % self.values,
                (true, false) => (high + self.values - 1) % self.values,
            }
        }))
    }
}

/// Whether every coefficient is nearer to zero than the bound. Which one is not may show, its sign may not.
pub(super) fn is_below(vector: &[Polynomial], bound: u32) -> bool {
    vector.iter().flat_map(|polynomial| &polynomial.values).all(|value| {
        let negative = ((MODULUS / 2).wrapping_sub(*value) as i32) >> 31;
        let magnitude = (Field::centred(*value) ^ negative) - negative;
        (magnitude as u32) < bound
    })
}

#[cfg(test)]
mod tests {
    use super::super::ParameterSet;
    use super::*;

    #[test]
    fn every_coefficient_is_rounded_as_defined() {
        for set in [ParameterSet::Round2_65, ParameterSet::Round3_44] {
            let rounding = Rounding::new(set.parameters());
            let step = 2 * set.parameters().gamma2;
            for value in 0..MODULUS {
                let mut rest = (value % step) as i32;
                if rest > (step / 2) as i32 {
                    rest -= step as i32;
                }
                let multiple = value.wrapping_sub(rest as u32);
                let expected = if multiple == MODULUS - 1 { (0, rest - 1) } else { (multiple / step, rest) };
                assert_eq!(rounding.decompose(value), expected, "{value}");
            }
        }
    }

    #[test]
    fn powers_of_two_are_split_off() {
        for bits in [13, 14] {
            let values = [0, 1, (1 << (bits - 1)), (1 << (bits - 1)) + 1, (1 << bits) - 1, 1 << bits, MODULUS - 1];
            let (high, low) = power2_round(&Polynomial::collect(values), bits);
            for ((value, high), low) in values.iter().zip(high.values).zip(low.values) {
                let low = Field::centred(low);
                assert_eq!(*value as i32, (high << bits) as i32 + low);
                assert!(low > -(1 << (bits - 1)) && low <= 1 << (bits - 1));
            }
        }
    }

    #[test]
    fn bounds_are_of_both_signs_and_exclusive() {
        for value in [5, MODULUS - 5] {
            let vector = [Polynomial::zero(), Polynomial::collect([0, value])];
            assert!(is_below(&vector, 6));
            assert!(!is_below(&vector, 5));
        }
    }
}
