//! Importer keys: a crypto unit makes one, and key parts travel to the unit under it (sections 5.9 and 8.1).

use rand_core::CryptoRng;

use crate::{P521KeyPair, PublicKey, RsaKeyPair};

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

    /// The public key. Its [`to_spki`](PublicKey::to_spki) is the output of the command.
    pub fn public(&self) -> PublicKey {
        match self {
            Self::P521(key) => PublicKey::P521(key.public()),
            Self::Rsa(key) => PublicKey::Rsa(key.public()),
        }
    }
}

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
}
