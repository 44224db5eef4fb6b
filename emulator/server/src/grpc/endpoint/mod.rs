//! The endpoint of an instance: the interfaces that applications use, the cryptographic one and that of keystores.
//!
//! ```text
//! message -> row of the method -> what is asked ----> engine ----> reply, or a status with a Grep11Error
//!                └ host name, bluemix-instance: which instance
//! ```
//!
//! What they share is here: which instance a call is for, how a message becomes a call whatever became of the message,
//! and how refusals look. Governed by the GREP11 API, sections 2 and 3.

mod instance;
mod refusal;

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_service::{Addressee, Call, Operation, Refusal};
use prost::{DecodeError, Message};
use sha2::{Digest, Sha256};

pub(super) use instance::{Addressed, addressed};
pub(super) use refusal::refused;

use super::message::Broken;
use super::{grep11, keystore};

/// A method of one of the interfaces.
#[derive(Clone, Copy)]
pub(super) enum Method {
    Crypto(grep11::Method),
    Keystore(keystore::Method),
}

/// Whether the path is under one of the interfaces.
pub(super) fn is_served(path: &str) -> bool {
    let service = path.strip_prefix('/').and_then(|path| path.split_once('/')).map(|(service, _)| service);
    service.is_some_and(|service| [grep11::SERVICE, keystore::SERVICE].contains(&service))
}

impl Method {
    /// The method under this path.
    pub(super) fn find(path: &str) -> Option<Self> {
        let crypto = || grep11::Method::find(path).map(Method::Crypto);
        crypto().or_else(|| keystore::Method::find(path).map(Method::Keystore))
    }

    /// The operation that a message stands for, whatever became of the message.
    pub(super) fn operation(
        self,
        message: Result<Bytes, Broken>,
        addressed: Addressed,
        told_apart: ToldApart,
    ) -> Operation {
        match self {
            Method::Crypto(method) => method.operation(message, addressed, told_apart),
            Method::Keystore(method) => method.operation(message, addressed),
        }
    }

    /// The answer as a message.
    pub(super) fn encode(self, answer: Answer) -> Result<Vec<u8>, Refusal> {
        match self {
            Method::Crypto(method) => method.encode(answer),
            Method::Keystore(method) => method.encode(answer),
        }
    }
}

/// How one method is read and answered: `A` is what is asked, `R` the reply.
pub(super) struct Row<A, R> {
    /// `EncryptSingle`.
    pub(super) method: &'static str,
    pub(super) decode: fn(&Received) -> Result<Read<A>, DecodeError>,
    /// The reply as a message; none when the reply is that of another method.
    pub(super) encode: fn(R) -> Option<Vec<u8>>,
}

/// What tells one call from another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ToldApart {
    /// Its content, and how many equal calls there were before.
    ByContent,
    /// Its number. Nothing looks at the content a second time, which takes some time with every call.
    ByNumber,
}

/// A message as it arrived.
pub(super) struct Received {
    bytes: Bytes,
    told_apart: ToldApart,
}

/// What a message asks, and the [one form](Received::canonical) of the message.
pub(super) type Read<A> = (Result<A, ReturnValue>, Option<Bytes>);

impl Received {
    /// The message.
    pub(super) fn decode<M: Message + Default>(&self) -> Result<M, DecodeError> {
        M::decode(self.bytes.clone())
    }

    /// The message in its one form, maps in order and unknown fields left out, where calls are told apart by content.
    pub(super) fn canonical<M: Message>(&self, message: &M) -> Option<Bytes> {
        (self.told_apart == ToldApart::ByContent).then(|| message.encode_to_vec().into())
    }
}

/// Reads a message.
pub(super) fn read<M: Message + Default, A>(
    received: &Received,
    ask: fn(M) -> Result<A, ReturnValue>,
) -> Result<Read<A>, DecodeError> {
    let message = received.decode()?;
    let canonical = received.canonical(&message);
    Ok((ask(message), canonical))
}

impl<A, R> Row<A, R> {
    /// The call that a message stands for, whatever became of the message.
    pub(super) fn call(&self, message: Result<Bytes, Broken>, addressed: Addressed, told_apart: ToldApart) -> Call<A> {
        let refusal = |value| Refusal::of_method(value, self.method);
        let unreadable = || refusal(ReturnValue::IBM_GREP11_CANNOT_UNMARSHAL);
        let (asked, content) = match message {
            Ok(bytes) => {
                let received = Received { bytes, told_apart };
                match (self.decode)(&received) {
                    Ok((asked, canonical)) => (asked.map_err(refusal), canonical),
                    Err(_) => (Err(unreadable()), Some(received.bytes)),
                }
            }
            Err(Broken { head, refusal: Refusal::TooLarge { limit } }) => {
                (Err(Refusal::TooLarge { limit }), Some(head))
            }
            Err(Broken { head, .. }) => (Err(unreadable()), Some(head)),
        };
        let Addressed { instance, refusal: misaddressed } = addressed;
        let asked = misaddressed.map_or(asked, Err);
        let digest = match told_apart {
            ToldApart::ByContent => self.digest(instance, &content.unwrap_or_default()),
            ToldApart::ByNumber => [0; 32],
        };
        Call { instance, method: self.method, asked, digest, occurrence: 0 }
    }

    /// Calls that name no instance are counted by themselves, and so they are not equal to those that name the same one.
    fn digest(&self, instance: Addressee, content: &[u8]) -> [u8; 32] {
        let named = u8::from(instance.named().is_some());
        Sha256::new_with_prefix(self.method).chain_update([0, named]).chain_update(content).finalize().into()
    }
}
