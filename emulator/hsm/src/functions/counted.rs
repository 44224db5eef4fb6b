//! Fields with their length in front, as blobs and states have them inside: four bytes, big-endian.

/// Appends a field.
pub(crate) fn put(out: &mut Vec<u8>, field: &[u8]) {
    // Fields are keys and parameters of messages, far below 4 GiB.
    out.extend((field.len() as u32).to_be_bytes());
    out.extend_from_slice(field);
}

/// The field in front, and what follows it.
pub(crate) fn take(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_comes_back_and_one_that_is_cut_off_does_not() {
        let mut bytes = Vec::new();
        put(&mut bytes, b"abc");
        put(&mut bytes, b"");
        let (first, rest) = take(&bytes).unwrap();
        assert_eq!((first, take(rest)), (&b"abc"[..], Some((&[][..], &[][..]))));
        assert_eq!(take(&bytes[..6]), None);
        assert_eq!(take(&[0xFF; 4]), None);
    }
}
