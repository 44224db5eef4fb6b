//! Keys on their way out: encrypted under another key (section 4.16).

use hpcs_crypto::block::{Direction, Mode};
use hpcs_ep11::pkcs11::{KeyType, MechanismFlags as Flags, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::context::Context;
use super::families::rsa::{RsaCipher, RsaEncryption};
use super::families::{attribute_bound, cipher, no_parameter, strength};
use super::function::Output;
use super::key::{AttributeWord, Key};
use super::mechanism::Mechanism;
use super::registry::{Family, MechanismRow};
use super::{Outcome, policy};
use crate::CallEnv;

pub(super) fn wrap(
    context: &Context<'_>,
    mechanism: &Mechanism,
    key: Option<&[u8]>,
    kek: Option<&[u8]>,
    mac_key: Option<&[u8]>,
    env: &mut CallEnv,
) -> Outcome<Output> {
    let row = policy::offered(context, mechanism.kind, Flags::WRAP)?;
    let kek = Key::open(context, kek, ReturnValue::WRAPPING_KEY_HANDLE_INVALID)?;
    let key = Key::open(context, key, ReturnValue::KEY_HANDLE_INVALID)?;
    check(context, row, &key, &kek)?;
    let wrapped = match row.family {
        Family::AttributeBoundWrap => {
            no_parameter(&mechanism.parameter)?;
            let mac_key = Key::open(context, mac_key, ReturnValue::WRAPPING_KEY_HANDLE_INVALID)?;
            attribute_bound::wrap(&key, &kek, &mac_key, env)?
        }
        Family::Cipher(block, mode) => {
            let whole_blocks = key.value.len().is_multiple_of(block.block_len());
            match (mode, key.class) {
                (Mode::CbcPad, _) => {}
                (_, ObjectClass::SECRET_KEY) if whole_blocks => {}
                (_, ObjectClass::SECRET_KEY) => return Err(ReturnValue::KEY_SIZE_RANGE),
                _ => return Err(ReturnValue::KEY_NOT_WRAPPABLE),
            }
            cipher::run((block, mode), &mechanism.parameter, &kek, Direction::Encrypt, &key.value).map_err(of_kek)?
        }
        Family::RsaPkcs(None) => {
            no_parameter(&mechanism.parameter)?;
            under_rsa(RsaEncryption::Pkcs, &key, &kek, env)?
        }
        Family::RsaOaep => under_rsa(RsaEncryption::oaep(context, &mechanism.parameter)?, &key, &kek, env)?,
        _ => return Err(ReturnValue::MECHANISM_INVALID),
    };
    Ok(Output::Bytes(wrapped))
}

/// Whether one key may leave under the other, in the order of section 4.16.
fn check(context: &Context<'_>, row: &MechanismRow, key: &Key, kek: &Key) -> Outcome<()> {
    use AttributeWord as Word;
    if kek.raw && !context.allows(policy::WRAP_WITH_RAW_SPKI) {
        return Err(ReturnValue::PUBLIC_KEY_INVALID);
    }
    kek.require(Word::WRAP)?;
    policy::allow_wrapping(context, kek)?;
    if key.class == ObjectClass::PUBLIC_KEY {
        return Err(ReturnValue::KEY_NOT_WRAPPABLE);
    }
    if !key.attributes.has(Word::EXTRACTABLE) {
        return Err(ReturnValue::KEY_UNEXTRACTABLE);
    }
    if key.attributes.has(Word::WRAP_WITH_TRUSTED) && !kek.attributes.has(Word::TRUSTED) {
        return Err(ReturnValue::KEY_NOT_WRAPPABLE);
    }
    let bound_mechanism = row.family == Family::AttributeBoundWrap;
    match (key.is_attribute_bound(), kek.is_attribute_bound()) {
        (false, true) => return Err(ReturnValue::KEY_NOT_WRAPPABLE),
        (true, false) => return Err(ReturnValue::KEY_FUNCTION_NOT_PERMITTED),
        (true, true) if !bound_mechanism => return Err(ReturnValue::MECHANISM_INVALID),
        (false, false) if bound_mechanism => return Err(ReturnValue::KEY_NOT_WRAPPABLE),
        (true, true) => {}
        (false, false) => context.require(policy::NON_ATTRBOUND)?,
    }
    if !context.allows(policy::WRAP_STRONGER_KEY) && strength(kek) < strength(key) {
        return Err(ReturnValue::WRAPPING_KEY_SIZE_RANGE);
    }
    Ok(())
}

fn under_rsa(encryption: RsaEncryption, key: &Key, kek: &Key, env: &mut CallEnv) -> Outcome<Zeroizing<Vec<u8>>> {
    if !kek.is(ObjectClass::PUBLIC_KEY, KeyType::RSA) {
        return Err(ReturnValue::WRAPPING_KEY_TYPE_INCONSISTENT);
    }
    if key.class != ObjectClass::SECRET_KEY {
        return Err(ReturnValue::KEY_NOT_WRAPPABLE);
    }
    RsaCipher::new(encryption, kek, Direction::Encrypt)?.run(&key.value, env).map_err(|refusal| match refusal {
        ReturnValue::DATA_LEN_RANGE => ReturnValue::KEY_SIZE_RANGE,
        other => other,
    })
}

/// What is wrong with the wrapping key, in the words of wrapping.
fn of_kek(refusal: ReturnValue) -> ReturnValue {
    match refusal {
        ReturnValue::KEY_TYPE_INCONSISTENT => ReturnValue::WRAPPING_KEY_TYPE_INCONSISTENT,
        ReturnValue::KEY_SIZE_RANGE => ReturnValue::WRAPPING_KEY_SIZE_RANGE,
        ReturnValue::DATA_LEN_RANGE => ReturnValue::KEY_SIZE_RANGE,
        other => other,
    }
}
