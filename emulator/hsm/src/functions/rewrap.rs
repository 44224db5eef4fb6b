//! Keys on their way to the next master key (section 6.6).

use hpcs_ep11::pkcs11::ReturnValue;

use super::Outcome;
use super::context::Context;
use super::function::{NewKey, Output};
use super::key::{Key, readable};
use crate::CallEnv;

/// The key under the committed new master key. One that is under it already comes back as it is.
pub(super) fn rewrap(context: &Context<'_>, blob: Option<&[u8]>, env: &mut CallEnv) -> Outcome<Output> {
    let next = context.next()?;
    let absent = ReturnValue::OBJECT_HANDLE_INVALID;
    let key = match Key::open(context, blob, absent) {
        Err(ReturnValue::IBM_WKID_MISMATCH) => {
            let bytes = blob.ok_or(absent)?;
            let key = Key::open_under(bytes, next).map_err(|_| ReturnValue::IBM_WKID_MISMATCH)?;
            return Ok(rewrapped(&key, bytes.to_vec()));
        }
        found => found?,
    };
    if key.raw {
        return Err(ReturnValue::OBJECT_HANDLE_INVALID);
    }
    let blob = key.seal_under(next, env)?;
    Ok(rewrapped(&key, blob))
}

fn rewrapped(key: &Key, blob: Vec<u8>) -> Output {
    Output::Key { key: NewKey { blob, attributes: readable(key) }, checksum: Vec::new() }
}
