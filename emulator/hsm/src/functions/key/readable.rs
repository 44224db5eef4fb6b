//! Attributes of a key that can be read.

use hpcs_ep11::pkcs11::{AttributeType, KeyType, ObjectClass};

use super::Key;
use super::word::BOOLEANS;
use crate::functions::families;
use crate::functions::template::AttributeValue;

/// Every attribute of the key that can be read, ascending (sections 1.4 and 5.1).
pub(crate) fn readable(key: &Key) -> Vec<(AttributeType, AttributeValue)> {
    use AttributeValue::{Boolean, Bytes, Integer};
    let mut found = vec![
        (AttributeType::CLASS, Integer(i64::from(key.class.0))),
        (AttributeType::KEY_TYPE, Integer(i64::from(key.key_type.0))),
    ];
    found.extend(structure(key));
    if !key.raw {
        let secret = key.class != ObjectClass::PUBLIC_KEY;
        found.extend(BOOLEANS.iter().map(|row| (row.attribute, Boolean(key.attributes.has(row.bit)))));
        for (attribute, value) in [
            (AttributeType::TOKEN, false),
            (AttributeType::PRIVATE, secret),
            (AttributeType::COPYABLE, true),
            (AttributeType::DESTROYABLE, true),
            (AttributeType::IBM_RESTRICTABLE, true),
            (AttributeType::IBM_PROTKEY_NEVER_EXTRACTABLE, true),
        ] {
            if !key.keeps(attribute) {
                found.push((attribute, Boolean(value)));
            }
        }
        found.extend(key.stored.iter().map(|(attribute, value)| (attribute, value.clone())));
        if secret {
            found.push((AttributeType::SENSITIVE, Boolean(true)));
            found.push((AttributeType::ALWAYS_SENSITIVE, Boolean(true)));
        }
        found.push((AttributeType::IBM_STD_COMPLIANCE1, Integer(0)));
        found.push((AttributeType::IBM_LOGIN_SESSION, Bytes(key.session.0.to_vec())));
    }
    found.sort_by_key(|(attribute, _)| *attribute);
    found
}

/// What follows from the value of the key.
fn structure(key: &Key) -> Vec<(AttributeType, AttributeValue)> {
    use AttributeValue::{Bytes, Integer};
    if key.class == ObjectClass::SECRET_KEY {
        let mut found = vec![(AttributeType::VALUE_LEN, Integer(key.value.len() as i64))];
        if key.key_type != KeyType::GENERIC_SECRET {
            let check_value = families::secret::check_value(key.key_type, &key.value);
            found.push((AttributeType::CHECK_VALUE, Bytes(check_value.to_vec())));
        }
        return found;
    }
    let info = match key.class {
        ObjectClass::PUBLIC_KEY => Some(key.value.to_vec()),
        _ => families::public_key_info(key.key_type, &key.value),
    };
    let mut found = Vec::new();
    if let Some(curve) = families::ec::curve_of(key.class, key.key_type, &key.value) {
        found.push((AttributeType::EC_PARAMS, Bytes(curve.object_identifier().to_vec())));
    }
    match key.key_type {
        KeyType::EC if families::bls::is_key(key.class, &key.value) => {
            found.push((AttributeType::EC_PARAMS, Bytes(families::bls::PARAMETERS.to_vec())));
        }
        KeyType::IBM_DILITHIUM | KeyType::IBM_KYBER => {
            let strength = info.as_deref().and_then(families::lattice::public_key).map(|key| key.strength);
            found.extend(strength.map(|strength| (AttributeType::IBM_PQC_PARAMS, Bytes(strength.identifier()))));
        }
        _ => {}
    }
    if key.key_type == KeyType::RSA
        && let Some(public) = info.as_deref().and_then(families::rsa::public_key)
    {
        found.push((AttributeType::MODULUS_BITS, Integer(public.modulus_bits() as i64)));
        found.push((AttributeType::MODULUS, Bytes(public.modulus())));
        found.push((AttributeType::PUBLIC_EXPONENT, Bytes(public.exponent())));
    }
    found.extend(info.map(|info| (AttributeType::PUBLIC_KEY_INFO, Bytes(info))));
    found
}
