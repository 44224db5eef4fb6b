//! Keys on their way in (section 4.16).

use hpcs_crypto::block::Direction;
use hpcs_ep11::pkcs11::{AttributeType, KeyType, MechanismFlags as Flags, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::context::Context;
use super::families::rsa::{RsaCipher, RsaEncryption};
use super::families::{self, attribute_bound, cipher, no_parameter, secret, strength};
use super::function::Output;
use super::key::{AttributeWord, Key, Origin};
use super::mechanism::Mechanism;
use super::registry::Family;
use super::template::Template;
use super::{Outcome, policy};
use crate::CallEnv;

/// The keys that open what is unwrapped.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    pub(super) kek: Option<&'a [u8]>,
    pub(super) mac_key: Option<&'a [u8]>,
}

pub(super) fn unwrap(
    context: &Context<'_>,
    mechanism: &Mechanism,
    wrapped: &[u8],
    keys: Keys<'_>,
    template: &Template,
    env: &mut CallEnv,
) -> Outcome<Output> {
    let row = policy::offered(context, mechanism.kind, Flags::UNWRAP)?;
    if row.family == Family::TransportKey {
        return transport(context, mechanism, wrapped, template, env);
    }
    let kek = Key::open(context, keys.kek, ReturnValue::UNWRAPPING_KEY_HANDLE_INVALID)?;
    kek.require(AttributeWord::UNWRAP)?;
    policy::allow_unwrapping(context, &kek)?;
    let key = if row.family == Family::AttributeBoundWrap {
        no_parameter(&mechanism.parameter)?;
        let mac_key = Key::open(context, keys.mac_key, ReturnValue::UNWRAPPING_KEY_HANDLE_INVALID)?;
        attribute_bound::unwrap(context, wrapped, &kek, &mac_key, template)?
    } else {
        context.require(policy::NON_ATTRBOUND)?;
        let clear = decrypt(context, row.family, mechanism, wrapped, &kek, env)?;
        read(context, mechanism, clear, template)?
    };
    if !context.allows(policy::WRAP_STRONGER_KEY) && strength(&kek) < strength(&key) {
        return Err(ReturnValue::UNWRAPPING_KEY_SIZE_RANGE);
    }
    answer(context, &key, env)
}

/// A public key comes in the clear.
fn transport(
    context: &Context<'_>,
    mechanism: &Mechanism,
    info: &[u8],
    template: &Template,
    env: &mut CallEnv,
) -> Outcome<Output> {
    no_parameter(&mechanism.parameter)?;
    let invalid = ReturnValue::WRAPPED_KEY_INVALID;
    let key_type = families::public_key_type(info).ok_or(invalid)?;
    template.agree_on(ObjectClass::PUBLIC_KEY, key_type)?;
    let info = families::canonical_public_key(key_type, info).ok_or(invalid)?;
    let kind = (ObjectClass::PUBLIC_KEY, key_type);
    let key = Key::new(context, kind, Zeroizing::new(info), template, Origin::Unwrapped, mechanism.kind)?;
    answer(context, &key, env)
}

fn answer(context: &Context<'_>, key: &Key, env: &mut CallEnv) -> Outcome<Output> {
    let sealed = key.seal(context, env)?;
    let bits = (families::size_bits(key) as u32).to_be_bytes();
    let checksum = match key.class {
        ObjectClass::SECRET_KEY => key.checksum(),
        ObjectClass::PUBLIC_KEY => [&sealed.blob[..], &bits].concat(),
        _ => [families::public_key_info(key.key_type, &key.value).unwrap_or_default(), bits.to_vec()].concat(),
    };
    Ok(Output::Key { key: sealed, checksum })
}

fn decrypt(
    context: &Context<'_>,
    family: Family,
    mechanism: &Mechanism,
    wrapped: &[u8],
    kek: &Key,
    env: &mut CallEnv,
) -> Outcome<Zeroizing<Vec<u8>>> {
    let mut under_rsa = |encryption| RsaCipher::new(encryption, kek, Direction::Decrypt)?.run(wrapped, env);
    let clear = match family {
        Family::Cipher(block, mode) => {
            cipher::run((block, mode), &mechanism.parameter, kek, Direction::Decrypt, wrapped)
        }
        Family::RsaPkcs(None) => no_parameter(&mechanism.parameter).and_then(|()| under_rsa(RsaEncryption::Pkcs)),
        Family::RsaOaep => RsaEncryption::oaep(context, &mechanism.parameter).and_then(&mut under_rsa),
        _ => Err(ReturnValue::MECHANISM_INVALID),
    };
    clear.map_err(|refusal| match refusal {
        ReturnValue::KEY_TYPE_INCONSISTENT => ReturnValue::UNWRAPPING_KEY_TYPE_INCONSISTENT,
        ReturnValue::KEY_SIZE_RANGE => ReturnValue::UNWRAPPING_KEY_SIZE_RANGE,
        ReturnValue::ENCRYPTED_DATA_INVALID => ReturnValue::WRAPPED_KEY_INVALID,
        ReturnValue::ENCRYPTED_DATA_LEN_RANGE => ReturnValue::WRAPPED_KEY_LEN_RANGE,
        other => other,
    })
}

/// The key that the template says the bytes are.
fn read(context: &Context<'_>, mechanism: &Mechanism, clear: Zeroizing<Vec<u8>>, template: &Template) -> Outcome<Key> {
    let incomplete = ReturnValue::TEMPLATE_INCOMPLETE;
    let class = template.class()?.ok_or(incomplete)?;
    let key_type = template.key_type()?.ok_or(incomplete)?;
    if template.boolean(AttributeType::IBM_ATTRBOUND)? == Some(true) {
        return Err(ReturnValue::TEMPLATE_INCONSISTENT);
    }
    let value = match class {
        ObjectClass::SECRET_KEY => {
            context.require(policy::KEYGEN_SYMM)?;
            let length = secret::length(key_type, Some(clear.len()), None);
            if length.map_err(of_wrapped)? != clear.len() {
                return Err(ReturnValue::WRAPPED_KEY_INVALID);
            }
            let stated = if key_type == KeyType::AES || key_type == KeyType::GENERIC_SECRET {
                template.value_len()?
            } else {
                None
            };
            if stated.is_some_and(|stated| stated != clear.len()) {
                return Err(ReturnValue::TEMPLATE_INCONSISTENT);
            }
            secret::shaped(key_type, clear)
        }
        ObjectClass::PRIVATE_KEY => {
            families::canonical_private_key(context, key_type, &clear)?.ok_or(ReturnValue::WRAPPED_KEY_INVALID)?
        }
        _ => return Err(ReturnValue::TEMPLATE_INCONSISTENT),
    };
    Key::new(context, (class, key_type), value, template, Origin::Unwrapped, mechanism.kind)
}

/// A length that no such key has is not the template's fault here.
fn of_wrapped(refusal: ReturnValue) -> ReturnValue {
    match refusal {
        ReturnValue::KEY_SIZE_RANGE => ReturnValue::WRAPPED_KEY_INVALID,
        other => other,
    }
}
