//! The root key of emulated modules.
//!
//! It is no secret: everybody can make it from its name, so that clients know it in advance and no installation has to
//! hand it out. A chain that ends here proves that a module is emulated, and nothing else. Specification, section 9.7.

use sha2::{Digest, Sha512};

use crate::P521KeyPair;

/// The key pair of the development root: the same in every installation.
///
/// The private key is the SHA-512 of the first name and the first byte of the SHA-512 of the second: 65 bytes, which
/// is below the order of the curve.
#[must_use]
#[expect(clippy::expect_used, reason = "a constant; the test below makes it")]
pub fn development_root() -> P521KeyPair {
    let first = Sha512::digest("hpcs-emulator development root key, generation 1");
    let second = Sha512::digest("hpcs-emulator development root key, generation 2");
    let scalar: Vec<u8> = first.iter().chain(second.iter()).copied().take(SCALAR_SIZE).collect();
    P521KeyPair::from_scalar(&scalar).expect("65 bytes that are not all zero are a private key")
}

/// One byte less than the order of the curve has.
const SCALAR_SIZE: usize = 65;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_in_every_installation() {
        let root = development_root().public();
        assert_eq!(root, development_root().public());
        // Computed with another program.
        let id = "86c3001e6cf9dbe37f45c8bf55899653543cf6f756cb79d4845899c3f91043de";
        assert_eq!(root.oa_key_id().to_string(), id);
    }
}
