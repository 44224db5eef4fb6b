//! Operation states: operations of several calls, between the calls.
//!
//! | Offset | Bytes | Content |
//! |---|---|---|
//! | 0 | 32 | session of the key, zeros for none |
//! | 32 | 16 | which master key |
//! | 48 | 4 | what it is for |
//! | 52 | 8 | mechanism |
//! | 60 | 16 | initialisation vector |
//! | 76 | n · 16 | ciphertext |
//! | end - 32 | 32 | authentication code over everything before |
//!
//! Inside: phase (1 byte), then parameter, key and progress with their lengths, then zeros. A state is data, not a
//! handle: it can be used twice, and an old one stays good.

use bytes::Bytes;
use hpcs_ep11::KeyPart;
use hpcs_ep11::pkcs11::{MechanismType, ReturnValue};
use rand_core::Rng;
use zeroize::Zeroizing;

use super::context::{Context, SessionId};
use super::function::Purpose;
use super::key::{BlobKeys, IV_SIZE, Sealed, WrappingKeyId};
use super::mechanism::Mechanism;
use super::{Outcome, counted, parameter_codec};
use crate::CallEnv;

/// An operation between two calls.
pub(super) struct State {
    pub(super) purpose: Purpose,
    pub(super) mechanism: Mechanism,
    /// The key as the caller sent it; empty for digests.
    pub(super) key: Bytes,
    /// The session the key is bound to.
    pub(super) session: SessionId,
    pub(super) phase: Phase,
    /// What the operation has come to, in the form of its family.
    pub(super) progress: Zeroizing<Vec<u8>>,
}

/// Whether an operation had updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Fresh,
    Updated,
}

impl State {
    /// The state as it travels.
    pub(super) fn seal(&self, context: &Context<'_>, env: &mut CallEnv) -> Outcome<Vec<u8>> {
        let protection = Protection::of(context, self.purpose)?;
        let (keys, id) = protection.keys();
        let mut iv = [0; IV_SIZE];
        env.rng.fill_bytes(&mut iv);
        let mut head = Vec::with_capacity(HEAD_SIZE + 512);
        head.extend(self.session.0);
        head.extend(id.0);
        head.extend(number_of(self.purpose).to_be_bytes());
        head.extend(self.mechanism.kind.0.to_be_bytes());
        head.extend(iv);
        let parameter = parameter_codec::encode(&self.mechanism.parameter);
        let size = 13 + parameter.len() + self.key.len() + self.progress.len();
        let mut inside = Zeroizing::new(Vec::with_capacity(size.next_multiple_of(16)));
        inside.push(matches!(self.phase, Phase::Updated).into());
        for field in [&parameter[..], &self.key, &self.progress] {
            counted::put(&mut inside, field);
        }
        let padded = inside.len().next_multiple_of(16);
        inside.resize(padded, 0);
        keys.seal(head, iv, &inside)
    }

    /// Reads a state for this purpose.
    ///
    /// # Errors
    /// `OPERATION_NOT_INITIALIZED` for what is no state of such an operation, `IBM_WKID_MISMATCH` for one under another
    /// master key, `SAVED_STATE_INVALID` for one that was changed.
    pub(super) fn open(context: &Context<'_>, purpose: Purpose, bytes: &[u8]) -> Outcome<Self> {
        let none = ReturnValue::OPERATION_NOT_INITIALIZED;
        let protection = Protection::of(context, purpose)?;
        let (keys, id) = protection.keys();
        let head = bytes.first_chunk::<HEAD_SIZE>().ok_or(none)?;
        let sealed = Sealed::behind(HEAD_SIZE, bytes).ok_or(none)?;
        if head[PURPOSE_AT..MECHANISM_AT] != number_of(purpose).to_be_bytes() {
            return Err(none);
        }
        if head[ID_AT..PURPOSE_AT] != id.0 {
            return Err(ReturnValue::IBM_WKID_MISMATCH);
        }
        let (mut session, mut iv) = ([0; SessionId::SIZE], [0; IV_SIZE]);
        session.copy_from_slice(&head[..ID_AT]);
        iv.copy_from_slice(&head[IV_AT..]);
        let inside = keys.open(sealed, iv).ok_or(ReturnValue::SAVED_STATE_INVALID)?;
        let mechanism = mechanism(bytes).ok_or(none)?;
        Self::content(purpose, SessionId(session), mechanism, &inside).ok_or(ReturnValue::SAVED_STATE_INVALID)
    }

    fn content(purpose: Purpose, session: SessionId, kind: MechanismType, inside: &[u8]) -> Option<Self> {
        let (phase, rest) = inside.split_first()?;
        let (parameter, rest) = counted::take(rest)?;
        let (key, rest) = counted::take(rest)?;
        let (progress, _) = counted::take(rest)?;
        Some(State {
            purpose,
            mechanism: Mechanism { kind, parameter: parameter_codec::decode(parameter)? },
            key: Bytes::copy_from_slice(key),
            session,
            phase: if *phase == 0 { Phase::Fresh } else { Phase::Updated },
            progress: Zeroizing::new(progress.to_vec()),
        })
    }
}

/// The mechanism that a state names in its head, whether it is a state or not.
pub(super) fn mechanism(state: &[u8]) -> Option<MechanismType> {
    let bytes = state.get(MECHANISM_AT..IV_AT)?;
    Some(MechanismType(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))))
}

/// What a state is protected with.
enum Protection<'a> {
    MasterKey(&'a BlobKeys, WrappingKeyId),
    /// Digests need no master key. Their states are then protected against accidents alone.
    Nothing(BlobKeys),
}

impl<'a> Protection<'a> {
    fn of(context: &Context<'a>, purpose: Purpose) -> Outcome<Self> {
        match (context.current(), purpose) {
            (Ok((keys, id)), _) => Ok(Protection::MasterKey(keys, id)),
            (Err(_), Purpose::Digest) => Ok(Protection::Nothing(BlobKeys::of(&KeyPart::filled_by(|_| ())))),
            (Err(refusal), _) => Err(refusal),
        }
    }

    fn keys(&self) -> (&BlobKeys, WrappingKeyId) {
        match self {
            Protection::MasterKey(keys, id) => (keys, *id),
            Protection::Nothing(keys) => (keys, WrappingKeyId([0; WrappingKeyId::SIZE])),
        }
    }
}

fn number_of(purpose: Purpose) -> u32 {
    match purpose {
        Purpose::Digest => 1,
        Purpose::Encrypt => 2,
        Purpose::Decrypt => 3,
        Purpose::Sign => 4,
        Purpose::Verify => 5,
    }
}

const ID_AT: usize = 32;
const PURPOSE_AT: usize = 48;
const MECHANISM_AT: usize = 52;
const IV_AT: usize = 60;
const HEAD_SIZE: usize = 76;
