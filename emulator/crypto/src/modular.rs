//! Arithmetic modulo odd numbers of a size that is known at run time, for the schemes on finite fields.
//!
//! Operations take time by the sizes of their operands and not by the values, except where they say so.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, NonZero};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// A private and a public value of a scheme on a finite field, both big-endian and padded to the size of their modulus.
pub struct KeyPair {
    /// The private value.
    pub private: Zeroizing<Vec<u8>>,
    /// The public value.
    pub public: Vec<u8>,
}

/// An odd modulus of at least three.
pub(crate) struct Modulus {
    parameters: BoxedMontyParams,
    bits: usize,
}

impl Modulus {
    /// The modulus in `bytes`, big-endian. `None` when it is even, below three or above `longest` bytes. The modulus is
    /// public, so the time may tell it.
    pub(crate) fn new(bytes: &[u8], longest: usize) -> Option<Self> {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let significant = bytes.get(zeros..).filter(|bytes| bytes.len() <= longest)?;
        let number = BoxedUint::from_be_slice_vartime(significant);
        let bits = number.bits_vartime() as usize;
        let odd = number.into_odd().into_option()?;
        (bits > 1).then(|| Self { parameters: BoxedMontyParams::new_vartime(odd), bits })
    }

    /// Size in bits.
    pub(crate) fn bits(&self) -> usize {
        self.bits
    }

    /// Size in bytes.
    pub(crate) fn len(&self) -> usize {
        self.bits.div_ceil(8)
    }

    /// The modulus as a number.
    pub(crate) fn number(&self) -> &NonZero<BoxedUint> {
        self.parameters.modulus().as_nz_ref()
    }

    /// The modulus less `small`. It must not be greater than the modulus.
    pub(crate) fn less(&self, small: u8) -> BoxedUint {
        self.number().wrapping_sub(BoxedUint::from(small))
    }

    /// The number in `bytes`, big-endian. `None` when it is not below the modulus.
    pub(crate) fn residue(&self, bytes: &[u8]) -> Option<BoxedUint> {
        let zeros = bytes.len().saturating_sub(self.len());
        let (zeros, bytes) = bytes.split_at_checked(zeros)?;
        let number = self.unreduced(bytes)?;
        (number < **self.number() && zeros.iter().all(|byte| *byte == 0)).then_some(number)
    }

    /// The number in `bytes`, big-endian, which the operations reduce. `None` when it has more bytes than the modulus.
    pub(crate) fn unreduced(&self, bytes: &[u8]) -> Option<BoxedUint> {
        let number = BoxedUint::from_be_slice(bytes, self.parameters.bits_precision()).ok();
        number.filter(|_| bytes.len() <= self.len())
    }

    /// `number`, which is below the modulus, as bytes: big-endian and padded to its size.
    pub(crate) fn bytes(&self, number: &BoxedUint) -> Zeroizing<Vec<u8>> {
        let bytes = Zeroizing::new(number.to_be_bytes());
        let excess = bytes.len().saturating_sub(self.len());
        Zeroizing::new(bytes.iter().skip(excess).copied().collect())
    }

    /// A number from 1 to the modulus less one, all equally likely.
    pub(crate) fn random(&self, rng: &mut (impl CryptoRng + ?Sized)) -> Zeroizing<BoxedUint> {
        let mut bytes = Zeroizing::new(vec![0; self.len()]);
        loop {
            rng.fill_bytes(&mut bytes);
            if let Some(first) = bytes.first_mut() {
                *first &= 0xFF >> (self.len() * 8 - self.bits);
            }
            let number = self.residue(&bytes).map(Zeroizing::new);
            if let Some(number) = number.filter(|number| number.is_nonzero().to_bool()) {
                return number;
            }
        }
    }

    /// `base` to the power of `exponent`. The time depends on the precision of the exponent and not on its value.
    pub(crate) fn power(&self, base: &BoxedUint, exponent: &BoxedUint) -> BoxedUint {
        Zeroizing::new(self.form(base).pow(exponent)).retrieve()
    }

    /// `left * right`
    pub(crate) fn product(&self, left: &BoxedUint, right: &BoxedUint) -> BoxedUint {
        Zeroizing::new(self.form(left).mul(&self.form(right))).retrieve()
    }

    /// `left + right`
    pub(crate) fn sum(&self, left: &BoxedUint, right: &BoxedUint) -> BoxedUint {
        Zeroizing::new(self.form(left).add(&self.form(right))).retrieve()
    }

    /// The inverse of `number`, for a modulus that is prime: by Fermat's little theorem.
    pub(crate) fn inverse(&self, number: &BoxedUint) -> BoxedUint {
        self.power(number, &self.less(2))
    }

    fn form(&self, number: &BoxedUint) -> Zeroizing<BoxedMontyForm> {
        Zeroizing::new(BoxedMontyForm::new(number.clone(), &self.parameters))
    }
}
