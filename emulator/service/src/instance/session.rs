//! Sessions of the cryptographic interface: what binds keys to a login.
//!
//! They are few and change seldom, so they stand in the record of their instance, which every call reads anyway. Whoever
//! takes an instance elsewhere does not take them along. Governed by the GREP11 API, section 6.7.

use std::fmt;

use hpcs_hsm::functions::{PinBlob, SessionId};

use super::Instance;

/// An open session.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// IAM id of who logged in.
    pub iam_id: String,
    /// For which store; clients choose the id.
    pub store: [u8; 16],
    /// What the unit gave for the PIN.
    pub blob: PinBlob,
}

/// Sessions that an identity can have open at once.
pub(crate) const MOST_SESSIONS: usize = 16;

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("iam_id", &self.iam_id).finish_non_exhaustive()
    }
}

impl Instance {
    /// The open sessions of this identity, the one that it entered last at the end.
    pub(crate) fn sessions_of<'a>(&'a self, iam_id: &'a str) -> impl Iterator<Item = &'a Session> {
        self.sessions.iter().filter(move |session| session.iam_id == iam_id)
    }

    /// The same by their ids.
    pub(crate) fn session_ids(&self, iam_id: &str) -> Vec<SessionId> {
        self.sessions_of(iam_id).map(|session| session.blob.session()).collect()
    }

    /// The instance with this session as the last one of its identity; another one for the same store is closed.
    pub(crate) fn with_session(&self, session: Session) -> Self {
        let others =
            self.sessions.iter().filter(|other| (&other.iam_id, other.store) != (&session.iam_id, session.store));
        let sessions = others.cloned().chain([session.clone()]).collect();
        Instance { sessions, ..self.clone() }
    }

    /// The instance with no session of this identity.
    pub(crate) fn without_sessions(&self, iam_id: &str) -> Self {
        let others = self.sessions.iter().filter(|session| session.iam_id != iam_id);
        Instance { sessions: others.cloned().collect(), ..self.clone() }
    }
}
