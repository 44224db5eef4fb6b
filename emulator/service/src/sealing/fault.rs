//! Why something sealed does not open.

use std::fmt;

use super::PassphraseHeader;

/// Why something sealed does not open. Tells nothing of keys or contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealFault {
    /// The key, or the passphrase, is another one than it was sealed under.
    WrongKey,
    /// It was changed since, or sealed for another place.
    Damaged,
    /// It has a form that this version does not know: the number in front of it.
    ForeignVersion(u8),
    /// The way from passphrase to key is not one that this version knows.
    ForeignDerivation,
    /// The salt is shorter than 16 or longer than 64 bytes; its size.
    Salt(usize),
    /// The number of iterations is 0 or more than [`PassphraseHeader::MOST_ITERATIONS`].
    Iterations(u32),
}

impl fmt::Display for SealFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SealFault::WrongKey => f.write_str("it was sealed under another key"),
            SealFault::Damaged => f.write_str("it is damaged, or was sealed for another place"),
            SealFault::ForeignVersion(version) => write!(f, "it is sealed in a form, {version}, of another version"),
            SealFault::ForeignDerivation => f.write_str("the key derivation is not known; pbkdf2-hmac-sha256 is"),
            SealFault::Salt(size) => write!(f, "a salt of {size} bytes; it has 16 to 64"),
            SealFault::Iterations(count) => {
                write!(f, "{count} iterations; 1 to {} are accepted", PassphraseHeader::MOST_ITERATIONS)
            }
        }
    }
}

impl std::error::Error for SealFault {}
