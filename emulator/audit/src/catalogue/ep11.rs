//! The actions of EP11 cryptography, by name.

use super::{Row, named};

/// A call of the cryptographic interface.
pub const USE: &Row = named("hs-crypto.ep11.use");
