//! The two forms of a P-521 signature: `SEQUENCE { r, s }` in SignerInfos and certificates of administrators, and the
//! fixed form, `r` and `s` of 66 bytes each, in certificates of modules.

use crate::der::{self, Reader};

/// `r` and `s`, each left padded with zeros.
pub(crate) type FixedSignature = [u8; 2 * SCALAR_SIZE];

/// Size of `r` and of `s` in bytes.
pub(crate) const SCALAR_SIZE: usize = 66;

/// The fixed form of `SEQUENCE { r, s }`. `None` when the structure is wrong or an integer has more than 66 bytes.
///
/// Integers with needless zeros in front are taken: certificates of modules have them.
pub(super) fn to_fixed(signature: &[u8]) -> Option<FixedSignature> {
    let mut outer = Reader::new("ECDSA-Sig-Value", signature);
    let mut sequence = outer.sequence("signature").ok()?;
    outer.finish("signature").ok()?;
    let mut fixed = [0; 2 * SCALAR_SIZE];
    for (half, field) in fixed.chunks_exact_mut(SCALAR_SIZE).zip(["r", "s"]) {
        let magnitude = sequence.unsigned_integer(field).ok()?;
        let zeros = SCALAR_SIZE.checked_sub(magnitude.len())?;
        half.get_mut(zeros..)?.copy_from_slice(magnitude);
    }
    sequence.finish("signature").ok()?;
    Some(fixed)
}

/// `SEQUENCE { r, s }` with minimal integers.
pub(super) fn to_der(fixed: &FixedSignature) -> Vec<u8> {
    let (r, s) = fixed.split_at(SCALAR_SIZE);
    der::sequence(|signature| {
        signature.unsigned_integer(r).unsigned_integer(s);
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_with_needless_zeros_are_taken() {
        let fixed = to_fixed(&[0x30, 0x09, 0x02, 0x03, 0, 0, 5, 0x02, 0x02, 0, 7]).unwrap();
        assert_eq!((fixed[65], fixed[131]), (5, 7));
    }

    #[test]
    fn an_integer_longer_than_the_curve_is_refused() {
        let long = der::sequence(|signature| {
            signature.unsigned_integer(&[1; 67]).unsigned_integer(&[1]);
        });
        assert_eq!(to_fixed(&long), None);
    }

    #[test]
    fn a_third_integer_and_trailing_bytes_are_refused() {
        assert_eq!(to_fixed(&[0x30, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1]), None);
        assert_eq!(to_fixed(&[0x30, 6, 2, 1, 1, 2, 1, 1, 0]), None);
        assert_eq!(to_fixed(&[0x30, 3, 2, 1, 1]), None);
    }

    proptest! {
        #[test]
        fn both_forms_hold_the_same(bytes in proptest::collection::vec(any::<u8>(), 132)) {
            let fixed: FixedSignature = bytes.try_into().unwrap();
            prop_assert_eq!(to_fixed(&to_der(&fixed)), Some(fixed));
        }
    }
}
