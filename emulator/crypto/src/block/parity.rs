//! The parity bits of DES keys.

/// Sets the lowest bit of every byte so that the byte has an odd number of ones, as DES keys have (SP 800-67, section
/// 3.2).
pub fn set_odd_parity(key: &mut [u8]) {
    for byte in key {
        let even_without_lowest = (*byte >> 1).count_ones().is_multiple_of(2);
        *byte = (*byte & 0xFE) | u8::from(even_without_lowest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_gets_an_odd_number_of_ones_and_keeps_its_upper_bits() {
        let mut bytes: [u8; 256] = std::array::from_fn(|index| index as u8);
        set_odd_parity(&mut bytes);
        for (index, byte) in bytes.into_iter().enumerate() {
            assert_eq!(byte.count_ones() % 2, 1);
            assert_eq!(byte >> 1, index as u8 >> 1);
        }
    }
}
