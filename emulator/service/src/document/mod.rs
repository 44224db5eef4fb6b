//! Instances and crypto units as documents: values of the store, export files, seed files.
//!
//! One model for all three. [`InstanceDocument`] and [`UnitDocument`] are plain data for serde, their names those of the
//! field. What an instance is made of goes through them and comes back exactly: a unit put together from its document
//! answers byte for byte as before. In a document that a person writes nearly everything may be left out and is then as
//! [`lay_out`](crate::lay_out) gave it.
//!
//! # Secrets
//! Master keys, importer keys and epoch keys are [`Secret`]s: hexadecimal in the clear, or sealed for their place (see
//! [`sealing`](crate::sealing)). Both forms are read; in the clear they are written only by a document that was
//! [disclosed](InstanceDocument::disclose). No fault and no text of this module holds a part of one.
//!
//! # Checks
//! Two kinds of faults: serde's, when the form is wrong (an unknown name, a list for a number), and [`DocumentFault`],
//! when a value is, with its path: `units[2].current_master_key.key`. What serde says may repeat values of the document;
//! [`without_values`] takes them out.
//!
//! # Layout
//! - [`instance`](InstanceDocument), `apply`: an instance, and a document applied to a freshly laid out one.
//! - [`unit`](UnitDocument), `module`, `administrator`, `master_key`, `importer`: a crypto unit.
//! - [`keystore`](KeystoreDocument): EP11 keystores and their keys.
//! - `rotation`: a rotation of the instance's master key.
//! - `record`: the value of a unit's record in the store.
//! - `secret`, `blob`, `number`, `moment`: kinds of values. `fault`, `form`: what can be wrong.

mod administrator;
mod apply;
mod blob;
mod fault;
mod form;
mod importer;
mod instance;
mod keystore;
mod master_key;
mod module;
mod moment;
mod number;
mod record;
mod rotation;
mod secret;
#[cfg(test)]
mod testing;
mod unit;

pub use administrator::AdministratorDocument;
pub use apply::Factory;
pub use blob::Blob;
pub use fault::{DocumentFault, Why};
pub use form::without_values;
pub use importer::ImporterKeyDocument;
pub use instance::InstanceDocument;
pub use keystore::{KeyDocument, KeystoreDocument};
pub(crate) use keystore::{decode_key_content, encode_key_content};
pub use master_key::{CurrentMasterKeyDocument, NewMasterKeyDocument};
pub use module::ModuleDocument;
pub use moment::{moment, moment_text};
pub use number::{Counter, PermissionWord};
pub use record::{decode_unit, encode_unit};
pub use rotation::RotationDocument;
pub use secret::Secret;
pub use unit::UnitDocument;
