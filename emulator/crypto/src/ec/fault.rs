//! Why a signature does not hold.

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The algorithm is not defined on the curve of the key.
    Curve,
    /// The signature has another length than every signature with this key.
    Length,
    /// The signature is not this key's over this data.
    Signature,
}

impl core::fmt::Display for Fault {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Curve => "the algorithm is not defined on the curve of the key",
            Self::Length => "the signature has a wrong length",
            Self::Signature => "the signature is wrong",
        })
    }
}

impl core::error::Error for Fault {}
