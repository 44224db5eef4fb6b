//! `grep11.Crypto`, the cryptographic interface: what its messages ask, and its answers.
//!
//! ```text
//! message -> row of the method -> Function ----> engine ----> reply, or a status with a Grep11Error
//!                └ host name, bluemix-instance: which instance
//! ```
//!
//! Both generations of clients are served by one definition: keys are taken from the fields of either, and answers fill
//! both. Governed by the GREP11 API, sections 1 to 3.

mod answers;
mod asked;
mod instance;
mod mechanism;
mod refusal;
mod rows;

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_service::{CryptoCall, Operation, Refusal};
use sha2::{Digest, Sha256};

pub(super) use instance::{Addressed, addressed};
pub(super) use refusal::refused;
use rows::Row;

use super::message::Broken;

/// The service.
pub(crate) const SERVICE: &str = "grep11.Crypto";

/// Whether the path is under the service.
pub(super) fn is_served(path: &str) -> bool {
    path.strip_prefix('/').and_then(|path| path.split_once('/')).is_some_and(|(service, _)| service == SERVICE)
}

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
    pub(super) fn operation(self, message: Result<Bytes, Broken>, addressed: Addressed) -> Operation {
        let (function, canonical) = match message {
            Ok(message) => match (self.0.decode)(&message) {
                Ok((function, canonical)) => (function.map_err(|value| self.refusal(value)), canonical),
                Err(_) => (Err(self.refusal(ReturnValue::IBM_GREP11_CANNOT_UNMARSHAL)), message.to_vec()),
            },
            Err(Broken { head, refusal: Refusal::TooLarge { limit } }) => {
                (Err(Refusal::TooLarge { limit }), head.to_vec())
            }
            Err(Broken { head, .. }) => (Err(self.refusal(ReturnValue::IBM_GREP11_CANNOT_UNMARSHAL)), head.to_vec()),
        };
        let Addressed { instance, refusal } = addressed;
        let function = refusal.map_or(function, Err);
        let mut digest = Sha256::new();
        digest.update(self.0.method);
        digest.update([0]);
        digest.update(&canonical);
        let digest = digest.finalize().into();
        Operation::Crypto(Box::new(CryptoCall { instance, method: self.0.method, function, digest, occurrence: 0 }))
    }

    /// The answer as a message.
    pub(super) fn encode(self, answer: Answer) -> Result<Vec<u8>, Refusal> {
        match answer {
            Answer::Crypto(reply) => (self.0.encode)(reply).ok_or(Refusal::Internal),
            _ => Err(Refusal::Internal),
        }
    }

    fn refusal(self, value: ReturnValue) -> Refusal {
        Refusal::Ep11 { value, function: self.0.method }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_found_under_its_path_and_others_are_not() {
        assert_eq!(rows::ROWS.len(), 38 + 2 - 2);
        for row in rows::ROWS {
            assert!(Method::find(&format!("/grep11.Crypto/{}", row.method)).is_some());
        }
        assert!(Method::find("/grep11.Crypto/encryptsingle").is_none());
        assert!(Method::find("/grep11.Crypto").is_none());
        assert!(Method::find("/grep11.Crypto2/Encrypt").is_none());
    }
}
