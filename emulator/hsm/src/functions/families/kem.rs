//! Keys out of encapsulated secrets: Kyber, alone or together with another secret (section 4.14).

use hpcs_crypto::hash::Hash;
use hpcs_crypto::lattice::kyber;
use hpcs_ep11::pkcs11::{KeyType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::lattice::{self, Strength};
use super::shared_secret::{Shape, SharedSecret};
use crate::CallEnv;
use crate::functions::Outcome;
use crate::functions::context::Context;
use crate::functions::key::{AttributeWord, Key};
use crate::functions::mechanism::{KemParameter, Parameter};

/// A shared secret, and what the other party needs to come to it; empty when there is nothing.
pub(crate) struct Encapsulated {
    pub(crate) secret: SharedSecret,
    pub(crate) ciphertext: Vec<u8>,
}

impl Encapsulated {
    /// Encapsulates for a public key, or decapsulates with a private one, as the parameter says.
    pub(crate) fn new(context: &Context<'_>, base: &Key, parameter: &Parameter, env: &mut CallEnv) -> Outcome<Self> {
        let invalid = ReturnValue::MECHANISM_PARAM_INVALID;
        let Parameter::Kem(parameter) = parameter else { return Err(invalid) };
        if parameter.version != 0 {
            return Err(invalid);
        }
        let shape = shape(parameter)?;
        let other = other_secret(context, parameter)?;
        let (shared, ciphertext) = match parameter.mode {
            ENCAPSULATE => encapsulate(base, env)?,
            DECAPSULATE => (decapsulate(base, &parameter.ciphertext)?, Vec::new()),
            _ => return Err(invalid),
        };
        let other = other.as_ref().map_or(&[][..], |key| &key.value);
        let parts = if parameter.prepend { [other, &shared] } else { [&shared[..], other] };
        Ok(Encapsulated { secret: SharedSecret::new(Zeroizing::new(parts.concat()), shape), ciphertext })
    }
}

/// What the derivation function makes of the secret.
fn shape(parameter: &KemParameter) -> Outcome<Shape> {
    let hash = match parameter.kdf {
        CKD_NULL | 0x8000_0001 => return Ok(Shape::Leading),
        0x8000_0002 => Hash::Sha1,
        0x8000_0003 => Hash::Sha224,
        0x8000_0004 => Hash::Sha256,
        0x8000_0005 => Hash::Sha384,
        0x8000_0006 => Hash::Sha512,
        _ => return Err(ReturnValue::MECHANISM_PARAM_INVALID),
    };
    Ok(Shape::X963(hash, parameter.shared.to_vec()))
}

/// The key whose value is combined with the secret. Every derivation function but the plain one needs it.
fn other_secret(context: &Context<'_>, parameter: &KemParameter) -> Outcome<Option<Key>> {
    if parameter.kdf == CKD_NULL {
        return if parameter.blob.is_empty() { Ok(None) } else { Err(ReturnValue::MECHANISM_PARAM_INVALID) };
    }
    let other = Key::open(context, Some(&parameter.blob), ReturnValue::MECHANISM_PARAM_INVALID)?;
    if other.class != ObjectClass::SECRET_KEY {
        return Err(ReturnValue::KEY_TYPE_INCONSISTENT);
    }
    other.require(AttributeWord::USE_AS_DATA)?;
    Ok(Some(other))
}

fn encapsulate(base: &Key, env: &mut CallEnv) -> Outcome<(Zeroizing<Vec<u8>>, Vec<u8>)> {
    let inconsistent = ReturnValue::KEY_TYPE_INCONSISTENT;
    base.require_kind(ObjectClass::PUBLIC_KEY, KeyType::IBM_KYBER)?;
    let key = lattice::public_key(&base.value).ok_or(inconsistent)?;
    let Strength::Kyber(set) = key.strength else { return Err(inconsistent) };
    let (ciphertext, secret) = kyber::encapsulate(set, &key.bytes, &mut env.rng).map_err(|_| inconsistent)?;
    Ok((Zeroizing::new(secret.to_vec()), ciphertext))
}

fn decapsulate(base: &Key, ciphertext: &[u8]) -> Outcome<Zeroizing<Vec<u8>>> {
    let inconsistent = ReturnValue::KEY_TYPE_INCONSISTENT;
    base.require_kind(ObjectClass::PRIVATE_KEY, KeyType::IBM_KYBER)?;
    let key = lattice::private_key(&base.value).ok_or(inconsistent)?;
    let Strength::Kyber(set) = key.strength else { return Err(inconsistent) };
    let secret = kyber::decapsulate(set, &key.bytes, ciphertext).map_err(|fault| match fault {
        kyber::Fault::Ciphertext => ReturnValue::MECHANISM_PARAM_INVALID,
        _ => inconsistent,
    })?;
    Ok(Zeroizing::new(secret.to_vec()))
}

const CKD_NULL: u64 = 1;
const ENCAPSULATE: u64 = 1;
const DECAPSULATE: u64 = 2;
