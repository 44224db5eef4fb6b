//! `hpcs.keystore.v1.Keystore`, EP11 keystores: what its messages ask, and its answers. Governed by the GREP11 API,
//! section 8.3.

mod answers;
mod asked;
mod rows;

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_service::operations::keystore::KeystoreAction;
use hpcs_service::{KeystoreCall, Operation, Refusal};

use super::endpoint::{Addressed, ToldApart};
use super::message::Broken;
use rows::Row;

/// The service.
pub(crate) const SERVICE: &str = "hpcs.keystore.v1.Keystore";

/// A method of the interface.
#[derive(Clone, Copy)]
pub(super) struct Method {
    action: &'static KeystoreAction,
    row: &'static Row,
}

impl Method {
    /// The method under this path.
    pub(super) fn find(path: &str) -> Option<Self> {
        let name = path.strip_prefix('/')?.strip_prefix(SERVICE)?.strip_prefix('/')?;
        let row = rows::ROWS.iter().find(|row| row.method == name)?;
        Some(Method { action: KeystoreAction::find(name)?, row })
    }

    /// The operation that a message stands for, whatever became of the message. The randomness of what it writes follows
    /// from its content.
    pub(super) fn operation(self, message: Result<Bytes, Broken>, addressed: Addressed) -> Operation {
        let call = self.row.call(message, addressed, ToldApart::ByContent);
        Operation::Keystore(Box::new(KeystoreCall { action: self.action, call }))
    }

    /// The answer as a message.
    pub(super) fn encode(self, answer: Answer) -> Result<Vec<u8>, Refusal> {
        match answer {
            Answer::Keystore(reply) => (self.row.encode)(reply).ok_or(Refusal::Internal),
            _ => Err(Refusal::Internal),
        }
    }
}

/// The path of every method.
#[cfg(test)]
pub(super) fn paths() -> impl Iterator<Item = String> {
    rows::ROWS.iter().map(|row| format!("/{SERVICE}/{}", row.method))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_action() {
        for path in paths() {
            assert!(Method::find(&path).is_some(), "{path}");
        }
        assert!(Method::find("/hpcs.keystore.v1.Keystore/Nothing").is_none());
    }
}
