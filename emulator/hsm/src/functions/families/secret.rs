//! Secret keys: their values by type, and how they are recognised.

use hpcs_crypto::block::{BlockCipher, CipherKey, set_odd_parity};
use hpcs_crypto::hash::Hash;
use hpcs_ep11::pkcs11::{KeyType, ReturnValue};
use rand_core::Rng;
use zeroize::Zeroizing;

use crate::CallEnv;
use crate::functions::Outcome;
use crate::functions::registry::SecretKind;

impl SecretKind {
    /// The type of such a key.
    pub(crate) fn key_type(self) -> KeyType {
        match self {
            SecretKind::Generic => KeyType::GENERIC_SECRET,
            SecretKind::Aes => KeyType::AES,
            SecretKind::Des2 => KeyType::DES2,
            SecretKind::Des3 => KeyType::DES3,
        }
    }
}

/// Bytes of a key of this type: fixed for DES, where a length that is stated does not count, otherwise what is stated or
/// else `otherwise`.
///
/// # Errors
/// `TEMPLATE_INCOMPLETE` when nothing says how long, `KEY_SIZE_RANGE` when no such key is that long,
/// `TEMPLATE_INCONSISTENT` when the type is none of a secret key.
pub(crate) fn length(key_type: KeyType, stated: Option<usize>, otherwise: Option<usize>) -> Outcome<usize> {
    let length = match key_type {
        KeyType::DES2 => return Ok(16),
        KeyType::DES3 => return Ok(24),
        KeyType::AES | KeyType::GENERIC_SECRET => stated.or(otherwise).ok_or(ReturnValue::TEMPLATE_INCOMPLETE)?,
        _ => return Err(ReturnValue::TEMPLATE_INCONSISTENT),
    };
    let fits = match key_type {
        KeyType::AES => [16, 24, 32].contains(&length),
        _ => (1..=LONGEST_GENERIC).contains(&length),
    };
    if fits { Ok(length) } else { Err(ReturnValue::KEY_SIZE_RANGE) }
}

/// A random key.
pub(crate) fn generate(kind: SecretKind, length: usize, env: &mut CallEnv) -> Zeroizing<Vec<u8>> {
    let mut value = Zeroizing::new(vec![0; length]);
    loop {
        env.rng.fill_bytes(&mut value);
        match kind {
            SecretKind::Generic | SecretKind::Aes => return value,
            SecretKind::Des2 | SecretKind::Des3 => {
                set_odd_parity(&mut value);
                let parts: Vec<_> = value.chunks(8).collect();
                let distinct = (1..parts.len()).all(|at| !parts[..at].contains(&parts[at]));
                if distinct {
                    return value;
                }
            }
        }
    }
}

/// So many random bytes.
pub(crate) fn random(length: usize, env: &mut CallEnv) -> Zeroizing<Vec<u8>> {
    let mut value = Zeroizing::new(vec![0; length]);
    env.rng.fill_bytes(&mut value);
    value
}

/// The bytes as the value of a key of this type: DES keys have odd parity.
pub(crate) fn shaped(key_type: KeyType, mut value: Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
    if [KeyType::DES2, KeyType::DES3].contains(&key_type) {
        set_odd_parity(&mut value);
    }
    value
}

/// What a key is recognised by (section 5.7): how it encrypts a block of zeros, or of generic secrets what SHA-1 makes of
/// them.
pub(crate) fn check_value(key_type: KeyType, value: &[u8]) -> [u8; 3] {
    let cipher = match key_type {
        KeyType::AES => Some(BlockCipher::Aes),
        KeyType::DES2 | KeyType::DES3 => Some(BlockCipher::TripleDes),
        _ => None,
    };
    let first = match cipher.and_then(|cipher| CipherKey::new(cipher, value)) {
        Some(key) => {
            let mut block = vec![0; key.cipher().block_len()];
            // A whole block is never refused.
            let _ = key.encrypt_blocks(&mut block);
            block
        }
        None => Hash::Sha1.digest(value),
    };
    let mut check_value = [0; 3];
    check_value.iter_mut().zip(first).for_each(|(byte, found)| *byte = found);
    check_value
}

/// Bytes of the longest generic secret.
const LONGEST_GENERIC: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_are_the_published_ones() {
        let des3 = hex::decode("0123456789abcdef23456789abcdef01456789abcdef0123").unwrap();
        let imported = hex::decode("84eb31c184aee86791bf095045914adbcbe08823b40024f02977b46c15e84d64").unwrap();
        let counting: Vec<u8> = (0..32).collect();
        for (key_type, value, expected) in [
            (KeyType::AES, vec![0; 16], "66e94b"),
            (KeyType::AES, counting, "f29000"),
            (KeyType::AES, imported, "9fb11e"),
            (KeyType::DES3, des3, "4eba73"),
        ] {
            assert_eq!(hex::encode(check_value(key_type, &value)), expected);
        }
    }

    #[test]
    fn a_des_key_has_its_length_whatever_is_stated() {
        assert_eq!(length(KeyType::DES3, Some(32), None), Ok(24));
        assert_eq!(length(KeyType::AES, Some(17), None), Err(ReturnValue::KEY_SIZE_RANGE));
        assert_eq!(length(KeyType::AES, None, None), Err(ReturnValue::TEMPLATE_INCOMPLETE));
        assert_eq!(length(KeyType::GENERIC_SECRET, None, Some(32)), Ok(32));
        assert_eq!(length(KeyType::RSA, Some(32), None), Err(ReturnValue::TEMPLATE_INCONSISTENT));
    }
}
