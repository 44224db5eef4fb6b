//! Keys that are wrapped together with their attributes, authenticated under another key (section 4.16).
//!
//! The real format is not public. Here: `ABW1`, the transport key encrypted under the wrapping key, the key encrypted
//! under the transport key, both with their length, and HMAC-SHA256 under the third key over everything before. The
//! inner key is class, key type, attribute word and value.

use hpcs_crypto::block::{BlockCipher, Direction, Mode};
use hpcs_crypto::hash::Hash;
use hpcs_crypto::hmac::{HmacState, hmac};
use hpcs_ep11::pkcs11::{AttributeType, KeyType, MechanismType, ObjectClass, ReturnValue};
use rand_core::Rng;
use zeroize::Zeroizing;

use super::rsa::{RsaCipher, RsaEncryption};
use super::{cipher, secret};
use crate::CallEnv;
use crate::functions::context::Context;
use crate::functions::key::{AttributeWord, Key, Stored};
use crate::functions::mechanism::Parameter;
use crate::functions::template::Template;
use crate::functions::{Outcome, counted};

/// Wraps a key.
pub(crate) fn wrap(key: &Key, kek: &Key, mac_key: &Key, env: &mut CallEnv) -> Outcome<Zeroizing<Vec<u8>>> {
    check_mac_key(mac_key, AttributeWord::SIGN)?;
    let transport = transport_key(secret::random(TRANSPORT_KEY_SIZE, env));
    let carried = under_kek(kek, &transport.value, env)?;
    let inside = cbc(&transport, &inner(key), env)?;
    let mut wrapped = MAGIC.to_vec();
    for part in [&carried, &inside] {
        counted::put(&mut wrapped, part);
    }
    let code = hmac(Hash::Sha256, &mac_key.value, &wrapped);
    wrapped.extend_from_slice(&code);
    Ok(Zeroizing::new(wrapped))
}

/// Unwraps a key with the attributes that it was wrapped with. The template may say the same again.
pub(crate) fn unwrap(
    context: &Context<'_>,
    wrapped: &[u8],
    kek: &Key,
    mac_key: &Key,
    template: &Template,
) -> Outcome<Key> {
    let invalid = ReturnValue::WRAPPED_KEY_INVALID;
    if !kek.is_attribute_bound() {
        return Err(ReturnValue::KEY_FUNCTION_NOT_PERMITTED);
    }
    check_mac_key(mac_key, AttributeWord::VERIFY)?;
    let (authenticated, code) =
        wrapped.len().checked_sub(CODE_SIZE).and_then(|end| wrapped.split_at_checked(end)).ok_or(invalid)?;
    let mut state = HmacState::start(Hash::Sha256, &mac_key.value);
    state.update(authenticated);
    if !state.verify(code) {
        return Err(invalid);
    }
    let rest = authenticated.strip_prefix(&MAGIC).ok_or(invalid)?;
    let (carried, rest) = counted::take(rest).ok_or(invalid)?;
    let (inside, rest) = counted::take(rest).ok_or(invalid)?;
    if !rest.is_empty() {
        return Err(invalid);
    }
    let transport = transport_key(from_kek(kek, carried)?);
    let inner = open_cbc(&transport, inside).map_err(|_| invalid)?;
    let (class, key_type, attributes, value) = outer(&inner).ok_or(invalid)?;
    template.agree_on(class, key_type)?;
    if template.boolean(AttributeType::IBM_ATTRBOUND)? == Some(false) {
        return Err(ReturnValue::TEMPLATE_INCONSISTENT);
    }
    let stored = Stored::new(template, MechanismType::IBM_ATTRIBUTEBOUND_WRAP)?;
    let session = context.session_of_new_keys();
    let attributes = attributes.without(AttributeWord::LOCAL);
    Ok(Key { class, key_type, value, attributes, stored, session, raw: false })
}

fn check_mac_key(key: &Key, usage: AttributeWord) -> Outcome<()> {
    let fits = key.class == ObjectClass::SECRET_KEY && key.is_attribute_bound() && key.attributes.has(usage);
    if fits { Ok(()) } else { Err(ReturnValue::KEY_FUNCTION_NOT_PERMITTED) }
}

/// A key of ours for the way in between.
fn transport_key(value: Zeroizing<Vec<u8>>) -> Key {
    Key {
        class: ObjectClass::SECRET_KEY,
        key_type: KeyType::AES,
        value,
        attributes: AttributeWord::NONE,
        stored: Stored::default(),
        session: Default::default(),
        raw: false,
    }
}

fn under_kek(kek: &Key, transport: &[u8], env: &mut CallEnv) -> Outcome<Zeroizing<Vec<u8>>> {
    let inconsistent = ReturnValue::WRAPPING_KEY_TYPE_INCONSISTENT;
    match (kek.class, block_of(kek.key_type)) {
        (ObjectClass::PUBLIC_KEY, _) if kek.key_type == KeyType::RSA => {
            RsaCipher::new(oaep(), kek, Direction::Encrypt)?
                .run(transport, env)
                .map_err(|_| ReturnValue::WRAPPING_KEY_SIZE_RANGE)
        }
        (ObjectClass::SECRET_KEY, Some(_)) => cbc(kek, transport, env),
        _ => Err(inconsistent),
    }
}

fn from_kek(kek: &Key, carried: &[u8]) -> Outcome<Zeroizing<Vec<u8>>> {
    let opened = match (kek.class, block_of(kek.key_type)) {
        (ObjectClass::PRIVATE_KEY, _) if kek.key_type == KeyType::RSA => {
            let mut env = CallEnv::new(&Zeroizing::new([0; 32]));
            RsaCipher::new(oaep(), kek, Direction::Decrypt)?.run(carried, &mut env)
        }
        (ObjectClass::SECRET_KEY, Some(_)) => open_cbc(kek, carried),
        _ => return Err(ReturnValue::UNWRAPPING_KEY_TYPE_INCONSISTENT),
    };
    let transport = opened.map_err(|_| ReturnValue::WRAPPED_KEY_INVALID)?;
    if transport.len() == TRANSPORT_KEY_SIZE { Ok(transport) } else { Err(ReturnValue::WRAPPED_KEY_INVALID) }
}

fn oaep() -> RsaEncryption {
    RsaEncryption::Oaep { hash: Hash::Sha256, label: bytes::Bytes::new() }
}

/// A random initialisation vector and the message under it.
fn cbc(key: &Key, message: &[u8], env: &mut CallEnv) -> Outcome<Zeroizing<Vec<u8>>> {
    let block = block_of(key.key_type).ok_or(ReturnValue::KEY_TYPE_INCONSISTENT)?;
    let mut iv = vec![0; block.block_len()];
    env.rng.fill_bytes(&mut iv);
    let parameter = Parameter::Bytes(iv.clone().into());
    let encrypted = cipher::run((block, Mode::CbcPad), &parameter, key, Direction::Encrypt, message)?;
    iv.extend_from_slice(&encrypted);
    Ok(Zeroizing::new(iv))
}

fn open_cbc(key: &Key, bytes: &[u8]) -> Outcome<Zeroizing<Vec<u8>>> {
    let block = block_of(key.key_type).ok_or(ReturnValue::KEY_TYPE_INCONSISTENT)?;
    let (iv, encrypted) = bytes.split_at_checked(block.block_len()).ok_or(ReturnValue::ENCRYPTED_DATA_LEN_RANGE)?;
    let parameter = Parameter::Bytes(iv.to_vec().into());
    cipher::run((block, Mode::CbcPad), &parameter, key, Direction::Decrypt, encrypted)
}

fn block_of(key_type: KeyType) -> Option<BlockCipher> {
    match key_type {
        KeyType::AES => Some(BlockCipher::Aes),
        KeyType::DES2 | KeyType::DES3 => Some(BlockCipher::TripleDes),
        _ => None,
    }
}

fn inner(key: &Key) -> Zeroizing<Vec<u8>> {
    let mut inner = Zeroizing::new(Vec::with_capacity(INNER_HEAD + key.value.len()));
    inner.extend(key.class.0.to_be_bytes());
    inner.extend(key.key_type.0.to_be_bytes());
    inner.extend(key.attributes.0.to_be_bytes());
    inner.extend_from_slice(&key.value);
    inner
}

fn outer(inner: &[u8]) -> Option<(ObjectClass, KeyType, AttributeWord, Zeroizing<Vec<u8>>)> {
    let (class, rest) = inner.split_first_chunk()?;
    let (key_type, rest) = rest.split_first_chunk()?;
    let (word, value) = rest.split_first_chunk()?;
    let class = ObjectClass(u32::from_be_bytes(*class));
    let word = AttributeWord(u64::from_be_bytes(*word));
    Some((class, KeyType(u32::from_be_bytes(*key_type)), word, Zeroizing::new(value.to_vec())))
}

const MAGIC: [u8; 4] = *b"ABW1";
const TRANSPORT_KEY_SIZE: usize = 32;
const CODE_SIZE: usize = 32;
const INNER_HEAD: usize = 16;
