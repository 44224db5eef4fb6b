//! The methods of `Instances` that are about master key rotations.

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_grpc::emulator::v1::{ReadRotationRequest, RotationState, StartRotationRequest};
use hpcs_service::{Operation, Refusal};
use prost::Message;

use super::registry::{Decoded, Then, decoded, identifier};

pub(super) fn start(message: &Bytes) -> Result<Decoded, Refusal> {
    let StartRotationRequest { instance } = decoded(message)?;
    Ok((Operation::StartRotation { instance: identifier("instance", &instance)? }, Then::Answer))
}

pub(super) fn read(message: &Bytes) -> Result<Decoded, Refusal> {
    let ReadRotationRequest { instance } = decoded(message)?;
    Ok((Operation::ReadRotation { instance: identifier("instance", &instance)? }, Then::Answer))
}

pub(super) fn is(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::Rotation(report) = answer else { return Err(Refusal::Internal) };
    Ok(RotationState { status: report.status.as_str().to_owned(), message: report.message }.encode_to_vec())
}
