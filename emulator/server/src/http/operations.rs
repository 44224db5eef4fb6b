//! `GET /_emulator/operations/{id}`: what became of an operation whose outcome was unknown.

use hpcs_engine::Answer;
use hpcs_service::operations::OperationFate;
use hpcs_service::{Operation, Refusal};
use http::{Response, StatusCode};
use serde::Serialize;
use tonic::body::Body;

use super::registry::{Decoded, Input, Then};
use super::reply;

#[derive(Serialize)]
struct Outcome {
    outcome: &'static str,
}

pub(super) fn outcome(input: &Input) -> Result<Decoded, Refusal> {
    let operation = input.places.get("id").to_owned();
    Ok((Operation::ReadFate { operation }, Then::Answer))
}

pub(super) fn is(answer: Answer) -> Result<Response<Body>, Refusal> {
    let Answer::Fate(fate) = answer else { return Err(Refusal::Internal) };
    let outcome = match fate {
        OperationFate::Committed => "committed",
        OperationFate::NotCommitted => "not-committed",
        OperationFate::Unsettled => "unsettled",
    };
    Ok(reply::json(StatusCode::OK, &Outcome { outcome }))
}
