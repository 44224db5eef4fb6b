//! Exchanging an API key for a token. No event: the documents name none of this service for IAM calls.

use crate::{ApiKey, CallEnv, Refusal, Reply, TOKEN_LIFETIME, View};

/// A token for the identity behind the key.
pub(crate) fn issue_token(view: &View, api_key: &ApiKey, env: &CallEnv<'_>) -> Result<Reply, Refusal> {
    let identity = view.identity(api_key.digest()).ok_or(Refusal::UnknownApiKey)?;
    let (token, _) = env.authority.issue(identity, env.now);
    Ok(Reply::Token { token, expires_in: TOKEN_LIFETIME })
}
