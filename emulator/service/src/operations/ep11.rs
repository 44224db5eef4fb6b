//! `hs-crypto.ep11.use`: every call of the cryptographic interface, GREP11.
//!
//! A call is spread over the operational crypto units of its instance: which one it reaches follows from the call's own
//! randomness. A unit without a master key fails the calls that reach it, as in the cloud. Governed by the GREP11 API,
//! sections 1 to 3 and 6.7.

use hpcs_audit::EventDraft;
use hpcs_audit::catalogue::ep11::USE;
use hpcs_audit::event::Target;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_hsm::Unit;
use hpcs_hsm::functions::{Cost, Function, Output, PinBlob, Terms, cost, is_login, login, perform};
use hpcs_names::Uuid;
use rand_core::Rng;
use zeroize::Zeroizing;

use super::call::{Call, control_points, serving_keys};
use crate::decision::Change;
use crate::instance::MOST_SESSIONS;
use crate::{CallEnv, Caller, Decision, Instance, Record, RecordKey, Refusal, Reply, Role, Session, View, Who, trail};

/// A call of the cryptographic interface.
pub type CryptoCall = Call<CryptoAsk>;

/// What a call of the cryptographic interface asks.
pub enum CryptoAsk {
    /// A function of a crypto unit.
    Function(Box<Function>),
    /// A session that new keys are bound to.
    Login {
        /// For which store; clients choose the id.
        store: [u8; 16],
        /// The PIN.
        pin: Zeroizing<Vec<u8>>,
    },
    /// The end of all of the caller's sessions: the request names none.
    Logout,
}

/// The answer of a call.
pub enum CryptoReply {
    /// That of a function.
    Output {
        /// The unit's answer.
        output: Output,
        /// What names each key in it, in order.
        names: Vec<KeyName>,
    },
    /// What names the session.
    LoggedIn(PinBlob),
    /// The sessions are closed.
    LoggedOut,
}

/// What the service adds to a key blob: an id that stays with the key, and one of the writing (section 1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyName {
    /// A version 4 UUID.
    pub id: [u8; 16],
    /// Random bytes.
    pub transaction: [u8; 16],
}

impl KeyName {
    fn random(rng: &mut impl Rng) -> Self {
        let (mut id, mut transaction) = ([0; 16], [0; 16]);
        rng.fill_bytes(&mut id);
        rng.fill_bytes(&mut transaction);
        KeyName { id: *Uuid::from_random_bytes(id).as_bytes(), transaction }
    }
}

impl CryptoCall {
    /// Who may make it (section 2.6). Signing and the like is for everyone with a role; keys are made by some.
    pub(crate) fn roles(&self) -> &'static [Role] {
        match self.method {
            "GenerateKey" | "GenerateKeyPair" => &[Role::Writer, Role::Manager, Role::CryptoOperator],
            _ => &[Role::Reader, Role::ReaderPlus, Role::Writer, Role::Manager, Role::CryptoOperator],
        }
    }

    /// What carrying it out costs.
    pub(crate) fn cost(&self) -> Cost {
        match &self.asked {
            Ok(CryptoAsk::Function(function)) => cost(function),
            _ => Cost::Light,
        }
    }
}

/// Decides a call. A call of a known instance of the caller's account leaves its event whatever becomes of it.
pub(crate) fn decide(
    view: &View,
    who: &Who,
    caller: Result<&Caller, Refusal>,
    call: &CryptoCall,
    env: &CallEnv<'_>,
) -> Decision {
    let instance = match call.own_instance(view, who, &caller) {
        Ok(instance) => instance,
        Err(refusal) => return Decision::reply(Err(refusal)),
    };
    let mut guards = vec![RecordKey::Instance(instance.id)];
    if is_carried_out(&caller, call) {
        // What is carried out rests on all units, whose control points count together.
        guards.extend(serving_keys(instance));
    }
    let done = caller.and_then(|caller| carry_out(view, caller, instance, call, env));
    let event = event(who, instance, call, done.as_ref().err(), env);
    let (reply, next) = match done {
        Ok(Done { reply, next }) => (Ok(Reply::Crypto(reply)), next),
        Err(refusal) => (Err(refusal), None),
    };
    let changes: Vec<_> =
        next.map(|next| Change::put(RecordKey::Instance(instance.id), Record::Instance(next))).into_iter().collect();
    if !changes.is_empty() {
        guards.retain(|key| *key != RecordKey::Instance(instance.id));
    }
    Decision { changes, guards, event: Some(event), ..Decision::reply(reply) }
}

/// Whether a unit gets to see the call.
fn is_carried_out(caller: &Result<&Caller, Refusal>, call: &CryptoCall) -> bool {
    caller.is_ok() && call.asked.is_ok()
}

/// Why a call whose records moved while it was decided is not simply decided again: the master key that it was decided
/// under is gone. A call that was not carried out is decided again, and so is one whose instance is gone.
pub(crate) fn overtaken(
    call: &CryptoCall,
    who: &Who,
    caller: Result<&Caller, Refusal>,
    (before, now): (&View, &View),
    env: &CallEnv<'_>,
) -> Option<Refusal> {
    if !is_carried_out(&caller, call) {
        return None;
    }
    let pattern = |view: &View| {
        let instance = view.instance(call.instance_id(view, who)?)?;
        call.reached(view, instance, env).map(Unit::current_pattern)
    };
    (pattern(before)? != pattern(now)?).then(|| call.refused(ReturnValue::IBM_BLOBKEY_CONFLICT))
}

/// What a call gives, and the instance after it where it changes that.
struct Done {
    reply: CryptoReply,
    next: Option<Instance>,
}

fn carry_out(
    view: &View,
    caller: &Caller,
    instance: &Instance,
    call: &CryptoCall,
    env: &CallEnv<'_>,
) -> Result<Done, Refusal> {
    let asked = call.asked.as_ref().map_err(Refusal::clone)?;
    if let CryptoAsk::Function(function) = asked
        && payload(function) > MAX_PAYLOAD
    {
        return Err(call.refused(ReturnValue::DATA_LEN_RANGE));
    }
    let unit = call.reached(view, instance, env).ok_or(Refusal::Internal)?;
    let mut randomness = env.cryptography(instance.id, &call.digest, call.occurrence);
    let iam_id = &caller.claims().iam_id;
    let done = match asked {
        CryptoAsk::Function(function) => {
            let sessions = instance.session_ids(iam_id);
            let terms = Terms { control_points: control_points(view, instance), sessions: &sessions };
            perform(unit, &terms, function, &mut randomness)
                .map(|output| Done { reply: named(output, &mut randomness.rng), next: None })
        }
        CryptoAsk::Login { store, pin } => enter(unit, instance, iam_id, *store, pin, &mut randomness),
        CryptoAsk::Logout => leave(instance, iam_id),
    };
    done.map_err(|value| call.refused(value))
}

/// The answer of a function, with names for the keys in it.
fn named(output: Output, rng: &mut impl Rng) -> CryptoReply {
    let keys = match &output {
        Output::Key { .. } => 1,
        Output::KeyPair { .. } => 2,
        _ => 0,
    };
    let names = (0..keys).map(|_| KeyName::random(rng)).collect();
    CryptoReply::Output { output, names }
}

/// Enters the open session of the store with its PIN, or opens one. A session of a master key that is gone counts no
/// more: nobody could tell its PIN.
fn enter(
    unit: &Unit,
    instance: &Instance,
    iam_id: &str,
    store: [u8; 16],
    pin: &[u8],
    randomness: &mut hpcs_hsm::CallEnv,
) -> Result<Done, ReturnValue> {
    let open = instance.sessions_of(iam_id).find(|session| session.store == store);
    let known = open.map(|session| is_login(unit, &store, pin, &session.blob)).transpose()?.flatten();
    let blob = match (known, open) {
        (Some(true), Some(session)) => session.blob,
        (Some(false), _) => return Err(ReturnValue::PIN_INCORRECT),
        (_, None) if instance.sessions_of(iam_id).count() >= MOST_SESSIONS => return Err(ReturnValue::SESSION_COUNT),
        _ => login(unit, &store, pin, randomness)?,
    };
    let next = instance.with_session(Session { iam_id: iam_id.to_owned(), store, blob });
    Ok(Done { reply: CryptoReply::LoggedIn(blob), next: Some(next) })
}

fn leave(instance: &Instance, iam_id: &str) -> Result<Done, ReturnValue> {
    if instance.sessions_of(iam_id).next().is_none() {
        return Err(ReturnValue::USER_NOT_LOGGED_IN);
    }
    Ok(Done { reply: CryptoReply::LoggedOut, next: Some(instance.without_sessions(iam_id)) })
}

/// Bytes that a function is to work on.
fn payload(function: &Function) -> usize {
    match function {
        Function::Update { data, .. }
        | Function::OneShot { data, .. }
        | Function::Single { data, .. }
        | Function::Reencrypt { data, .. }
        | Function::DeriveKey { data, .. } => data.len(),
        Function::UnwrapKey { wrapped, .. } => wrapped.len(),
        _ => 0,
    }
}

fn event(
    who: &Who,
    instance: &Instance,
    call: &CryptoCall,
    refusal: Option<&Refusal>,
    env: &CallEnv<'_>,
) -> EventDraft {
    let target = Target { id: instance.crn(), name: instance.id.to_string(), alias: None };
    let method = format!("/grep11.Crypto/{}", call.method);
    trail::call_event(USE, who, instance, target, method, refusal, call.correlation(who, instance, env))
}

/// Bytes that one call may bring: 1 MiB (section 1.7). Messages are larger, since keys and states come with them.
const MAX_PAYLOAD: usize = 1 << 20;
