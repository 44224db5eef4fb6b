//! Exchanging an API key for a token. No event: the documents name none of this service for IAM calls.

use crate::{ApiKey, CallEnv, Refusal, Reply, View};

/// A token for the identity behind the key, unless the key is over.
pub(crate) fn issue_token(view: &View, api_key: &ApiKey, env: &CallEnv<'_>) -> Result<Reply, Refusal> {
    let identity = view.identity(api_key.digest()).ok_or(Refusal::UnknownApiKey)?;
    if identity.is_expired(env.now) {
        return Err(Refusal::ApiKeyExpired);
    }
    let (token, claims) = env.authority.issue(identity, env.now);
    let expires_in = claims.expires_at.saturating_sub(claims.issued_at);
    Ok(Reply::Token { token, expires_in, expires_at: claims.expires_at })
}
