//! Remembers tokens that were verified.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hpcs_audit::EventTime;
use hpcs_service::{Authentication, Caller, TokenAuthority};
use sha2::{Digest, Sha256};

/// Callers by the digest of their token, so that a signature is verified once a token and not once a call.
#[derive(Default)]
pub(crate) struct TokenCache(Mutex<HashMap<[u8; 32], Caller>>);

/// Beyond this many tokens the cache starts anew; the cost is one verification each.
const CAPACITY: usize = 4096;

impl TokenCache {
    /// As [`TokenAuthority::authenticate`], without verifying a known token again.
    pub(crate) fn authenticate(
        &self,
        authority: &TokenAuthority,
        authorization: Option<&str>,
        now: EventTime,
    ) -> Authentication {
        let Some(header) = authorization else { return authority.authenticate(None, now) };
        let digest: [u8; 32] = Sha256::digest(header.as_bytes()).into();
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if let Some(caller) = known.filter(|caller| now.unix_millis() / 1000 < caller.claims().expires_at) {
            return Authentication::Known(caller);
        }
        let authentication = authority.authenticate(authorization, now);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &authentication {
            Authentication::Known(caller) => {
                if known.len() >= CAPACITY {
                    known.clear();
                }
                known.insert(digest, caller.clone());
            }
            Authentication::Rejected { .. } => {
                known.remove(&digest);
            }
        }
        authentication
    }
}
