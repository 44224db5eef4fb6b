//! What can be wrong with keys and with their input.

/// Why an operation with a key gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaFault {
    /// The input does not have the size that goes with the key and the scheme: a message or digest is too long for the
    /// modulus, a digest is not as long as its hash function makes it, or an encryption is not as long as the modulus.
    Length,
    /// The input, as a number, is not below the modulus.
    Range,
    /// The decrypted block has no message in it: it was made for another key, or not by this scheme.
    Padding,
    /// The scheme is not defined for the hash function.
    Hash,
    /// The result does not fit the public key, so it is withheld: a wrong one can give the private key away.
    Arithmetic,
}

impl std::fmt::Display for RsaFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Length => "the input does not have the size that the key and the scheme ask for",
            Self::Range => "the input is not below the modulus",
            Self::Padding => "no message is inside the encryption",
            Self::Hash => "the scheme is not defined for the hash function",
            Self::Arithmetic => "the result does not fit the public key",
        })
    }
}

impl std::error::Error for RsaFault {}

/// Why something is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaKeyFault {
    /// The modulus does not have 512 to 4096 bits, or, for a new key, no multiple of 8.
    Size,
    /// The public exponent is even, below 3 or above 2^33 - 1.
    Exponent,
    /// The bytes are not of the form asked for, or their numbers do not belong together.
    Form,
}

impl std::fmt::Display for RsaKeyFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Size => "RSA keys have 512 to 4096 bits, new ones in steps of 8",
            Self::Exponent => "public exponents are odd numbers from 3 to 2^33 - 1",
            Self::Form => "the bytes are no RSA key",
        })
    }
}

impl std::error::Error for RsaKeyFault {}
