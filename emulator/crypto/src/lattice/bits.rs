//! Coefficients packed into bits, the least significant bit first.

use super::{Coefficients, DEGREE};

/// Bytes of a polynomial with coefficients of so many bits.
pub(super) const fn packed_size(bits: u32) -> usize {
    DEGREE / 8 * bits as usize
}

/// Appends values below 2 to the power of `bits`, which is at most 24.
pub(super) fn pack(values: impl IntoIterator<Item = u32>, bits: u32, bytes: &mut Vec<u8>) {
    let mut pending = 0_u32;
    let mut held = 0;
    for value in values {
        pending |= value << held;
        held += bits;
        while held >= 8 {
            bytes.push(pending as u8);
            pending >>= 8;
            held -= 8;
        }
    }
}

/// Reads the coefficients of a polynomial; where bytes are missing they are zero.
pub(super) fn unpack(bytes: &[u8], bits: u32) -> Coefficients {
    let mut bytes = bytes.iter();
    let mut pending = 0_u32;
    let mut held = 0;
    let mut values = [0; DEGREE];
    for value in &mut values {
        while held < bits {
            pending |= u32::from(bytes.next().copied().unwrap_or(0)) << held;
            held += 8;
        }
        *value = pending & ((1 << bits) - 1);
        pending >>= bits;
        held -= bits;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacking_undoes_packing() {
        for bits in 1..=24 {
            let values: Coefficients =
                std::array::from_fn(|index| (index as u32).wrapping_mul(0x9e37_79b9) >> (32 - bits));
            let mut bytes = Vec::new();
            pack(values, bits, &mut bytes);
            assert_eq!(bytes.len(), packed_size(bits));
            assert_eq!(unpack(&bytes, bits), values);
        }
    }

    #[test]
    fn the_first_value_takes_the_lowest_bits() {
        let mut bytes = Vec::new();
        pack([1, 2, 3, 4, 5, 6, 7, 0], 3, &mut bytes);
        assert_eq!(bytes, [0xd1, 0x58, 0x1f]);
    }
}
