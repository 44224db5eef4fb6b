//! The methods of `Clock`.

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_grpc::emulator::v1::{ClockMode as WireMode, ClockState, GetClockRequest, SetClockRequest};
use hpcs_service::document::{moment, moment_text};
use hpcs_service::{ClockMode, ClockReport, ClockSetting, Operation, Refusal};
use prost::Message;

use super::registry::{Decoded, Then, decoded};

pub(super) fn get(message: &Bytes) -> Result<Decoded, Refusal> {
    let GetClockRequest {} = decoded(message)?;
    Ok((Operation::ReadClock, Then::Answer))
}

pub(super) fn set(message: &Bytes) -> Result<Decoded, Refusal> {
    let request: SetClockRequest = decoded(message)?;
    let invalid = |field, why: String| Refusal::InvalidArgument { field, why };
    let mode = match WireMode::try_from(request.mode) {
        Ok(WireMode::Unspecified) => None,
        Ok(WireMode::Run) => Some(ClockMode::Run),
        Ok(WireMode::Frozen) => Some(ClockMode::Frozen),
        Ok(WireMode::Stepped) => Some(ClockMode::Stepped),
        Err(_) => return Err(invalid("mode", format!("there is no mode {}", request.mode))),
    };
    let no_time = || invalid("time", "not a time such as 2026-01-01T00:00:00Z".to_owned());
    let time = match request.time.as_str() {
        "" => None,
        text => Some(moment(text).ok_or_else(no_time)?),
    };
    let shift = (request.shift_millis != 0).then_some(request.shift_millis);
    let setting = ClockSetting { mode, time, shift, rate: request.rate, step: request.step_millis };
    Ok((Operation::SetClock(setting), Then::Answer))
}

pub(super) fn is(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::Clock(ClockReport { now, mode, rate, step }) = answer else { return Err(Refusal::Internal) };
    let mode = match mode {
        ClockMode::Run => WireMode::Run,
        ClockMode::Frozen => WireMode::Frozen,
        ClockMode::Stepped => WireMode::Stepped,
    };
    Ok(ClockState { mode: mode.into(), time: moment_text(now), rate, step_millis: step }.encode_to_vec())
}
