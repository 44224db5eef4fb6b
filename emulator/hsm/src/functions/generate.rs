//! What is made from nothing: random bytes, secret keys, domain parameters, pairs of keys.

use hpcs_ep11::pkcs11::{AttributeType, KeyType, MechanismFlags as Flags, ObjectClass, ReturnValue};
use rand_core::Rng;
use zeroize::Zeroizing;

use super::context::Context;
use super::families::{self, dh, dsa, ec, lattice, rsa, secret};
use super::function::{NewKey, Output};
use super::key::{Key, Origin};
use super::mechanism::Mechanism;
use super::registry::Family;
use super::template::Template;
use super::{Outcome, policy};
use crate::CallEnv;

/// Bytes of the longest random answer.
const LONGEST_RANDOM: u64 = 1_000_000;

pub(super) fn random(length: u64, env: &mut CallEnv) -> Outcome<Output> {
    if !(1..=LONGEST_RANDOM).contains(&length) {
        return Err(ReturnValue::ARGUMENTS_BAD);
    }
    let mut bytes = Zeroizing::new(vec![0; length as usize]);
    env.rng.fill_bytes(&mut bytes);
    Ok(Output::Bytes(bytes))
}

pub(super) fn key(
    context: &Context<'_>,
    mechanism: &Mechanism,
    template: &Template,
    env: &mut CallEnv,
) -> Outcome<Output> {
    let row = policy::offered(context, mechanism.kind, Flags::GENERATE)?;
    families::no_parameter(&mechanism.parameter)?;
    let kind = match row.family {
        Family::SecretKey(kind) => kind,
        Family::DsaParameters => return dsa::parameters(template).map(domain_parameters),
        Family::DhParameters => return dh::parameters(template).map(domain_parameters),
        _ => return Err(ReturnValue::MECHANISM_INVALID),
    };
    let key_type = kind.key_type();
    template.agree_on(ObjectClass::SECRET_KEY, key_type)?;
    let length = secret::length(key_type, template.value_len()?, None)?;
    let value = secret::generate(kind, length, env);
    let class = ObjectClass::SECRET_KEY;
    let key = Key::new(context, (class, key_type), value, template, Origin::Generated, mechanism.kind)?;
    Ok(Output::Key { checksum: key.checksum(), key: key.seal(context, env)? })
}

/// Domain parameters travel in the clear, in the place of a key.
fn domain_parameters(structure: Vec<u8>) -> Output {
    Output::Key { key: NewKey { blob: structure, attributes: Vec::new() }, checksum: Vec::new() }
}

pub(super) fn key_pair(
    context: &Context<'_>,
    mechanism: &Mechanism,
    private: &Template,
    public: &Template,
    env: &mut CallEnv,
) -> Outcome<Output> {
    let row = policy::offered(context, mechanism.kind, Flags::GENERATE_KEY_PAIR)?;
    families::no_parameter(&mechanism.parameter)?;
    let key_type = match row.family {
        Family::RsaKeyPair => KeyType::RSA,
        Family::DsaKeyPair => KeyType::DSA,
        Family::DhKeyPair => KeyType::DH,
        Family::EcKeyPair => KeyType::EC,
        Family::Dilithium => KeyType::IBM_DILITHIUM,
        Family::Kyber => KeyType::IBM_KYBER,
        _ => return Err(ReturnValue::MECHANISM_INVALID),
    };
    context.require(policy::KEYGEN_ASYMM)?;
    private.agree_on(ObjectClass::PRIVATE_KEY, key_type)?;
    public.agree_on(ObjectClass::PUBLIC_KEY, key_type)?;
    let bound = |template: &Template| template.boolean(AttributeType::IBM_ATTRBOUND).map(Option::unwrap_or_default);
    if bound(private)? != bound(public)? {
        return Err(ReturnValue::TEMPLATE_INCONSISTENT);
    }
    let (secret, info) = match key_type {
        KeyType::RSA => rsa::generate(context, private, public, env)?,
        KeyType::DSA => dsa::generate(public, env)?,
        KeyType::DH => dh::generate(private, public, env)?,
        KeyType::IBM_DILITHIUM | KeyType::IBM_KYBER => lattice::generate(context, key_type, public, env)?,
        _ => ec::generate(context, private, public, env)?,
    };
    let make = |class, value, template| {
        Key::new(context, (class, key_type), value, template, Origin::Generated, mechanism.kind)
    };
    let private = make(ObjectClass::PRIVATE_KEY, secret, private)?;
    let public = make(ObjectClass::PUBLIC_KEY, Zeroizing::new(info), public)?;
    Ok(Output::KeyPair { private: private.seal(context, env)?, public: public.seal(context, env)? })
}
