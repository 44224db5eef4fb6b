//! The root of what must be the same after a restart and in every replica.

use zeroize::Zeroizing;

use crate::Seed;

/// 32 secret bytes from which the key that signs tokens and the keys of crypto modules derive.
///
/// It is kept in the store, sealed. The randomness of administration is another root, which is kept nowhere: a random
/// master key that was zeroized cannot be derived again from what is in the store.
pub struct ServiceRoot(Seed);

impl ServiceRoot {
    /// A root of these bytes.
    pub fn new(secret: Zeroizing<[u8; 32]>) -> Self {
        ServiceRoot(Seed::new(secret))
    }

    /// The root that a new store gets in a world of this seed. The seed does not follow from it.
    pub fn of(seed: &Seed) -> Self {
        ServiceRoot::new(seed.derive(&[b"service root"]))
    }

    /// The 32 bytes, for sealing.
    pub fn expose_secret(&self) -> &[u8; 32] {
        self.0.expose_root()
    }

    /// What derives from it derives from this.
    pub fn seed(&self) -> &Seed {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_that_is_kept_is_not_the_one_that_keys_inside_units_come_from() {
        let seed = Seed::from_number(7);
        let root = ServiceRoot::of(&seed);
        assert_ne!(root.expose_secret(), seed.expose_root());
        assert_eq!(root.expose_secret(), ServiceRoot::of(&seed).expose_secret());
    }
}
