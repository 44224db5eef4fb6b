//! Keys made out of other keys.

use bytes::Bytes;
use hpcs_crypto::block::{Direction, Mode};
use hpcs_ep11::pkcs11::{KeyType, MechanismFlags as Flags, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::context::Context;
use super::families::{bls, cipher, dh, ec, hd, kem, no_parameter, secret};
use super::function::Output;
use super::key::{AttributeWord, Key, Origin};
use super::mechanism::{Mechanism, Parameter};
use super::registry::Family;
use super::template::Template;
use super::{Outcome, policy};
use crate::CallEnv;

pub(super) fn derive(
    context: &Context<'_>,
    mechanism: &Mechanism,
    base_key: Option<&[u8]>,
    data: &Bytes,
    template: &Template,
    env: &mut CallEnv,
) -> Outcome<Output> {
    let row = policy::offered(context, mechanism.kind, Flags::DERIVE)?;
    context.require(policy::DERIVE)?;
    if row.family == Family::EcAggregate {
        return sum(context, mechanism, template, env);
    }
    let base = Key::open(context, base_key, ReturnValue::KEY_HANDLE_INVALID)?;
    base.require(AttributeWord::DERIVE)?;
    let given;
    let parameter = match &mechanism.parameter {
        Parameter::None if !data.is_empty() => {
            given = Parameter::Bytes(data.clone());
            &given
        }
        parameter => parameter,
    };
    if row.family == Family::HdDerive {
        return hierarchical(context, mechanism, &base, parameter, template, env);
    }
    if template.class()?.is_some_and(|class| class != ObjectClass::SECRET_KEY) {
        return Err(ReturnValue::TEMPLATE_INCONSISTENT);
    }
    let key_type = template.key_type()?.unwrap_or(KeyType::GENERIC_SECRET);
    let stated = template.value_len()?;
    let length = |natural: usize| {
        // Only generic secrets may be as long as what they come from.
        let otherwise = (key_type == KeyType::GENERIC_SECRET).then_some(natural);
        secret::length(key_type, stated, otherwise)
    };
    let mut ciphertext = Vec::new();
    let value = match row.family {
        Family::Ecdh(curve) => {
            let secret = ec::agreed(context, &base, parameter, curve)?;
            secret.key(length(secret.natural_length())?)?
        }
        Family::DhDerive => {
            let secret = dh::agreed(&base, parameter)?;
            secret.key(length(secret.natural_length())?)?
        }
        Family::Kyber => {
            let encapsulated = kem::Encapsulated::new(context, &base, parameter, env)?;
            ciphertext = encapsulated.ciphertext;
            encapsulated.secret.key(length(encapsulated.secret.natural_length())?)?
        }
        Family::HashDerive(hash) => {
            no_parameter(parameter)?;
            if base.class != ObjectClass::SECRET_KEY {
                return Err(ReturnValue::KEY_TYPE_INCONSISTENT);
            }
            let digest = Zeroizing::new(hash.digest(&base.value));
            let length = secret::length(key_type, stated, Some(digest.len()))?;
            leading(&digest, length).ok_or(ReturnValue::TEMPLATE_INCONSISTENT)?
        }
        Family::EncryptDerive(block) => {
            let Parameter::Bytes(data) = parameter else { return Err(ReturnValue::MECHANISM_PARAM_INVALID) };
            let mode = (block, Mode::Ecb);
            let encrypted = cipher::run(mode, &Parameter::None, &base, Direction::Encrypt, data)?;
            let length = length(encrypted.len())?;
            leading(&encrypted, length).ok_or(ReturnValue::DATA_LEN_RANGE)?
        }
        _ => return Err(ReturnValue::MECHANISM_INVALID),
    };
    context.require(policy::KEYGEN_SYMM)?;
    let value = secret::shaped(key_type, value);
    let key = new_key(context, mechanism, &base, (ObjectClass::SECRET_KEY, key_type), value, template)?;
    // Whoever encapsulates finds the ciphertext behind the checksum.
    let checksum = [key.checksum(), ciphertext].concat();
    Ok(Output::Key { checksum, key: key.seal(context, env)? })
}

/// The sum of public keys; there is no key that it is derived from.
fn sum(context: &Context<'_>, mechanism: &Mechanism, template: &Template, env: &mut CallEnv) -> Outcome<Output> {
    let blobs = bls::public_keys(&mechanism.parameter)?;
    let absent = ReturnValue::MECHANISM_PARAM_INVALID;
    let keys = blobs.into_iter().map(|blob| Key::open(context, Some(blob), absent)).collect::<Outcome<Vec<_>>>()?;
    template.agree_on(ObjectClass::PUBLIC_KEY, KeyType::EC)?;
    let info = bls::sum_of_public_keys(&keys)?;
    let kind = (ObjectClass::PUBLIC_KEY, KeyType::EC);
    let key = Key::new(context, kind, info, template, Origin::Derived, mechanism.kind)?;
    Ok(Output::Key { key: key.seal(context, env)?, checksum: Vec::new() })
}

/// A key of a tree. Its checksum is the chain code.
fn hierarchical(
    context: &Context<'_>,
    mechanism: &Mechanism,
    base: &Key,
    parameter: &Parameter,
    template: &Template,
    env: &mut CallEnv,
) -> Outcome<Output> {
    let child = hd::derive(context, base, parameter, template)?;
    template.agree_on(child.class, KeyType::EC)?;
    let key = new_key(context, mechanism, base, (child.class, KeyType::EC), child.value, template)?;
    Ok(Output::Key { checksum: child.chain_code, key: key.seal(context, env)? })
}

fn new_key(
    context: &Context<'_>,
    mechanism: &Mechanism,
    base: &Key,
    kind: (ObjectClass, KeyType),
    value: Zeroizing<Vec<u8>>,
    template: &Template,
) -> Outcome<Key> {
    let key = Key::new(context, kind, value, template, Origin::Derived, mechanism.kind)?;
    if key.is_attribute_bound() && !base.is_attribute_bound() {
        return Err(ReturnValue::TEMPLATE_INCONSISTENT);
    }
    Ok(key)
}

fn leading(bytes: &[u8], length: usize) -> Option<Zeroizing<Vec<u8>>> {
    bytes.get(..length).map(|bytes| Zeroizing::new(bytes.to_vec()))
}
