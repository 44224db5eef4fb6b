//! Which mechanisms a unit offers, and what for: the module's generation and the control points decide (section 9).
//!
//! Control points up to 67 count: those are the ones that the mask of a new unit knows. Later firmware has more.

use hpcs_ep11::pkcs11::{MechanismFlags as Flags, MechanismType, ObjectClass, ReturnValue};

use super::Outcome;
use super::context::Context;
use super::function::{Output, Purpose};
use super::key::Key;
use super::registry::{self, Family, MECHANISMS, MechanismRow};

/// The mechanisms that the unit lists.
pub(crate) fn list(context: &Context<'_>) -> Vec<u64> {
    MECHANISMS.iter().filter(|row| row.listed && is_offered(context, row)).map(|row| row.kind.0).collect()
}

/// What a mechanism can do.
pub(crate) fn info(context: &Context<'_>, kind: MechanismType) -> Outcome<Output> {
    let row = registry::find(kind).filter(|row| is_offered(context, row)).ok_or(ReturnValue::MECHANISM_INVALID)?;
    Ok(Output::MechanismInfo { min: row.sizes.0, max: row.sizes.1, flags: row.flags.0 })
}

/// The row of a mechanism that is offered for this.
pub(crate) fn offered(context: &Context<'_>, kind: MechanismType, flag: Flags) -> Outcome<&'static MechanismRow> {
    registry::find(kind)
        .filter(|row| row.flags.has(flag) && is_offered(context, row))
        .ok_or(ReturnValue::MECHANISM_INVALID)
}

fn is_offered(context: &Context<'_>, row: &MechanismRow) -> bool {
    let known = row.since <= context.profile();
    let uses: Vec<_> = USES.iter().filter(|(flag, _)| row.flags.has(*flag)).collect();
    let usable = uses.is_empty() || uses.iter().any(|(_, point)| point(row).is_none_or(|point| context.allows(point)));
    known && usable && row.control_points.iter().all(|point| context.allows(*point))
}

/// The control point of a use of a mechanism, if it has one.
type PointOf = fn(&MechanismRow) -> Option<u8>;

/// The control point of each use of a mechanism; verifying with a public key is listed like signing and always allowed.
const USES: &[(Flags, PointOf)] = &[
    (Flags::SIGN, |row| Some(if is_symmetric(row) { SIGN_SYMM } else { SIGN_ASYMM })),
    (Flags::ENCRYPT, |row| is_symmetric(row).then_some(ENCRYPT_SYMM)),
    (Flags::DECRYPT, |row| Some(if is_symmetric(row) { DECRYPT_SYMM } else { DECRYPT_ASYMM })),
    (Flags::WRAP, |row| Some(if is_symmetric(row) { WRAP_SYMM } else { WRAP_ASYMM })),
    (Flags::UNWRAP, |row| Some(if is_symmetric(row) { UNWRAP_SYMM } else { UNWRAP_ASYMM })),
];

fn is_symmetric(row: &MechanismRow) -> bool {
    matches!(row.family, Family::Cipher(..) | Family::Hmac(_) | Family::Cmac(_))
}

/// Whether a key of this class may be used for the purpose.
pub(crate) fn allow(context: &Context<'_>, purpose: Purpose, key: &Key) -> Outcome<()> {
    let secret = key.class == ObjectClass::SECRET_KEY;
    match (purpose, secret) {
        (Purpose::Sign, true) => context.require(SIGN_SYMM),
        (Purpose::Sign, false) => context.require(SIGN_ASYMM),
        (Purpose::Verify, true) => context.require(SIGVERIFY_SYMM),
        (Purpose::Encrypt, true) => context.require(ENCRYPT_SYMM),
        (Purpose::Decrypt, true) => context.require(DECRYPT_SYMM),
        (Purpose::Decrypt, false) => context.require(DECRYPT_ASYMM),
        (Purpose::Digest, _) | (Purpose::Verify | Purpose::Encrypt, false) => Ok(()),
    }
}

/// Whether a key of this class may wrap.
pub(crate) fn allow_wrapping(context: &Context<'_>, kek: &Key) -> Outcome<()> {
    context.require(if kek.class == ObjectClass::SECRET_KEY { WRAP_SYMM } else { WRAP_ASYMM })
}

/// Whether a key of this class may unwrap.
pub(crate) fn allow_unwrapping(context: &Context<'_>, kek: &Key) -> Outcome<()> {
    context.require(if kek.class == ObjectClass::SECRET_KEY { UNWRAP_SYMM } else { UNWRAP_ASYMM })
}

const SIGN_ASYMM: u8 = 2;
const SIGN_SYMM: u8 = 3;
const SIGVERIFY_SYMM: u8 = 4;
const ENCRYPT_SYMM: u8 = 5;
const DECRYPT_ASYMM: u8 = 6;
const DECRYPT_SYMM: u8 = 7;
const WRAP_ASYMM: u8 = 8;
const WRAP_SYMM: u8 = 9;
const UNWRAP_ASYMM: u8 = 10;
const UNWRAP_SYMM: u8 = 11;
/// Pairs of keys are made.
pub(crate) const KEYGEN_ASYMM: u8 = 12;
/// Secret keys are made: generated, unwrapped or derived.
pub(crate) const KEYGEN_SYMM: u8 = 13;
/// Keys whose attributes are not bound to them may be wrapped and unwrapped.
pub(crate) const NON_ATTRBOUND: u8 = 16;
/// Attributes of keys may be changed.
pub(crate) const MODIFY_OBJECTS: u8 = 17;
/// HMAC keys may be shorter than half a digest.
pub(crate) const KEYSZ_HMAC_ANY: u8 = 22;
/// Keys of less than 80 bits of strength.
pub(crate) const KEYSZ_BELOW80BIT: u8 = 23;
/// RSA exponents below 65537.
pub(crate) const KEYSZ_RSA65536: u8 = 29;
/// Brainpool curves.
pub(crate) const EC_BPOOLCRV: u8 = 33;
/// NIST curves.
pub(crate) const EC_NISTCRV: u8 = 34;
/// Keys may be wrapped by weaker ones.
pub(crate) const WRAP_STRONGER_KEY: u8 = 44;
/// Public keys that nobody authenticated may wrap.
pub(crate) const WRAP_WITH_RAW_SPKI: u8 = 45;
/// Keys may be derived.
pub(crate) const DERIVE: u8 = 47;
/// Edwards and Montgomery curves.
pub(crate) const EC_25519: u8 = 55;
/// secp256k1.
pub(crate) const EC_SECGCRV: u8 = 60;
