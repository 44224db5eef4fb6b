//! Records as bytes, for backends that keep bytes.

use std::fmt;

/// Turns keys and records into bytes and back.
///
/// Sealing happens here: what a codec gives out may be written to a disk or sent to a database as it is.
pub trait Codec<K, R>: Send + Sync {
    /// The name of a record: short, readable, and another one for every key.
    fn name(&self, key: &K) -> String;

    /// The value of the record under `name`, secrets sealed.
    ///
    /// # Errors
    /// [`CodecError`] when the machine gives no randomness.
    fn encode(&self, name: &str, record: &R) -> Result<Vec<u8>, CodecError>;

    /// The record that [`Codec::encode`] made `value` of.
    ///
    /// # Errors
    /// [`CodecError`]: damaged, of a newer version, or sealed under another key. The text holds no content.
    fn decode(&self, name: &str, value: &[u8]) -> Result<R, CodecError>;
}

/// A record cannot be written or read; the text names the record and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecError(pub String);

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CodecError {}
