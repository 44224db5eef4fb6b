//! `grep11.Crypto`, the cryptographic interface: what its messages ask, and its answers.
//!
//! Both generations of clients are served by one definition: keys are taken from the fields of either, and answers fill
//! both. Governed by the GREP11 API, sections 1 to 3.

mod answers;
mod asked;
mod mechanism;
mod rows;

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_service::{Operation, Refusal};

pub(super) use mechanism::{attributes, pairs};
use rows::Row;

use super::endpoint::{Addressed, ToldApart};
use super::message::Broken;

/// The service.
pub(crate) const SERVICE: &str = "grep11.Crypto";

/// A method of the interface.
#[derive(Clone, Copy)]
pub(super) struct Method(&'static Row);

impl Method {
    /// The method under this path.
    pub(super) fn find(path: &str) -> Option<Self> {
        let name = path.strip_prefix('/')?.strip_prefix(SERVICE)?.strip_prefix('/')?;
        rows::ROWS.iter().find(|row| row.method == name).map(Method)
    }

    /// The operation that a message stands for, whatever became of the message.
    pub(super) fn operation(
        self,
        message: Result<Bytes, Broken>,
        addressed: Addressed,
        told_apart: ToldApart,
    ) -> Operation {
        Operation::Crypto(Box::new(self.0.call(message, addressed, told_apart)))
    }

    /// The answer as a message.
    pub(super) fn encode(self, answer: Answer) -> Result<Vec<u8>, Refusal> {
        match answer {
            Answer::Crypto(reply) => (self.0.encode)(reply).ok_or(Refusal::Internal),
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
    fn every_method_is_found_under_its_path_and_others_are_not() {
        assert_eq!(rows::ROWS.len(), 40);
        for row in rows::ROWS {
            assert!(Method::find(&format!("/grep11.Crypto/{}", row.method)).is_some());
        }
        assert!(Method::find("/grep11.Crypto/encryptsingle").is_none());
        assert!(Method::find("/grep11.Crypto").is_none());
        assert!(Method::find("/grep11.Crypto2/Encrypt").is_none());
    }
}
