//! One decision.

use hpcs_audit::EventDraft;

use crate::operations::{events, identity, submit, units};
use crate::{Access, Authentication, CallEnv, Caller, Operation, Record, RecordKey, Refusal, Reply, View, Who};

/// What becomes of an operation: everything the engine commits, and the reply it then gives.
pub struct Decision {
    /// The answer. A crypto unit's refusal is a [`Reply`]; the service's own refusals are errors.
    pub reply: Result<Reply, Refusal>,
    /// Records to write.
    pub changes: Vec<Change>,
    /// Records the decision rests on without changing them.
    pub guards: Vec<RecordKey>,
    /// The event, unless the documents name none.
    pub event: Option<EventDraft>,
}

/// A record to write.
pub struct Change {
    /// Which.
    pub key: RecordKey,
    /// The new value.
    pub record: Record,
}

impl Decision {
    /// A decision that changes nothing and leaves no event.
    pub(crate) fn reply(reply: Result<Reply, Refusal>) -> Self {
        Decision { reply, changes: Vec::new(), guards: Vec::new(), event: None }
    }
}

/// Decides `operation` for `who` on what `view` shows. Changes nothing, reads no clock, draws from `env` alone.
///
/// Whether the caller may ask comes before anything else; what is wrong with the request itself comes after.
pub fn decide(view: &View, who: &Who, operation: &Operation, env: &CallEnv<'_>) -> Decision {
    let caller = authorise(who, operation.access());
    if let Operation::Submit(submit) = operation {
        return submit::decide(view, who, caller, submit, env);
    }
    let answer = |caller: Option<&Caller>| match (operation, caller) {
        (Operation::IssueToken { api_key }, _) => identity::issue_token(view, api_key, env),
        (Operation::Unreadable(refusal), _) => Err(refusal.clone()),
        (Operation::WhoAmI, Some(caller)) => Ok(Reply::Caller(caller.claims().clone())),
        (Operation::ListInstances, Some(caller)) => Ok(units::list_instances(view, caller)),
        (Operation::ListCryptoUnits { instance }, Some(caller)) => units::list(view, caller, *instance),
        (Operation::InspectCryptoUnit { instance, unit }, Some(caller)) => {
            units::inspect(view, caller, *instance, *unit)
        }
        (Operation::ReadEvents { instance }, Some(caller)) => events::read(view, caller, *instance),
        (_, None) | (Operation::Submit(_), _) => Err(Refusal::Unauthenticated(crate::AuthFault::Missing)),
    };
    Decision::reply(caller.and_then(answer))
}

/// The caller, if the operation needs one and the caller may ask for it.
fn authorise(who: &Who, access: Access) -> Result<Option<&Caller>, Refusal> {
    match (&who.authentication, access) {
        (_, Access::Anyone) => Ok(None),
        (Authentication::Rejected { why, .. }, _) => Err(Refusal::Unauthenticated(*why)),
        (Authentication::Known(caller), Access::Authenticated) => Ok(Some(caller)),
        (Authentication::Known(caller), Access::Roles(roles)) => match caller.has_any(roles) {
            true => Ok(Some(caller)),
            false => Err(Refusal::Forbidden { needed: roles }),
        },
    }
}
