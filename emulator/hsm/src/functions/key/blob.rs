//! Key blobs: secret and private keys outside the unit.
//!
//! | Offset | Bytes | Content |
//! |---|---|---|
//! | 0 | 32 | session, zeros for none |
//! | 32 | 16 | which master key |
//! | 48 | 8 | attribute word |
//! | 56 | 8 | mode: 1 |
//! | 64 | 2 | version: 1234 hexadecimal |
//! | 66 | 14 | initialisation vector |
//! | 80 | n · 16 | ciphertext |
//! | end - 32 | 32 | authentication code over everything before |
//!
//! That is the outer layout of real blobs (section 6.2). Inside, our own: version (2), class (4), key type (4), length
//! and value, length and stored attributes, zeros to at least 144 bytes, so that a blob of a symmetric key has 256.

use hpcs_ep11::pkcs11::{KeyType, ObjectClass, ReturnValue};
use rand_core::Rng;
use zeroize::Zeroizing;

use super::protection::{BlobKeys, IV_SIZE, Sealed, WrappingKeyId};
use super::stored::Stored;
use super::word::AttributeWord;
use super::{Key, SessionId};
use crate::CallEnv;
use crate::functions::{Outcome, counted};

/// The key as a blob.
pub(super) fn seal(key: &Key, (keys, id): (&BlobKeys, WrappingKeyId), env: &mut CallEnv) -> Outcome<Vec<u8>> {
    let mut nonce = [0; NONCE_SIZE];
    env.rng.fill_bytes(&mut nonce);
    let mut head = Vec::with_capacity(HEAD_SIZE + LEAST_PLAINTEXT + 32);
    head.extend(key.session.0);
    head.extend(id.0);
    head.extend(key.attributes.0.to_be_bytes());
    head.extend(MODE);
    head.extend(VERSION);
    head.extend(nonce);
    let sealed = keys.seal(head, iv(nonce), &plaintext(key))?;
    if sealed.len() > MAX_SIZE { Err(ReturnValue::DEVICE_MEMORY) } else { Ok(sealed) }
}

/// The key in a blob.
pub(super) fn open(bytes: &[u8], (keys, id): (&BlobKeys, WrappingKeyId)) -> Outcome<Key> {
    let damaged = ReturnValue::IBM_BLOB_ERROR;
    let head = bytes.first_chunk::<HEAD_SIZE>().ok_or(damaged)?;
    let sealed = Sealed::behind(HEAD_SIZE, bytes).ok_or(damaged)?;
    if head[MODE_AT..VERSION_AT] != MODE || head[VERSION_AT..NONCE_AT] != VERSION || bytes.len() > MAX_SIZE {
        return Err(damaged);
    }
    if head[ID_AT..WORD_AT] != id.0 {
        return Err(ReturnValue::IBM_WKID_MISMATCH);
    }
    let (mut session, mut word, mut nonce) = ([0; SessionId::SIZE], [0; 8], [0; NONCE_SIZE]);
    session.copy_from_slice(&head[..ID_AT]);
    word.copy_from_slice(&head[WORD_AT..MODE_AT]);
    nonce.copy_from_slice(&head[NONCE_AT..]);
    let inside = keys.open(sealed, iv(nonce)).ok_or(damaged)?;
    let (class, key_type, value, stored) = content(&inside).ok_or(damaged)?;
    Ok(Key {
        class,
        key_type,
        value: Zeroizing::new(value.to_vec()),
        attributes: AttributeWord(u64::from_be_bytes(word)),
        stored,
        session: SessionId(session),
        raw: false,
    })
}

fn plaintext(key: &Key) -> Zeroizing<Vec<u8>> {
    let stored = key.stored.encode();
    let size = 18 + key.value.len() + stored.len();
    let mut inside = Zeroizing::new(Vec::with_capacity(size.next_multiple_of(16).max(LEAST_PLAINTEXT)));
    inside.extend(FORMAT);
    inside.extend(key.class.0.to_be_bytes());
    inside.extend(key.key_type.0.to_be_bytes());
    counted::put(&mut inside, &key.value);
    counted::put(&mut inside, &stored);
    let padded = inside.len().next_multiple_of(16).max(LEAST_PLAINTEXT);
    inside.resize(padded, 0);
    inside
}

fn content(inside: &[u8]) -> Option<(ObjectClass, KeyType, &[u8], Stored)> {
    let (format, rest) = inside.split_first_chunk::<2>()?;
    let (class, rest) = number(rest)?;
    let (key_type, rest) = number(rest)?;
    let (value, rest) = counted::take(rest)?;
    let (stored, _) = counted::take(rest)?;
    (*format == FORMAT).then_some((ObjectClass(class), KeyType(key_type), value, Stored::decode(stored)?))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*number), rest))
}

fn iv(nonce: [u8; NONCE_SIZE]) -> [u8; IV_SIZE] {
    let mut iv = [0; IV_SIZE];
    iv[..NONCE_SIZE].copy_from_slice(&nonce);
    iv
}

const ID_AT: usize = 32;
const WORD_AT: usize = 48;
const MODE_AT: usize = 56;
const VERSION_AT: usize = 64;
const NONCE_AT: usize = 66;
const HEAD_SIZE: usize = 80;
const NONCE_SIZE: usize = HEAD_SIZE - NONCE_AT;

const MODE: [u8; 8] = 1_u64.to_be_bytes();
const VERSION: [u8; 2] = [0x12, 0x34];

/// Version of the format inside.
const FORMAT: [u8; 2] = [0, 1];

const LEAST_PLAINTEXT: usize = 144;

/// Bytes of the largest blob that clients have room for.
const MAX_SIZE: usize = 9216;
