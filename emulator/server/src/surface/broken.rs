//! A message that could not be read.

use bytes::Bytes;
use hpcs_service::Refusal;

/// What is there of a message that could not be read: its event shows what it was about, as far as that can be made out.
#[derive(Debug)]
pub(crate) struct Broken {
    /// What arrived of the message; at least [`HEAD`] bytes of one that is too large.
    pub(crate) head: Bytes,
    /// What is wrong.
    pub(crate) refusal: Refusal,
}

/// How much of a message that is too large is read, and the largest message of a caller that nobody knows: enough for two
/// identifiers and the head of an HTP string, and for an API key.
pub(crate) const HEAD: usize = 4096;
