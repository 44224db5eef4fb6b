//! What two parties share, and keys of the length that they need.

use hpcs_crypto::hash::Hash;
use hpcs_crypto::kdf::x963;
use hpcs_ep11::pkcs11::ReturnValue;
use zeroize::Zeroizing;

use crate::functions::Outcome;

/// A shared secret, and how a key is made of it.
pub(crate) struct SharedSecret {
    value: Zeroizing<Vec<u8>>,
    shape: Shape,
}

/// How a key is made of a shared secret.
pub(crate) enum Shape {
    /// It is the end of the secret, as PKCS #11 has it for `CKD_NULL`.
    Trailing,
    /// It is the beginning of the secret.
    Leading,
    /// It comes out of ANSI X9.63 with this hash and these shared data.
    X963(Hash, Vec<u8>),
}

impl SharedSecret {
    pub(crate) fn new(value: Zeroizing<Vec<u8>>, shape: Shape) -> Self {
        SharedSecret { value, shape }
    }

    /// How long a key is when nothing says it.
    pub(crate) fn natural_length(&self) -> usize {
        self.value.len()
    }

    /// A key of this many bytes.
    ///
    /// # Errors
    /// `ARGUMENTS_BAD` when the secret does not have as many and no function stretches it.
    pub(crate) fn key(&self, length: usize) -> Outcome<Zeroizing<Vec<u8>>> {
        let part = match &self.shape {
            Shape::X963(hash, shared) => return Ok(x963(*hash, &self.value, shared, length)),
            Shape::Leading => self.value.get(..length),
            Shape::Trailing => self.value.len().checked_sub(length).and_then(|from| self.value.get(from..)),
        };
        part.map(|part| Zeroizing::new(part.to_vec())).ok_or(ReturnValue::ARGUMENTS_BAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_cut_from_the_end_that_its_mechanism_says() {
        let secret = |shape| SharedSecret::new(Zeroizing::new((1..=4).collect()), shape);
        assert_eq!(secret(Shape::Trailing).key(2).unwrap()[..], [3, 4]);
        assert_eq!(secret(Shape::Leading).key(2).unwrap()[..], [1, 2]);
        assert_eq!(secret(Shape::Trailing).key(5).err(), Some(ReturnValue::ARGUMENTS_BAD));
        assert_eq!(secret(Shape::X963(Hash::Sha256, Vec::new())).key(40).unwrap().len(), 40);
    }
}
