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
    AdminBlock, AdminFunction, AdminRequest, Cprb, DomainIndex, HtpError, HtpRequest, HtpResponse, glimpse_function,
};
use hpcs_hsm::{Admitted, Applied, CommandRequest, Request, Response, Unit, UnitRefusal, apply};
use hpcs_names::{CryptoUnitId, InstanceId};

use super::tke::{self, Asked};
use crate::decision::Change;
use crate::{CallEnv, Caller, CryptoUnitCard, Decision, Instance, Record, RecordKey, Refusal, Reply, View, Who, trail};

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
}

/// Decides a request to a crypto unit.
///
/// The service's own checks come first: caller, instance, unit. A request for a known unit whose command can be made out
/// leaves its event whatever becomes of it.
pub(crate) fn decide(
    view: &View,
    who: &Who,
    caller: Result<Option<&Caller>, Refusal>,
    submit: &Submit,
    env: &CallEnv<'_>,
) -> Decision {
    let Some((instance, card, unit)) = addressed(view, submit) else {
        let missing =
            if view.instance(submit.instance).is_some() { Refusal::NoSuchCryptoUnit } else { Refusal::NoSuchInstance };
        return Decision::reply(Err(caller.err().unwrap_or(missing)));
    };
    let caller = match caller {
        Ok(Some(caller)) if caller.claims().account != instance.account => {
            return Decision::reply(Err(Refusal::NoSuchInstance));
        }
        Ok(_) => Ok(()),
        Err(refusal) => Err(refusal),
    };
    let processed = match caller {
        Ok(()) => process(unit, card, submit, env),
        Err(refusal) => Processed::refused(refusal),
    };
    let event = event(who, instance, card, unit, submit, &processed, env);
    let key = RecordKey::CryptoUnit(card.id);
    Decision {
        guards: if processed.next.is_none() && event.is_some() { vec![key] } else { Vec::new() },
        changes: processed.next.map(|next| Change { key, record: Record::CryptoUnit(next) }).into_iter().collect(),
        reply: processed.reply.map(Reply::Htp),
        event,
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
    let result = command.admit(unit).and_then(|admitted| run(unit, id, &admitted, env));
    conclude(unit, result, |unit, result| command.respond(unit, result))
}

fn process_admitted(unit: &Unit, id: CryptoUnitId, admitted: &Admitted, env: &CallEnv<'_>) -> Processed {
    conclude(unit, run(unit, id, admitted, env), |unit, result| admitted.respond(unit, result))
}

fn run(unit: &Unit, id: CryptoUnitId, admitted: &Admitted, env: &CallEnv<'_>) -> Applied {
    apply(unit, admitted, &mut env.administration(id, unit.domain(), admitted.counter()))
}

/// The answer is that of the next state, or of the present one when the command was refused.
fn conclude(
    unit: &Unit,
    result: Applied,
    respond: impl FnOnce(&Unit, Result<&[u8], UnitRefusal>) -> Response,
) -> Processed {
    match result {
        Ok((next, output)) => {
            let response = respond(&next, Ok(&output));
            Processed::unit_answer(unit, response, Ok(Some(next)))
        }
        Err(refusal) => Processed::unit_answer(unit, respond(unit, Err(refusal)), Err(refusal)),
    }
}

impl Processed {
    fn refused(refusal: Refusal) -> Self {
        Processed { reply: Err(refusal.clone()), refusal: Some(refusal), next: None }
    }

    fn htp_error(error: HtpError) -> Self {
        let refusal = Some(Refusal::Htp(error.clone()));
        Processed { reply: Ok(HtpReply::Error(error)), refusal, next: None }
    }

    fn unit_answer(unit: &Unit, response: Response, verdict: Result<Option<Unit>, UnitRefusal>) -> Self {
        let reply = Ok(HtpReply::Unit { domain: unit.domain().index, response });
        match verdict {
            Ok(next) => Processed { reply, refusal: None, next },
            Err(refusal) => Processed { reply, refusal: Some(Refusal::Unit(refusal)), next: None },
        }
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
    let function = submit.payload.function()?;
    let action = tke::action_of(function, env.knobs)?;
    let decoded = submit.payload.decoded();
    let (input, counter) = decoded.as_ref().map_or((None, None), |(input, counter)| (Some(&input[..]), *counter));
    let asked = Asked { unit, input, counter, next: processed.next.as_ref() };
    let location = tke::location(card);
    let answered = processed.next.as_ref().map(|next| (action.answered)(next)).unwrap_or_default();
    Some(trail::tke_event(
        action.row,
        who,
        instance,
        card,
        processed.refusal.as_ref(),
        (action.asked)(location, &asked),
        answered,
    ))
}

type Input = (Vec<u8>, Option<hpcs_ep11::TransactionCounter>);

impl Payload {
    /// The command, as far as it can be made out.
    fn function(&self) -> Option<AdminFunction> {
        match self {
            Payload::Htp(htp) => glimpse_function(htp),
            Payload::Broken { head, .. } => glimpse_function(head),
            Payload::Admitted(admitted) => Some(admitted.row().function),
        }
    }

    /// The command's input and counter, when the whole request can be read.
    fn decoded(&self) -> Option<Input> {
        match self {
            Payload::Htp(htp) => decode_input(htp),
            Payload::Broken { .. } => None,
            Payload::Admitted(admitted) => Some((admitted.input().to_vec(), Some(admitted.counter()))),
        }
    }
}

fn decode_input(htp: &[u8]) -> Option<Input> {
    let request = HtpRequest::decode(htp).ok()?;
    let cprb = Cprb::decode(&request.cprb).ok()?;
    let block = AdminBlock::decode(AdminRequest::decode(cprb.payload).ok()?.block).ok()?;
    let counter = <[u8; 16]>::try_from(block.counter).ok().map(hpcs_ep11::TransactionCounter::from_bytes);
    Some((block.input.to_vec(), counter))
}
