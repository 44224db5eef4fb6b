//! Importer keys: a crypto unit makes one, and key parts travel to the unit under it (sections 5.9 and 8.1).

use rand_core::CryptoRng;

use zeroize::Zeroizing;

use crate::{DecodeError, Fault, P521KeyPair, PublicKey, RsaKeyPair};

/// The kinds of importer key that are made. The numbers are those of command 00000009; the others it knows are not
/// implemented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum ImporterKeyType {
    /// RSA with 2048 bits and exponent 65537.
    Rsa2048 = 0,
    /// P-521: what the SDK asks for.
    P521 = 3,
}

impl ImporterKeyType {
    /// The type with this number, if it is one of those that are made.
    pub fn from_u32(number: u32) -> Option<Self> {
        [Self::Rsa2048, Self::P521].into_iter().find(|kind| *kind as u32 == number)
    }
}

/// The private key that opens key parts sent to one crypto unit. Cleared when it is dropped.
pub enum ImporterKey {
    /// On P-521.
    P521(P521KeyPair),
    /// RSA with 2048 bits.
    Rsa(RsaKeyPair),
}

impl ImporterKey {
    /// A new key of this type from `rng`. RSA takes up to a second.
    pub fn generate(kind: ImporterKeyType, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        match kind {
            ImporterKeyType::P521 => Self::P521(P521KeyPair::generate(rng)),
            ImporterKeyType::Rsa2048 => Self::Rsa(RsaKeyPair::generate_2048(rng)),
        }
    }

    /// Reads a key of this type as [`to_stored`](Self::to_stored) made it. A P-521 key may also be its scalar alone, 66
    /// bytes; with its public key it saves a scalar multiplication, see [`P521KeyPair::from_stored`].
    ///
    /// # Errors
    /// When the bytes are no such key, or the modulus of an RSA key has not 2048 bits.
    pub fn from_stored(kind: ImporterKeyType, stored: &[u8]) -> Result<Self, DecodeError> {
        match kind {
            ImporterKeyType::P521 if stored.len() == P521KeyPair::SCALAR_SIZE => {
                P521KeyPair::from_scalar(stored).map(Self::P521)
            }
            ImporterKeyType::P521 => P521KeyPair::from_stored(stored).map(Self::P521),
            ImporterKeyType::Rsa2048 => {
                let key = RsaKeyPair::from_pkcs1_der(stored)?;
                match key.public().size() {
                    RSA_SIZE => Ok(Self::Rsa(key)),
                    found => Err(DecodeError {
                        format: "RSA importer key",
                        field: "modulus",
                        offset: 0,
                        fault: Fault::WrongSize { expected: RSA_SIZE, found },
                    }),
                }
            }
        }
    }

    /// The private key for storage: [`P521KeyPair::to_stored`], or `RSAPrivateKey` of PKCS#1.
    pub fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::P521(key) => key.to_stored(),
            Self::Rsa(key) => key.to_pkcs1_der(),
        }
    }

    /// The type of the key.
    pub fn kind(&self) -> ImporterKeyType {
        match self {
            Self::P521(_) => ImporterKeyType::P521,
            Self::Rsa(_) => ImporterKeyType::Rsa2048,
        }
    }

    /// Whether private and public key belong together; see [`P521KeyPair::is_pair`]. RSA keys are checked when they are
    /// read.
    #[must_use]
    pub fn is_pair(&self) -> bool {
        match self {
            Self::P521(key) => key.is_pair(),
            Self::Rsa(_) => true,
        }
    }

    /// The public key. Its [`to_spki`](PublicKey::to_spki) is the output of the command.
    pub fn public(&self) -> PublicKey {
        match self {
            Self::P521(key) => PublicKey::P521(key.public()),
            Self::Rsa(key) => PublicKey::Rsa(key.public()),
        }
    }
}

/// Size of the modulus of an RSA importer key in bytes.
const RSA_SIZE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn only_types_0_and_3_are_made() {
        let made: Vec<_> = (0..100).filter_map(ImporterKeyType::from_u32).collect();
        assert_eq!(made, [ImporterKeyType::Rsa2048, ImporterKeyType::P521]);
    }

    #[test]
    fn the_type_decides_the_algorithm() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let key = ImporterKey::generate(ImporterKeyType::P521, &mut rng);
        assert_eq!(key.public().to_spki().len(), 158);
        let key = ImporterKey::generate(ImporterKeyType::Rsa2048, &mut rng);
        assert_eq!(key.public().to_spki().len(), 294);
    }

    #[test]
    fn stored_keys_read_back() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        for kind in [ImporterKeyType::P521, ImporterKeyType::Rsa2048] {
            let key = ImporterKey::generate(kind, &mut rng);
            let read = ImporterKey::from_stored(kind, &key.to_stored()).unwrap();
            assert_eq!((read.kind(), read.public()), (kind, key.public()));
            assert!(read.is_pair());
            assert_eq!(read.to_stored(), key.to_stored());
        }
    }

    #[test]
    fn a_scalar_alone_is_a_p521_key_and_never_an_rsa_key() {
        let key = P521KeyPair::generate(&mut ChaCha20Rng::seed_from_u64(3));
        let scalar = &key.to_stored()[..66];
        let read = ImporterKey::from_stored(ImporterKeyType::P521, scalar).unwrap();
        assert_eq!(read.public(), PublicKey::P521(key.public()));
        assert!(ImporterKey::from_stored(ImporterKeyType::Rsa2048, scalar).is_err());
        assert!(ImporterKey::from_stored(ImporterKeyType::P521, &scalar[1..]).is_err());
    }

    #[test]
    fn an_rsa_importer_key_has_2048_bits() {
        let large = RsaKeyPair::generate(&mut ChaCha20Rng::seed_from_u64(4), 3072).unwrap();
        let error = ImporterKey::from_stored(ImporterKeyType::Rsa2048, &large.to_pkcs1_der()).err().unwrap();
        assert_eq!((error.field, error.fault), ("modulus", Fault::WrongSize { expected: 256, found: 384 }));
    }
}
