//! The methods of `Operations`.

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_grpc::emulator::v1::{OperationOutcome, OperationOutcomeRequest, OperationOutcomeResponse};
use hpcs_service::{Operation, OperationFate, Refusal};
use prost::Message;

use super::registry::{Decoded, Then, decoded};

pub(super) fn outcome(message: &Bytes) -> Result<Decoded, Refusal> {
    let OperationOutcomeRequest { operation } = decoded(message)?;
    Ok((Operation::ReadFate { operation }, Then::Answer))
}

pub(super) fn is(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::Fate(fate) = answer else { return Err(Refusal::Internal) };
    let outcome = match fate {
        OperationFate::Committed => OperationOutcome::Committed,
        OperationFate::NotCommitted => OperationOutcome::NotCommitted,
        OperationFate::Unsettled => OperationOutcome::Unsettled,
    };
    Ok(OperationOutcomeResponse { outcome: outcome.into() }.encode_to_vec())
}
