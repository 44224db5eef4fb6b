//! Keys out of encapsulated secrets: Kyber, alone or together with another secret (section 4.14).

use hpcs_crypto::hash::Hash;
use hpcs_crypto::kdf::x963;
use hpcs_crypto::lattice::kyber;
use hpcs_ep11::pkcs11::{KeyType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::lattice::{self, Strength};
use crate::CallEnv;
use crate::functions::Outcome;
use crate::functions::context::Context;
use crate::functions::key::{AttributeWord, Key};
use crate::functions::mechanism::{KemParameter, Parameter};

/// A secret, and how a key is made of it.
pub(crate) struct Encapsulated {
    secret: Zeroizing<Vec<u8>>,
    kdf: Option<(Hash, Vec<u8>)>,
    /// What the other party needs; empty when there is none.
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
        let (kdf, other) = combination(context, parameter)?;
        let (shared, ciphertext) = match parameter.mode {
            ENCAPSULATE => encapsulate(base, env)?,
            DECAPSULATE => (decapsulate(base, &parameter.ciphertext)?, Vec::new()),
            _ => return Err(invalid),
        };
        let other = other.as_ref().map_or(&[][..], |key| &key.value);
        let parts = if parameter.prepend { [other, &shared] } else { [&shared[..], other] };
        Ok(Encapsulated { secret: Zeroizing::new(parts.concat()), kdf, ciphertext })
    }

    /// How long a key is when nothing says it.
    pub(crate) fn natural_length(&self) -> usize {
        self.secret.len()
    }

    /// A key of this many bytes: without a derivation function the beginning of the secret.
    pub(crate) fn key(&self, length: usize) -> Outcome<Zeroizing<Vec<u8>>> {
        match &self.kdf {
            Some((hash, shared)) => Ok(x963(*hash, &self.secret, shared, length)),
            None => {
                let leading = self.secret.get(..length).ok_or(ReturnValue::ARGUMENTS_BAD)?;
                Ok(Zeroizing::new(leading.to_vec()))
            }
        }
    }
}

/// The derivation function, and the key whose value is combined with the secret. Only hybrid functions have one.
fn combination(context: &Context<'_>, parameter: &KemParameter) -> Outcome<(Option<(Hash, Vec<u8>)>, Option<Key>)> {
    let invalid = ReturnValue::MECHANISM_PARAM_INVALID;
    let hash = match parameter.kdf {
        CKD_NULL if parameter.blob.is_empty() => return Ok((None, None)),
        0x8000_0001 => None,
        0x8000_0002 => Some(Hash::Sha1),
        0x8000_0003 => Some(Hash::Sha224),
        0x8000_0004 => Some(Hash::Sha256),
        0x8000_0005 => Some(Hash::Sha384),
        0x8000_0006 => Some(Hash::Sha512),
        _ => return Err(invalid),
    };
    let other = Key::open(context, Some(&parameter.blob), invalid)?;
    if other.class != ObjectClass::SECRET_KEY {
        return Err(ReturnValue::KEY_TYPE_INCONSISTENT);
    }
    other.require(AttributeWord::USE_AS_DATA)?;
    Ok((hash.map(|hash| (hash, parameter.shared.to_vec())), Some(other)))
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
