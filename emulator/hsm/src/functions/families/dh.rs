//! Diffie-Hellman over prime fields: domain parameters, pairs and agreement (section 4.8).

use hpcs_crypto::dh::{DhGroup, DhParameters, MODP_1024, MODP_2048, MODP_3072};
use hpcs_ep11::pkcs11::{AttributeType, KeyType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::discrete::Scheme;
use super::shared_secret::{Shape, SharedSecret};
use crate::CallEnv;
use crate::functions::Outcome;
use crate::functions::key::Key;
use crate::functions::mechanism::Parameter;
use crate::functions::template::Template;

const SCHEME: Scheme = Scheme { algorithm: &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 3, 1], numbers: 2 };

/// The domain parameters of the size that a template asks for: published groups.
///
/// # Errors
/// `TEMPLATE_INCOMPLETE` without a size, `ATTRIBUTE_VALUE_INVALID` for one that there is not.
pub(crate) fn parameters(template: &Template) -> Outcome<Vec<u8>> {
    let bits = template.number(AttributeType::PRIME_BITS)?.ok_or(ReturnValue::TEMPLATE_INCOMPLETE)?;
    let DhGroup { p, g } = match bits {
        1024 => MODP_1024,
        2048 => MODP_2048,
        3072 => MODP_3072,
        _ => return Err(ReturnValue::ATTRIBUTE_VALUE_INVALID),
    };
    Ok(SCHEME.structure(&[p, g]))
}

/// A new pair over the domain in the public template: `PrivateKeyInfo` and `SubjectPublicKeyInfo`.
///
/// # Errors
/// `TEMPLATE_INCOMPLETE` without a domain, `DOMAIN_PARAMS_INVALID` for numbers that are none, `ATTRIBUTE_VALUE_INVALID`
/// for a private value of a size that it cannot have.
pub(crate) fn generate(
    private: &Template,
    public: &Template,
    env: &mut CallEnv,
) -> Outcome<(Zeroizing<Vec<u8>>, Vec<u8>)> {
    let invalid = ReturnValue::DOMAIN_PARAMS_INVALID;
    let structure = public.bytes(AttributeType::IBM_STRUCT_PARAMS)?.ok_or(ReturnValue::TEMPLATE_INCOMPLETE)?;
    let domain = SCHEME.domain(&structure).ok_or(invalid)?;
    let bits = private.number(AttributeType::VALUE_BITS)?.filter(|bits| *bits != 0);
    let bits = bits.map(|bits| usize::try_from(bits).unwrap_or(usize::MAX));
    let pair = ready(&domain).ok_or(invalid)?.generate(bits, &mut env.rng);
    let pair = pair.ok_or(ReturnValue::ATTRIBUTE_VALUE_INVALID)?;
    Ok((SCHEME.private_key_info(&domain, &pair.private), SCHEME.public_key_info(&domain, &pair.public)))
}

/// Agrees with the public value in the parameter. The secret is as long as the modulus.
pub(crate) fn agreed(base: &Key, parameter: &Parameter) -> Outcome<SharedSecret> {
    let invalid = ReturnValue::MECHANISM_PARAM_INVALID;
    base.require_kind(ObjectClass::PRIVATE_KEY, KeyType::DH)?;
    let Parameter::Bytes(peer) = parameter else { return Err(invalid) };
    let key = SCHEME.private_key(&base.value).ok_or(ReturnValue::KEY_TYPE_INCONSISTENT)?;
    let parameters = ready(&key.domain).ok_or(ReturnValue::KEY_TYPE_INCONSISTENT)?;
    let secret = parameters.agree(&key.value, peer).ok_or(invalid)?;
    Ok(SharedSecret::new(secret, Shape::Trailing))
}

/// The public key in the form in which it leaves.
pub(crate) fn canonical_public_key(info: &[u8]) -> Option<Vec<u8>> {
    SCHEME.canonical_public_key(info, |domain| ready(domain).is_some())
}

/// The private key in the form in which blobs keep it.
pub(crate) fn canonical_private_key(info: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = SCHEME.private_key(info)?;
    ready(&key.domain)?.public(&key.value)?;
    Some(SCHEME.private_key_info(&key.domain, &key.value))
}

/// The public key information of a private key.
pub(crate) fn public_key_info(private: &[u8]) -> Option<Vec<u8>> {
    let key = SCHEME.private_key(private)?;
    let public = ready(&key.domain)?.public(&key.value)?;
    Some(SCHEME.public_key_info(&key.domain, &public))
}

/// Bits of the modulus of a public key.
pub(crate) fn modulus_bits(info: &[u8]) -> Option<usize> {
    SCHEME.modulus_bits(info)
}

fn ready(domain: &[Vec<u8>]) -> Option<DhParameters> {
    let [p, g] = domain else { return None };
    DhParameters::new(p, g)
}
