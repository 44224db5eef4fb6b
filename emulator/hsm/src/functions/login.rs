//! Login: what binds keys to a session that ends (section 6.7).
//!
//! A *PIN blob* names a session and proves that a unit with this master key made it:
//!
//! | Offset | Bytes | Content |
//! |---|---|---|
//! | 0 | 32 | session: authentication code over store, PIN and salt |
//! | 32 | 16 | salt |
//! | 48 | 32 | authentication code over the 48 bytes before |
//!
//! Sizes are those of real ones; how those are computed is not public. Both codes are under the master key, so whoever
//! has the blob cannot try PINs without the unit. The unit keeps nothing: which sessions are open, the service knows.

use hpcs_ep11::pkcs11::ReturnValue;
use rand_core::Rng;
use zeroize::Zeroizing;

use super::Outcome;
use super::context::SessionId;
use super::key::BlobKeys;
use crate::{CallEnv, Unit};

/// Names a session, authenticated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PinBlob([u8; PinBlob::SIZE]);

impl PinBlob {
    /// Size in bytes.
    pub const SIZE: usize = SALT_AT + SALT_SIZE + CODE_SIZE;

    /// The blob of these bytes. Whether it is one, [`is_login`] finds.
    pub fn from_bytes(bytes: [u8; PinBlob::SIZE]) -> Self {
        PinBlob(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; PinBlob::SIZE] {
        &self.0
    }

    /// The session that it names.
    pub fn session(&self) -> SessionId {
        let mut session = [0; SessionId::SIZE];
        session.copy_from_slice(&self.0[..SALT_AT]);
        SessionId(session)
    }

    fn salt(&self) -> &[u8] {
        &self.0[SALT_AT..CODE_AT]
    }
}

/// A new session for a store, under a PIN.
///
/// # Errors
/// `PIN_LEN_RANGE` unless the PIN has 8 to 16 bytes, `IBM_WK_NOT_INITIALIZED` without a master key.
pub fn login(unit: &Unit, store: &[u8; 16], pin: &[u8], env: &mut CallEnv) -> Result<PinBlob, ReturnValue> {
    let keys = keys(unit)?;
    check_length(pin)?;
    let mut blob = [0; PinBlob::SIZE];
    let mut salt = [0; SALT_SIZE];
    env.rng.fill_bytes(&mut salt);
    blob[..SALT_AT].copy_from_slice(&session(keys, store, pin, &salt).0);
    blob[SALT_AT..CODE_AT].copy_from_slice(&salt);
    let code = keys.code(&blob[..CODE_AT]);
    blob[CODE_AT..].copy_from_slice(&code);
    Ok(PinBlob(blob))
}

/// Whether a session of this blob can be entered with this PIN; `None` when the blob is of another master key.
///
/// # Errors
/// Those of [`login`].
pub fn is_login(unit: &Unit, store: &[u8; 16], pin: &[u8], blob: &PinBlob) -> Result<Option<bool>, ReturnValue> {
    let keys = keys(unit)?;
    check_length(pin)?;
    if !keys.is_code(&blob.0[..CODE_AT], &blob.0[CODE_AT..]) {
        return Ok(None);
    }
    Ok(Some(session(keys, store, pin, blob.salt()) == blob.session()))
}

fn keys(unit: &Unit) -> Outcome<&BlobKeys> {
    unit.current_key().map(|key| key.blob_keys()).ok_or(ReturnValue::IBM_WK_NOT_INITIALIZED)
}

fn check_length(pin: &[u8]) -> Outcome<()> {
    if (SHORTEST_PIN..=LONGEST_PIN).contains(&pin.len()) { Ok(()) } else { Err(ReturnValue::PIN_LEN_RANGE) }
}

/// The session of store, PIN and salt. No key blob may begin like a public key, so no session does.
fn session(keys: &BlobKeys, store: &[u8; 16], pin: &[u8], salt: &[u8]) -> SessionId {
    let mut input = Zeroizing::new(Vec::with_capacity(LABEL.len() + 16 + SALT_SIZE + LONGEST_PIN));
    for part in [LABEL, store, salt, pin] {
        input.extend_from_slice(part);
    }
    let mut session = [0; SessionId::SIZE];
    session.copy_from_slice(&keys.code(&input));
    session[0] |= 0x80;
    SessionId(session)
}

/// Bytes of a PIN.
const SHORTEST_PIN: usize = 8;
const LONGEST_PIN: usize = 16;

const SALT_AT: usize = 32;
const CODE_AT: usize = SALT_AT + SALT_SIZE;
const SALT_SIZE: usize = 16;
const CODE_SIZE: usize = 32;

/// Keeps these codes apart from those over blobs, which begin with a session or a tag.
const LABEL: &[u8] = b"grep11 login session";
