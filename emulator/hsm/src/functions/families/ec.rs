//! Elliptic curves: keys, and the control points of their curves (sections 4.9, 4.10 and 5.5).

use hpcs_crypto::ec::agreement::agree;
use hpcs_crypto::ec::{Curve, Family, PrivateKey, PublicKey};
use hpcs_crypto::hash::Hash;
use hpcs_ep11::pkcs11::{AttributeType, KeyType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::bls;
use super::shared_secret::{Shape, SharedSecret};
use crate::CallEnv;
use crate::functions::context::Context;
use crate::functions::key::Key;
use crate::functions::mechanism::{DeriveParameter, Parameter};
use crate::functions::template::Template;
use crate::functions::{Outcome, policy};

/// A key on a curve.
pub(crate) enum EcKey {
    Private(PrivateKey),
    Public(PublicKey),
}

impl EcKey {
    /// Reads the key, if its curve is allowed.
    pub(crate) fn open(context: &Context<'_>, key: &Key) -> Outcome<Self> {
        let inconsistent = ReturnValue::KEY_TYPE_INCONSISTENT;
        if key.key_type != KeyType::EC {
            return Err(inconsistent);
        }
        let read = match key.class {
            ObjectClass::PRIVATE_KEY => PrivateKey::from_pkcs8_der(&key.value).map(EcKey::Private),
            ObjectClass::PUBLIC_KEY => PublicKey::from_spki_der(&key.value).map(EcKey::Public),
            _ => None,
        };
        let key = read.ok_or(inconsistent)?;
        require_curve(context, key.curve())?;
        Ok(key)
    }

    pub(crate) fn curve(&self) -> Curve {
        match self {
            EcKey::Private(key) => key.curve(),
            EcKey::Public(key) => key.curve(),
        }
    }

    /// The private key.
    ///
    /// # Errors
    /// `KEY_TYPE_INCONSISTENT` when there is only the public one.
    pub(crate) fn private(&self) -> Outcome<&PrivateKey> {
        match self {
            EcKey::Private(key) => Ok(key),
            EcKey::Public(_) => Err(ReturnValue::KEY_TYPE_INCONSISTENT),
        }
    }

    pub(crate) fn public(&self) -> PublicKey {
        match self {
            EcKey::Private(key) => key.public(),
            EcKey::Public(key) => key.clone(),
        }
    }

    pub(crate) fn require_family(&self, family: Family) -> Outcome<()> {
        if self.curve().family() == family { Ok(()) } else { Err(ReturnValue::KEY_TYPE_INCONSISTENT) }
    }

    pub(crate) fn require_curve(&self, curve: Curve) -> Outcome<()> {
        if self.curve() == curve { Ok(()) } else { Err(ReturnValue::KEY_TYPE_INCONSISTENT) }
    }
}

/// The public key in public key information.
pub(crate) fn public_key(info: &[u8]) -> Option<PublicKey> {
    PublicKey::from_spki_der(info)
}

/// The public key information of a private key.
pub(crate) fn public_key_info(private: &[u8]) -> Option<Vec<u8>> {
    PrivateKey::from_pkcs8_der(private).map(|key| key.public().to_spki_der())
}

/// The public key in the form in which it leaves: two object identifiers, whatever the curve.
pub(crate) fn canonical_public_key(info: &[u8]) -> Option<Vec<u8>> {
    public_key(info).map(|key| key.to_spki_der())
}

/// The private key in the form in which blobs keep it.
///
/// # Errors
/// `CURVE_NOT_SUPPORTED` for a curve that is off.
pub(crate) fn canonical_private_key(context: &Context<'_>, der: &[u8]) -> Outcome<Option<Zeroizing<Vec<u8>>>> {
    let Some(key) = PrivateKey::from_pkcs8_der(der) else { return Ok(None) };
    require_curve(context, key.curve())?;
    Ok(Some(key.to_pkcs8_der()))
}

/// The curve of a key, if it has one.
pub(crate) fn curve_of(class: ObjectClass, key_type: KeyType, value: &[u8]) -> Option<Curve> {
    match (class, key_type) {
        (ObjectClass::PRIVATE_KEY, KeyType::EC) => PrivateKey::from_pkcs8_der(value).map(|key| key.curve()),
        (ObjectClass::PUBLIC_KEY, KeyType::EC) => PublicKey::from_spki_der(value).map(|key| key.curve()),
        _ => None,
    }
}

/// A new pair on the curve that one of the templates names: `PrivateKeyInfo` and `SubjectPublicKeyInfo`.
pub(crate) fn generate(
    context: &Context<'_>,
    private: &Template,
    public: &Template,
    env: &mut CallEnv,
) -> Outcome<(Zeroizing<Vec<u8>>, Vec<u8>)> {
    let stated = |template: &Template| template.bytes(AttributeType::EC_PARAMS);
    let parameters = stated(public)?.or(stated(private)?).ok_or(ReturnValue::TEMPLATE_INCOMPLETE)?;
    if parameters == bls::PARAMETERS {
        if context.profile() < bls::SINCE {
            return Err(ReturnValue::CURVE_NOT_SUPPORTED);
        }
        return bls::generate(env);
    }
    let curve = curve(&parameters)?;
    require_curve(context, curve)?;
    let key = PrivateKey::generate(curve, &mut env.rng);
    Ok((key.to_pkcs8_der(), key.public().to_spki_der()))
}

/// The curve of a `CKA_EC_PARAMS`: an object identifier or a name.
pub(crate) fn curve(parameters: &[u8]) -> Outcome<Curve> {
    Curve::from_object_identifier(parameters)
        .or_else(|| Curve::from_name(parameters))
        .ok_or(ReturnValue::CURVE_NOT_SUPPORTED)
}

/// Refuses a curve whose control point is off.
pub(crate) fn require_curve(context: &Context<'_>, curve: Curve) -> Outcome<()> {
    let point = match (curve.family(), curve) {
        (Family::Montgomery | Family::Edwards, _) => policy::EC_25519,
        (_, Curve::Secp256k1) => policy::EC_SECGCRV,
        (_, Curve::P192 | Curve::P224 | Curve::P256 | Curve::P384 | Curve::P521) => policy::EC_NISTCRV,
        _ => policy::EC_BPOOLCRV,
    };
    if context.allows(point) { Ok(()) } else { Err(ReturnValue::CURVE_NOT_SUPPORTED) }
}

/// Agrees with the public key in the parameter. `curve` is the only one that the mechanism knows, if it knows one.
pub(crate) fn agreed(
    context: &Context<'_>,
    base: &Key,
    parameter: &Parameter,
    curve: Option<Curve>,
) -> Outcome<SharedSecret> {
    let invalid = ReturnValue::MECHANISM_PARAM_INVALID;
    base.require_kind(ObjectClass::PRIVATE_KEY, KeyType::EC)?;
    let key = EcKey::open(context, base)?;
    match curve {
        Some(curve) => key.require_curve(curve)?,
        None => key.require_family(Family::Weierstrass)?,
    }
    let (shape, public) = match parameter {
        Parameter::Bytes(public) => (Shape::Trailing, public),
        Parameter::Derive(DeriveParameter { shared, .. }) if shared.len() > LONGEST_PARAMETER => return Err(invalid),
        Parameter::Derive(DeriveParameter { kdf, shared, public }) => (shape(*kdf, shared)?, public),
        _ => return Err(invalid),
    };
    if public.len() > LONGEST_PARAMETER {
        return Err(invalid);
    }
    let peer = peer(key.curve(), public).ok_or(invalid)?;
    let secret = agree(key.private()?, &peer).ok_or(invalid)?;
    Ok(SharedSecret::new(secret, shape))
}

/// The other party's key: the point, or an OCTET STRING with it.
fn peer(curve: Curve, public: &[u8]) -> Option<PublicKey> {
    let inner = match public {
        [0x04, length, rest @ ..] if usize::from(*length) == rest.len() => Some(rest),
        [0x04, 0x81, length, rest @ ..] if usize::from(*length) == rest.len() => Some(rest),
        _ => None,
    };
    PublicKey::from_bytes(curve, public).or_else(|| PublicKey::from_bytes(curve, inner?))
}

/// What a key derivation function, a `CKD`, makes of the secret. Two take it as it is.
fn shape(kdf: u64, shared: &[u8]) -> Outcome<Shape> {
    let hash = match kdf {
        1 | 0x8000_0001 => return Ok(Shape::Trailing),
        2 => Hash::Sha1,
        5 => Hash::Sha224,
        6 => Hash::Sha256,
        7 => Hash::Sha384,
        8 => Hash::Sha512,
        _ => return Err(ReturnValue::MECHANISM_PARAM_INVALID),
    };
    Ok(Shape::X963(hash, shared.to_vec()))
}

/// Bytes of shared data and of public keys that a parameter may have.
const LONGEST_PARAMETER: usize = 1024;
