//! Hierarchical keys: BIP32 and SLIP-0010 (section 4.13).

use hpcs_crypto::ec::hd::{DerivationFault, ExtendedPrivateKey, ExtendedPublicKey, Scheme};
use hpcs_crypto::ec::{PrivateKey, PublicKey};
use hpcs_ep11::pkcs11::{AttributeType, KeyType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::ec;
use crate::functions::Outcome;
use crate::functions::context::Context;
use crate::functions::key::{AttributeWord, Key};
use crate::functions::mechanism::{HdParameter, Parameter};
use crate::functions::template::Template;

/// A derived key.
pub(crate) struct Child {
    pub(crate) class: ObjectClass,
    pub(crate) value: Zeroizing<Vec<u8>>,
    /// What clients hand in to derive its children: the answer has it where others have a checksum.
    pub(crate) chain_code: Vec<u8>,
}

/// Which key comes of which.
enum Step {
    Master,
    PrivateToPrivate,
    PrivateToPublic,
    PublicToPublic,
}

/// Derives a key.
///
/// # Errors
/// `MECHANISM_PARAM_INVALID` for what the scheme does not have, `KEY_TYPE_INCONSISTENT` for a base key of another class,
/// `FUNCTION_FAILED` for the number in 2^127 that is no key.
pub(crate) fn derive(context: &Context<'_>, base: &Key, parameter: &Parameter, template: &Template) -> Outcome<Child> {
    let invalid = ReturnValue::MECHANISM_PARAM_INVALID;
    let Parameter::Hd(HdParameter { kind, index, chain_code, version: 1 }) = parameter else { return Err(invalid) };
    let (scheme, step) = match kind {
        1 => (Scheme::Bip32, Step::PrivateToPrivate),
        2 => (Scheme::Bip32, Step::PrivateToPublic),
        3 => (Scheme::Bip32, Step::PublicToPublic),
        4 => (Scheme::Bip32, Step::Master),
        5 => (Scheme::Slip10, Step::PrivateToPrivate),
        6 => (Scheme::Slip10, Step::PrivateToPublic),
        7 => (Scheme::Slip10, Step::PublicToPublic),
        8 => (Scheme::Slip10, Step::Master),
        _ => return Err(invalid),
    };
    let index = u32::try_from(*index).map_err(|_| invalid)?;
    base.require(AttributeWord::DERIVE)?;
    if let Step::Master = step {
        base.require_kind(ObjectClass::SECRET_KEY, KeyType::GENERIC_SECRET)?;
        base.require(AttributeWord::USE_AS_DATA)?;
        let parameters = template.bytes(AttributeType::EC_PARAMS)?.ok_or(ReturnValue::TEMPLATE_INCOMPLETE)?;
        let curve = ec::curve(&parameters)?;
        ec::require_curve(context, curve)?;
        if !chain_code.is_empty() {
            return Err(invalid);
        }
        return ExtendedPrivateKey::from_seed(scheme, curve, &base.value).map(private).map_err(refusal);
    }
    let chain_code = Zeroizing::new(<[u8; 32]>::try_from(&chain_code[..]).map_err(|_| invalid)?);
    if let Step::PublicToPublic = step {
        base.require_kind(ObjectClass::PUBLIC_KEY, KeyType::EC)?;
        let key = PublicKey::from_spki_der(&base.value).ok_or(ReturnValue::KEY_TYPE_INCONSISTENT)?;
        check_curve(context, template, key.curve())?;
        return ExtendedPublicKey { key, chain_code }.child(scheme, index).map(public).map_err(refusal);
    }
    base.require_kind(ObjectClass::PRIVATE_KEY, KeyType::EC)?;
    let key = PrivateKey::from_pkcs8_der(&base.value).ok_or(ReturnValue::KEY_TYPE_INCONSISTENT)?;
    check_curve(context, template, key.curve())?;
    let child = ExtendedPrivateKey { key, chain_code }.child(scheme, index).map_err(refusal)?;
    Ok(match step {
        Step::PrivateToPublic => public(child.public()),
        _ => private(child),
    })
}

fn private(child: ExtendedPrivateKey) -> Child {
    let chain_code = child.chain_code.to_vec();
    Child { class: ObjectClass::PRIVATE_KEY, value: child.key.to_pkcs8_der(), chain_code }
}

fn public(child: ExtendedPublicKey) -> Child {
    let chain_code = child.chain_code.to_vec();
    Child { class: ObjectClass::PUBLIC_KEY, value: Zeroizing::new(child.key.to_spki_der()), chain_code }
}

/// The curve that a template names, if it names one, is that of the base key.
fn check_curve(context: &Context<'_>, template: &Template, curve: hpcs_crypto::ec::Curve) -> Outcome<()> {
    ec::require_curve(context, curve)?;
    match template.bytes(AttributeType::EC_PARAMS)? {
        Some(stated) if ec::curve(&stated)? != curve => Err(ReturnValue::MECHANISM_PARAM_INVALID),
        _ => Ok(()),
    }
}

fn refusal(fault: DerivationFault) -> ReturnValue {
    match fault {
        DerivationFault::Curve | DerivationFault::Index => ReturnValue::MECHANISM_PARAM_INVALID,
        DerivationFault::Seed => ReturnValue::KEY_SIZE_RANGE,
        DerivationFault::Invalid => ReturnValue::FUNCTION_FAILED,
    }
}
