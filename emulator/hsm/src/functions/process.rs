//! Digest, encrypt, decrypt, sign and verify: whole operations, and their parts.
//!
//! ```text
//! Init ──► state ──► Update ──► state ──► Final
//!            └─────► one shot                        Single: all of it
//! ```
//!
//! Every step prepares the same [`Process`] from mechanism and key, so that each is checked anew.

use hpcs_ep11::pkcs11::{MechanismFlags as Flags, ReturnValue};
use zeroize::Zeroizing;

use super::context::{Context, SessionId};
use super::families::{bls, cipher, digest, signature};
use super::function::{Output, Purpose};
use super::key::{AttributeWord, Key};
use super::mechanism::Mechanism;
use super::registry::{Family, MechanismRow};
use super::state::{Phase, State};
use super::{Outcome, policy};
use crate::CallEnv;

/// An operation in progress.
struct Process {
    row: &'static MechanismRow,
    /// The session of the key.
    session: SessionId,
    work: Work,
}

enum Work {
    Digest(digest::Digest),
    Cipher(cipher::Cipher),
    Sign(signature::Signature),
    Verify(signature::Signature),
    /// Of signatures: done already, since it needs neither key nor data.
    Sum(Zeroizing<Vec<u8>>),
}

pub(super) fn init(
    context: &Context<'_>,
    purpose: Purpose,
    mechanism: &Mechanism,
    key: Option<&[u8]>,
    env: &mut CallEnv,
) -> Outcome<Output> {
    if !has_states(policy::offered(context, mechanism.kind, flag(purpose))?) {
        return Err(ReturnValue::MECHANISM_INVALID);
    }
    let process = Process::prepare(context, purpose, mechanism, key)?;
    let state = State {
        purpose,
        mechanism: mechanism.clone(),
        key: key.map(bytes::Bytes::copy_from_slice).unwrap_or_default(),
        session: process.session,
        phase: Phase::Fresh,
        progress: process.progress(),
    };
    Ok(Output::State { state: state.seal(context, env)?, bytes: Zeroizing::default() })
}

pub(super) fn update(
    context: &Context<'_>,
    purpose: Purpose,
    state: &[u8],
    data: &[u8],
    env: &mut CallEnv,
) -> Outcome<Output> {
    let (state, mut process) = resume(context, purpose, state)?;
    if process.row.single_part {
        return Err(ReturnValue::MECHANISM_INVALID);
    }
    let bytes = process.update(data)?;
    Ok(Output::State { state: went_on(state, &process).seal(context, env)?, bytes })
}

pub(super) fn digest_key(
    context: &Context<'_>,
    state: &[u8],
    key: Option<&[u8]>,
    env: &mut CallEnv,
) -> Outcome<Output> {
    let (state, mut process) = resume(context, Purpose::Digest, state)?;
    let key = Key::open(context, key, ReturnValue::KEY_HANDLE_INVALID)?;
    let secret = key.class == hpcs_ep11::pkcs11::ObjectClass::SECRET_KEY;
    if !secret || !key.attributes.has(AttributeWord::USE_AS_DATA) {
        return Err(ReturnValue::KEY_INDIGESTIBLE);
    }
    process.update(&key.value)?;
    let bytes = Zeroizing::default();
    Ok(Output::State { state: went_on(state, &process).seal(context, env)?, bytes })
}

pub(super) fn finish(
    context: &Context<'_>,
    purpose: Purpose,
    state: &[u8],
    signature: &[u8],
    env: &mut CallEnv,
) -> Outcome<Output> {
    let (_, process) = resume(context, purpose, state)?;
    if process.row.single_part {
        return Err(ReturnValue::MECHANISM_INVALID);
    }
    process.finish(signature, env)
}

pub(super) fn one_shot(
    context: &Context<'_>,
    purpose: Purpose,
    state: &[u8],
    data: &[u8],
    signature: &[u8],
    env: &mut CallEnv,
) -> Outcome<Output> {
    let (state, process) = resume(context, purpose, state)?;
    match state.phase {
        Phase::Fresh => process.whole(data, signature, env),
        Phase::Updated => Err(ReturnValue::OPERATION_ACTIVE),
    }
}

pub(super) fn single(
    context: &Context<'_>,
    purpose: Purpose,
    mechanism: &Mechanism,
    key: Option<&[u8]>,
    data: &[u8],
    signature: &[u8],
    env: &mut CallEnv,
) -> Outcome<Output> {
    Process::prepare(context, purpose, mechanism, key)?.whole(data, signature, env)
}

pub(super) fn reencrypt(
    context: &Context<'_>,
    (from, from_key): (&Mechanism, Option<&[u8]>),
    (to, to_key): (&Mechanism, Option<&[u8]>),
    data: &[u8],
    env: &mut CallEnv,
) -> Outcome<Output> {
    let decrypt = Process::prepare(context, Purpose::Decrypt, from, from_key)?;
    let encrypt = Process::prepare(context, Purpose::Encrypt, to, to_key)?;
    match decrypt.whole(data, &[], env)? {
        Output::Bytes(plain) => encrypt.whole(&plain, &[], env),
        _ => Err(ReturnValue::IBM_INTERNAL_ERROR),
    }
}

/// Whether the mechanism goes through states at all.
fn has_states(row: &MechanismRow) -> bool {
    !matches!(row.family, Family::OtherSignature | Family::EcAggregate)
}

/// The operation that a state stands for.
fn resume(context: &Context<'_>, purpose: Purpose, state: &[u8]) -> Outcome<(State, Process)> {
    let state = State::open(context, purpose, state)?;
    let key = (!state.key.is_empty()).then_some(&state.key[..]);
    let mut process = Process::prepare(context, purpose, &state.mechanism, key)?;
    process.restore(&state.progress)?;
    Ok((state, process))
}

fn went_on(state: State, process: &Process) -> State {
    State { phase: Phase::Updated, progress: process.progress(), ..state }
}

impl Process {
    /// Checks mechanism, parameter and key, in this order as far as they do not need each other.
    fn prepare(context: &Context<'_>, purpose: Purpose, mechanism: &Mechanism, key: Option<&[u8]>) -> Outcome<Self> {
        let row = policy::offered(context, mechanism.kind, flag(purpose))?;
        let prepared = |session, work| Process { row, session, work };
        if purpose == Purpose::Digest {
            return Ok(prepared(SessionId::NONE, Work::Digest(digest::Digest::start(row, &mechanism.parameter)?)));
        }
        if row.family == Family::EcAggregate {
            return Ok(prepared(SessionId::NONE, Work::Sum(bls::sum_of_signatures(&mechanism.parameter)?)));
        }
        if purpose == Purpose::Verify && signature::takes_several_keys(row, &mechanism.parameter) {
            let keys = Key::open_several(context, key, ReturnValue::KEY_HANDLE_INVALID)?;
            keys.iter().try_for_each(|key| key.require(AttributeWord::VERIFY))?;
            let work = Work::Verify(signature::Signature::of_several(&keys)?);
            return Ok(prepared(SessionId::NONE, work));
        }
        let key = Key::open(context, key, ReturnValue::KEY_HANDLE_INVALID)?;
        key.require(usage(purpose))?;
        if super::key::combined(context, key.attributes) {
            return Err(ReturnValue::KEY_FUNCTION_NOT_PERMITTED);
        }
        policy::allow(context, purpose, &key)?;
        let work = match purpose {
            Purpose::Sign => Work::Sign(signature::Signature::start(context, row, &mechanism.parameter, &key)?),
            Purpose::Verify => Work::Verify(signature::Signature::start(context, row, &mechanism.parameter, &key)?),
            _ => Work::Cipher(cipher::Cipher::start(context, row, &mechanism.parameter, &key, purpose)?),
        };
        Ok(prepared(key.session, work))
    }

    fn progress(&self) -> Zeroizing<Vec<u8>> {
        match &self.work {
            Work::Digest(work) => work.export(),
            Work::Cipher(work) => work.export(),
            Work::Sign(work) | Work::Verify(work) => work.export(),
            Work::Sum(_) => Zeroizing::default(),
        }
    }

    fn restore(&mut self, progress: &[u8]) -> Outcome<()> {
        match &mut self.work {
            Work::Digest(work) => work.restore(progress),
            Work::Cipher(work) => work.restore(progress),
            Work::Sign(work) | Work::Verify(work) => work.restore(progress),
            Work::Sum(_) => None,
        }
        .ok_or(ReturnValue::SAVED_STATE_INVALID)
    }

    fn update(&mut self, data: &[u8]) -> Outcome<Zeroizing<Vec<u8>>> {
        match &mut self.work {
            Work::Digest(work) => work.update(data).map(|()| Zeroizing::default()),
            Work::Cipher(work) => work.update(data),
            Work::Sign(work) | Work::Verify(work) => work.update(data).map(|()| Zeroizing::default()),
            Work::Sum(_) => Ok(Zeroizing::default()),
        }
    }

    fn finish(self, signature: &[u8], env: &mut CallEnv) -> Outcome<Output> {
        match self.work {
            Work::Digest(work) => Ok(Output::Bytes(Zeroizing::new(work.finish()))),
            Work::Cipher(work) => work.finish(env).map(Output::Bytes),
            Work::Sign(work) => work.sign(env).map(Output::Bytes),
            Work::Verify(work) => work.verify(signature).map(|()| Output::Done),
            Work::Sum(sum) => Ok(Output::Bytes(sum)),
        }
    }

    fn whole(mut self, data: &[u8], signature: &[u8], env: &mut CallEnv) -> Outcome<Output> {
        if let Work::Cipher(work) = self.work {
            return work.whole(data, env).map(Output::Bytes);
        }
        self.update(data)?;
        self.finish(signature, env)
    }
}

/// What a mechanism must be able to do.
fn flag(purpose: Purpose) -> Flags {
    match purpose {
        Purpose::Digest => Flags::DIGEST,
        Purpose::Encrypt => Flags::ENCRYPT,
        Purpose::Decrypt => Flags::DECRYPT,
        Purpose::Sign => Flags::SIGN,
        Purpose::Verify => Flags::VERIFY,
    }
}

/// What a key must be allowed to do.
fn usage(purpose: Purpose) -> AttributeWord {
    match purpose {
        Purpose::Digest => AttributeWord::USE_AS_DATA,
        Purpose::Encrypt => AttributeWord::ENCRYPT,
        Purpose::Decrypt => AttributeWord::DECRYPT,
        Purpose::Sign => AttributeWord::SIGN,
        Purpose::Verify => AttributeWord::VERIFY,
    }
}
