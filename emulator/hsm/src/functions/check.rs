//! Key blobs of others, looked at without using them: what a keystore asks before it takes a key in, and when the master
//! key changes (sections 8.3 and 6.6).

use hpcs_ep11::ControlPoints;
use hpcs_ep11::pkcs11::{AttributeType, ReturnValue};

use super::context::{Context, Terms};
use super::key::{Key, readable};
use super::template::AttributeValue;
use crate::{CallEnv, Unit};

/// Every attribute of the key in a blob that can be read, ascending. The blob is one that the unit could use now: a key
/// blob or authenticated public key information under its current master key, of no closed session.
///
/// # Errors
/// Those of section 6.4, `OBJECT_HANDLE_INVALID` for an empty blob, `PUBLIC_KEY_INVALID` for a public key that nobody
/// authenticated.
pub fn check_blob(
    unit: &Unit,
    terms: &Terms<'_>,
    blob: &[u8],
) -> Result<Vec<(AttributeType, AttributeValue)>, ReturnValue> {
    let key = Key::open(&Context::new(unit, terms), Some(blob), ReturnValue::OBJECT_HANDLE_INVALID)?;
    if key.raw { Err(ReturnValue::PUBLIC_KEY_INVALID) } else { Ok(readable(&key)) }
}

/// The key of a stored blob under the committed new master key. The session that it is bound to need not be open: nobody
/// uses the key.
///
/// # Errors
/// `IBM_WK_NOT_INITIALIZED` unless there is a current and a committed new master key; otherwise those of the blob.
pub fn rewrap_stored(unit: &Unit, blob: &[u8], env: &mut CallEnv) -> Result<Vec<u8>, ReturnValue> {
    let terms = Terms { control_points: ControlPoints::NONE, sessions: &[] };
    let context = Context::new(unit, &terms);
    let (current, next) = (context.current()?, context.next()?);
    Key::open_under(blob, current)?.seal_under(next, env)
}

/// Whether the value that a caller states for an attribute is the value that it has, in whichever of its forms the
/// caller's language puts it (section 1.5).
pub fn is_value(has: &AttributeValue, stated: &AttributeValue) -> bool {
    match has {
        AttributeValue::Boolean(value) => stated.boolean() == Ok(*value),
        AttributeValue::Integer(_) => has.number().is_ok() && stated.number() == has.number(),
        AttributeValue::Bytes(bytes) => stated.bytes().as_ref() == Ok(bytes),
        AttributeValue::Absent => false,
    }
}

/// The truth value that stands for an attribute, in any of its forms; `None` when it is none.
pub fn truth(value: &AttributeValue) -> Option<bool> {
    value.boolean().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stated_value_is_compared_in_the_form_that_the_attribute_has() {
        use AttributeValue::{Absent, Boolean, Bytes, Integer};
        for (has, stated, same) in [
            (Boolean(true), Integer(1), true),
            (Boolean(true), Bytes(vec![0]), false),
            (Integer(256), Bytes(vec![1, 0]), true),
            (Integer(2), Integer(3), false),
            (Bytes(b"a".to_vec()), Bytes(b"a".to_vec()), true),
            (Bytes(b"a".to_vec()), Bytes(b"ab".to_vec()), false),
            (Bytes(vec![1, 0, 1]), Integer(65537), true),
            (Boolean(false), Absent, false),
            (Absent, Absent, false),
        ] {
            assert_eq!(is_value(&has, &stated), same, "{has:?} {stated:?}");
        }
    }
}
