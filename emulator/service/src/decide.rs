//! The way from an operation to its decision.

use hpcs_names::{CryptoUnitId, InstanceId};

use crate::operations::{ep11, events, failover, identity, instance_of, instances, keystore, rotation, submit, units};
use crate::{Access, Authentication, CallEnv, Caller, Decision, Operation, Refusal, Reply, View, Who};

/// Decides `operation` for `who` on what `view` shows. Changes nothing, reads no clock, draws from `env` alone.
///
/// Whether the caller may ask comes before anything else; what is wrong with the request itself comes after.
pub fn decide(view: &View, who: &Who, operation: &Operation, env: &CallEnv<'_>) -> Decision {
    let caller = authorise(who, operation.access(env.knobs));
    if operation.instance().is_some_and(|id| is_elsewhere(view, who, id)) {
        return Decision::reply(Err(caller.err().unwrap_or(Refusal::NoSuchInstance)));
    }
    let reply = match operation {
        Operation::Submit(submit) => return submit::decide(view, who, caller, submit, env),
        Operation::Crypto(call) => return ep11::decide(view, who, caller, call, env),
        Operation::Keystore(call) => return keystore::decide(view, who, caller, call, env),
        Operation::RewrapKey { instance, key } => {
            return keystore::rewrap::decide(view, who, caller, (*instance, *key), env);
        }
        Operation::IssueToken { api_key } => identity::issue_token(view, api_key, env),
        Operation::WhoAmI => caller.map(|caller| Reply::Caller(caller.claims().clone())),
        Operation::ListInstances => {
            caller.map(|caller| units::list_instances(view, caller, who.origin.region.as_ref()))
        }
        Operation::ListCryptoUnits { instance } => caller.and_then(|caller| units::list(view, caller, *instance)),
        Operation::InspectCryptoUnit { instance, unit } => {
            caller.and_then(|caller| units::inspect(view, caller, *instance, *unit))
        }
        Operation::EnableFailover { instance, total } => {
            return with(caller, |caller| failover::enable(view, caller, *instance, *total, env));
        }
        Operation::StartRotation { instance } => {
            return with(caller, |caller| rotation::start(view, caller, *instance, env));
        }
        Operation::ReadRotation { instance } => caller.and_then(|caller| rotation::read(view, caller, *instance, env)),
        Operation::ReadEvents { instances } => caller.and_then(|caller| events::read(view, caller, instances)),
        Operation::CreateInstance(new) => return with(caller, |caller| instances::create(view, caller, new, env)),
        Operation::ResetInstance { instance, document } => {
            return with(caller, |caller| instances::reset(view, caller, *instance, document.as_deref(), env));
        }
        Operation::DeleteInstance { instance, purge } => {
            return with(caller, |caller| instances::delete(view, caller, *instance, *purge));
        }
        Operation::ExportInstance { instance } => {
            caller.and_then(|caller| instance_of(view, caller, *instance).map(|_| granted(caller)))
        }
        Operation::SetClock(setting) => caller.and_then(|caller| setting.check().map(|()| granted(caller))),
        Operation::ReadClock | Operation::ReadFate { .. } | Operation::ImportInstance => caller.map(granted),
        Operation::Unreadable(refusal) => caller.and(Err(refusal.clone())),
    };
    Decision::reply(reply)
}

/// The decision that refuses `operation` for a reason found outside it: the engine gave up, or failed. The event says so
/// where the operation leaves one.
pub fn refuse(view: &View, who: &Who, operation: &Operation, refusal: Refusal, env: &CallEnv<'_>) -> Decision {
    match operation {
        Operation::Submit(submit) => submit::decide(view, who, Err(refusal), submit, env),
        Operation::Crypto(call) => ep11::decide(view, who, Err(refusal), call, env),
        Operation::Keystore(call) => keystore::decide(view, who, Err(refusal), call, env),
        _ => Decision::reply(Err(refusal)),
    }
}

/// The crypto unit that a cryptographic call reaches.
pub fn serving_unit(view: &View, who: &Who, operation: &Operation, env: &CallEnv<'_>) -> Option<CryptoUnitId> {
    match operation {
        Operation::Crypto(call) => call.serving_unit(view, who, env),
        _ => None,
    }
}

/// Why `operation` cannot be decided again now that others were faster; `None` when it can.
pub fn overtaken(before: &View, now: &View, who: &Who, operation: &Operation, env: &CallEnv<'_>) -> Option<Refusal> {
    match operation {
        Operation::Crypto(call) => {
            let caller = authorise(who, operation.access(env.knobs));
            ep11::overtaken(call, who, caller, (before, now), env)
        }
        _ => None,
    }
}

/// Whether the caller came to an endpoint of another region than the instance's. There it does not exist, and leaves no
/// event.
fn is_elsewhere(view: &View, who: &Who, id: InstanceId) -> bool {
    match (&who.origin.region, view.instance(id)) {
        (Some(region), Some(instance)) => *region != instance.region,
        _ => false,
    }
}

fn granted(caller: &Caller) -> Reply {
    Reply::Granted(caller.claims().account.clone())
}

/// The decision for a caller who may ask, or the refusal of one who may not.
fn with(caller: Result<&Caller, Refusal>, decide: impl FnOnce(&Caller) -> Decision) -> Decision {
    match caller {
        Ok(caller) => decide(caller),
        Err(refusal) => Decision::reply(Err(refusal)),
    }
}

/// The caller, if the caller may ask for it.
fn authorise(who: &Who, access: Access) -> Result<&Caller, Refusal> {
    match (&who.authentication, access) {
        (Authentication::Rejected { why, .. }, _) => Err(Refusal::Unauthenticated(*why)),
        (Authentication::Known(caller), Access::Roles(roles)) if !caller.has_any(roles) => {
            Err(Refusal::Forbidden { needed: roles })
        }
        (Authentication::Known(caller), _) => Ok(caller),
    }
}
