//! Public keys outside the unit: their `SubjectPublicKeyInfo`, and behind it what authenticates it (section 6.3).
//!
//! Six OCTET STRINGs follow the key: which master key (16 bytes), session (32), salt (8), mode (8), attributes (12) and
//! the authentication code over everything before it (32). Whoever only wants the key reads the first DER element.

use hpcs_crypto::ec::spki_length;
use hpcs_ep11::pkcs11::{ObjectClass, ReturnValue};
use rand_core::Rng;
use zeroize::Zeroizing;

use super::protection::{BlobKeys, CODE_SIZE, WrappingKeyId};
use super::stored::Stored;
use super::word::AttributeWord;
use super::{Key, SessionId};
use crate::CallEnv;
use crate::functions::Outcome;
use crate::functions::families::public_key_type;

/// Whether the bytes are a public key: no blob begins like one.
pub(super) fn is_public(bytes: &[u8]) -> bool {
    bytes.first() == Some(&SEQUENCE)
}

/// The key, authenticated.
pub(super) fn seal(key: &Key, (keys, id): (&BlobKeys, WrappingKeyId), env: &mut CallEnv) -> Vec<u8> {
    let mut salt = [0; 8];
    env.rng.fill_bytes(&mut salt);
    let mut attributes = ATTRIBUTES_HEAD.to_vec();
    attributes.extend(key.attributes.0.to_be_bytes());
    let mut sealed = key.value.to_vec();
    for field in [&id.0[..], &key.session.0, &salt, &MODE, &attributes] {
        octets(&mut sealed, field);
    }
    // The code covers its own tag and length: they are part of what stands before it.
    sealed.extend([OCTET_STRING, CODE_SIZE as u8]);
    let code = keys.code(&sealed);
    sealed.extend_from_slice(&code);
    sealed
}

/// The key in authenticated or plain public key information.
pub(super) fn open(bytes: &[u8], (keys, id): (&BlobKeys, WrappingKeyId)) -> Outcome<Key> {
    let damaged = ReturnValue::IBM_BLOB_ERROR;
    let (info, tail) = spki_length(bytes).and_then(|length| bytes.split_at_checked(length)).ok_or(damaged)?;
    let (attributes, session, raw) = match tail {
        [] => (AttributeWord::NONE, SessionId::NONE, true),
        _ => {
            let [wrapping_key, session, _salt, _mode, attributes, code] = fields(tail).ok_or(damaged)?;
            if wrapping_key != id.0 {
                return Err(ReturnValue::IBM_WKID_MISMATCH);
            }
            if !keys.is_code(&bytes[..bytes.len() - CODE_SIZE], code) {
                return Err(damaged);
            }
            let word = attributes.last_chunk().ok_or(damaged)?;
            let session = session.try_into().map_err(|_| damaged)?;
            (AttributeWord(u64::from_be_bytes(*word)), SessionId(session), false)
        }
    };
    Ok(Key {
        class: ObjectClass::PUBLIC_KEY,
        key_type: public_key_type(info).ok_or(ReturnValue::PUBLIC_KEY_INVALID)?,
        value: Zeroizing::new(info.to_vec()),
        attributes,
        stored: Stored::default(),
        session,
        raw,
    })
}

/// The authenticated keys of a concatenation; `None` when the bytes are something else.
pub(super) fn split(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut keys = Vec::new();
    while !bytes.is_empty() {
        let (key, rest) = bytes.split_at_checked(spki_length(bytes)? + TAIL_SIZE)?;
        keys.push(key);
        bytes = rest;
    }
    Some(keys)
}

/// The contents of the six strings, which fill the bytes to their end.
fn fields(mut tail: &[u8]) -> Option<[&[u8]; 6]> {
    let mut fields = [&[][..]; 6];
    for (field, size) in fields.iter_mut().zip(FIELD_SIZES) {
        let (head, rest) = tail.split_first_chunk::<2>()?;
        let content;
        (content, tail) = rest.split_at_checked(size)?;
        (*head == [OCTET_STRING, size as u8]).then(|| *field = content)?;
    }
    tail.is_empty().then_some(fields)
}

fn octets(out: &mut Vec<u8>, content: &[u8]) {
    out.extend([OCTET_STRING, content.len() as u8]);
    out.extend_from_slice(content);
}

const SEQUENCE: u8 = 0x30;
const OCTET_STRING: u8 = 0x04;
const FIELD_SIZES: [usize; 6] = [16, 32, 8, 8, 12, CODE_SIZE];
const TAIL_SIZE: usize = 120;
const MODE: [u8; 8] = 1_u64.to_be_bytes();
const ATTRIBUTES_HEAD: [u8; 4] = [0x10, 0, 0, 0];
