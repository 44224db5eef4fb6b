//! What a function may know beside its arguments.

use hpcs_ep11::ControlPoints;
use hpcs_ep11::pkcs11::ReturnValue;

use super::Outcome;
use super::key::{BlobKeys, WrappingKeyId};
use crate::{Profile, Unit};

/// The session that keys are bound to; all zeros for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; SessionId::SIZE]);

impl SessionId {
    /// Size in bytes.
    pub const SIZE: usize = 32;
    /// No session.
    pub const NONE: SessionId = SessionId([0; SessionId::SIZE]);
}

/// What the service brings to a call.
pub struct Terms<'a> {
    /// The control points that count: those that all units of the instance have enabled.
    pub control_points: ControlPoints,
    /// The caller's open sessions.
    pub sessions: &'a [SessionId],
}

/// The unit as its functions see it.
pub(crate) struct Context<'a> {
    unit: &'a Unit,
    terms: &'a Terms<'a>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(unit: &'a Unit, terms: &'a Terms<'a>) -> Self {
        Context { unit, terms }
    }

    pub(crate) fn profile(&self) -> Profile {
        self.unit.module().profile()
    }

    /// Whether a control point is on.
    pub(crate) fn allows(&self, point: u8) -> bool {
        self.terms.control_points.get(point)
    }

    /// Refuses unless the control point is on.
    pub(crate) fn require(&self, point: u8) -> Outcome<()> {
        if self.allows(point) { Ok(()) } else { Err(ReturnValue::FUNCTION_CANCELED) }
    }

    /// The keys that protect blobs, and the name of the master key they come from.
    pub(crate) fn current(&self) -> Outcome<(&'a BlobKeys, WrappingKeyId)> {
        let key = self.unit.current_key().ok_or(ReturnValue::IBM_WK_NOT_INITIALIZED)?;
        Ok((key.blob_keys(), WrappingKeyId::of(key.pattern())))
    }

    /// The same of the new master key, once it is committed.
    pub(crate) fn next(&self) -> Outcome<(&'a BlobKeys, WrappingKeyId)> {
        let key = self.unit.committed_key().ok_or(ReturnValue::IBM_WK_NOT_INITIALIZED)?;
        Ok((key.blob_keys(), WrappingKeyId::of(key.pattern())))
    }

    /// The session that new keys are bound to.
    pub(crate) fn session_of_new_keys(&self) -> SessionId {
        self.terms.sessions.last().copied().unwrap_or(SessionId::NONE)
    }

    /// Whether a key of this session may be used.
    pub(crate) fn check_session(&self, session: SessionId) -> Outcome<()> {
        match session {
            SessionId::NONE if self.allows(ALLOW_NONSESSION) => Ok(()),
            SessionId::NONE => Err(ReturnValue::SESSION_HANDLE_INVALID),
            session if self.terms.sessions.contains(&session) => Ok(()),
            _ => Err(ReturnValue::SESSION_CLOSED),
        }
    }
}

/// Control point: keys that are bound to no session may be used.
const ALLOW_NONSESSION: u8 = 48;
