//! A crypto unit and its module taken apart, and put together again.
//!
//! For whoever keeps units outside this process, or wants one in a certain state without a ceremony. Taking apart and
//! putting together is exact: the unit answers byte for byte as before. What a unit guarantees is checked on the way in,
//! so that no document makes a unit that no command could have made; see [`PartsRule`].

mod fault;
mod module;
mod unit;

pub use fault::{PartsFault, PartsField, PartsRule};
pub use module::ModuleParts;
pub use unit::{NewMasterKeyParts, UnitParts};
