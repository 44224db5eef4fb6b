//! Names of the things the service knows: regions, locations, accounts, instances, crypto units, CRNs.
//!
//! Each name is a type that is checked once, where it enters, and is trusted afterwards. The crate has no
//! dependencies so that every other crate may use it. Grammar of locations and CRNs: the Activity Tracker events
//! reference (CRN grammar, target of TKE events) and the crypto unit listing of the TKE interface.

mod crn;
mod id;
mod location;
mod region;

pub use crn::{Crn, ServiceName};
pub use id::{AccountId, CryptoUnitId, IdError, InstanceId, KeystoreId, StoredKeyId, Uuid};
pub use location::{Location, LocationError};
pub use region::{Region, RegionError};
