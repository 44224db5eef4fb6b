//! `hs-crypto.ep11.use`: every call of the cryptographic interface, GREP11.
//!
//! A call is spread over the operational crypto units of its instance: which one it reaches follows from the call's own
//! randomness. A unit without a master key fails the calls that reach it, as in the cloud. Governed by the GREP11 API,
//! sections 1 to 3.

use hpcs_audit::EventDraft;
use hpcs_audit::catalogue::ep11::USE;
use hpcs_ep11::ControlPoints;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_hsm::Unit;
use hpcs_hsm::functions::{Cost, Function, Output, Terms, cost, perform};
use hpcs_names::{InstanceId, Uuid};
use rand_core::Rng;

use super::instance_of;
use crate::{
    Authentication, CallEnv, Caller, CryptoUnitCard, CryptoUnitKind, Decision, Instance, RecordKey, Refusal, Reply,
    Role, View, Who, trail,
};

/// A call of the cryptographic interface.
pub struct CryptoCall {
    /// Of which instance; `None` for the first one of the caller's account, or for none when the function is
    /// [`Refusal::NoSuchInstance`].
    pub instance: Option<InstanceId>,
    /// The name of the method: `EncryptSingle`.
    pub method: &'static str,
    /// What is asked, or why that cannot be made out.
    pub function: Result<Function, Refusal>,
    /// SHA-256 of method and message, maps in order: equal calls have equal ones.
    pub digest: [u8; 32],
    /// How many equal calls there were before; the engine counts.
    pub occurrence: u64,
}

/// The answer of a call.
pub struct CryptoReply {
    /// The unit's answer.
    pub output: Output,
    /// What names each key in it, in order.
    pub names: Vec<KeyName>,
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
        self.function.as_ref().map_or(Cost::Light, cost)
    }

    /// The records it looks at beside the list of instances: its instance, and the units that serve there.
    pub(crate) fn reads(&self, view: &View, who: &Who) -> Vec<RecordKey> {
        let Some(id) = self.instance_id(view, who) else { return Vec::new() };
        let units = view.instance(id).into_iter().flat_map(operational);
        std::iter::once(RecordKey::Instance(id)).chain(units.map(|card| RecordKey::CryptoUnit(card.id))).collect()
    }

    /// The instance that was named, or the one that stands for none.
    pub(crate) fn instance_id(&self, view: &View, who: &Who) -> Option<InstanceId> {
        let own = |instance: &&Instance| match &who.authentication {
            Authentication::Known(caller) => instance.account == caller.claims().account,
            Authentication::Rejected { .. } => true,
        };
        let first = || {
            let instances = view.instances().filter(|instance| !instance.deleted).filter(own);
            instances.min_by_key(|instance| instance.number).map(|instance| instance.id)
        };
        match self.function {
            Err(Refusal::NoSuchInstance) => None,
            _ => self.instance.or_else(first),
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
    let id = call.instance_id(view, who);
    let instance = id.and_then(|id| match &caller {
        Ok(caller) => instance_of(view, caller, id).ok(),
        Err(_) => view.instance(id).filter(|instance| !is_stranger(who, instance)),
    });
    let Some(instance) = instance else {
        return Decision::reply(Err(caller.err().unwrap_or(Refusal::NoSuchInstance)));
    };
    let reply = caller.and_then(|_| carry_out(view, instance, call, env));
    let event = event(who, instance, call, reply.as_ref().err(), env);
    // Whatever the units had a part in rests on all of them: their control points count together.
    let reached = matches!(reply, Ok(_) | Err(Refusal::Ep11 { .. }));
    let guards = if reached {
        operational(instance).map(|card| RecordKey::CryptoUnit(card.id)).collect()
    } else {
        vec![RecordKey::Instance(instance.id)]
    };
    Decision { guards, event: Some(event), ..Decision::reply(reply.map(Reply::Crypto)) }
}

/// Why a call whose records moved while it was decided is not simply decided again: the master key that it was decided
/// under is gone.
pub(crate) fn overtaken(call: &CryptoCall, who: &Who, before: &View, now: &View, env: &CallEnv<'_>) -> Option<Refusal> {
    let pattern = |view: &View| {
        let instance = view.instance(call.instance_id(view, who)?)?;
        let (_, unit) = reached(view, instance, call, env)?;
        unit.current_pattern()
    };
    (pattern(before) != pattern(now)).then(|| refused(call, ReturnValue::IBM_BLOBKEY_CONFLICT))
}

fn carry_out(view: &View, instance: &Instance, call: &CryptoCall, env: &CallEnv<'_>) -> Result<CryptoReply, Refusal> {
    let function = call.function.as_ref().map_err(Refusal::clone)?;
    if payload(function) > MAX_PAYLOAD {
        return Err(refused(call, ReturnValue::DATA_LEN_RANGE));
    }
    let (_, unit) = reached(view, instance, call, env).ok_or(Refusal::Internal)?;
    let points = units(view, instance).map(|(_, unit)| unit.control_points());
    let terms = Terms {
        control_points: points.reduce(|all, unit| all.intersection(&unit)).unwrap_or(ControlPoints::NONE),
        sessions: &[],
    };
    let mut randomness = env.cryptography(instance.id, &call.digest, call.occurrence);
    let output = perform(unit, &terms, function, &mut randomness).map_err(|value| refused(call, value))?;
    let keys = match &output {
        Output::Key { .. } => 1,
        Output::KeyPair { .. } => 2,
        _ => 0,
    };
    let names = (0..keys).map(|_| KeyName::random(&mut randomness.rng)).collect();
    Ok(CryptoReply { output, names })
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

fn refused(call: &CryptoCall, value: ReturnValue) -> Refusal {
    Refusal::Ep11 { value, function: if call.method == "RewrapKeyBlob" { "admin" } else { call.method } }
}

fn event(
    who: &Who,
    instance: &Instance,
    call: &CryptoCall,
    refusal: Option<&Refusal>,
    env: &CallEnv<'_>,
) -> EventDraft {
    let correlation = who.origin.correlation.clone();
    let made = || env.correlation(instance.id, &call.digest, call.occurrence).to_string();
    trail::crypto_event(USE, who, instance, call.method, refusal, correlation.unwrap_or_else(made))
}

/// The unit that the call reaches.
fn reached<'a>(
    view: &'a View,
    instance: &'a Instance,
    call: &CryptoCall,
    env: &CallEnv<'_>,
) -> Option<(&'a CryptoUnitCard, &'a Unit)> {
    let count = units(view, instance).count().max(1);
    let place = env.place(instance.id, &call.digest, call.occurrence) % count as u64;
    units(view, instance).nth(place as usize)
}

fn units<'a>(view: &'a View, instance: &'a Instance) -> impl Iterator<Item = (&'a CryptoUnitCard, &'a Unit)> {
    operational(instance).filter_map(|card| Some((card, view.crypto_unit(card.id)?)))
}

/// The units that serve cryptographic requests.
fn operational(instance: &Instance) -> impl Iterator<Item = &CryptoUnitCard> {
    instance.units.iter().filter(|card| card.kind == CryptoUnitKind::Operational)
}

/// Whether the token is of another account: for its bearer the instance does not exist, and neither does its log.
fn is_stranger(who: &Who, instance: &Instance) -> bool {
    matches!(&who.authentication, Authentication::Known(caller) if caller.claims().account != instance.account)
}

/// Bytes that one call may bring: 1 MiB (section 1.7). Messages are larger, since keys and states come with them.
const MAX_PAYLOAD: usize = 1 << 20;
