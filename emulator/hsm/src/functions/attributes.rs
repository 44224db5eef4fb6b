//! Attributes of keys, read and changed (section 5.4).

use hpcs_ep11::pkcs11::{AttributeType, ReturnValue};

use super::context::Context;
use super::function::Output;
use super::key::{AttributeWord, BOOLEANS, Key, Settable, Stored, combined, readable, usage_of};
use super::template::{AttributeValue, Template};
use super::{Outcome, policy};
use crate::CallEnv;

/// Parts of keys that never leave.
const SENSITIVE: [AttributeType; 7] = [
    AttributeType::VALUE,
    AttributeType::PRIVATE_EXPONENT,
    AttributeType::PRIME_1,
    AttributeType::PRIME_2,
    AttributeType::EXPONENT_1,
    AttributeType::EXPONENT_2,
    AttributeType::COEFFICIENT,
];

pub(super) fn get(context: &Context<'_>, object: &[u8], asked: &[AttributeType], env: &mut CallEnv) -> Outcome<Output> {
    let key = Key::open(context, Some(object), ReturnValue::OBJECT_HANDLE_INVALID)?;
    let known = readable(&key);
    if asked.is_empty() {
        return Ok(Output::Attributes(known));
    }
    let mut found = Vec::with_capacity(asked.len());
    for attribute in asked {
        let value = match known.iter().find(|(known, _)| known == attribute) {
            Some((_, value)) => value.clone(),
            None if *attribute == AttributeType::IBM_MACED_PUBLIC_KEY_INFO => public_half(context, &key, env)?,
            None if SENSITIVE.contains(attribute) => return Err(ReturnValue::ATTRIBUTE_SENSITIVE),
            None => return Err(ReturnValue::ATTRIBUTE_TYPE_INVALID),
        };
        found.push((*attribute, value));
    }
    found.sort_by_key(|(attribute, _)| *attribute);
    found.dedup_by_key(|(attribute, _)| *attribute);
    Ok(Output::Attributes(found))
}

/// The public key of a private one, authenticated.
fn public_half(context: &Context<'_>, key: &Key, env: &mut CallEnv) -> Outcome<AttributeValue> {
    let public = key.public_half().ok_or(ReturnValue::ATTRIBUTE_TYPE_INVALID)?;
    Ok(AttributeValue::Bytes(public.seal(context, env)?.blob))
}

pub(super) fn set(context: &Context<'_>, object: &[u8], changes: &Template, env: &mut CallEnv) -> Outcome<Output> {
    context.require(policy::MODIFY_OBJECTS)?;
    let mut key = Key::open(context, Some(object), ReturnValue::OBJECT_HANDLE_INVALID)?;
    if key.raw {
        return Err(ReturnValue::OBJECT_HANDLE_INVALID);
    }
    if !key.attributes.has(AttributeWord::MODIFIABLE) {
        return Err(ReturnValue::ACTION_PROHIBITED);
    }
    let usage = usage_of(&key);
    for (attribute, value) in changes.iter() {
        let Some(row) = BOOLEANS.iter().find(|row| row.attribute == attribute) else {
            let known = Stored::keeps(attribute) || readable(&key).iter().any(|(known, _)| *known == attribute);
            return Err(if known { ReturnValue::ATTRIBUTE_READ_ONLY } else { ReturnValue::ATTRIBUTE_TYPE_INVALID });
        };
        let on = value.boolean()?;
        let changes = key.attributes.has(row.bit) != on;
        match row.settable {
            _ if !changes => {}
            Settable::Both => key.attributes = key.attributes.set(row.bit, on),
            Settable::Off if !on => key.attributes = key.attributes.without(row.bit),
            Settable::Off | Settable::Never => return Err(ReturnValue::ATTRIBUTE_READ_ONLY),
        }
    }
    key.attributes = usage.clean(key.attributes);
    if combined(context, key.attributes) {
        return Err(ReturnValue::TEMPLATE_INCONSISTENT);
    }
    Ok(Output::Blob(key.seal(context, env)?.blob))
}
