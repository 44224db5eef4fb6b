//! Names and numbers of PKCS#11, with EP11's extensions, as the cryptographic functions of a crypto unit use them.
//!
//! Specification: GREP11 API, sections 3 to 5 and the table of constants. Only what the functions of the emulator name
//! has a name here; other numbers pass through as numbers.

mod attribute;
mod key;
mod mechanism;
mod named;
mod return_value;

pub use attribute::AttributeType;
pub use key::{KeyType, ObjectClass};
pub use mechanism::{MechanismFlags, MechanismType};
pub use return_value::ReturnValue;
