//! The mechanisms, one file a family, and what is asked of keys whatever their family.

pub(super) mod attribute_bound;
pub(super) mod bls;
pub(super) mod cipher;
pub(super) mod dh;
pub(super) mod digest;
mod discrete;
pub(super) mod dsa;
pub(super) mod ec;
pub(super) mod hd;
pub(super) mod kem;
pub(super) mod lattice;
pub(super) mod rsa;
pub(super) mod secret;
pub(super) mod shared_secret;
pub(super) mod signature;

use hpcs_crypto::der::{OBJECT_IDENTIFIER, Reader, SEQUENCE};
use hpcs_ep11::pkcs11::{KeyType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::Outcome;
use super::context::Context;
use super::key::Key;
use super::mechanism::Parameter;

/// The type of a public key by the algorithm in its `SubjectPublicKeyInfo`, if the key is one that there is.
pub(super) fn public_key_type(info: &[u8]) -> Option<KeyType> {
    let key_type = algorithm(info)?;
    canonical_public_key(key_type, info).map(|_| key_type)
}

/// The public key in the form in which it leaves the unit.
pub(super) fn canonical_public_key(key_type: KeyType, info: &[u8]) -> Option<Vec<u8>> {
    match key_type {
        KeyType::RSA => rsa::canonical_public_key(info),
        KeyType::DSA => dsa::canonical_public_key(info),
        KeyType::DH => dh::canonical_public_key(info),
        KeyType::EC => ec::canonical_public_key(info).or_else(|| bls::canonical_public_key(info)),
        KeyType::IBM_DILITHIUM | KeyType::IBM_KYBER => lattice::canonical_public_key(info),
        _ => None,
    }
}

/// The private key in the form in which blobs keep it; nothing when the bytes are no such key.
///
/// # Errors
/// `TEMPLATE_INCONSISTENT` when the type is none of a private key, `CURVE_NOT_SUPPORTED` for a curve that is off.
pub(super) fn canonical_private_key(
    context: &Context<'_>,
    key_type: KeyType,
    der: &[u8],
) -> Outcome<Option<Zeroizing<Vec<u8>>>> {
    match key_type {
        KeyType::RSA => Ok(rsa::canonical_private_key(der)),
        KeyType::DSA => Ok(dsa::canonical_private_key(der)),
        KeyType::DH => Ok(dh::canonical_private_key(der)),
        KeyType::EC => match bls::canonical_private_key(der) {
            Some(key) => Ok(Some(key)),
            None => ec::canonical_private_key(context, der),
        },
        KeyType::IBM_DILITHIUM | KeyType::IBM_KYBER => Ok(lattice::canonical_private_key(key_type, der)),
        _ => Err(ReturnValue::TEMPLATE_INCONSISTENT),
    }
}

/// The `SubjectPublicKeyInfo` of a private key.
pub(super) fn public_key_info(key_type: KeyType, private: &[u8]) -> Option<Vec<u8>> {
    match key_type {
        KeyType::RSA => rsa::public_key_info(private),
        KeyType::DSA => dsa::public_key_info(private),
        KeyType::DH => dh::public_key_info(private),
        KeyType::EC => ec::public_key_info(private).or_else(|| bls::public_key_info(private)),
        KeyType::IBM_DILITHIUM | KeyType::IBM_KYBER => lattice::public_key_info(private),
        _ => None,
    }
}

/// Bits of a key: of a secret key all of them, otherwise those of the modulus or of the curve's order.
pub(super) fn size_bits(key: &Key) -> usize {
    if key.class == ObjectClass::SECRET_KEY {
        return key.value.len() * 8;
    }
    let info = match key.class {
        ObjectClass::PUBLIC_KEY => Some(key.value.to_vec()),
        _ => public_key_info(key.key_type, &key.value),
    };
    let bits = info.and_then(|info| match key.key_type {
        KeyType::RSA => rsa::public_key(&info).map(|key| key.modulus_bits()),
        KeyType::DSA => dsa::modulus_bits(&info),
        KeyType::DH => dh::modulus_bits(&info),
        KeyType::EC => {
            let curve = ec::public_key(&info).map(|key| key.curve().order_bits());
            curve.or_else(|| bls::public_key(&info).map(|_| bls::ORDER_BITS))
        }
        // Their strengths are as strong as a cipher of so many bits, roughly.
        _ => Some(LATTICE_BITS),
    });
    bits.unwrap_or_default()
}

/// Bits of security of a key (SP 800-57, part 1, table 2).
pub(super) fn strength(key: &Key) -> usize {
    let bits = size_bits(key);
    match key.key_type {
        KeyType::DES2 => 80,
        KeyType::DES3 => 112,
        KeyType::AES | KeyType::GENERIC_SECRET => bits,
        KeyType::EC => bits / 2,
        KeyType::IBM_DILITHIUM | KeyType::IBM_KYBER => bits,
        _ => match bits {
            ..1024 => 0,
            1024..2048 => 80,
            2048..3072 => 112,
            3072..7680 => 128,
            _ => 192,
        },
    }
}

fn algorithm(info: &[u8]) -> Option<KeyType> {
    let identifier = Reader::new(info).enter(SEQUENCE)?.enter(SEQUENCE)?.element(OBJECT_IDENTIFIER)?;
    let known = ALGORITHMS.iter().find(|(known, _)| *known == identifier).map(|(_, key_type)| *key_type);
    known.or_else(|| lattice::key_type_of(identifier))
}

/// Contents of object identifiers, and what they stand for. The curves of RFC 8410 are algorithms of their own.
const ALGORITHMS: &[(&[u8], KeyType)] = &[
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1], KeyType::RSA),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x38, 4, 1], KeyType::DSA),
    (&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 3, 1], KeyType::DH),
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1], KeyType::EC),
    (&[0x2B, 0x65, 0x6E], KeyType::EC),
    (&[0x2B, 0x65, 0x6F], KeyType::EC),
    (&[0x2B, 0x65, 0x70], KeyType::EC),
    (&[0x2B, 0x65, 0x71], KeyType::EC),
];

/// Bits that `CKM_IBM_DILITHIUM` and `CKM_IBM_KYBER` state for their keys.
const LATTICE_BITS: usize = 256;

/// Refuses a parameter where there is none. Empty bytes are as good as nothing.
pub(super) fn no_parameter(parameter: &Parameter) -> Outcome<()> {
    match parameter {
        Parameter::None => Ok(()),
        Parameter::Bytes(bytes) if bytes.is_empty() => Ok(()),
        _ => Err(ReturnValue::MECHANISM_PARAM_INVALID),
    }
}
