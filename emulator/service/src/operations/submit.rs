//! A request to a crypto unit: from HTP string to verdict, event and answer.
//!
//! ```text
//! HTP string -> CPRB -> request -> get_xcp_info ------------------------------> answer
//!                               -> query --------------------------------------> signed answer
//!                               -> command -> admit -> apply -> next state ----> signed answer, event
//! ```

use bytes::Bytes;
use hpcs_audit::EventDraft;
use hpcs_ep11::{
    AdminBlock, AdminFunction, AdminRequest, Cprb, DomainIndex, HtpError, HtpRequest, HtpResponse, PublicKey,
    VerificationPattern, glimpse_function,
};
use hpcs_hsm::{
    Admitted, CommandRequest, Request, Response, Unit, UnitRefusal, UnitState, apply, opened_part_patterns,
};
use hpcs_names::{CryptoUnitId, InstanceId};

use super::tke::{self, Asked};
use crate::decision::Change;
use crate::{
    Authentication, CallEnv, Caller, CryptoUnitCard, Decision, Instance, Record, RecordKey, Refusal, Reply, View, Who,
    trail,
};

/// A request to a crypto unit.
pub struct Submit {
    /// The instance.
    pub instance: InstanceId,
    /// Which unit of it.
    pub unit: CryptoUnitId,
    /// The request.
    pub payload: Payload,
}

/// A request in one of the forms in which it can arrive.
pub enum Payload {
    /// An HTP request string.
    Htp(Bytes),
    /// The beginning of a message that the surface could not read to its end, and why.
    Broken {
        /// What was read of the HTP request string; may be empty.
        head: Bytes,
        /// What is wrong.
        refusal: Refusal,
    },
    /// A command from within the process that already passed admission.
    Admitted(Admitted),
}

/// An HTP response, complete but for the module's signature, which costs more than everything before it.
pub enum HtpReply {
    /// The host program refuses: no crypto unit saw the request.
    Error(HtpError),
    /// The crypto unit's answer.
    Unit {
        /// Domain the CPRB answers for.
        domain: DomainIndex,
        /// The answer.
        response: Response,
    },
}

impl HtpReply {
    /// Signs and encodes the HTP response string.
    pub fn into_htp(self) -> String {
        match self {
            HtpReply::Error(error) => HtpResponse::Error(error).encode(),
            HtpReply::Unit { domain, response } => {
                HtpResponse::Cprb(Cprb::new(domain, &response.into_payload()).encode()).encode()
            }
        }
    }
}

/// What a request came to.
struct Processed {
    reply: Result<HtpReply, Refusal>,
    refusal: Option<Refusal>,
    next: Option<Unit>,
    /// The command, when the unit got to read it.
    seen: Option<Seen>,
}

/// A command as far as it was read.
struct Seen {
    function: AdminFunction,
    input: Option<Vec<u8>>,
    /// Patterns of key parts that were opened before the command was refused.
    opened_parts: Option<Vec<VerificationPattern>>,
}

/// Decides a request to a crypto unit.
///
/// The service's own checks come first: caller, instance, unit. A request for a known unit of the caller's account whose
/// command can be made out leaves its event whatever becomes of it.
pub(crate) fn decide(
    view: &View,
    who: &Who,
    caller: Result<&Caller, Refusal>,
    submit: &Submit,
    env: &CallEnv<'_>,
) -> Decision {
    if is_stranger(view, who, submit.instance) {
        return Decision::reply(Err(caller.err().unwrap_or(Refusal::NoSuchInstance)));
    }
    let Some((instance, card, unit)) = addressed(view, submit) else {
        let missing = match view.instance(submit.instance) {
            Some(_) => Refusal::NoSuchCryptoUnit,
            None => Refusal::NoSuchInstance,
        };
        return Decision::reply(Err(caller.err().unwrap_or(missing)));
    };
    // A verdict that the unit had no part in holds whatever becomes of the unit.
    let rests_on_the_unit = caller.is_ok();
    let processed = match caller {
        Ok(_) => process(unit, card, submit, env),
        Err(refusal) => Processed::refused(refusal),
    };
    let event = event(who, instance, card, unit, submit, &processed, env);
    let key = RecordKey::CryptoUnit(card.id);
    // The event of a refused caller rests on the instance alone: without it there is no log to be written to.
    let guard = if rests_on_the_unit { key } else { RecordKey::Instance(instance.id) };
    let guarded = processed.next.is_none() && event.is_some();
    Decision {
        guards: if guarded { vec![guard] } else { Vec::new() },
        erase: processed.next.as_ref().is_some_and(|next| destroys_keys(unit, next)),
        changes: processed.next.map(|next| Change::put(key, Record::CryptoUnit(next))).into_iter().collect(),
        dropped_logs: Vec::new(),
        reply: processed.reply.map(Reply::Htp),
        event,
    }
}

/// Whether a master key that was in a register is in none any more, the importer key is another one or none, or the unit
/// was zeroized.
fn destroys_keys(unit: &Unit, next: &Unit) -> bool {
    let patterns = |unit: &Unit| {
        let registers = unit.registers();
        [registers.current.key().map(|key| key.pattern()), registers.new.pending().map(|pending| pending.key.pattern())]
    };
    let kept = patterns(next);
    let another_importer = importer(unit).is_some() && importer(unit) != importer(next);
    another_importer
        || unit.domain() != next.domain()
        || patterns(unit).iter().flatten().any(|pattern| !kept.contains(&Some(*pattern)))
}

/// The public half of the importer key.
fn importer(unit: &Unit) -> Option<PublicKey> {
    match unit.state() {
        UnitState::Secured(secured) => secured.importer.as_ref().map(|key| key.public()),
        UnitState::Imprint(_) => None,
    }
}

/// Whether the token is of another account: for its bearer the instance does not exist, and neither does its log.
fn is_stranger(view: &View, who: &Who, instance: InstanceId) -> bool {
    match (&who.authentication, view.instance(instance)) {
        (Authentication::Known(caller), Some(instance)) => caller.claims().account != instance.account,
        _ => false,
    }
}

fn addressed<'a>(view: &'a View, submit: &Submit) -> Option<(&'a Instance, &'a CryptoUnitCard, &'a Unit)> {
    let instance = view.instance(submit.instance)?;
    Some((instance, instance.unit(submit.unit)?, view.crypto_unit(submit.unit)?))
}

fn process(unit: &Unit, card: &CryptoUnitCard, submit: &Submit, env: &CallEnv<'_>) -> Processed {
    let htp = match &submit.payload {
        Payload::Htp(htp) => htp,
        Payload::Broken { refusal, .. } => return Processed::refused(refusal.clone()),
        Payload::Admitted(admitted) => return process_admitted(unit, card.id, admitted, env),
    };
    let request = match HtpRequest::decode(htp) {
        Ok(request) if request.module_index == card.location.module() => request,
        Ok(_) => return Processed::htp_error(HtpError::module_index_out_of_range()),
        Err(error) => return Processed::htp_error(error),
    };
    let cprb = match Cprb::decode(&request.cprb) {
        Ok(cprb) => cprb,
        Err(_) => return Processed::htp_error(HtpError::malformed_cprb()),
    };
    if cprb.domain != unit.domain().index {
        return Processed::refused(Refusal::DomainMismatch);
    }
    match Request::decode(cprb.payload, unit) {
        Err(refused) => Processed::unit_answer(unit, refused.response, Err(refused.refusal)),
        Ok(Request::Info(info)) => Processed::unit_answer(unit, info.answer(unit, env.unix_millis()), Ok(None)),
        Ok(Request::Query(query)) => {
            let (response, verdict) = query.answer(unit);
            Processed::unit_answer(unit, response, verdict.map(|()| None))
        }
        Ok(Request::Command(command)) => process_command(unit, card.id, &command, env),
    }
}

fn process_command(unit: &Unit, id: CryptoUnitId, command: &CommandRequest<'_>, env: &CallEnv<'_>) -> Processed {
    let seen = Seen { function: command.function(), input: Some(command.input().to_vec()), opened_parts: None };
    match command.admit(unit) {
        Ok(admitted) => run(unit, id, &admitted, seen, env, |unit, result| command.respond(unit, result)),
        Err(refusal) => {
            let answer = Processed::unit_answer(unit, command.respond(unit, Err(refusal)), Err(refusal));
            Processed { seen: Some(seen), ..answer }
        }
    }
}

fn process_admitted(unit: &Unit, id: CryptoUnitId, admitted: &Admitted, env: &CallEnv<'_>) -> Processed {
    let input = Some(admitted.input().to_vec());
    let seen = Seen { function: admitted.row().function, input, opened_parts: None };
    run(unit, id, admitted, seen, env, |unit, result| admitted.respond(unit, result))
}

/// The answer is that of the next state, or of the present one when the command was refused.
fn run(
    unit: &Unit,
    id: CryptoUnitId,
    admitted: &Admitted,
    seen: Seen,
    env: &CallEnv<'_>,
    respond: impl FnOnce(&Unit, Result<&[u8], UnitRefusal>) -> Response,
) -> Processed {
    match apply(unit, admitted, &mut env.administration(id, unit.domain(), admitted.counter())) {
        Ok((next, output)) => {
            let response = respond(&next, Ok(&output));
            Processed { seen: Some(seen), ..Processed::unit_answer(unit, response, Ok(Some(next))) }
        }
        Err(refusal) => {
            let seen = Seen { opened_parts: opened_part_patterns(unit, admitted, refusal), ..seen };
            let answer = Processed::unit_answer(unit, respond(unit, Err(refusal)), Err(refusal));
            Processed { seen: Some(seen), ..answer }
        }
    }
}

impl Processed {
    fn refused(refusal: Refusal) -> Self {
        Processed { reply: Err(refusal.clone()), refusal: Some(refusal), next: None, seen: None }
    }

    fn htp_error(error: HtpError) -> Self {
        let refusal = Some(Refusal::Htp(error.clone()));
        Processed { reply: Ok(HtpReply::Error(error)), refusal, next: None, seen: None }
    }

    fn unit_answer(unit: &Unit, response: Response, verdict: Result<Option<Unit>, UnitRefusal>) -> Self {
        let reply = Ok(HtpReply::Unit { domain: unit.domain().index, response });
        let (refusal, next) = match verdict {
            Ok(next) => (None, next),
            Err(refusal) => (Some(Refusal::Unit(refusal)), None),
        };
        Processed { reply, refusal, next, seen: None }
    }
}

/// The event of the request, if its command can be made out and the documents name an action for it.
fn event(
    who: &Who,
    instance: &Instance,
    card: &CryptoUnitCard,
    unit: &Unit,
    submit: &Submit,
    processed: &Processed,
    env: &CallEnv<'_>,
) -> Option<EventDraft> {
    let glimpsed;
    let seen = match &processed.seen {
        Some(seen) => seen,
        None => {
            glimpsed = submit.payload.glimpse()?;
            &glimpsed
        }
    };
    let action = tke::action_of(seen.function, env.knobs)?;
    let asked = Asked {
        unit,
        input: seen.input.as_deref(),
        opened_parts: seen.opened_parts.as_deref(),
        next: processed.next.as_ref(),
    };
    let answered = processed.next.as_ref().map(|next| (action.answered)(unit, next)).unwrap_or_default();
    Some(trail::tke_event(
        action.row,
        who,
        instance,
        card,
        processed.refusal.as_ref(),
        (action.asked)(tke::location(card), &asked),
        answered,
    ))
}

impl Payload {
    /// What can be made out of a request that no unit got to read.
    fn glimpse(&self) -> Option<Seen> {
        let (function, input) = match self {
            Payload::Htp(htp) => (glimpse_function(htp)?, decode_input(htp)),
            Payload::Broken { head, .. } => (glimpse_function(head)?, None),
            Payload::Admitted(admitted) => (admitted.row().function, Some(admitted.input().to_vec())),
        };
        Some(Seen { function, input, opened_parts: None })
    }
}

fn decode_input(htp: &[u8]) -> Option<Vec<u8>> {
    let request = HtpRequest::decode(htp).ok()?;
    let cprb = Cprb::decode(&request.cprb).ok()?;
    let block = AdminBlock::decode(AdminRequest::decode(cprb.payload).ok()?.block).ok()?;
    Some(block.input.to_vec())
}
