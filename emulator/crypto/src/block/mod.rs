//! Block ciphers, AES (FIPS 197) and Triple DES (SP 800-67), and what is made of them: modes and CMAC.

mod cmac;
mod key;
mod parity;
mod stream;

pub use cmac::CmacState;
pub use key::{BlockCipher, CipherKey};
pub use parity::set_odd_parity;
pub use stream::{CipherFault, CipherStream, Direction, Mode};

/// The longest block of any cipher here, in bytes.
const LONGEST_BLOCK: usize = 16;

/// XORs `other` onto `bytes`, as far as the shorter of the two goes.
fn xor(bytes: &mut [u8], other: &[u8]) {
    bytes.iter_mut().zip(other).for_each(|(byte, other)| *byte ^= other);
}
