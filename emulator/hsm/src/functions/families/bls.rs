//! BLS12-381: keys, signatures, and sums of both (section 4.12).
//!
//! Such keys count as elliptic curve keys of a curve of their own. Public keys are points of G1 and signatures points of
//! G2, both uncompressed.

use hpcs_crypto::bls::{self, Fault, SECRET_KEY_SIZE, SIGNATURE_SIZE};
use hpcs_crypto::der::{self, Reader};
use hpcs_ep11::pkcs11::{KeyType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use crate::functions::Outcome;
use crate::functions::key::Key;
use crate::functions::mechanism::{AggregateParameter, Parameter};
use crate::{CallEnv, Profile};

/// DER of the curve's object identifier, 1.3.6.1.4.1.2.267.999.3.2.
pub(crate) const PARAMETERS: [u8; 14] =
    [0x06, 0x0C, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x02, 0x82, 0x0B, 0x87, 0x67, 0x03, 0x02];

/// DER of the object identifier `ecPublicKey`.
const EC_PUBLIC_KEY: [u8; 9] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];

/// The first generation of modules that has the curve.
pub(crate) const SINCE: Profile = Profile::Cex7;

/// Bits of the order of the groups.
pub(crate) const ORDER_BITS: usize = 255;

/// A key that signs or verifies.
pub(crate) enum BlsKey {
    Private(Zeroizing<Vec<u8>>),
    Public(Vec<u8>),
}

impl BlsKey {
    pub(crate) fn open(key: &Key) -> Outcome<Self> {
        let read = match (key.key_type, key.class) {
            (KeyType::EC, ObjectClass::PRIVATE_KEY) => private_key(&key.value).map(BlsKey::Private),
            (KeyType::EC, ObjectClass::PUBLIC_KEY) => public_key(&key.value).map(BlsKey::Public),
            _ => return Err(ReturnValue::KEY_TYPE_INCONSISTENT),
        };
        read.ok_or(ReturnValue::CURVE_NOT_SUPPORTED)
    }

    /// The sum of public keys.
    pub(crate) fn sum(keys: &[Key]) -> Outcome<Self> {
        let open = |key: &Key| match BlsKey::open(key)? {
            BlsKey::Public(point) => Ok(point),
            BlsKey::Private(_) => Err(ReturnValue::KEY_TYPE_INCONSISTENT),
        };
        let points = keys.iter().map(open).collect::<Outcome<Vec<_>>>()?;
        let points: Vec<&[u8]> = points.iter().map(|point| &point[..]).collect();
        let sum = bls::aggregate_public_keys(&points).map_err(|_| ReturnValue::MECHANISM_PARAM_INVALID)?;
        Ok(BlsKey::Public(sum.to_vec()))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Outcome<Vec<u8>> {
        let BlsKey::Private(secret) = self else { return Err(ReturnValue::KEY_TYPE_INCONSISTENT) };
        bls::sign(secret, message).map(|signature| signature.to_vec()).map_err(|_| ReturnValue::FUNCTION_FAILED)
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Outcome<()> {
        let derived;
        let public = match self {
            BlsKey::Public(point) => &point[..],
            BlsKey::Private(secret) => {
                derived = bls::public_key(secret).map_err(|_| ReturnValue::FUNCTION_FAILED)?;
                &derived
            }
        };
        bls::verify(public, message, signature).map_err(|fault| match fault {
            Fault::Signature(_) if signature.len() != SIGNATURE_SIZE => ReturnValue::SIGNATURE_LEN_RANGE,
            _ => ReturnValue::SIGNATURE_INVALID,
        })
    }

    /// The public key information of the public key.
    fn info(&self) -> Option<Vec<u8>> {
        match self {
            BlsKey::Public(point) => Some(public_info(point)),
            BlsKey::Private(secret) => bls::public_key(secret).ok().map(|point| public_info(&point)),
        }
    }
}

/// A new pair: `PrivateKeyInfo` and `SubjectPublicKeyInfo`.
pub(crate) fn generate(env: &mut CallEnv) -> Outcome<(Zeroizing<Vec<u8>>, Vec<u8>)> {
    let secret = bls::generate(&mut env.rng);
    let public = bls::public_key(&*secret).map_err(|_| ReturnValue::FUNCTION_FAILED)?;
    Ok((private_info(&*secret, &public), public_info(&public)))
}

/// The sum of the signatures in the parameter.
pub(crate) fn sum_of_signatures(parameter: &Parameter) -> Outcome<Zeroizing<Vec<u8>>> {
    let invalid = ReturnValue::MECHANISM_PARAM_INVALID;
    let elements = elements(parameter, SIGNATURES)?;
    if elements.iter().any(|element| element.len() != SIGNATURE_SIZE) {
        return Err(invalid);
    }
    bls::aggregate_signatures(&elements).map(|sum| Zeroizing::new(sum.to_vec())).map_err(|_| invalid)
}

/// The public keys in the parameter, as blobs.
pub(crate) fn public_keys(parameter: &Parameter) -> Outcome<Vec<&[u8]>> {
    elements(parameter, PUBLIC_KEYS)
}

/// The public key information of the sum of public keys.
pub(crate) fn sum_of_public_keys(keys: &[Key]) -> Outcome<Zeroizing<Vec<u8>>> {
    let info = BlsKey::sum(keys)?.info().ok_or(ReturnValue::FUNCTION_FAILED)?;
    Ok(Zeroizing::new(info))
}

fn elements(parameter: &Parameter, wanted: u64) -> Outcome<Vec<&[u8]>> {
    let invalid = ReturnValue::MECHANISM_PARAM_INVALID;
    let Parameter::Aggregate(AggregateParameter { version: 0, mode, element_size, elements }) = parameter else {
        return Err(invalid);
    };
    let size = usize::try_from(*element_size).ok().filter(|size| *size > 0).ok_or(invalid)?;
    let whole = !elements.is_empty() && elements.len().is_multiple_of(size);
    if *mode == wanted && whole && elements.len() / size <= MOST_ELEMENTS {
        Ok(elements.chunks(size).collect())
    } else {
        Err(invalid)
    }
}

/// The secret scalar in a `PrivateKeyInfo`.
pub(crate) fn private_key(info: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut outer = Reader::new(info);
    let mut inner = outer.enter(der::SEQUENCE)?;
    outer.finish()?;
    if !inner.unsigned_integer()?.is_empty() {
        return None;
    }
    check_algorithm(&mut inner)?;
    let mut key = inner.enter(der::OCTET_STRING)?.enter(der::SEQUENCE)?;
    if key.unsigned_integer()? != [1] {
        return None;
    }
    let secret = key.element(der::OCTET_STRING)?;
    (secret.len() == SECRET_KEY_SIZE).then(|| Zeroizing::new(secret.to_vec()))
}

/// The point in a `SubjectPublicKeyInfo`, whether it is a key or not: using it finds out.
pub(crate) fn public_key(info: &[u8]) -> Option<Vec<u8>> {
    let mut outer = Reader::new(info);
    let mut inner = outer.enter(der::SEQUENCE)?;
    outer.finish()?;
    check_algorithm(&mut inner)?;
    let point = inner.bit_string()?.to_vec();
    inner.finish()?;
    Some(point)
}

/// Whether the value is that of such a key.
pub(crate) fn is_key(class: ObjectClass, value: &[u8]) -> bool {
    match class {
        ObjectClass::PRIVATE_KEY => private_key(value).is_some(),
        ObjectClass::PUBLIC_KEY => public_key(value).is_some(),
        _ => false,
    }
}

/// The private key in the form in which blobs keep it.
pub(crate) fn canonical_private_key(info: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let secret = private_key(info)?;
    let public = bls::public_key(&secret).ok()?;
    Some(private_info(&secret, &public))
}

/// The public key in the form in which it leaves.
pub(crate) fn canonical_public_key(info: &[u8]) -> Option<Vec<u8>> {
    let point = public_key(info)?;
    bls::aggregate_public_keys(&[&point]).ok().map(|point| public_info(&point))
}

/// The public key information of a private key.
pub(crate) fn public_key_info(private: &[u8]) -> Option<Vec<u8>> {
    BlsKey::Private(private_key(private)?).info()
}

fn check_algorithm(reader: &mut Reader<'_>) -> Option<()> {
    let algorithm = reader.element(der::SEQUENCE)?;
    (algorithm.strip_prefix(&EC_PUBLIC_KEY)? == PARAMETERS).then_some(())
}

fn algorithm() -> Zeroizing<Vec<u8>> {
    der::element(der::SEQUENCE, &[&EC_PUBLIC_KEY, &PARAMETERS])
}

fn public_info(point: &[u8]) -> Vec<u8> {
    let bits = der::element(der::BIT_STRING, &[&[0], point]);
    der::element(der::SEQUENCE, &[&algorithm(), &bits]).to_vec()
}

fn private_info(secret: &[u8], public: &[u8]) -> Zeroizing<Vec<u8>> {
    let bits = der::element(der::BIT_STRING, &[&[0], public]);
    let public = der::element(der::constructed(1), &[&bits]);
    let key = [&der::unsigned_integer(&[1]), &der::element(der::OCTET_STRING, &[secret]), &public];
    let key = der::element(der::SEQUENCE, &key.map(|part| &part[..]));
    let key = der::element(der::OCTET_STRING, &[&key]);
    der::element(der::SEQUENCE, &[&der::unsigned_integer(&[]), &algorithm(), &key])
}

/// Modes of aggregation.
const SIGNATURES: u64 = 1;
const PUBLIC_KEYS: u64 = 2;

/// Elements of one sum.
const MOST_ELEMENTS: usize = 12;
