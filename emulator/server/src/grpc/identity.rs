//! The methods of `Identity`.

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_grpc::emulator::v1::{IssueTokenRequest, IssueTokenResponse, WhoAmIRequest, WhoAmIResponse};
use hpcs_service::{ApiKey, Operation, Refusal, Role};
use prost::Message;

use super::registry::{Decoded, Then, decoded};

pub(super) fn issue_token(message: &Bytes) -> Result<Decoded, Refusal> {
    let IssueTokenRequest { api_key } = decoded(message)?;
    Ok((Operation::IssueToken { api_key: ApiKey::new(api_key) }, Then::Answer))
}

pub(super) fn issued(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::Token { token, expires_in, .. } = answer else { return Err(Refusal::Internal) };
    let expires_in = u32::try_from(expires_in).unwrap_or(u32::MAX);
    Ok(IssueTokenResponse { access_token: token, expires_in }.encode_to_vec())
}

pub(super) fn who_am_i(message: &Bytes) -> Result<Decoded, Refusal> {
    let WhoAmIRequest {} = decoded(message)?;
    Ok((Operation::WhoAmI, Then::Answer))
}

pub(super) fn is(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::Caller(claims) = answer else { return Err(Refusal::Internal) };
    let answer = WhoAmIResponse {
        id: claims.iam_id,
        name: claims.name,
        account: claims.account.to_string(),
        account_name: claims.account_name,
        roles: claims.roles.iter().map(Role::to_string).collect(),
        expires_at: claims.expires_at,
    };
    Ok(answer.encode_to_vec())
}
